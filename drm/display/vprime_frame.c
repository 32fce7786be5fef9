// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_frame.h"

#include <linux/slab.h>

#include <drm/drm_atomic.h>
#include <drm/drm_crtc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_plane.h>
#include <drm/drm_property.h>

#include "vprime_writeback.h"

/**
 * DOC: A frame
 *
 * What a CRTC shows from one flip to the next, as data: which framebuffers, where, and what is done
 * to the colours. It is made when a commit is checked, filled in when that commit reaches the CRTC,
 * and holds on to all it needs, so that those who look at the screen can take their time, whatever
 * commits do meanwhile.
 */

/**
 * vprime_frame_create - make an empty frame
 * @crtc: for whose screen
 * @num_layers: planes that it has room for
 *
 * Context: may sleep and allocate.
 * Return: the frame, with a reference for the caller, or NULL without memory.
 */
struct vprime_frame *vprime_frame_create(const struct drm_crtc *crtc, u32 num_layers)
{
	struct vprime_frame *frame;

	frame = kzalloc(struct_size(frame, layers, num_layers), GFP_KERNEL_ACCOUNT);
	if (!frame)
		return NULL;
	kref_init(&frame->refs);
	INIT_LIST_HEAD(&frame->link);
	frame->crtc = crtc;
	frame->num_layers = num_layers;
	return frame;
}

/**
 * vprime_frame_layer_fill - show a plane as its state says
 * @layer: to be filled in; holds a reference to the framebuffer from now on
 * @plane_state: of a plane that is to be seen
 *
 * Context: any.
 */
void vprime_frame_layer_fill(struct vprime_frame_layer *layer,
			     const struct drm_plane_state *plane_state)
{
	struct drm_framebuffer *fb = plane_state->fb;

	drm_framebuffer_get(fb);
	layer->plane = plane_state->plane;
	layer->zpos = plane_state->normalized_zpos;
	layer->fb = fb;
	layer->layer = (struct vprime_layer) {
		.format = fb->format,
		.width = fb->width,
		.height = fb->height,
		.src = plane_state->src,
		.dst = plane_state->dst,
		.rotation = plane_state->rotation,
		.alpha = plane_state->alpha,
		.blend_mode = plane_state->pixel_blend_mode,
		.encoding = plane_state->color_encoding,
		.range = plane_state->color_range,
		.filter = plane_state->scaling_filter,
	};
	memcpy(layer->layer.pitches, fb->pitches, sizeof(layer->layer.pitches));
}

static const struct drm_plane_state *plane_state_at(struct drm_atomic_state *state,
						    const struct drm_crtc *crtc, unsigned int zpos)
{
	struct drm_plane_state *plane_state;
	struct drm_plane *plane;
	int i;

	for_each_new_plane_in_state(state, plane, plane_state, i) {
		if (plane_state->crtc == crtc && plane_state->normalized_zpos == zpos)
			return plane_state;
	}
	return NULL;
}

/* What a commit does not mention stays as it was. */
static const struct vprime_frame_layer *layer_kept_at(const struct vprime_frame *before,
						      struct drm_atomic_state *state,
						      unsigned int zpos)
{
	u32 i;

	for (i = 0; before && i < before->num_layers; i++) {
		const struct vprime_frame_layer *layer = &before->layers[i];

		if (layer->zpos == zpos && !drm_atomic_get_new_plane_state(state, layer->plane))
			return layer;
	}
	return NULL;
}

static void layer_keep(struct vprime_frame_layer *layer, const struct vprime_frame_layer *before)
{
	*layer = *before;
	drm_framebuffer_get(layer->fb);
}

/* Returns true if something is to be seen there. */
static bool layer_fill_at(struct vprime_frame_layer *layer, const struct drm_crtc *crtc,
			  struct drm_atomic_state *state, const struct vprime_frame *before,
			  unsigned int zpos)
{
	const struct drm_plane_state *plane_state = plane_state_at(state, crtc, zpos);
	const struct vprime_frame_layer *kept;

	if (plane_state) {
		if (plane_state->visible)
			vprime_frame_layer_fill(layer, plane_state);
		return plane_state->visible;
	}
	kept = layer_kept_at(before, state, zpos);
	if (kept)
		layer_keep(layer, kept);
	return kept;
}

static struct drm_property_blob *blob_get(struct drm_property_blob *blob)
{
	return blob ? drm_property_blob_get(blob) : NULL;
}

