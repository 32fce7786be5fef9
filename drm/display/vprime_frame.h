/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FRAME_H_
#define _VPRIME_FRAME_H_

#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/types.h>

#include "vprime_compose.h"

struct drm_atomic_state;
struct drm_crtc;
struct drm_crtc_state;
struct drm_framebuffer;
struct drm_plane;
struct drm_plane_state;
struct drm_property_blob;
struct vprime_writeback_job;

/**
 * struct vprime_frame_layer - a plane in a frame
 * @plane: which; only to be compared
 * @zpos: from the bottom up, among all planes of the CRTC, also those that are not seen
 * @fb: what it shows; the frame holds a reference
 * @layer: how. Where the kernel sees @fb is filled in only while it is looked at
 */
struct vprime_frame_layer {
	struct drm_plane *plane;
	unsigned int zpos;
	struct drm_framebuffer *fb;
	struct vprime_layer layer;
};

/**
 * struct vprime_frame - what a CRTC shows from one flip to the next
 *
 * Constant once it has been handed to the CRTC:
 * @refs: references
 * @crtc: whose screen
 * @width: of the screen
 * @height: of the screen
 * @num_layers: planes that are seen
 * @degamma: table, or NULL
 * @ctm: matrix, or NULL
 * @gamma: table, or NULL
 * @not_before: it is not shown earlier, unless there is a hurry
 * @at_once: it does not wait for a vblank
 *
 * Under the event lock of the device:
 * @link: in the CRTC's list of frames that are to be released
 * @shown: when it came on the screen
 * @composed: who looks has seen it
 * @crc: of what was seen last
 * @writeback: writes down what is to be seen; NULL if nothing does, or it has ended
 * @retired: it is not on the screen any more, and never will be; read without the lock as well
 *
 * @layers: from the bottom up. What is in them changes with a cursor that goes past commits
 */
struct vprime_frame {
	struct kref refs;
	const struct drm_crtc *crtc;
	u32 width;
	u32 height;
	u32 num_layers;
	struct drm_property_blob *degamma;
	struct drm_property_blob *ctm;
	struct drm_property_blob *gamma;
	ktime_t not_before;
	bool at_once;

	struct list_head link;
	ktime_t shown;
	bool composed;
	u32 crc;
	struct vprime_writeback_job *writeback;
	bool retired;

	struct vprime_frame_layer layers[] __counted_by(num_layers);
};

struct vprime_frame *vprime_frame_create(const struct drm_crtc *crtc, u32 num_layers);
void vprime_frame_fill(struct vprime_frame *frame, struct drm_atomic_state *state,
		       const struct drm_crtc_state *crtc_state, const struct vprime_frame *before);
void vprime_frame_layer_fill(struct vprime_frame_layer *layer,
			     const struct drm_plane_state *plane_state);
struct drm_framebuffer *vprime_frame_update_layer(struct vprime_frame *frame,
						  const struct vprime_frame_layer *wanted);
void vprime_frame_move_layer(struct vprime_frame *frame, const struct vprime_frame_layer *wanted);
struct vprime_frame *vprime_frame_get(struct vprime_frame *frame);
void vprime_frame_put(struct vprime_frame *frame);

#endif
