/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_SCANOUT_H_
#define _VPRIME_SCANOUT_H_

#include <linux/dma-direction.h>
#include <linux/iosys-map.h>
#include <linux/types.h>

#include <drm/drm_fourcc.h>

struct drm_framebuffer;
struct drm_gem_object;
struct vprime_composer;
struct vprime_frame;
struct vprime_layer;
struct vprime_sheet;

/**
 * struct vprime_view - the CPU's view of a picture's buffers, for as long as it is looked at
 * @num_objs: buffers, one for each plane of the format; 0 if there is nothing to see
 * @direction: what the CPU does with them
 * @objs: which
 * @maps: where they begin
 */
struct vprime_view {
	u32 num_objs;
	enum dma_data_direction direction;
	struct drm_gem_object *objs[DRM_FORMAT_MAX_PLANES];
	struct iosys_map maps[DRM_FORMAT_MAX_PLANES];
};

int vprime_view_open(struct vprime_view *view, struct drm_gem_object *const *objs, u32 num_objs,
		     enum dma_data_direction direction);
int vprime_view_open_fb(struct vprime_view *view, struct drm_framebuffer *fb);
bool vprime_view_may_open_later(int error);
void vprime_view_fill_layer(const struct vprime_view *view, const struct drm_framebuffer *fb,
			    struct vprime_layer *layer);
void vprime_view_close(struct vprime_view *view);

int vprime_scanout_pin(struct drm_framebuffer *fb);
void vprime_scanout_unpin(struct drm_framebuffer *fb);
bool vprime_scanout_compose(struct vprime_composer *composer, const struct vprime_frame *frame,
			    const struct vprime_layer *layers, const bool *unwanted,
			    const struct vprime_sheet *sheet, u32 *crc);
int vprime_scanout_sum(struct vprime_composer *composer, const struct vprime_frame *frame,
		       u32 *crc);
int vprime_scanout_capture(struct vprime_composer *composer, const struct vprime_frame *frame,
			   const struct vprime_sheet *sheet);

#endif
