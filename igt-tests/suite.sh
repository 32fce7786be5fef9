# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the suites of our userspace tests have in common: build the programs, boot a kernel, have igt_runner run some of
# them there, and turn what it found into rows. Source it from the top of the project after setting SUITE. CORE=
# (vprime) and FLAVOUR= (debug) choose the kernel, FULL=1 the long form of the tests, MODULES= what the guest loads
# beside vgem and vkms, KMEMLEAK=off is for what would take too long under it. TEST= is a pattern of PROGRAM or
# PROGRAM@SUBTEST: only those are run, and only the machines that have one.

CORE=${CORE:-vprime}
FLAVOUR=${FLAVOUR:-debug}
FULL=${FULL:-0}
MODULES=${MODULES:-}
KMEMLEAK=${KMEMLEAK:-on}
TEST=${TEST:-}
RESULTS=$PWD/results/$SUITE
# A look at another core does not replace the results of the suite.
[ "$CORE" = vprime ] || RESULTS=$RESULTS-$CORE
ROWS=$RESULTS/results.tsv

row() {
	printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$ROWS"
}

suite_begin() {
	rm -rf "$RESULTS"
	mkdir -p "$RESULTS"
	: >"$ROWS"
	tests/lib/make-once igt-tests
	list_beyond_stock >"$RESULTS/beyond-stock.tsv"
}

# Every subtest that the kernel's own core fails, as PROGRAM@SUBTEST<TAB>reason.
list_beyond_stock() {
	local program name reason
	for program in build/igt-tests/dmabuf_*; do
		[[ -x $program && -f $program ]] || continue
		"$program" --list-beyond-stock | while IFS=$'\t' read -r name reason; do
			printf '%s@%s\t%s\n' "${program##*/}" "$name" "$reason"
		done
	done
}

# The kernel log's verdict is a test as well: a report fails it, whatever the programs say.
verdict_row() {
	local out=$1 status=$2 label=$3 test="$3: the kernel has nothing to report" found
	found=$(python3 -B tests/lib/findings.py "$out")
	if [ -n "$found" ]; then
		row fail "$test" "$found"
	elif [ "$status" -eq 0 ]; then
		row pass "$test"
	fi
	case $status in
	0 | 99) ;;
	124) row fail "$label: ends in time" "see ${out#"$PWD/"}/vm.log" ;;
	*) row fail "$label: runs" "vm/run ended with $status, see ${out#"$PWD/"}/vm.log" ;;
	esac
}

# The page is one archive, since writing its many small files from the guest takes long.
unpack_page() {
	local out=$1
	[ -f "$out/html.tar" ] || return 0
	mkdir -p "$out/html"
	tar -C "$out/html" -xf "$out/html.tar"
	rm "$out/html.tar"
}

# has_wanted RUNNER_OPTION...: whether some program that igt_runner would run with these options is asked for.
has_wanted() {
	local programs program
	read -ra programs < <(sed -n 2p build/igt-tests/test-list.txt)
	for program in "${programs[@]}"; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $program == ${TEST%%@*} ]] && is_chosen "$program" "$@" && return
	done
	return 1
}

# is_chosen PROGRAM RUNNER_OPTION...: the options are pairs, -t PATTERN and -x PATTERN.
is_chosen() {
	local program=$1 chosen=1
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		-t) [[ ! $program =~ $2 ]] || chosen=0 ;;
		-x) [[ ! $program =~ $2 ]] || return 1 ;;
		esac
		shift 2
	done
	return $chosen
}

# The pattern that TEST is for igt_runner.
wanted_pattern() {
	local pattern=${TEST//./\\.}
	pattern=${pattern//\*/.*}
	printf '^(igt@)?%s(@.*)?$' "${pattern//\?/.}"
}

# run_tests LABEL FLAVOUR TIMEOUT [VM_OPTION...] -- [RUNNER_OPTION...]: one machine, igt_runner in it, its rows.
run_tests() {
	local label=$1 flavour=$2 timeout=$3 out=$RESULTS/$1 status=0
	local options=(--expect-splats igt-tests/known-splats) known=()
	shift 3
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	if [ -n "$TEST" ]; then
		has_wanted "$@" || return 0
		set -- -t "$(wanted_pattern)"
		[[ $TEST != *@* ]] || set -- --subtests "$@"
	fi
	[ "$CORE" = vprime ] || known=(--beyond-stock "$RESULTS/beyond-stock.tsv")
	mkdir -p "$out"
	kernel/build "$CORE" "$flavour"

	vm/run --core "$CORE" --flavour "$flavour" --timeout "$timeout" --out "$out" "${options[@]}" \
		-- vm/guest/exec env FULL="$FULL" MODULES="$MODULES" KMEMLEAK="$KMEMLEAK" /project/igt-tests/guest/run "$@" >"$out/vm.log" 2>&1 || status=$?
	unpack_page "$out"
	verdict_row "$out" "$status" "$label on the $CORE $flavour kernel"
	if [ -f "$out/igt/results.json" ]; then
		igt-tests/results-to-tsv "${known[@]}" "$out/igt/results.json" >>"$ROWS"
	else
		row fail "$label: igt_runner leaves results" "see ${out#"$PWD/"}/vm.log"
	fi
}

suite_end() {
	! grep -q '^fail' "$ROWS"
}
