// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of reading pixels against numbers that were worked out on paper from drm_fourcc.h and from
 * BT.601, BT.709 and BT.2020, by way of a whole screen of 8 bits per channel.
 */
#include <kunit/test.h>

#include <linux/string.h>

#include "../display/vprime_compose.h"
#include "vprime_format_reference.h"
#include "vprime_kunit_scene.h"

#define FLAT_WIDTH 8

/* The upper left pixels of what a layer that fills the screen looks like, as 0xrrggbb. */
static void show(struct kunit *test, const struct vprime_layer *layer, u32 *colors)
{
	const struct vprime_scene scene = { layer->width, layer->height, layer, 1 };
	const struct vprime_sheet sheet = {
		.format = drm_format_info(DRM_FORMAT_XRGB8888),
		.vaddr = colors,
		.pitch = layer->width * sizeof(u32),
	};
	unsigned int i;

	vprime_compose(vprime_kunit_composer(test, layer->width), &scene, &sheet, NULL);
	for (i = 0; i < layer->width * layer->height; i++)
		colors[i] &= 0xffffff;
}

/**
 * struct pixel_case - a pixel and what is seen of it on black
 * @fourcc: of the pixel
 * @pixel: as a little endian word
 * @color: 0xrrggbb
 */
struct pixel_case {
	u32 fourcc;
	u64 pixel;
	u32 color;
};

static const struct pixel_case pixel_cases[] = {
	{ DRM_FORMAT_XRGB8888, 0x9a123456, 0x123456 },
	{ DRM_FORMAT_ARGB8888, 0x9a123456, 0x123456 },
	{ DRM_FORMAT_XBGR8888, 0x9a563412, 0x123456 },
	{ DRM_FORMAT_ABGR8888, 0x9a563412, 0x123456 },
	{ DRM_FORMAT_RGBX8888, 0x1234569a, 0x123456 },
	{ DRM_FORMAT_RGBA8888, 0x1234569a, 0x123456 },
	{ DRM_FORMAT_BGRX8888, 0x5634129a, 0x123456 },
	{ DRM_FORMAT_BGRA8888, 0x5634129a, 0x123456 },
	{ DRM_FORMAT_RGB888, 0x123456, 0x123456 },
	{ DRM_FORMAT_BGR888, 0x563412, 0x123456 },
	/* 3/31 is 24.7/255, 16/31 is 131.6/255; 3/63 is 12.1/255, 32/63 is 129.5/255. */
	{ DRM_FORMAT_RGB565, 0xf800, 0xff0000 },
	{ DRM_FORMAT_RGB565, 0x07e0, 0x00ff00 },
	{ DRM_FORMAT_RGB565, 0x001f, 0x0000ff },
	{ DRM_FORMAT_RGB565, 0x1863, 0x190c19 },
	{ DRM_FORMAT_RGB565, 0x8410, 0x848284 },
	{ DRM_FORMAT_BGR565, 0xf800, 0x0000ff },
	{ DRM_FORMAT_BGR565, 0x001f, 0xff0000 },
	{ DRM_FORMAT_XRGB1555, 0x7c10, 0xff0084 },
	{ DRM_FORMAT_ARGB1555, 0x83e3, 0x00ff19 },
	/* 512/1023 is 127.6/255, 2/1023 is 0.499/255, 3/1023 is 0.75/255. */
	{ DRM_FORMAT_XRGB2101010, 0x3ff00000, 0xff0000 },
	{ DRM_FORMAT_XRGB2101010, 0x20000803, 0x800001 },
	{ DRM_FORMAT_ARGB2101010, 0xc00ffc00, 0x00ff00 },
	{ DRM_FORMAT_XBGR2101010, 0x000003ff, 0xff0000 },
	{ DRM_FORMAT_ABGR2101010, 0xfff00200, 0x8000ff },
	/* 0x8000 is 127.502, 0x7fff is 127.498, 0x1234 is 18.1. */
	{ DRM_FORMAT_XRGB16161616, 0x9999800012347fff, 0x80127f },
	{ DRM_FORMAT_ARGB16161616, 0xffff80001234ffff, 0x8012ff },
	{ DRM_FORMAT_XBGR16161616, 0x99997fff12348000, 0x80127f },
	{ DRM_FORMAT_ABGR16161616, 0xffffffff12348000, 0x8012ff },
	/* 3c00 is 1.0, 3800 is 0.5, 2c00 is 1/16, 0400 is 2^-14, 0001 is 2^-24. */
	{ DRM_FORMAT_XRGB16161616F, 0x99993c0038002c00, 0xff8010 },
	{ DRM_FORMAT_ARGB16161616F, 0x3c003c0004000001, 0xff0000 },
	/* -1.0, 2.0 and what is no number; infinity, -0.0 and -infinity. */
	{ DRM_FORMAT_XRGB16161616F, 0x0000bc0040007e00, 0x00ff00 },
	{ DRM_FORMAT_XRGB16161616F, 0x00007c008000fc00, 0xff0000 },
	{ DRM_FORMAT_XBGR16161616F, 0x99992c0038003c00, 0xff8010 },
	{ DRM_FORMAT_ABGR16161616F, 0x3c002c0038003c00, 0xff8010 },
	{ DRM_FORMAT_R8, 0x7f, 0x7f7f7f },
	{ DRM_FORMAT_R4, 0x66, 0x666666 },
	{ DRM_FORMAT_R2, 0xaa, 0xaaaaaa },
	{ DRM_FORMAT_R1, 0xff, 0xffffff },
};

