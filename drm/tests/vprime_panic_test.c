// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_panic.c: what the panic handler can draw on, and that it draws there.
 */
#include <kunit/test.h>

#include <linux/dma-resv.h>
#include <linux/iosys-map.h>
#include <linux/string.h>

#include <drm/drm_fourcc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_panic.h>
#include <drm/drm_plane.h>

#include "../display/vprime_panic.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "../vprime_map.h"
#include "../vprime_pin.h"
#include "vprime_kunit.h"

#define WIDTH	100
#define HEIGHT	60
#define OFFSET	124
#define BYTES	(16 * PAGE_SIZE)

/**
 * struct screen - as much of one as the panic handler looks at
 * @plane: on it
 * @state: of @plane
 * @fb: on @plane; its lines are no whole number of pixels apart, so that some are on two pages
 * @gpu: whose the memory is
 * @bo: the memory
 * @sb: what the panic handler gets
 */
struct screen {
	struct drm_plane plane;
	struct drm_plane_state state;
	struct drm_framebuffer fb;
	struct vprime_gpu *gpu;
	struct vprime_bo *bo;
	struct drm_scanout_buffer sb;
};

static struct screen *screen_create(struct kunit *test, u32 format, u32 placement)
{
	struct screen *screen = kunit_kzalloc(test, sizeof(*screen), GFP_KERNEL);
	struct vprime_config config = vprime_kunit_config("panic");

	KUNIT_ASSERT_NOT_NULL(test, screen);
	config.clock = VPRIME_CLOCK_TIMED;
	screen->gpu = vprime_kunit_gpu(test, &config);
	screen->bo = vprime_kunit_bo(test, screen->gpu, BYTES, placement);
	screen->fb.format = drm_format_info(format);
	screen->fb.width = WIDTH;
	screen->fb.height = HEIGHT;
	screen->fb.pitches[0] = WIDTH * 4 + 3;
	screen->fb.offsets[0] = OFFSET;
	screen->fb.obj[0] = &screen->bo->tbo.base;
	screen->plane.type = DRM_PLANE_TYPE_PRIMARY;
	screen->plane.state = &screen->state;
	screen->state.fb = &screen->fb;
	return screen;
}

static void pin(struct kunit *test, struct screen *screen)
{
	struct ttm_operation_ctx ctx = {};

	dma_resv_lock(screen->bo->tbo.base.resv, NULL);
	KUNIT_EXPECT_EQ(test, vprime_bo_pin(screen->bo, vprime_bo_reachable(screen->bo), &ctx), 0);
	dma_resv_unlock(screen->bo->tbo.base.resv);
}

static void unpin(struct screen *screen)
{
	dma_resv_lock(screen->bo->tbo.base.resv, NULL);
	vprime_bo_unpin(screen->bo);
	dma_resv_unlock(screen->bo->tbo.base.resv);
}

static int ask(struct screen *screen)
{
	return vprime_panic_get_scanout_buffer(&screen->plane, &screen->sb);
}

static u32 color_at(u32 x, u32 y)
{
	return 0x01020304 * (x + 1) + y;
}

static void draw(struct screen *screen)
{
	u32 x, y;

	for (y = 0; y < HEIGHT; y++)
		for (x = 0; x < WIDTH; x++)
			screen->sb.set_pixel(&screen->sb, x, y, color_at(x, y));
}

static u32 count_wrong(const struct screen *screen, const void *vaddr)
{
	u32 cpp = screen->fb.format->cpp[0], wrong = 0, x, y;

	for (y = 0; y < HEIGHT; y++) {
		const u8 *line = vaddr + OFFSET + y * screen->fb.pitches[0];

		for (x = 0; x < WIDTH; x++) {
			u32 color = color_at(x, y);

			wrong += !!memcmp(line + x * cpp, &color, cpp);
		}
	}
	return wrong;
}

/* The rest of the buffer is as it was, all zero: before, behind, and between the lines. */
static u32 count_stray(const struct screen *screen, const u8 *vaddr)
{
	u32 pitch = screen->fb.pitches[0], used = WIDTH * screen->fb.format->cpp[0], stray = 0;
	size_t i;

	for (i = 0; i < BYTES; i++) {
		bool inside = i >= OFFSET && (i - OFFSET) / pitch < HEIGHT &&
			      (i - OFFSET) % pitch < used;

		stray += !inside && vaddr[i];
	}
	return stray;
}

static void expect_drawn(struct kunit *test, struct screen *screen)
{
	struct iosys_map map;

	dma_resv_lock(screen->bo->tbo.base.resv, NULL);
	KUNIT_ASSERT_EQ(test, vprime_gem_vmap(&screen->bo->tbo.base, &map), 0);
	KUNIT_EXPECT_EQ(test, count_wrong(screen, map.vaddr), 0);
	KUNIT_EXPECT_EQ(test, count_stray(screen, map.vaddr), 0);
	vprime_gem_vunmap(&screen->bo->tbo.base, &map);
	dma_resv_unlock(screen->bo->tbo.base.resv);
}

struct canvas {
	const char *what;
	u32 format;
	u32 placement;
};

static const struct canvas canvases[] = {
	{ "XRGB8888 in VRAM", DRM_FORMAT_XRGB8888, VPRIME_PLACEMENT_VRAM },
	{ "XRGB8888 in TT", DRM_FORMAT_XRGB8888, VPRIME_PLACEMENT_TT },
	{ "RGB888 in VRAM", DRM_FORMAT_RGB888, VPRIME_PLACEMENT_VRAM },
	{ "RGB565 in VRAM", DRM_FORMAT_RGB565, VPRIME_PLACEMENT_VRAM },
};

