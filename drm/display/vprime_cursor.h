/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CURSOR_H_
#define _VPRIME_CURSOR_H_

#include <linux/types.h>

struct drm_crtc;
struct drm_framebuffer;
struct drm_modeset_acquire_ctx;
struct drm_plane;

int vprime_cursor_update_plane(struct drm_plane *plane, struct drm_crtc *crtc,
			       struct drm_framebuffer *fb, int crtc_x, int crtc_y,
			       unsigned int crtc_w, unsigned int crtc_h, u32 src_x, u32 src_y,
			       u32 src_w, u32 src_h, struct drm_modeset_acquire_ctx *ctx);

#endif
