// SPDX-License-Identifier: MIT
/*
 * Dumb buffers, which are buffers as any: for programs that draw by CPU, and
 * only on primary nodes.
 */
#include <sys/mman.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "submit.h"
#include "subtest.h"
#include "usage.h"
#include "vprime.h"

#define SIZE (16 * PAGE_BYTES)
#define OWN_VRAM (4u << 20)
#define NO_HANDLE 4711

static const struct test_case gpus[] = {
	{ DISPLAY, DISPLAY },
	{ RENDER, RENDER },
	{ }
};

static void check_zero(int gpu, uint32_t handle, size_t size)
{
	void *at = vprime_bo_mmap(gpu, handle, size);

	pattern_check_fill(at, size, 0);
	dmabuf_munmap(at, size);
}

static void dumb_geometry(const struct test_case *row)
{
	static const struct {
		uint32_t width, height, bpp;
	} rows[] = {
		{ 1, 1, 8 }, { 1, 1, 32 }, { 1600, 1068, 32 }, { 1366, 768, 16 },
		{ 64, 64, 32 }, { 333, 77, 24 }, { 1, 5000, 64 }, { 32, 10, 32 }, { 63, 1, 32 },
	};
	int gpu = gpu_open(row->arg);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drm_mode_create_dumb dumb = {
			.width = rows[i].width,
			.height = rows[i].height,
			.bpp = rows[i].bpp,
		};
		struct drm_vprime_bo_info info;
		uint32_t height = (rows[i].height + 15) & ~15u;

		check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_CREATE_DUMB, &dumb), 0);
		/* That of a cursor of 32 pixels is known without being told: see vprime_bo.c. */
		check_eq(dumb.pitch % (dumb.pitch < 256 ? 64 : 256), 0);
		if (rows[i].width == 32)
			check_eq(dumb.pitch, 32 * rows[i].bpp / 8);
		check_ge(dumb.pitch * 8ull, rows[i].width * (uint64_t)rows[i].bpp);
		check_ge(dumb.size, (uint64_t)dumb.pitch * height);
		vprime_bo_info(gpu, dumb.handle, &info);
		check_eq(info.size, dumb.size);
		check_zero(gpu, dumb.handle, dumb.size);
		drm_close_handle(gpu, dumb.handle);
	}
	close_fd(gpu);
}

static void dumb_refuses(void)
{
	static const struct drm_mode_create_dumb rows[] = {
		{ .width = 0, .height = 1, .bpp = 32 },
		{ .width = 1, .height = 0, .bpp = 32 },
		{ .width = 1, .height = 1, .bpp = 0 },
		{ .width = UINT32_MAX, .height = 1, .bpp = 32 },
		{ .width = 1, .height = UINT32_MAX, .bpp = 32 },
		{ .width = 65536, .height = 65536, .bpp = 32 },
		{ .width = UINT32_MAX, .height = UINT32_MAX, .bpp = UINT32_MAX },
		{ .width = 1u << 29, .height = 1, .bpp = 64 },
	};
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	struct usage before = usage_of(gpu);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drm_mode_create_dumb dumb = rows[i];
		int ret = __vprime_ioctl(gpu, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);

		check_msg(ret == -EINVAL || ret == -ENOMEM || ret == -ENOSPC,
			  "%ux%u of %u bits gave %d", rows[i].width, rows[i].height,
			  rows[i].bpp, ret);
	}
	check_usage(gpu, &before);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void *map_dumb(int gpu, uint32_t handle, size_t size)
{
	struct drm_mode_map_dumb arg = { .handle = handle };
	void *at;

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_MAP_DUMB, &arg), 0);
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, gpu, arg.offset);
	check_msg(at != MAP_FAILED, "mmap of a dumb buffer: %m");
	return at;
}

/* What software rendering does with an import: dumb or not, it maps it so. */
static void dumb_map(void)
{
	struct drm_mode_map_dumb none = { .handle = NO_HANDLE };
	int render = gpu_open(RENDER), display = gpu_open(DISPLAY), fd;
	uint32_t handle = drm_create_dumb(render, SIZE), abroad;
	void *here, *there;

	check_ret(__vprime_ioctl(render, DRM_IOCTL_MODE_MAP_DUMB, &none), -ENOENT);
	fd = vprime_export(render, handle);
	abroad = vprime_import(display, fd);
	here = map_dumb(render, handle, SIZE);
	there = map_dumb(display, abroad, SIZE);
	pattern_write(here, SIZE, 11);
	pattern_check(there, SIZE, 11);
	pattern_write(there, SIZE, 12);
	vprime_bo_move(render, handle, SYSTEM);
	pattern_check(there, SIZE, 12);
	pattern_check(here, SIZE, 12);
	dmabuf_munmap(there, SIZE);
	dmabuf_munmap(here, SIZE);
	drm_close_handle(display, abroad);
	close_fd(fd);
	drm_close_handle(render, handle);
	close_fd(display);
	close_fd(render);
}

static void render_node(void)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = 64, .bpp = 32 };
	int gpu = check_ok(__gpu_open_render(RENDER));
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_CREATE_DUMB, &dumb), -EACCES);
	engine_fill(gpu, handle, SIZE, 5);
	check_eq(engine_sum(gpu, handle, SIZE), SIZE / 4 * 5);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	check_ret(__gpu_open_render(DISPLAY), -ENOENT);
}

static const struct subtest subtests[] = {
	{
		.name = "dumb-geometry",
		.describe = "Dumb buffers are padded as hardware importers want it, and zero.",
		.run_case = dumb_geometry,
		.cases = gpus,
	}, {
		.name = "dumb-refuses",
		.describe = "Dumb buffers without pixels, or with too many, are refused.",
		.run = dumb_refuses,
	}, {
		.name = "dumb-map",
		.describe = "MAP_DUMB maps imports as well, and follows their moves.",
		.run = dumb_map,
	}, {
		.name = "render-node",
		.describe = "A render node does all but dumb buffers, where there is one.",
		.run = render_node,
	},
};

TEST_MAIN("vprime's dumb buffers.", subtests)
