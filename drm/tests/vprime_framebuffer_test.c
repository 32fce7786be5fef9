// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_framebuffer.c: which buffers have room for a picture. That composition reads no
 * more than that is tested with vprime_compose.c.
 */
#include <kunit/test.h>

#include <linux/err.h>

#include <drm/drm_fourcc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_gem.h>
#include <drm/drm_mode.h>

#include "../display/vprime_compose.h"
#include "../display/vprime_framebuffer.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"
#include "vprime_kunit_screen.h"

#define BYTES (4 * PAGE_SIZE)
#define PITCH 1021
#define HEIGHT 5

/**
 * struct row_case - how many bytes a row needs
 * @fourcc: of the picture
 * @plane: of the format
 * @width: of the picture
 * @bytes: that it needs
 */
struct row_case {
	u32 fourcc;
	unsigned int plane;
	u32 width;
	u64 bytes;
};

static const struct row_case row_cases[] = {
	{ DRM_FORMAT_XRGB8888, 0, 3, 12 },
	{ DRM_FORMAT_RGB888, 0, 3, 9 },
	{ DRM_FORMAT_XRGB16161616, 0, 1, 8 },
	{ DRM_FORMAT_R1, 0, 8, 1 },
	{ DRM_FORMAT_R1, 0, 9, 2 },
	{ DRM_FORMAT_R4, 0, 3, 2 },
	{ DRM_FORMAT_YUYV, 0, 1, 4 },
	{ DRM_FORMAT_YUYV, 0, 2, 4 },
	{ DRM_FORMAT_YVYU, 0, 3, 8 },
	{ DRM_FORMAT_UYVY, 0, 5, 12 },
	{ DRM_FORMAT_VYUY, 0, 8191, 16384 },
	{ DRM_FORMAT_NV12, 0, 3, 3 },
	{ DRM_FORMAT_NV12, 1, 3, 4 },
	{ DRM_FORMAT_NV24, 1, 3, 6 },
	{ DRM_FORMAT_P010, 1, 1, 4 },
	{ DRM_FORMAT_YUV420, 2, 3, 2 },
	{ DRM_FORMAT_YVU444, 2, 3, 3 },
	/* Not shown by any plane of ours, but of the same kind. */
	{ DRM_FORMAT_Y210, 0, 1, 8 },
	{ DRM_FORMAT_Y216, 0, 3, 16 },
};

static void row_name(const struct row_case *row, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%u pixels of %p4cc, plane %u", row->width,
		 &row->fourcc, row->plane);
}

KUNIT_ARRAY_PARAM(rows, row_cases, row_name);

static void a_row_ends_with_what_its_last_pixel_needs(struct kunit *test)
{
	const struct row_case *row = test->param_value;

	KUNIT_EXPECT_EQ(test, vprime_framebuffer_row_bytes(drm_format_info(row->fourcc), row->plane,
							   row->width), row->bytes);
}

/**
 * struct setup - a GPU, and a buffer for pictures
 * @screen: of the GPU
 * @bo: the buffer
 * @handle: of the buffer
 */
struct setup {
	struct vprime_kunit_screen *screen;
	struct vprime_bo *bo;
	u32 handle;
};

static void delete_handle(void *data)
{
	struct setup *setup = data;

	drm_gem_handle_delete(setup->screen->client.file, setup->handle);
}

static struct setup *setup_create(struct kunit *test)
{
	struct setup *setup = kunit_kzalloc(test, sizeof(*setup), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, setup);
	setup->screen = vprime_kunit_screen(test);
	setup->bo = vprime_kunit_bo(test, setup->screen->gpu, BYTES, VPRIME_PLACEMENT_TT);
	KUNIT_ASSERT_EQ(test, drm_gem_handle_create(setup->screen->client.file,
						    &setup->bo->tbo.base, &setup->handle), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, delete_handle, setup), 0);
	return setup;
}

static int try_create(const struct setup *setup, const struct drm_mode_fb_cmd2 *cmd)
{
	struct drm_framebuffer *fb;

	fb = vprime_framebuffer_create(&setup->screen->gpu->drm, setup->screen->client.file, cmd);
	if (IS_ERR(fb))
		return PTR_ERR(fb);
	drm_framebuffer_put(fb);
	return 0;
}