static void canvas_name(const struct canvas *canvas, char *desc)
{
	strscpy(desc, canvas->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(canvases, canvases, canvas_name);

/* As the kernel and user space have had a look at it before: TT has no pages else. */
static void touch(struct kunit *test, struct screen *screen)
{
	struct iosys_map map;

	dma_resv_lock(screen->bo->tbo.base.resv, NULL);
	KUNIT_ASSERT_EQ(test, vprime_gem_vmap(&screen->bo->tbo.base, &map), 0);
	vprime_gem_vunmap(&screen->bo->tbo.base, &map);
	dma_resv_unlock(screen->bo->tbo.base.resv);
}

static void it_draws_on_what_is_pinned(struct kunit *test)
{
	const struct canvas *canvas = test->param_value;
	struct screen *screen = screen_create(test, canvas->format, canvas->placement);

	touch(test, screen);
	pin(test, screen);
	KUNIT_ASSERT_EQ(test, ask(screen), 0);
	KUNIT_EXPECT_EQ(test, screen->sb.width, WIDTH);
	KUNIT_EXPECT_EQ(test, screen->sb.height, HEIGHT);
	KUNIT_EXPECT_PTR_EQ(test, screen->sb.format, screen->fb.format);
	draw(screen);
	unpin(screen);
	expect_drawn(test, screen);
}

/* While the machine lives, that may move. */
static void it_keeps_off_what_is_not_pinned(struct kunit *test)
{
	struct screen *screen = screen_create(test, DRM_FORMAT_XRGB8888, VPRIME_PLACEMENT_VRAM);

	KUNIT_EXPECT_EQ(test, ask(screen), -ENODEV);
}

static void a_screen_without_a_picture_is_left_alone(struct kunit *test)
{
	struct screen *screen = screen_create(test, DRM_FORMAT_XRGB8888, VPRIME_PLACEMENT_VRAM);

	screen->state.fb = NULL;
	KUNIT_EXPECT_EQ(test, ask(screen), -ENODEV);
	screen->plane.state = NULL;
	KUNIT_EXPECT_EQ(test, ask(screen), -ENODEV);
}

static void a_cursor_is_left_alone(struct kunit *test)
{
	struct screen *screen = screen_create(test, DRM_FORMAT_XRGB8888, VPRIME_PLACEMENT_VRAM);

	pin(test, screen);
	KUNIT_EXPECT_EQ(test, ask(screen), 0);
	screen->plane.type = DRM_PLANE_TYPE_CURSOR;
	KUNIT_EXPECT_EQ(test, ask(screen), -ENODEV);
	unpin(screen);
}

/* DRM would warn of each but the first, which is in two planes. */
static const struct canvas undrawable[] = {
	{ "NV12", DRM_FORMAT_NV12, VPRIME_PLACEMENT_VRAM },
	{ "YUYV", DRM_FORMAT_YUYV, VPRIME_PLACEMENT_VRAM },
	{ "R8", DRM_FORMAT_R8, VPRIME_PLACEMENT_VRAM },
	{ "BGR565", DRM_FORMAT_BGR565, VPRIME_PLACEMENT_VRAM },
	{ "XRGB16161616", DRM_FORMAT_XRGB16161616, VPRIME_PLACEMENT_VRAM },
};

KUNIT_ARRAY_PARAM(undrawable, undrawable, canvas_name);

static void a_picture_that_it_cannot_draw_on_is_left_alone(struct kunit *test)
{
	const struct canvas *canvas = test->param_value;
	struct screen *screen = screen_create(test, canvas->format, canvas->placement);

	pin(test, screen);
	KUNIT_EXPECT_EQ(test, ask(screen), -ENODEV);
	unpin(screen);
}

/* Shows the buffer on a screen of another GPU. */
static void show_abroad(struct kunit *test, struct screen *screen)
{
	struct vprime_config config = vprime_kunit_config("panic-abroad");
	struct vprime_gpu *abroad = vprime_kunit_gpu(test, &config);
	struct dma_buf *dmabuf = vprime_kunit_export(test, screen->bo);

	screen->fb.obj[0] = &vprime_kunit_import(test, abroad, dmabuf)->tbo.base;
}

static void it_draws_on_a_peers_memory(struct kunit *test)
{
	struct screen *screen = screen_create(test, DRM_FORMAT_XRGB8888, VPRIME_PLACEMENT_VRAM);

	show_abroad(test, screen);
	KUNIT_EXPECT_EQ(test, ask(screen), -ENODEV);
	pin(test, screen);
	KUNIT_ASSERT_EQ(test, ask(screen), 0);
	draw(screen);
	unpin(screen);
	expect_drawn(test, screen);
}

static struct kunit_case vprime_panic_cases[] = {
	KUNIT_CASE_PARAM(it_draws_on_what_is_pinned, canvases_gen_params),
	KUNIT_CASE(it_keeps_off_what_is_not_pinned),
	KUNIT_CASE(a_screen_without_a_picture_is_left_alone),
	KUNIT_CASE(a_cursor_is_left_alone),
	KUNIT_CASE_PARAM(a_picture_that_it_cannot_draw_on_is_left_alone, undrawable_gen_params),
	KUNIT_CASE(it_draws_on_a_peers_memory),
	{}
};

static struct kunit_suite vprime_panic_suite = {
	.name = "vprime-panic",
	.test_cases = vprime_panic_cases,
};

kunit_test_suite(vprime_panic_suite);
