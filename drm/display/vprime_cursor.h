/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CURSOR_H_
#define _VPRIME_CURSOR_H_

#include <linux/dma-fence.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "vprime_frame.h"

struct drm_atomic_state;
struct drm_crtc;
struct drm_framebuffer;
struct drm_modeset_acquire_ctx;
struct drm_plane;
struct drm_plane_state;
struct drm_printer;
struct vprime_crtc;

/**
 * struct vprime_cursor_wait - a picture of a cursor that is still being drawn
 * @work: shows it
 * @cb: of @fence, queues @work
 *
 * Under the event lock of the device:
 * @fence: of what draws it; NULL if no picture waits
 * @layer: how it is going to be shown; holds a reference to its framebuffer while @fence is set
 * @stale: a commit has come in between, so that it is not going to be shown
 */
struct vprime_cursor_wait {
	struct work_struct work;
	struct dma_fence_cb cb;

	struct dma_fence *fence;
	struct vprime_frame_layer layer;
	bool stale;
};

int vprime_cursor_init(struct vprime_crtc *vcrtc);
void vprime_cursor_commit(struct vprime_crtc *vcrtc, struct drm_atomic_state *state);
int vprime_cursor_atomic_async_check(struct drm_plane *plane, struct drm_atomic_state *state);
void vprime_cursor_atomic_async_update(struct drm_plane *plane, struct drm_atomic_state *state);
void vprime_cursor_atomic_print_state(struct drm_printer *p, const struct drm_plane_state *state);
int vprime_cursor_update_plane(struct drm_plane *plane, struct drm_crtc *crtc,
			       struct drm_framebuffer *fb, int x, int y, unsigned int width,
			       unsigned int height, u32 left, u32 top, u32 part_width,
			       u32 part_height, struct drm_modeset_acquire_ctx *locks);

#endif
