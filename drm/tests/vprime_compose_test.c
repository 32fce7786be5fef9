// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the composer against the slow reference, pixel by pixel and bit by bit: each format
 * blended in each way, at any angle and size, through each pipe, and in scenes made by chance.
 */
#include <kunit/test.h>

#include <linux/prandom.h>

#include "../display/vprime_compose.h"
#include "vprime_kunit_scene.h"

/* Odd numbers, and no power of two among them. */
#define SCREEN_WIDTH 13
#define SCREEN_HEIGHT 7

static const void *format_next(const void *last, char *name)
{
	const u32 *fourcc = last ? (const u32 *)last + 1 : vprime_layer_formats;

	if (fourcc == vprime_layer_formats + vprime_layer_num_formats)
		return NULL;
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%p4cc", fourcc);

	return fourcc;
}

static const void *yuv_format_next(const void *last, char *name)
{
	do {
		last = format_next(last, name);
	} while (last && !drm_format_info(*(const u32 *)last)->is_yuv);

	return last;
}

static const unsigned int blend_modes[] = {
	DRM_MODE_BLEND_PREMULTI,
	DRM_MODE_BLEND_COVERAGE,
	DRM_MODE_BLEND_PIXEL_NONE,
};

/* One that covers, and one of which neither byte is like the other. */
static const u16 plane_alphas[] = { 0xffff, 0x7e03 };

static const unsigned int rotations[] = {
	DRM_MODE_ROTATE_0,
	DRM_MODE_ROTATE_90,
	DRM_MODE_ROTATE_180,
	DRM_MODE_ROTATE_270,
	DRM_MODE_ROTATE_0 | DRM_MODE_REFLECT_X,
	DRM_MODE_ROTATE_90 | DRM_MODE_REFLECT_X,
	DRM_MODE_ROTATE_180 | DRM_MODE_REFLECT_X,
	DRM_MODE_ROTATE_270 | DRM_MODE_REFLECT_X,
	DRM_MODE_ROTATE_0 | DRM_MODE_REFLECT_Y,
	DRM_MODE_ROTATE_90 | DRM_MODE_REFLECT_Y,
};

/* As large as it is in the buffer, or larger one way and smaller the other; off the corner. */
static void place(struct vprime_layer *layer, unsigned int rotation, bool scaled)
{
	const bool turned = rotation & (DRM_MODE_ROTATE_90 | DRM_MODE_ROTATE_270);
	const int width = scaled ? 11 : turned ? layer->height : layer->width;
	const int height = scaled ? 5 : turned ? layer->width : layer->height;

	layer->rotation = rotation;
	layer->dst = (struct drm_rect) { 1, -1, 1 + width, -1 + height };
}

static void expect_right(struct kunit *test, struct vprime_composer *composer,
			 const struct vprime_scene *scene, u32 sheet)
{
	const struct vprime_layer *top = &scene->layers[scene->num_layers - 1];

	KUNIT_EXPECT_TRUE_MSG(test, vprime_kunit_is_right(test, composer, scene, sheet),
			      "%p4cc, blend mode %u, alpha %x, rotation %x, to %dx%d",
			      &top->format->format, top->blend_mode, top->alpha, top->rotation,
			      drm_rect_width(&top->dst), drm_rect_height(&top->dst));
}

/* The uppermost layer at one angle, in all other ways that the properties of a plane allow. */
static void expect_blends(struct kunit *test, struct vprime_composer *composer,
			  const struct vprime_scene *scene, struct vprime_layer *layer,
			  unsigned int rotation)
{
	unsigned int mode, alpha;

	for (mode = 0; mode < ARRAY_SIZE(blend_modes); mode++) {
		for (alpha = 0; alpha < ARRAY_SIZE(plane_alphas); alpha++) {
			layer->blend_mode = blend_modes[mode];
			layer->alpha = plane_alphas[alpha];
			place(layer, rotation, false);
			expect_right(test, composer, scene, DRM_FORMAT_XRGB8888);
			place(layer, rotation, true);
			expect_right(test, composer, scene, DRM_FORMAT_ARGB16161616);
		}
	}
}

static void blends_each_format_as_defined(struct kunit *test)
{
	const u32 fourcc = *(const u32 *)test->param_value;
	struct vprime_composer *composer = vprime_kunit_composer(test, SCREEN_WIDTH);
	struct rnd_state noise;
	struct vprime_layer layers[2];
	const struct vprime_scene scene = { SCREEN_WIDTH, SCREEN_HEIGHT, layers, 2 };
	unsigned int i;

	prandom_seed_state(&noise, fourcc);
	layers[0] = vprime_kunit_layer(test, &noise, DRM_FORMAT_XRGB8888, SCREEN_WIDTH,
				       SCREEN_HEIGHT);
	layers[1] = vprime_kunit_layer(test, &noise, fourcc, 9, 7);
	for (i = 0; i < ARRAY_SIZE(rotations); i++)
		expect_blends(test, composer, &scene, &layers[1], rotations[i]);
}

