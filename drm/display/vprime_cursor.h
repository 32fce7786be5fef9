/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CURSOR_H_
#define _VPRIME_CURSOR_H_

#include <linux/types.h>

struct drm_atomic_state;
struct drm_crtc;
struct drm_framebuffer;
struct drm_modeset_acquire_ctx;
struct drm_plane;
struct drm_plane_state;
struct drm_printer;

int vprime_cursor_atomic_async_check(struct drm_plane *plane, struct drm_atomic_state *state);
void vprime_cursor_atomic_async_update(struct drm_plane *plane, struct drm_atomic_state *state);
void vprime_cursor_atomic_print_state(struct drm_printer *p, const struct drm_plane_state *state);
int vprime_cursor_update_plane(struct drm_plane *plane, struct drm_crtc *crtc,
			       struct drm_framebuffer *fb, int x, int y, unsigned int width,
			       unsigned int height, u32 left, u32 top, u32 part_width,
			       u32 part_height, struct drm_modeset_acquire_ctx *locks);

#endif
