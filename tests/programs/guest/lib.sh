# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the parts of this suite share: verdicts, programs that run beside the script, and questions about screens.
# Source it. Verdicts go to /out/rows.tsv as they come, what programs say to /out/NAME.log when the part is over.

PROJECT=/project
# shellcheck disable=SC2034 # for those who source this
HERE=$PROJECT/tests/programs/guest
LOOK=$PROJECT/build/tools/look
GPUS=/sys/kernel/config/vprime
LOGS=/run/programs
# Seconds, in a machine that is emulated on a busy host: llvmpipe alone needs ten for its first frame on an idle one.
PATIENCE=${PATIENCE:-300}

declare -A pids
export LOOK_SECONDS=$PATIENCE

say() { printf '%s\n' "$*"; }

# row pass|fail|skip TEST DETAIL
row() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>/out/rows.tsv
	say "$1: $2: $3"
}

# check TEST COMMAND...: a row by the command's exit status; its last line of output is the detail.
check() {
	local test=$1 text verdict=pass
	shift
	text=$("$@" 2>&1) || verdict=fail
	row "$verdict" "$test" "${text##*$'\n'}"
	[ "$verdict" = pass ]
}

# shows TEST SCREEN PICTURE CONDITION...: does the screen come to show that? The picture is kept as PICTURE.png.
shows() {
	local test=$1 screen=$2 picture=$3
	shift 3
	check "$test" "$LOOK" "$screen" "/out/$picture.png" "$@" || true
}

# start NAME COMMAND...: runs beside the script, with its output in a log and what `tell NAME` writes as its input.
start() {
	local name=$1
	shift
	keep_log "$name"
	mkfifo "$LOGS/$name.in"
	"$@" <"$LOGS/$name.in" >"$LOGS/$name.log" 2>&1 &
	pids[$name]=$!
	exec {fd}>"$LOGS/$name.in"
	inputs[$name]=$fd
}

declare -A inputs

# tell NAME TEXT: writes to its input.
tell() { printf '%s' "$2" >&"${inputs[$1]}"; }

hang_up() {
	local fd=${inputs[$1]}
	exec {fd}>&-
	rm "$LOGS/$1.in"
	unset "inputs[$1]"
}

# said TEST NAME PATTERN: the program's log comes to have such a line.
said() {
	local line
	line=$(timeout "$PATIENCE" tail -n +1 -f --pid="${pids[$2]}" "$LOGS/$2.log" | grep -m 1 -E -e "$3") || true
	if [ -n "$line" ]; then
		row pass "$1" "${line:0:160}"
	else
		row fail "$1" "no line '$3' in $2.log, which ends: $(tail -n 1 "$LOGS/$2.log")"
	fi
}

is_running() { [ -d "/proc/${pids[$1]}" ] && ! grep -q '^State:.Z' "/proc/${pids[$1]}/status"; }

# survived TEST NAME
survived() {
	if is_running "$2"; then
		row pass "$1" "$2 runs"
	else
		row fail "$1" "$2 has ended; its log ends: $(tail -n 1 "$LOGS/$2.log")"
	fi
}

# ended TEST NAME: it has to end by itself and well, once its input has ended.
ended() {
	local status=0
	hang_up "$2"
	wait "${pids[$2]}" || status=$?
	unset "pids[$2]"
	if [ "$status" -eq 0 ]; then
		row pass "$1" "$2 ended with status 0"
	else
		row fail "$1" "$2 ended with status $status; its log ends: $(tail -n 1 "$LOGS/$2.log")"
	fi
}

# stopped TEST NAME: it is told to end, which is a crash only if it does not die of that.
stopped() {
	local status=0
	kill -TERM "${pids[$2]}" 2>/dev/null || true
	hang_up "$2"
	wait "${pids[$2]}" || status=$?
	unset "pids[$2]"
	if [ "$status" -eq 0 ] || [ "$status" -eq 143 ]; then
		row pass "$1" "$2 ended when told to"
	else
		row fail "$1" "$2 ended with status $status; its log ends: $(tail -n 1 "$LOGS/$2.log")"
	fi
}

# gpu NAME ATTRIBUTE=VALUE...: makes a GPU that is like that, and enables it, if there is none of that name.
gpu() {
	local name=$1 setting
	shift
	[ ! -d "$GPUS/$name" ] || return 0
	mkdir "$GPUS/$name"
	for setting in "$@"; do
		say "${setting#*=}" >"$GPUS/$name/${setting%%=*}"
	done
	say 1 >"$GPUS/$name/enabled"
	udevadm settle
}

# card NAME: the card of one of our GPUs, or of virtio, as it is called below /dev/dri.
card() {
	local device nodes
	if [ "$1" = virtio ]; then
		device=$(readlink -f /sys/bus/virtio/drivers/virtio_gpu/virtio*)/..
	else
		device=/sys/bus/platform/devices/$(cat "$GPUS/$1/device")
	fi
	nodes=("$device"/drm/card*)
	[ -e "${nodes[0]}" ] || { say "no card of $1" >&2; return 1; }
	basename "${nodes[0]}"
}

# connector GPU|virtio: its first screen, as sway calls it.
connector() {
	local connector
	connector=$(echo "/sys/class/drm/$(card "$1")"-Virtual-*)
	connector=${connector##*/}
	say "${connector#*-}"
}

# imports NAME: what its screens show comes from another device.
imports() {
	local number
	number=$(card "$1")
	grep -m 1 'imported=yes' "/sys/kernel/debug/dri/${number#card}/state" || { say "no framebuffer of $1 is imported"; return 1; }
}

# A log that is not of this run of the program would answer questions wrongly, so each has one of its own.
keep_log() {
	local number=1
	[ -e "$LOGS/$1.log" ] || return 0
	while [ -e "$LOGS/$1-$number.log" ]; do
		number=$((number + 1))
	done
	mv "$LOGS/$1.log" "$LOGS/$1-$number.log"
}

finish() {
	local status=$?
	find "$LOGS" -name '*.log' -exec cp -t /out {} + || true
	[ "$status" -eq 0 ] || row fail "$(basename "$0") comes to its end" "it ended with status $status"
}

# begin: what every part needs.
begin() {
	mkdir -p "$LOGS"
	: >/out/rows.tsv
	trap finish EXIT
	modprobe vprime
	udevadm settle
}

# run_acts ACT...: each is a function of the part, with its arguments.
run_acts() {
	local act
	for act in "$@"; do
		# shellcheck disable=SC2086 # arguments
		$act
	done
}