static void pixel_name(const struct pixel_case *param, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%p4cc %llx", &param->fourcc, param->pixel);
}

KUNIT_ARRAY_PARAM(pixel, pixel_cases, pixel_name);

static void a_pixel_has_its_color(struct kunit *test)
{
	const struct pixel_case *param = test->param_value;
	const struct vprime_layer layer = vprime_kunit_flat(test, param->fourcc, FLAT_WIDTH, 1,
							    param->pixel);
	u32 colors[FLAT_WIDTH];
	unsigned int i;

	show(test, &layer, colors);
	for (i = 0; i < FLAT_WIDTH; i++)
		KUNIT_EXPECT_EQ(test, colors[i], param->color);
}

/**
 * struct bits_case - pixels of less than a byte
 * @fourcc: of the pixels
 * @byte: with the first few
 * @colors: of these
 */
struct bits_case {
	u32 fourcc;
	u8 byte;
	u32 colors[FLAT_WIDTH];
};

static const struct bits_case bits_cases[] = {
	{
		DRM_FORMAT_R1, 0xb2,
		{ 0xffffff, 0, 0xffffff, 0xffffff, 0, 0, 0xffffff, 0 },
	},
	{
		DRM_FORMAT_R2, 0x1b,
		{ 0, 0x555555, 0xaaaaaa, 0xffffff, 0, 0x555555, 0xaaaaaa, 0xffffff },
	},
	{
		DRM_FORMAT_R4, 0x1f,
		{ 0x111111, 0xffffff, 0x111111, 0xffffff, 0x111111, 0xffffff, 0x111111, 0xffffff },
	},
};

static void bits_name(const struct bits_case *param, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%p4cc", &param->fourcc);
}

KUNIT_ARRAY_PARAM(bits, bits_cases, bits_name);

static void the_leftmost_pixel_is_in_the_highest_bits(struct kunit *test)
{
	const struct bits_case *param = test->param_value;
	const struct vprime_layer layer = vprime_kunit_flat(test, param->fourcc, FLAT_WIDTH, 1,
							    param->byte);
	u32 colors[FLAT_WIDTH];

	show(test, &layer, colors);
	KUNIT_EXPECT_MEMEQ(test, colors, param->colors, sizeof(colors));
}

/**
 * struct yuv_case - two by two pixels of Y 81, U 90, V 240, the nearest to red
 * @fourcc: of the buffer
 * @planes: its bytes
 */
struct yuv_case {
	u32 fourcc;
	const char *planes[3];
};

