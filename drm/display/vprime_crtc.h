/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CRTC_H_
#define _VPRIME_CRTC_H_

#include <linux/list.h>

#include <drm/drm_crtc.h>

#include "vprime_cursor.h"
#include "vprime_vblank.h"
#include "vprime_watch.h"

struct drm_plane;
struct drm_pending_vblank_event;
struct drm_writeback_job;
struct vprime_frame;
struct vprime_gpu;

/**
 * struct vprime_crtc - a screen
 *
 * Constant:
 * @base: what it is to DRM
 *
 * With locks of their own:
 * @vblank: its clock
 * @watch: who looks at it
 * @cursor: a picture of its cursor that is still being drawn
 *
 * Under the lock of &drm_crtc.crc:
 * @crc_closed: nobody gets CRCs any more, as the GPU is being unplugged
 *
 * Under the event lock of the device:
 * @frame: what is on the screen; NULL while it is off, and until there is a first one
 * @next: what will be on the screen from a vblank on; NULL if that is no other
 * @event: who is told of that
 * @gone: frames that have been on the screen, to be released
 */
struct vprime_crtc {
	struct drm_crtc base;
	struct vprime_vblank vblank;
	struct vprime_watch watch;
	struct vprime_cursor_wait cursor;

	bool crc_closed;

	struct vprime_frame *frame;
	struct vprime_frame *next;
	struct drm_pending_vblank_event *event;
	struct list_head gone;
};

/**
 * struct vprime_crtc_state - what a CRTC is to do
 * @base: what DRM knows of it
 * @frame: what it is to show, until it shows that; NULL if nothing
 * @writeback: of the same commit, which owns it, until it is queued; NULL if there is none
 */
struct vprime_crtc_state {
	struct drm_crtc_state base;
	struct vprime_frame *frame;
	struct drm_writeback_job *writeback;
};

static inline struct vprime_crtc *to_vprime_crtc(struct drm_crtc *crtc)
{
	return container_of(crtc, struct vprime_crtc, base);
}

static inline struct vprime_crtc_state *to_vprime_crtc_state(struct drm_crtc_state *state)
{
	return container_of(state, struct vprime_crtc_state, base);
}

struct vprime_crtc *vprime_crtc_create(struct vprime_gpu *gpu, struct drm_plane *primary,
				       struct drm_plane *cursor);
void vprime_crtc_stop(struct vprime_crtc *vcrtc);

#endif
