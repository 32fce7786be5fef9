/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_COMPOSE_H_
#define _VPRIME_COMPOSE_H_

#include <linux/types.h>

#include <drm/drm_blend.h>
#include <drm/drm_color_mgmt.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_plane.h>
#include <drm/drm_rect.h>

struct drm_color_ctm;
struct drm_color_lut;

/* As many planes as a device can have. */
#define VPRIME_SCENE_MAX_LAYERS 32

/**
 * struct vprime_layer - what one plane shows, as composition sees it
 * @format: of the pixels, one of vprime_layer_formats; a layer of another is left out
 * @vaddr: where the kernel sees each of the format's planes; NULL in the first if it cannot, and
 *	the layer is left out
 * @pitches: bytes from a row to the next, of each plane
 * @width: of the whole buffer, in pixels
 * @height: of the whole buffer, in pixels
 * @src: the part of it that is shown, in 16.16 fixed point, before rotation
 * @dst: where on the screen, in pixels; may stick out
 * @rotation: DRM_MODE_ROTATE_* and DRM_MODE_REFLECT_*
 * @alpha: of the plane, 0 to 0xffff
 * @blend_mode: DRM_MODE_BLEND_*
 * @encoding: of YUV
 * @range: of YUV
 * @filter: how it is scaled; the nearest pixel is taken whatever it says
 */
struct vprime_layer {
	const struct drm_format_info *format;
	const void *vaddr[DRM_FORMAT_MAX_PLANES];
	u32 pitches[DRM_FORMAT_MAX_PLANES];
	u32 width;
	u32 height;
	struct drm_rect src;
	struct drm_rect dst;
	unsigned int rotation;
	u16 alpha;
	unsigned int blend_mode;
	enum drm_color_encoding encoding;
	enum drm_color_range range;
	enum drm_scaling_filter filter;
};

/**
 * struct vprime_pipe - what happens to the blended picture; NULL for a step that is not there
 * @degamma: table
 * @degamma_size: its entries
 * @ctm: matrix
 * @gamma: table
 * @gamma_size: its entries
 */
struct vprime_pipe {
	const struct drm_color_lut *degamma;
	u32 degamma_size;
	const struct drm_color_ctm *ctm;
	const struct drm_color_lut *gamma;
	u32 gamma_size;
};

/**
 * struct vprime_scene - a whole screen, complete: no more is needed to see it
 * @width: of the screen
 * @height: of the screen
 * @layers: from the bottom up
 * @num_layers: so many, up to VPRIME_SCENE_MAX_LAYERS
 * @pipe: colours
 * @unwanted: becomes true as soon as nobody needs the picture any more; NULL if it is always needed
 */
struct vprime_scene {
	u32 width;
	u32 height;
	const struct vprime_layer *layers;
	u32 num_layers;
	struct vprime_pipe pipe;
	const bool *unwanted;
};

/**
 * struct vprime_sheet - where a picture is written to, as large as the screen
 * @format: one of vprime_sheet_formats
 * @vaddr: first pixel
 * @pitch: bytes from a row to the next
 */
struct vprime_sheet {
	const struct drm_format_info *format;
	void *vaddr;
	u32 pitch;
};

struct vprime_composer;

extern const u32 vprime_layer_formats[];
extern const unsigned int vprime_layer_num_formats;
extern const u32 vprime_sheet_formats[];
extern const unsigned int vprime_sheet_num_formats;

struct vprime_composer *vprime_composer_create(u32 max_width);
void vprime_composer_destroy(struct vprime_composer *composer);
bool vprime_compose(struct vprime_composer *composer, const struct vprime_scene *scene,
		    const struct vprime_sheet *sheet, u32 *crc);

#endif