static const struct yuv_case yuv_cases[] = {
	{ DRM_FORMAT_NV12, { "QQQQ", "\x5a\xf0" } },
	{ DRM_FORMAT_NV21, { "QQQQ", "\xf0\x5a" } },
	{ DRM_FORMAT_NV16, { "QQQQ", "\x5a\xf0\x5a\xf0" } },
	{ DRM_FORMAT_NV61, { "QQQQ", "\xf0\x5a\xf0\x5a" } },
	{ DRM_FORMAT_NV24, { "QQQQ", "\x5a\xf0\x5a\xf0\x5a\xf0\x5a\xf0" } },
	{ DRM_FORMAT_NV42, { "QQQQ", "\xf0\x5a\xf0\x5a\xf0\x5a\xf0\x5a" } },
	{ DRM_FORMAT_P010, { "\x3fQ\x3fQ\x3fQ\x3fQ", "\x3f\x5a\x3f\xf0" } },
	{ DRM_FORMAT_P012, { "\x0fQ\x0fQ\x0fQ\x0fQ", "\x0f\x5a\x0f\xf0" } },
	{ DRM_FORMAT_P016, { "\x01Q\x01Q\x01Q\x01Q", "\x01\x5a\x01\xf0" } },
	{ DRM_FORMAT_YUV420, { "QQQQ", "\x5a", "\xf0" } },
	{ DRM_FORMAT_YVU420, { "QQQQ", "\xf0", "\x5a" } },
	{ DRM_FORMAT_YUV422, { "QQQQ", "\x5a\x5a", "\xf0\xf0" } },
	{ DRM_FORMAT_YVU422, { "QQQQ", "\xf0\xf0", "\x5a\x5a" } },
	{ DRM_FORMAT_YUV444, { "QQQQ", "\x5a\x5a\x5a\x5a", "\xf0\xf0\xf0\xf0" } },
	{ DRM_FORMAT_YVU444, { "QQQQ", "\xf0\xf0\xf0\xf0", "\x5a\x5a\x5a\x5a" } },
	{ DRM_FORMAT_YUYV, { "Q\x5aQ\xf0Q\x5aQ\xf0" } },
	{ DRM_FORMAT_YVYU, { "Q\xf0Q\x5aQ\xf0Q\x5a" } },
	{ DRM_FORMAT_UYVY, { "\x5aQ\xf0Q\x5aQ\xf0Q" } },
	{ DRM_FORMAT_VYUY, { "\xf0Q\x5aQ\xf0Q\x5aQ" } },
};

static void yuv_name(const struct yuv_case *param, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%p4cc", &param->fourcc);
}

KUNIT_ARRAY_PARAM(yuv, yuv_cases, yuv_name);

/* 254.4, 0.3 and -0.4 on paper; bits of a sample that do not count must not. */
static void samples_are_where_they_belong(struct kunit *test)
{
	const struct yuv_case *param = test->param_value;
	struct vprime_layer layer = vprime_kunit_flat(test, param->fourcc, 2, 2, 0);
	u32 colors[4];
	unsigned int i;

	for (i = 0; i < layer.format->num_planes; i++)
		memcpy(vprime_kunit_layer_bytes(&layer, i), param->planes[i],
		       strlen(param->planes[i]));

	show(test, &layer, colors);
	for (i = 0; i < ARRAY_SIZE(colors); i++)
		KUNIT_EXPECT_EQ(test, colors[i], 0xfe0000);
}

/**
 * struct encoding_case - a colour in YUV and in RGB
 * @encoding: of YUV
 * @range: of YUV
 * @y: luma
 * @u: blue difference
 * @v: red difference
 * @color: 0xrrggbb
 */
struct encoding_case {
	enum drm_color_encoding encoding;
	enum drm_color_range range;
	u8 y;
	u8 u;
	u8 v;
	u32 color;
};

#define LIMITED DRM_COLOR_YCBCR_LIMITED_RANGE
#define FULL DRM_COLOR_YCBCR_FULL_RANGE

static const struct encoding_case encoding_cases[] = {
	{ DRM_COLOR_YCBCR_BT601, LIMITED, 235, 128, 128, 0xffffff },
	{ DRM_COLOR_YCBCR_BT601, LIMITED, 16, 128, 128, 0x000000 },
	{ DRM_COLOR_YCBCR_BT601, LIMITED, 145, 54, 34, 0x00ff01 },
	{ DRM_COLOR_YCBCR_BT601, LIMITED, 41, 240, 110, 0x0000ff },
	{ DRM_COLOR_YCBCR_BT601, LIMITED, 126, 128, 128, 0x808080 },
	{ DRM_COLOR_YCBCR_BT601, LIMITED, 0, 0, 0, 0x008800 },
	{ DRM_COLOR_YCBCR_BT601, LIMITED, 255, 1, 2, 0x4dff16 },
	{ DRM_COLOR_YCBCR_BT601, FULL, 255, 128, 128, 0xffffff },
	{ DRM_COLOR_YCBCR_BT601, FULL, 0, 128, 128, 0x000000 },
	{ DRM_COLOR_YCBCR_BT601, FULL, 76, 85, 255, 0xfe0000 },
	{ DRM_COLOR_YCBCR_BT601, FULL, 150, 44, 21, 0x00ff01 },
	{ DRM_COLOR_YCBCR_BT601, FULL, 29, 255, 107, 0x0000fe },
	{ DRM_COLOR_YCBCR_BT709, LIMITED, 63, 102, 240, 0xff0100 },
	{ DRM_COLOR_YCBCR_BT709, LIMITED, 173, 42, 26, 0x00ff01 },
	{ DRM_COLOR_YCBCR_BT709, LIMITED, 32, 240, 118, 0x0100ff },
	{ DRM_COLOR_YCBCR_BT709, FULL, 54, 99, 255, 0xfe0000 },
	{ DRM_COLOR_YCBCR_BT709, FULL, 182, 30, 12, 0x00ff00 },
	{ DRM_COLOR_YCBCR_BT709, FULL, 255, 255, 255, 0xffacff },
	{ DRM_COLOR_YCBCR_BT2020, LIMITED, 74, 97, 240, 0xff0001 },
	{ DRM_COLOR_YCBCR_BT2020, LIMITED, 164, 47, 25, 0x00fe00 },
	{ DRM_COLOR_YCBCR_BT2020, LIMITED, 100, 44, 200, 0xdb4300 },
	{ DRM_COLOR_YCBCR_BT2020, FULL, 67, 92, 255, 0xfe0000 },
	{ DRM_COLOR_YCBCR_BT2020, FULL, 173, 36, 11, 0x00ff00 },
	{ DRM_COLOR_YCBCR_BT2020, FULL, 15, 255, 118, 0x0000fe },
};