static void decodes_each_encoding_as_defined(struct kunit *test)
{
	const u32 fourcc = *(const u32 *)test->param_value;
	struct vprime_composer *composer = vprime_kunit_composer(test, SCREEN_WIDTH);
	struct rnd_state noise;
	struct vprime_layer layer;
	const struct vprime_scene scene = { SCREEN_WIDTH, SCREEN_HEIGHT, &layer, 1 };

	prandom_seed_state(&noise, fourcc);
	layer = vprime_kunit_layer(test, &noise, fourcc, SCREEN_WIDTH, SCREEN_HEIGHT);
	for (layer.encoding = 0; layer.encoding < DRM_COLOR_ENCODING_MAX; layer.encoding++)
		for (layer.range = 0; layer.range < DRM_COLOR_RANGE_MAX; layer.range++)
			expect_right(test, composer, &scene, DRM_FORMAT_XRGB16161616);
}

/* Each sheet, from pictures that were made narrow and from one that was made wide. */
static void writes_each_sheet_as_defined(struct kunit *test)
{
	static const u32 layer_formats[] = {
		DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888, DRM_FORMAT_ARGB16161616,
	};
	struct vprime_composer *composer = vprime_kunit_composer(test, SCREEN_WIDTH);
	struct rnd_state noise;
	struct vprime_layer layer;
	const struct vprime_scene scene = { SCREEN_WIDTH, SCREEN_HEIGHT, &layer, 1 };
	unsigned int format, sheet;

	prandom_seed_state(&noise, 1);
	for (format = 0; format < ARRAY_SIZE(layer_formats); format++) {
		layer = vprime_kunit_layer(test, &noise, layer_formats[format], SCREEN_WIDTH,
					   SCREEN_HEIGHT);
		for (sheet = 0; sheet < vprime_sheet_num_formats; sheet++)
			expect_right(test, composer, &scene, vprime_sheet_formats[sheet]);
	}
}

/**
 * struct pipe_case - a pipe in front of noise
 * @name: of the case
 * @degamma_size: of a table of noise, or 0
 * @gamma_size: the same
 * @matrix: there is one, of noise
 * @fourcc: of the layer
 */
struct pipe_case {
	const char *name;
	u32 degamma_size;
	u32 gamma_size;
	bool matrix;
	u32 fourcc;
};

static const struct pipe_case pipe_cases[] = {
	{ .name = "degamma", .degamma_size = 256, .fourcc = DRM_FORMAT_XRGB8888 },
	{ .name = "gamma", .gamma_size = 256, .fourcc = DRM_FORMAT_XRGB8888 },
	{ .name = "matrix", .matrix = true, .fourcc = DRM_FORMAT_XRGB8888 },
	{
		.name = "all, blended", .degamma_size = 1024, .gamma_size = 33, .matrix = true,
		.fourcc = DRM_FORMAT_ARGB8888,
	},
	{ .name = "both tables", .degamma_size = 4096, .gamma_size = 2, .fourcc = DRM_FORMAT_NV12 },
	{ .name = "tables of one", .gamma_size = 1, .fourcc = DRM_FORMAT_XRGB8888 },
	{ .name = "gamma, deep", .gamma_size = 256, .fourcc = DRM_FORMAT_XRGB16161616F },
	{
		.name = "all, deep", .degamma_size = 256, .gamma_size = 256, .matrix = true,
		.fourcc = DRM_FORMAT_ARGB2101010,
	},
};

KUNIT_ARRAY_PARAM_DESC(pipe, pipe_cases, name);

static struct drm_color_lut *noisy_lut(struct kunit *test, struct rnd_state *noise, u32 size)
{
	struct drm_color_lut *lut;

	if (!size)
		return NULL;
	lut = kunit_kcalloc(test, size, sizeof(*lut), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, lut);
	prandom_bytes_state(noise, lut, size * sizeof(*lut));

	return lut;
}

/* Factors from -2.0 to 2.0, in sign and magnitude. */
static void make_noisy_matrix(struct drm_color_ctm *ctm, struct rnd_state *noise)
{
	unsigned int i;

	prandom_bytes_state(noise, ctm, sizeof(*ctm));
	for (i = 0; i < ARRAY_SIZE(ctm->matrix); i++)
		ctm->matrix[i] &= BIT_ULL(63) | (BIT_ULL(33) - 1);
}

