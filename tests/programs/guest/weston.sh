# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# weston on our GPUs, for the parts that need one. Source it after lib.sh.

# What weston.ini has.
DESKTOP=203c5a
export WAYLAND_DISPLAY=wayland-programs

# start_weston RENDERER CARD[,CARD...] [OPTION...]: draws on the first card and shows on all.
start_weston() {
	local first=${2%%,*} others
	others=${2#"$first"}
	start weston weston --config="$HERE/weston.ini" --backend=drm --renderer="$1" --drm-device="$first" \
		${others:+--additional-devices="${others#,}"} --continue-without-input --socket="$WAYLAND_DISPLAY" "${@:3}"
}

# shows_desktop TEST GPU PICTURE [CONDITION...]: it is there, and drawn to the end.
shows_desktop() { shows "$1" "$2" "$3" "share=$DESKTOP:50" "${@:4}"; }