static void encoding_name(const struct encoding_case *param, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "encoding %u range %u: %u %u %u", param->encoding,
		 param->range, param->y, param->u, param->v);
}

KUNIT_ARRAY_PARAM(encoding, encoding_cases, encoding_name);

static void yuv_has_the_color_of_the_standard(struct kunit *test)
{
	const struct encoding_case *param = test->param_value;
	struct vprime_layer layer = vprime_kunit_flat(test, DRM_FORMAT_YUV444, 1, 1, 0);
	u32 color;

	layer.encoding = param->encoding;
	layer.range = param->range;
	*(u8 *)vprime_kunit_layer_bytes(&layer, 0) = param->y;
	*(u8 *)vprime_kunit_layer_bytes(&layer, 1) = param->u;
	*(u8 *)vprime_kunit_layer_bytes(&layer, 2) = param->v;

	show(test, &layer, &color);
	KUNIT_EXPECT_EQ(test, color, param->color);
}

static const u32 exact_formats[] = {
	DRM_FORMAT_ARGB8888, DRM_FORMAT_BGRA8888, DRM_FORMAT_RGB888,
	DRM_FORMAT_XRGB2101010, DRM_FORMAT_ABGR2101010,
	DRM_FORMAT_XRGB16161616, DRM_FORMAT_ABGR16161616,
};

/* The check sum of a flat screen. */
static u32 flat_crc(struct kunit *test, struct vprime_composer *composer, u32 fourcc,
		    struct reference_color color)
{
	const struct vprime_layer layer = vprime_kunit_flat(test, fourcc, FLAT_WIDTH, 1,
							    reference_encode(fourcc, color));
	const struct vprime_scene scene = { FLAT_WIDTH, 1, &layer, 1 };

	return vprime_kunit_crc(composer, &scene);
}

/* IGT takes the check sum of a flat XRGB8888 for what it must be in any other format. */
static void a_color_has_one_check_sum(struct kunit *test)
{
	struct vprime_composer *composer = vprime_kunit_composer(test, FLAT_WIDTH);
	struct reference_color color;
	unsigned int value, i;
	u32 crc;

	for (value = 0; value < 256; value += 3) {
		color = (struct reference_color) { {
			257 * value, 257 * (value ^ 0x5a), 257 * (255 - value), 0xffff
		} };
		crc = flat_crc(test, composer, DRM_FORMAT_XRGB8888, color);
		for (i = 0; i < ARRAY_SIZE(exact_formats); i++)
			KUNIT_EXPECT_EQ_MSG(test, crc,
					    flat_crc(test, composer, exact_formats[i], color),
					    "%p4cc, %u", &exact_formats[i], value);
	}
}

static struct kunit_case vprime_format_cases[] = {
	KUNIT_CASE_PARAM(a_pixel_has_its_color, pixel_gen_params),
	KUNIT_CASE_PARAM(the_leftmost_pixel_is_in_the_highest_bits, bits_gen_params),
	KUNIT_CASE_PARAM(samples_are_where_they_belong, yuv_gen_params),
	KUNIT_CASE_PARAM(yuv_has_the_color_of_the_standard, encoding_gen_params),
	KUNIT_CASE(a_color_has_one_check_sum),
	{}
};

static struct kunit_suite vprime_format_suite = {
	.name = "vprime-format",
	.test_cases = vprime_format_cases,
};

kunit_test_suite(vprime_format_suite);