static void sends_colors_through_the_pipe(struct kunit *test)
{
	const struct pipe_case *param = test->param_value;
	struct vprime_composer *composer = vprime_kunit_composer(test, SCREEN_WIDTH);
	struct drm_color_ctm ctm;
	struct rnd_state noise;
	struct vprime_layer layer;
	struct vprime_scene scene = { SCREEN_WIDTH, SCREEN_HEIGHT, &layer, 1 };

	prandom_seed_state(&noise, 2);
	layer = vprime_kunit_layer(test, &noise, param->fourcc, SCREEN_WIDTH - 1, SCREEN_HEIGHT);
	make_noisy_matrix(&ctm, &noise);
	scene.pipe.degamma = noisy_lut(test, &noise, param->degamma_size);
	scene.pipe.degamma_size = param->degamma_size;
	scene.pipe.gamma = noisy_lut(test, &noise, param->gamma_size);
	scene.pipe.gamma_size = param->gamma_size;
	scene.pipe.ctm = param->matrix ? &ctm : NULL;

	expect_right(test, composer, &scene, DRM_FORMAT_XRGB8888);
	expect_right(test, composer, &scene, DRM_FORMAT_ARGB16161616);
}

/**
 * struct place_case - a layer somewhere
 * @name: of the case
 * @fourcc: of its buffer
 * @width: of its buffer
 * @height: of its buffer
 * @src: in 16.16
 * @dst: on the screen
 */
struct place_case {
	const char *name;
	u32 fourcc;
	u32 width;
	u32 height;
	struct drm_rect src;
	struct drm_rect dst;
};

#define WHOLE(pixels) ((pixels) << 16)

static const struct place_case place_cases[] = {
	{
		.name = "off the left and the top",
		.fourcc = DRM_FORMAT_ARGB8888, .width = 6, .height = 5,
		.src = { 0, 0, WHOLE(6), WHOLE(5) }, .dst = { -3, -2, 3, 3 },
	},
	{
		.name = "off the right and the bottom",
		.fourcc = DRM_FORMAT_ARGB8888, .width = 6, .height = 5,
		.src = { 0, 0, WHOLE(6), WHOLE(5) }, .dst = { 10, 4, 16, 9 },
	},
	{
		.name = "off all sides, enlarged",
		.fourcc = DRM_FORMAT_RGB888, .width = 5, .height = 3,
		.src = { 0, 0, WHOLE(5), WHOLE(3) }, .dst = { -20, -9, 40, 17 },
	},
	{
		.name = "not on the screen",
		.fourcc = DRM_FORMAT_XRGB16161616, .width = 4, .height = 4,
		.src = { 0, 0, WHOLE(4), WHOLE(4) }, .dst = { 13, 0, 17, 4 },
	},
	{
		.name = "above the screen",
		.fourcc = DRM_FORMAT_XRGB8888, .width = 4, .height = 4,
		.src = { 0, 0, WHOLE(4), WHOLE(4) }, .dst = { 0, -4, 4, 0 },
	},
	{
		.name = "a single pixel",
		.fourcc = DRM_FORMAT_XRGB8888, .width = 1, .height = 1,
		.src = { 0, 0, WHOLE(1), WHOLE(1) }, .dst = { 6, 3, 7, 4 },
	},
	{
		.name = "a single pixel, everywhere",
		.fourcc = DRM_FORMAT_NV12, .width = 1, .height = 1,
		.src = { 0, 0, WHOLE(1), WHOLE(1) }, .dst = { 0, 0, 13, 7 },
	},
	{
		.name = "odd sizes with shared chroma",
		.fourcc = DRM_FORMAT_YUV420, .width = 7, .height = 5,
		.src = { 0, 0, WHOLE(7), WHOLE(5) }, .dst = { 2, 1, 9, 6 },
	},
	{
		.name = "odd part of pairs",
		.fourcc = DRM_FORMAT_YUYV, .width = 9, .height = 5,
		.src = { WHOLE(1), WHOLE(1), WHOLE(8), WHOLE(4) }, .dst = { 2, 1, 9, 4 },
	},
	{
		.name = "part of bits",
		.fourcc = DRM_FORMAT_R1, .width = 19, .height = 5,
		.src = { WHOLE(3), WHOLE(1), WHOLE(15), WHOLE(4) }, .dst = { 0, 1, 12, 4 },
	},
	{
		.name = "from half a pixel",
		.fourcc = DRM_FORMAT_XRGB8888, .width = 12, .height = 6,
		.src = { 0x18000, 0x08000, 0x98000, 0x48000 }, .dst = { 1, 1, 9, 5 },
	},
	{
		.name = "from a bit of a pixel, reduced",
		.fourcc = DRM_FORMAT_RGB565, .width = 32, .height = 24,
		.src = { 0x14567, 0x06789, 0x1f4321, 0x178765 }, .dst = { 1, 1, 9, 5 },
	},
	{
		.name = "the whole screen, opaque",
		.fourcc = DRM_FORMAT_XRGB8888, .width = 20, .height = 9,
		.src = { WHOLE(3), WHOLE(1), WHOLE(16), WHOLE(8) }, .dst = { 0, 0, 13, 7 },
	},
	{
		.name = "some lines of the screen, opaque",
		.fourcc = DRM_FORMAT_XRGB8888, .width = 13, .height = 3,
		.src = { 0, 0, WHOLE(13), WHOLE(3) }, .dst = { 0, 2, 13, 5 },
	},
	{
		.name = "some lines of the screen, deep",
		.fourcc = DRM_FORMAT_XRGB16161616, .width = 13, .height = 3,
		.src = { 0, 0, WHOLE(13), WHOLE(3) }, .dst = { 0, 2, 13, 5 },
	},
};

