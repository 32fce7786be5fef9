// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests of composition need, see vprime_kunit_scene.h.
 */
#include "vprime_kunit_scene.h"

#include <kunit/test.h>

#include <linux/err.h>
#include <linux/prandom.h>

#include "../display/vprime_compose.h"
#include "../display/vprime_framebuffer.h"
#include "vprime_compose_reference.h"

KUNIT_DEFINE_ACTION_WRAPPER(scene_destroy_composer, vprime_composer_destroy,
			    struct vprime_composer *);

struct vprime_composer *vprime_kunit_composer(struct kunit *test, u32 max_width)
{
	struct vprime_composer *composer = vprime_composer_create(max_width);

	KUNIT_ASSERT_FALSE(test, IS_ERR(composer));
	KUNIT_ASSERT_EQ(test,
			kunit_add_action_or_reset(test, scene_destroy_composer, composer), 0);

	return composer;
}

static u32 scene_plane_height(const struct vprime_layer *layer, unsigned int plane)
{
	return plane ? DIV_ROUND_UP(layer->height, layer->format->vsub) : layer->height;
}

/* The composer reads framebuffers: what it gets is no larger than the smallest of them. */
static u32 scene_pitch(const struct vprime_layer *layer, unsigned int plane)
{
	return vprime_framebuffer_row_bytes(layer->format, plane, layer->width);
}

static struct vprime_layer scene_layer(struct kunit *test, u32 fourcc, u32 width, u32 height)
{
	struct vprime_layer layer = {
		.format = drm_format_info(fourcc),
		.width = width,
		.height = height,
		.src = { 0, 0, width << 16, height << 16 },
		.dst = { 0, 0, width, height },
		.rotation = DRM_MODE_ROTATE_0,
		.alpha = 0xffff,
		.blend_mode = DRM_MODE_BLEND_PREMULTI,
		.encoding = DRM_COLOR_YCBCR_BT601,
		.range = DRM_COLOR_YCBCR_LIMITED_RANGE,
	};
	unsigned int plane;

	KUNIT_ASSERT_NOT_NULL(test, layer.format);
	for (plane = 0; plane < layer.format->num_planes; plane++) {
		layer.pitches[plane] = scene_pitch(&layer, plane);
		layer.vaddr[plane] = kunit_kzalloc(test, layer.pitches[plane] *
						   scene_plane_height(&layer, plane), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, layer.vaddr[plane]);
	}

	return layer;
}

void *vprime_kunit_layer_bytes(const struct vprime_layer *layer, unsigned int plane)
{
	return (void *)layer->vaddr[plane];
}

/* Every other byte is at one of its ends, where mistakes like to be. */
static void scene_make_noise(struct rnd_state *noise, u8 *bytes, size_t size)
{
	size_t i;

	prandom_bytes_state(noise, bytes, size);
	for (i = 0; i < size; i++) {
		switch (prandom_u32_state(noise) % 4) {
		case 0:
			bytes[i] = 0x00;
			break;
		case 1:
			bytes[i] = 0xff;
			break;
		}
	}
}

struct vprime_layer vprime_kunit_layer(struct kunit *test, struct rnd_state *noise, u32 fourcc,
				       u32 width, u32 height)
{
	struct vprime_layer layer = scene_layer(test, fourcc, width, height);
	unsigned int plane;

	for (plane = 0; plane < layer.format->num_planes; plane++)
		scene_make_noise(noise, vprime_kunit_layer_bytes(&layer, plane),
				 layer.pitches[plane] * scene_plane_height(&layer, plane));

	return layer;
}

struct vprime_layer vprime_kunit_flat(struct kunit *test, u32 fourcc, u32 width, u32 height,
				      u64 pixel)
{
	struct vprime_layer layer = scene_layer(test, fourcc, width, height);
	const unsigned int bytes = layer.format->cpp[0] ?: 1;
	u8 *to = vprime_kunit_layer_bytes(&layer, 0);
	size_t i;

	for (i = 0; i < (size_t)layer.pitches[0] * height; i++)
		to[i] = pixel >> (i % layer.pitches[0] % bytes * 8);

	return layer;
}

u32 vprime_kunit_crc(struct vprime_composer *composer, const struct vprime_scene *scene)
{
	u32 crc;

	vprime_compose(composer, scene, NULL, &crc);

	return crc;
}

bool vprime_kunit_is_right(struct kunit *test, struct vprime_composer *composer,
			   const struct vprime_scene *scene, u32 sheet_fourcc)
{
	struct vprime_sheet sheet = { .format = drm_format_info(sheet_fourcc) };
	const unsigned int bits = sheet.format->cpp[0] * 8;
	bool is_right = true;
	u64 wanted, written;
	u32 x, y, crc;

	sheet.pitch = scene->width * sheet.format->cpp[0];
	sheet.vaddr = kunit_kzalloc(test, sheet.pitch * scene->height, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sheet.vaddr);

	vprime_compose(composer, scene, &sheet, &crc);
	for (y = 0; y < scene->height && is_right; y++) {
		for (x = 0; x < scene->width && is_right; x++) {
			wanted = reference_encode(sheet_fourcc, reference_screen(scene, x, y));
			written = reference_raw(sheet.vaddr + y * sheet.pitch, x, bits);
			is_right = wanted == written;
			if (!is_right)
				kunit_err(test, "(%u, %u) is %llx, not %llx\n", x, y, written,
					  wanted);
		}
	}
	kunit_kfree(test, sheet.vaddr);

	return is_right && crc == vprime_kunit_crc(composer, scene);
}
