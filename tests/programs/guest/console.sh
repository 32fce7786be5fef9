# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The kernel's text on our GPUs, for the parts that need it. Source it after lib.sh.

ESC=$'\033'

# fb_of GPU: the number of its framebuffer device.
fb_of() {
	local device nodes
	device=$(cat "$GPUS/$1/device")
	nodes=("/sys/bus/platform/devices/$device/graphics/"fb*)
	[ -e "${nodes[0]}" ] || { say "$1 has no framebuffer device" >&2; return 1; }
	say "${nodes[0]##*/fb}"
}

# print_pages TEXT: more than a screen has, without what changes by itself, a cursor and a blanker. The bars come last: who
# sees them sees all.
print_pages() {
	local colour
	printf '%s[2J%s[H%s[?25l%s[9;0]' "$ESC" "$ESC" "$ESC" "$ESC"
	for _ in 1 2 3 4 5; do
		dmesg | grep -iE 'drm|fb|vprime' | head -n 60 | cut -c 1-120 | sed 's/$/\r/'
	done
	printf '\r\n%s[1;36m  vprime%s[0m\r\n  %s\r\n  ' "$ESC" "$ESC" "$1"
	for colour in 7 3 6 2 5 1 4; do
		printf '%s[1;3%dm████' "$ESC" "$colour"
	done
	printf '%s[0m' "$ESC"
}

# show_pages GPU TTY TEXT: on that terminal, which is on that GPU's screen then.
show_pages() {
	local number
	number=$(fb_of "$1") && con2fbmap "$2" "$number" && busybox chvt "$2" && print_pages "$3" >"/dev/tty$2"
}