/**
 * vprime_frame_fill - take over what a commit wants to be seen
 * @frame: an empty one, with room for all planes of the CRTC
 * @state: the commit
 * @crtc_state: what the CRTC is to do
 * @before: the frame before, which still has the planes that are not in @state; NULL if all are
 *
 * Context: the event lock of the device is held. Allocates nothing.
 */
void vprime_frame_fill(struct vprime_frame *frame, struct drm_atomic_state *state,
		       const struct drm_crtc_state *crtc_state, const struct vprime_frame *before)
{
	u32 room = frame->num_layers;
	u32 filled = 0;
	u32 zpos;

	lockdep_assert_held(&frame->crtc->dev->event_lock);

	for (zpos = 0; zpos < room; zpos++)
		filled += layer_fill_at(&frame->layers[filled], frame->crtc, state, before, zpos);
	frame->num_layers = filled;

	frame->width = crtc_state->mode.hdisplay;
	frame->height = crtc_state->mode.vdisplay;
	frame->degamma = blob_get(crtc_state->degamma_lut);
	frame->ctm = blob_get(crtc_state->ctm);
	frame->gamma = blob_get(crtc_state->gamma_lut);
}

static struct vprime_frame_layer *find_layer(struct vprime_frame *frame,
					     const struct drm_plane *plane)
{
	u32 i;

	lockdep_assert_held(&plane->dev->event_lock);

	for (i = 0; frame && i < frame->num_layers; i++) {
		if (frame->layers[i].plane == plane)
			return &frame->layers[i];
	}
	return NULL;
}

/**
 * vprime_frame_update_layer - show a plane of a frame in another way
 * @frame: may be NULL, and may show no such plane; then nothing happens
 * @wanted: the other way; the frame takes a reference of its own to the framebuffer
 *
 * Context: the event lock of the device is held.
 * Return: the framebuffer that was shown before, to be given to drm_framebuffer_put(), or NULL.
 */
struct drm_framebuffer *vprime_frame_update_layer(struct vprime_frame *frame,
						  const struct vprime_frame_layer *wanted)
{
	struct vprime_frame_layer *layer = find_layer(frame, wanted->plane);
	struct drm_framebuffer *before;

	if (!layer)
		return NULL;
	before = layer->fb;
	drm_framebuffer_get(wanted->fb);
	*layer = *wanted;
	return before;
}

/**
 * vprime_frame_move_layer - show a plane of a frame in another place
 * @frame: may be NULL, and may show no such plane or one of another size; then nothing happens
 * @wanted: the other place, maybe for another framebuffer
 *
 * Context: the event lock of the device is held.
 */
void vprime_frame_move_layer(struct vprime_frame *frame, const struct vprime_frame_layer *wanted)
{
	struct vprime_frame_layer *layer = find_layer(frame, wanted->plane);

	if (!layer || layer->fb->width != wanted->fb->width ||
	    layer->fb->height != wanted->fb->height)
		return;
	layer->layer.src = wanted->layer.src;
	layer->layer.dst = wanted->layer.dst;
}

/**
 * vprime_frame_get - hold on to a frame
 * @frame: the frame
 *
 * Return: @frame, with one more reference, to be given back to vprime_frame_put().
 */
struct vprime_frame *vprime_frame_get(struct vprime_frame *frame)
{
	kref_get(&frame->refs);
	return frame;
}

static void vprime_frame_release(struct kref *refs)
{
	struct vprime_frame *frame = container_of(refs, struct vprime_frame, refs);
	u32 i;

	for (i = 0; i < frame->num_layers; i++) {
		if (frame->layers[i].fb)
			drm_framebuffer_put(frame->layers[i].fb);
	}
	drm_property_blob_put(frame->degamma);
	drm_property_blob_put(frame->ctm);
	drm_property_blob_put(frame->gamma);
	/* It has never been on the screen. */
	if (frame->writeback)
		vprime_writeback_end(frame->writeback, -ECANCELED);
	kfree(frame);
}

/**
 * vprime_frame_put - the counterpart of vprime_frame_get() and vprime_frame_create()
 * @frame: is not used after that; may be NULL
 *
 * Context: may sleep.
 */
void vprime_frame_put(struct vprime_frame *frame)
{
	if (frame)
		kref_put(&frame->refs, vprime_frame_release);
}
