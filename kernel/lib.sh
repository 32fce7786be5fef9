# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What every script of the project shares: where things are, how people are told what goes on, how long work
# is logged. Source it; it changes nothing but shell variables.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=$TOP/build
LOGS=$BUILD/log

# The kernel's makefiles cannot be in a folder with such a name, and say so only after it was unpacked.
if [[ $TOP =~ [[:space:]:] ]]; then
	printf 'error: the path of this checkout has a space or a colon in it: %s\n' "$TOP" >&2
	printf '  The kernel cannot be built there. Move the checkout to another folder.\n' >&2
	exit 1
fi

say() { printf '%s\n' "$*"; }

# die WHAT-FAILED [WHAT-TO-DO]
die() {
	printf 'error: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf '  %s\n' "$2" >&2
	exit 1
}

# tree_of CORE FLAVOUR: the kernel tree of that combination.
tree_of() { printf '%s/linux-%s-%s\n' "$BUILD" "$1" "$2"; }

# watch_lines LABEL: eat the output of a long command, count its lines, and show the count: on a terminal in
# place, otherwise one line every half minute.
watch_lines() {
	local label=$1 count=0 shown=-30 line
	SECONDS=0
	while IFS= read -r line; do
		count=$((count + 1))
		if [ -t 1 ]; then
			[ $((count % 5)) -ne 0 ] || printf '\r\033[K  %s: %d steps, %ds: %.50s' "$label" "$count" "$SECONDS" "${line#  }"
		elif [ $((SECONDS - shown)) -ge 30 ]; then
			[ "$shown" -lt 0 ] || printf '  %s: %d steps, %ds\n' "$label" "$count" "$SECONDS"
			shown=$SECONDS
		fi
	done
	[ ! -t 1 ] || printf '\r\033[K'
	say "  $label: $count steps in ${SECONDS}s"
}

# The first lines of a log that report an error with what stands before them, or else its end.
show_errors() {
	say "--- from $1:"
	grep -m 8 -B 4 -E '(error|Error|ERROR|fatal error|undefined reference|multiple definition)\b ?:|\*\*\*|^E: ' "$1" || tail -n 25 "$1"
}

# logged LABEL COMMAND...: run a long command with its whole output in build/log/LABEL.log and its progress on
# screen; when it fails, show where the log speaks of errors.
logged() {
	local label=$1 log
	shift
	log=$LOGS/${label// /-}.log
	mkdir -p "$LOGS"
	if ! "$@" 2>&1 </dev/null | tee "$log" | watch_lines "$label"; then
		show_errors "$log" >&2
		die "$label failed" "The whole log is $log"
	fi
}

# locked NAME COMMAND...: one at a time, also between several runs of make.
locked() {
	local name=$1
	shift
	mkdir -p "$BUILD"
	(
		flock 9
		"$@" 9>&-
	) 9>"$BUILD/.lock-$name"
}