KUNIT_ARRAY_PARAM_DESC(place, place_cases, name);

/* Between a layer that shows what was left and one that is blended over it. */
static void puts_a_layer_in_its_place(struct kunit *test)
{
	const struct place_case *param = test->param_value;
	struct vprime_composer *composer = vprime_kunit_composer(test, SCREEN_WIDTH);
	struct rnd_state noise;
	struct vprime_layer layers[3];
	const struct vprime_scene scene = { SCREEN_WIDTH, SCREEN_HEIGHT, layers, 3 };

	prandom_seed_state(&noise, 3);
	layers[0] = vprime_kunit_layer(test, &noise, DRM_FORMAT_XRGB8888, SCREEN_WIDTH,
				       SCREEN_HEIGHT);
	layers[1] = vprime_kunit_layer(test, &noise, param->fourcc, param->width, param->height);
	layers[1].src = param->src;
	layers[1].dst = param->dst;
	layers[2] = vprime_kunit_layer(test, &noise, DRM_FORMAT_ARGB8888, 3, 3);
	layers[2].dst = (struct drm_rect) { 4, 2, 7, 5 };

	expect_right(test, composer, &scene, DRM_FORMAT_XRGB8888);
	layers[2].vaddr[0] = NULL;
	expect_right(test, composer, &scene, DRM_FORMAT_XRGB8888);
}

/* As wide as the composer was made for, which is more than is read at once. */
static void fills_the_widest_line(struct kunit *test)
{
	struct vprime_composer *composer = vprime_kunit_composer(test, 8192);
	struct rnd_state noise;
	struct vprime_layer layers[4];
	const struct vprime_scene scene = { 8192, 2, layers, 4 };

	prandom_seed_state(&noise, 4);
	layers[0] = vprime_kunit_layer(test, &noise, DRM_FORMAT_XRGB8888, 8192, 2);
	layers[1] = vprime_kunit_layer(test, &noise, DRM_FORMAT_NV12, 700, 2);
	layers[1].dst = (struct drm_rect) { 100, 0, 8100, 2 };
	layers[2] = vprime_kunit_layer(test, &noise, DRM_FORMAT_ARGB8888, 2, 600);
	layers[2].rotation = DRM_MODE_ROTATE_90;
	layers[2].dst = (struct drm_rect) { 7600, 0, 8200, 2 };
	layers[3] = vprime_kunit_layer(test, &noise, DRM_FORMAT_NV12, 901, 2);
	layers[3].src.x1 = WHOLE(1);
	layers[3].dst = (struct drm_rect) { 33, 0, 933, 2 };

	expect_right(test, composer, &scene, DRM_FORMAT_XRGB8888);
}

static void shows_black_where_nothing_is(struct kunit *test)
{
	struct vprime_composer *composer = vprime_kunit_composer(test, SCREEN_WIDTH);
	struct vprime_layer black = vprime_kunit_flat(test, DRM_FORMAT_XRGB8888, SCREEN_WIDTH,
						      SCREEN_HEIGHT, 0);
	const struct vprime_scene empty = { .width = SCREEN_WIDTH, .height = SCREEN_HEIGHT };
	const struct vprime_scene scene = { SCREEN_WIDTH, SCREEN_HEIGHT, &black, 1 };

	KUNIT_EXPECT_TRUE(test, vprime_kunit_is_right(test, composer, &empty, DRM_FORMAT_XRGB8888));
	KUNIT_EXPECT_EQ(test, vprime_kunit_crc(composer, &empty),
			vprime_kunit_crc(composer, &scene));
}