/* Each plane ends with the buffer. */
static struct drm_mode_fb_cmd2 last_of(const struct setup *setup, u32 fourcc, u32 width)
{
	const struct drm_format_info *format = drm_format_info(fourcc);
	struct drm_mode_fb_cmd2 cmd = { .width = width, .height = HEIGHT, .pixel_format = fourcc };
	unsigned int i;

	for (i = 0; i < format->num_planes; i++) {
		u32 rows = drm_format_info_plane_height(format, HEIGHT, i);

		cmd.handles[i] = setup->handle;
		cmd.pitches[i] = PITCH;
		cmd.offsets[i] = BYTES - (rows - 1) * PITCH -
				 vprime_framebuffer_row_bytes(format, i, width);
	}
	return cmd;
}

static const void *format_next(const void *last, char *name)
{
	const u32 *fourcc = last ? (const u32 *)last + 1 : vprime_layer_formats;

	if (fourcc == vprime_layer_formats + vprime_layer_num_formats)
		return NULL;
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%p4cc", fourcc);
	return fourcc;
}

static void a_picture_may_end_with_its_buffer(struct kunit *test)
{
	static const u32 widths[] = { 1, 2, 3, 33 };
	const u32 fourcc = *(const u32 *)test->param_value;
	const struct setup *setup = setup_create(test);
	unsigned int i, plane;

	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		struct drm_mode_fb_cmd2 cmd = last_of(setup, fourcc, widths[i]);

		KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), 0);
		for (plane = 0; plane < drm_format_info(fourcc)->num_planes; plane++) {
			cmd.offsets[plane]++;
			KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), -EINVAL);
			cmd.offsets[plane]--;
		}
	}
}

static void rows_do_not_overlap(struct kunit *test)
{
	const u32 fourcc = *(const u32 *)test->param_value;
	const struct drm_format_info *format = drm_format_info(fourcc);
	const struct setup *setup = setup_create(test);
	struct drm_mode_fb_cmd2 cmd = last_of(setup, fourcc, 3);
	unsigned int plane;

	for (plane = 0; plane < format->num_planes; plane++) {
		cmd.offsets[plane] = 0;
		cmd.pitches[plane] = vprime_framebuffer_row_bytes(format, plane, 3);
		KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), 0);
		cmd.pitches[plane]--;
		KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), -EINVAL);
		cmd.pitches[plane]++;
	}
}

/* The end of it would be before its beginning, in 32 bits. */
static void sizes_do_not_overflow(struct kunit *test)
{
	const struct setup *setup = setup_create(test);
	struct drm_mode_fb_cmd2 cmd = last_of(setup, DRM_FORMAT_XRGB8888, 1);

	cmd.offsets[0] = U32_MAX - 3;
	KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), -EINVAL);
	cmd.offsets[0] = 0;
	cmd.pitches[0] = BIT(30);
	KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), -EINVAL);
}

static void what_no_plane_shows_is_refused(struct kunit *test)
{
	const struct setup *setup = setup_create(test);
	struct drm_mode_fb_cmd2 cmd = last_of(setup, DRM_FORMAT_Y210, 1);

	KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), -EINVAL);
	cmd = last_of(setup, DRM_FORMAT_XRGB8888, 1);
	cmd.modifier[0] = I915_FORMAT_MOD_X_TILED;
	KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), -EINVAL);
}

static void a_buffer_that_is_not_there_is_refused(struct kunit *test)
{
	const struct setup *setup = setup_create(test);
	struct drm_mode_fb_cmd2 cmd = last_of(setup, DRM_FORMAT_NV12, 2);

	cmd.handles[1] = setup->handle + 100;
	KUNIT_EXPECT_EQ(test, try_create(setup, &cmd), -ENOENT);
}

static struct kunit_case vprime_framebuffer_cases[] = {
	KUNIT_CASE_PARAM(a_row_ends_with_what_its_last_pixel_needs, rows_gen_params),
	KUNIT_CASE_PARAM(a_picture_may_end_with_its_buffer, format_next),
	KUNIT_CASE_PARAM(rows_do_not_overlap, format_next),
	KUNIT_CASE(sizes_do_not_overflow),
	KUNIT_CASE(what_no_plane_shows_is_refused),
	KUNIT_CASE(a_buffer_that_is_not_there_is_refused),
	{}
};

static struct kunit_suite vprime_framebuffer_suite = {
	.name = "vprime-framebuffer",
	.test_cases = vprime_framebuffer_cases,
};

kunit_test_suite(vprime_framebuffer_suite);
