# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# sway on our GPUs, for the parts that need one. Source it after lib.sh.

export SWAYSOCK=/run/programs/sway.sock

# start_sway RENDERER CARD...: draws on the first card and shows on all. With pixman that means that the others show
# buffers of the first; with GL they get copies.
start_sway() {
	local renderer=$1 devices
	shift
	devices=$(printf ':/dev/dri/%s' "$@")
	rm -f "$SWAYSOCK"
	start sway env WLR_BACKENDS=drm,libinput WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER="$renderer" \
		WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="${devices#:}" sway --debug --config "$HERE/sway.conf"
	said "sway $renderer on $*: comes up" sway 'Running compositor on wayland display'
	WAYLAND_DISPLAY=$(sed -n "s/.*Running compositor on wayland display '\(.*\)'/\1/p" "$LOGS/sway.log")
	export WAYLAND_DISPLAY
}

# focus GPU: new windows come up on its screen. swaymsg gives up after three seconds, which sway may well need here to
# draw one frame.
focus() {
	local attempt
	for attempt in {1..40}; do
		swaymsg --quiet focus output "$(connector "$1")" && return
	done
	row fail "sway answers" "not in $attempt attempts to talk to it"
}