static void gives_up_what_is_unwanted(struct kunit *test)
{
	struct vprime_composer *composer = vprime_kunit_composer(test, SCREEN_WIDTH);
	bool unwanted = false;
	const struct vprime_scene scene = {
		.width = SCREEN_WIDTH, .height = SCREEN_HEIGHT, .unwanted = &unwanted,
	};
	u32 crc = 0, empty_crc;

	KUNIT_EXPECT_TRUE(test, vprime_compose(composer, &scene, NULL, &crc));
	empty_crc = crc;
	crc = ~empty_crc;
	unwanted = true;
	KUNIT_EXPECT_FALSE(test, vprime_compose(composer, &scene, NULL, &crc));
	KUNIT_EXPECT_EQ(test, crc, ~empty_crc);
}

#define CHANCE_LAYERS 5

static u32 chance(struct rnd_state *noise, u32 below)
{
	return prandom_u32_state(noise) % below;
}

static void place_by_chance(struct vprime_layer *layer, struct rnd_state *noise)
{
	const int x = (int)chance(noise, 16) - 4, y = (int)chance(noise, 9) - 3;
	const bool unscaled = chance(noise, 2);

	layer->rotation = rotations[chance(noise, ARRAY_SIZE(rotations))];
	layer->alpha = plane_alphas[chance(noise, ARRAY_SIZE(plane_alphas))];
	layer->blend_mode = blend_modes[chance(noise, ARRAY_SIZE(blend_modes))];
	layer->encoding = chance(noise, DRM_COLOR_ENCODING_MAX);
	layer->range = chance(noise, DRM_COLOR_RANGE_MAX);
	layer->dst = (struct drm_rect) {
		x, y, x + (unscaled ? layer->width : 1 + chance(noise, 20)),
		y + (unscaled ? layer->height : 1 + chance(noise, 12)),
	};
	if (chance(noise, 3))
		return;
	layer->rotation = DRM_MODE_ROTATE_0;
	layer->dst = (struct drm_rect) { 0, 0, layer->width, layer->height };
}

/* What hides what, and where: the short cuts may not show. */
static void composes_scenes_made_by_chance(struct kunit *test)
{
	struct vprime_composer *composer = vprime_kunit_composer(test, SCREEN_WIDTH);
	struct rnd_state noise;
	struct vprime_layer layers[CHANCE_LAYERS];
	struct vprime_scene scene = { SCREEN_WIDTH, SCREEN_HEIGHT, layers };
	unsigned int round, i;
	u32 known;

	prandom_seed_state(&noise, 5);
	for (round = 0; round < 200; round++) {
		known = round % 2 ? vprime_layer_num_formats : 2;
		scene.num_layers = 1 + chance(&noise, CHANCE_LAYERS);
		for (i = 0; i < scene.num_layers; i++) {
			layers[i] = vprime_kunit_layer(test, &noise,
						       vprime_layer_formats[chance(&noise, known)],
						       SCREEN_WIDTH - chance(&noise, 2) * 5,
						       SCREEN_HEIGHT - chance(&noise, 2) * 2);
			place_by_chance(&layers[i], &noise);
		}
		expect_right(test, composer, &scene, DRM_FORMAT_XRGB8888);
	}
}

static struct kunit_case vprime_compose_cases[] = {
	KUNIT_CASE_PARAM(blends_each_format_as_defined, format_next),
	KUNIT_CASE_PARAM(decodes_each_encoding_as_defined, yuv_format_next),
	KUNIT_CASE(writes_each_sheet_as_defined),
	KUNIT_CASE_PARAM(sends_colors_through_the_pipe, pipe_gen_params),
	KUNIT_CASE_PARAM(puts_a_layer_in_its_place, place_gen_params),
	KUNIT_CASE(fills_the_widest_line),
	KUNIT_CASE(shows_black_where_nothing_is),
	KUNIT_CASE(gives_up_what_is_unwanted),
	KUNIT_CASE(composes_scenes_made_by_chance),
	{}
};

static struct kunit_suite vprime_compose_suite = {
	.name = "vprime-compose",
	.test_cases = vprime_compose_cases,
};

kunit_test_suite(vprime_compose_suite);
