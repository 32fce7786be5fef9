# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# weston on our GPUs, for the parts that need one. Source it after lib.sh.

# What weston.ini has.
DESKTOP=203c5a
export WAYLAND_DISPLAY=wayland-programs

WESTON_INI=$HERE/weston.ini

# start_weston RENDERER CARD[,CARD...] [OPTION...]: draws on the first card and shows on all.
start_weston() {
	local first=${2%%,*} others
	others=${2#"$first"}
	start weston weston --config="$WESTON_INI" --backend=drm --renderer="$1" --drm-device="$first" \
		${others:+--additional-devices="${others#,}"} --continue-without-input --socket="$WAYLAND_DISPLAY" "${@:3}"
}

# start_kiosk RENDERER GPU GPU: what draws by shared memory fills the first one's screen, what draws by GL the second one's.
start_kiosk() {
	local WESTON_INI=$LOGS/kiosk.ini
	{
		cat "$HERE/weston.ini"
		printf '[output]\nname=%s\napp-ids=org.freedesktop.weston.simple-shm\n' "$(connector "$2")"
		printf '[output]\nname=%s\napp-ids=org.freedesktop.weston.simple-egl\n' "$(connector "$3")"
	} >"$WESTON_INI"
	start_weston "$1" "$(card "$2"),$(card "$3")" --shell=kiosk
	said "weston on $2 and $3, a client on each: comes up" weston "Loading module '.*/kiosk-shell.so'"
}

# shows_desktop TEST GPU PICTURE [CONDITION...]: it is there, and drawn to the end.
shows_desktop() { shows "$1" "$2" "$3" "share=$DESKTOP:50" "${@:4}"; }
