// SPDX-License-Identifier: MIT
/*
 * What a vprime GPU says of itself, and its buffers as such: sizes, places,
 * handles, what they are counted as, and that nobody's content is in them.
 * Mappings and moves are in vprime_map.c, dumb buffers in vprime_dumb.c.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "memory.h"
#include "pattern.h"
#include "procfs.h"
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

static void create(const struct test_case *row)
{
	int gpu = gpu_open(row->arg);
	uint32_t placements;

	for (placements = 1; placements <= ANYWHERE; placements++) {
		static const uint64_t sizes[] = { 1, 4095, 4096, 4097, SIZE, 1 << 20 };
		size_t i;

		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			struct drm_vprime_bo_create arg = {
				.size = sizes[i],
				.placements = placements,
			};
			uint64_t whole = (sizes[i] + PAGE_BYTES - 1) & -(uint64_t)PAGE_BYTES;
			struct drm_vprime_bo_info info;

			check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_BO_CREATE, &arg), 0);
			check_eq(arg.size, whole);
			vprime_bo_info(gpu, arg.handle, &info);
			check_eq(info.size, whole);
			check_eq(info.placements, placements);
			check(info.placement & placements);
			/* The best of them is the last bit. */
			check_eq(info.placement, 1 << (31 - __builtin_clz(placements)));
			check_eq(info.flags, 0);
			check_eq(info.pins, 0);
			check_eq(info.importers, 0);
			check_eq(info.moves + info.notifies + info.remaps, 0);
			drm_close_handle(gpu, arg.handle);
		}
	}
	close_fd(gpu);
}

static void create_refuses(void)
{
	static const struct {
		const char *what;
		struct drm_vprime_bo_create arg;
		int expected;
	} rows[] = {
		{ "no size", { .placements = VRAM }, -EINVAL },
		{ "no place", { .size = SIZE }, -EINVAL },
		{ "unknown place", { .size = SIZE, .placements = 8 }, -EINVAL },
		{ "known and unknown place", { .size = SIZE, .placements = VRAM | 8 }, -EINVAL },
		{ "last place", { .size = SIZE, .placements = 1u << 31 }, -EINVAL },
		{ "flag", { .size = SIZE, .placements = VRAM, .flags = 1 }, -EINVAL },
		{ "last flag", { .size = SIZE, .placements = VRAM, .flags = 1u << 31 }, -EINVAL },
		{ "padding", { .size = SIZE, .placements = VRAM, .pad = 1 }, -EINVAL },
		{ "2^64-1 of VRAM", { .size = UINT64_MAX, .placements = VRAM }, -ENOSPC },
		{ "2^64-1 of TT", { .size = UINT64_MAX, .placements = TT }, -ENOMEM },
		{ "2^64-1", { .size = UINT64_MAX, .placements = ANYWHERE }, -ENOMEM },
		{ "2^64 in pages", { .size = -4096ull, .placements = VRAM }, -ENOSPC },
		{ "2^63 of VRAM", { .size = 1ull << 63, .placements = VRAM }, -ENOSPC },
		{ "2^63 of system", { .size = 1ull << 63, .placements = SYSTEM }, -ENOMEM },
		{ "2^63", { .size = 1ull << 63, .placements = ANYWHERE }, -ENOMEM },
		{ "2^48 of TT", { .size = 1ull << 48, .placements = TT }, -ENOMEM },
		{ "2^44 pages", { .size = 1ull << 44, .placements = VRAM | TT }, -ENOMEM },
		{ "a page more than VRAM", { .size = OWN_VRAM + 4096, .placements = VRAM }, -ENOSPC },
	};
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	struct usage before = usage_of(gpu);
	uint32_t handle;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drm_vprime_bo_create arg = rows[i].arg;
		int ret = __vprime_ioctl(gpu, DRM_IOCTL_VPRIME_BO_CREATE, &arg);

		check_msg(ret == rows[i].expected, "%s gave %s, expected %s", rows[i].what,
			  strerrorname_np(-ret), strerrorname_np(-rows[i].expected));
	}
	check_usage(gpu, &before);
	/* No handle was used up, nor room. */
	handle = vprime_bo_create(gpu, OWN_VRAM, VRAM);
	check_eq(handle, 1);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void bad_pointers_everywhere(void)
{
	static const unsigned long requests[] = {
		DRM_IOCTL_VPRIME_GET_PARAM, DRM_IOCTL_VPRIME_QUERY,
		DRM_IOCTL_VPRIME_BO_CREATE, DRM_IOCTL_VPRIME_BO_MMAP_OFFSET,
		DRM_IOCTL_VPRIME_BO_INFO, DRM_IOCTL_VPRIME_BO_MOVE,
		DRM_IOCTL_VPRIME_BO_WAIT, DRM_IOCTL_VPRIME_SUBMIT,
	};
	const struct bad_pointer *bad;
	int gpu = gpu_open(RENDER);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		for (bad = bad_pointers(); bad->name; bad++)
			check_msg(__vprime_ioctl(gpu, requests[i], bad->at) == -EFAULT,
				  "ioctl %zu with %s: %m", i, bad->name);
	close_fd(gpu);
}

static void get_param(void)
{
	static const uint32_t known[] = {
		VPRIME_PARAM_RENDER_NODE, VPRIME_PARAM_P2P, VPRIME_PARAM_DMA_BITS,
		VPRIME_PARAM_PIN_LIMIT, VPRIME_PARAM_MAX_COMMANDS, VPRIME_PARAM_MAX_SYNCS,
		VPRIME_PARAM_MAX_JOBS,
	};
	static const uint32_t unknown[] = { 7, 255, 1u << 31, UINT32_MAX };
	const struct gpu_setting settings[] = {
		{ "vram_size", "8388608" }, { "pin_limit", "1048576" }, { "dma_mask", "40" },
		{ "render_node", "1" }, { "p2p", "0" }, { }
	};
	int gpu = gpu_create(OWN, settings);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		struct drm_vprime_get_param arg = { .param = known[i], .pad = 1 };

		check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_GET_PARAM, &arg), -EINVAL);
	}
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		struct drm_vprime_get_param arg = { .param = unknown[i] };

		check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_GET_PARAM, &arg), -EINVAL);
	}
	check_eq(vprime_param(gpu, VPRIME_PARAM_RENDER_NODE), 1);
	check_eq(vprime_param(gpu, VPRIME_PARAM_P2P), 0);
	check_eq(vprime_param(gpu, VPRIME_PARAM_DMA_BITS), 40);
	check_eq(vprime_param(gpu, VPRIME_PARAM_PIN_LIMIT), 1048576);
	check_ge(vprime_param(gpu, VPRIME_PARAM_MAX_COMMANDS), 1);
	check_ge(vprime_param(gpu, VPRIME_PARAM_MAX_SYNCS), 1);
	check_ge(vprime_param(gpu, VPRIME_PARAM_MAX_JOBS), 1);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void query(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	struct drm_vprime_query arg = { .query = VPRIME_QUERY_STATS };
	struct drm_vprime_region region;
	struct drm_vprime_stats stats;

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_QUERY, &arg), 0);
	check_eq(arg.size, sizeof(stats));
	arg.data = (uintptr_t)&stats;
	arg.size--;
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_QUERY, &arg), -EINVAL);
	arg.size = sizeof(stats);
	arg.data = 8;
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_QUERY, &arg), -EFAULT);
	arg = (struct drm_vprime_query){ .query = 2 };
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_QUERY, &arg), -EINVAL);
	arg.query = UINT32_MAX;
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_QUERY, &arg), -EINVAL);

	vprime_region(gpu, VRAM, &region);
	check_eq(region.size, OWN_VRAM);
	check_eq(region.used, 0);
	check_eq(region.pinned, 0);
	check_eq(region.pad, 0);
	vprime_region(gpu, SYSTEM, &region);
	check_eq(region.size, 0);
	vprime_stats(gpu, &stats);
	check_eq(stats.moves + stats.hangs + stats.bus_faults + stats.stale_writes, 0);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void accounting(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	struct usage empty = usage_of(gpu), now;
	uint32_t in_vram = vprime_bo_create(gpu, SIZE, ANYWHERE);

	now = usage_of(gpu);
	check_eq(now.used[2], empty.used[2] + SIZE);
	vprime_bo_move(gpu, in_vram, TT);
	now = usage_of(gpu);
	check_eq(now.used[2], empty.used[2]);
	check_eq(now.used[1], empty.used[1] + SIZE);
	vprime_bo_move(gpu, in_vram, SYSTEM);
	now = usage_of(gpu);
	check_eq(now.used[1], empty.used[1]);
	check_eq(now.used[0], empty.used[0] + SIZE);
	drm_close_handle(gpu, in_vram);
	check_usage(gpu, &empty);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* "N KiB" or "N MiB" or "N" of a key that the file's fdinfo has to have. */
static uint64_t fdinfo_bytes(int gpu, const char *key)
{
	char value[64], *unit;
	uint64_t number;

	check_msg(procfs_fdinfo(gpu, key, value, sizeof(value)), "fdinfo has no %s", key);
	number = strtoull(value, &unit, 10);
	if (!strcmp(unit, " KiB"))
		return number << 10;
	if (!strcmp(unit, " MiB"))
		return number << 20;
	check_str(unit, "");
	return number;
}

static void fdinfo(void)
{
	int gpu = gpu_open(RENDER), other = gpu_open(RENDER), fd;
	uint32_t a = vprime_bo_create(gpu, SIZE, ANYWHERE);
	uint32_t b = vprime_bo_create(gpu, 2 * SIZE, TT);
	char value[64];

	check(procfs_fdinfo(gpu, "drm-driver", value, sizeof(value)));
	check_str(value, "vprime");
	check(procfs_fdinfo(gpu, "drm-client-id", value, sizeof(value)));
	check_eq(fdinfo_bytes(gpu, "drm-total-vram"), SIZE);
	check_eq(fdinfo_bytes(gpu, "drm-resident-vram"), SIZE);
	check_eq(fdinfo_bytes(gpu, "drm-total-memory"), 2 * SIZE);
	check_eq(fdinfo_bytes(gpu, "drm-shared-vram"), 0);
	check_eq(fdinfo_bytes(gpu, "drm-purgeable-vram"), 0);
	fd = vprime_export(gpu, a);
	check_eq(fdinfo_bytes(gpu, "drm-shared-vram"), SIZE);
	vprime_bo_move(gpu, a, TT);
	check_eq(fdinfo_bytes(gpu, "drm-total-vram"), 0);
	check_eq(fdinfo_bytes(gpu, "drm-shared-memory"), SIZE);
	check_eq(fdinfo_bytes(gpu, "drm-total-memory"), 3 * SIZE);
	/* Each client has its own account. */
	check_eq(fdinfo_bytes(other, "drm-total-memory"), 0);
	close_fd(fd);

	check(procfs_fdinfo(other, "drm-engine-render", value, sizeof(value)));
	check_str(value, "0 ns");
	engine_fill(gpu, b, 2 * SIZE, 1);
	check(procfs_fdinfo(gpu, "drm-engine-render", value, sizeof(value)));
	check(strcmp(value, "0 ns"));
	check(procfs_fdinfo(other, "drm-engine-render", value, sizeof(value)));
	check_str(value, "0 ns");
	drm_close_handle(gpu, b);
	drm_close_handle(gpu, a);
	check_eq(fdinfo_bytes(gpu, "drm-total-memory"), 0);
	close_fd(other);
	close_fd(gpu);
}

static const struct test_case places[] = {
	{ "system", &(const uint32_t){ SYSTEM } },
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ "anywhere", &(const uint32_t){ ANYWHERE } },
	{ }
};

static void check_zero(int gpu, uint32_t handle, size_t size)
{
	void *at = vprime_bo_mmap(gpu, handle, size);

	pattern_check_fill(at, size, 0);
	dmabuf_munmap(at, size);
}

/* Everything of the VRAM there is, so that it has to be the same memory. */
static void zeroed(const struct test_case *row)
{
	const uint32_t *placements = row->arg;
	int gpu = gpu_create_small(OWN, OWN_VRAM), other = gpu_open(OWN), round;

	for (round = 0; round < 3; round++) {
		uint32_t handle = vprime_bo_create(gpu, OWN_VRAM, *placements);
		void *at;

		check_zero(gpu, handle, OWN_VRAM);
		at = vprime_bo_mmap(gpu, handle, OWN_VRAM);
		pattern_write(at, OWN_VRAM, round + 1);
		dmabuf_munmap(at, OWN_VRAM);
		drm_close_handle(gpu, handle);
		handle = vprime_bo_create(other, OWN_VRAM, *placements);
		check_zero(other, handle, OWN_VRAM);
		drm_close_handle(other, handle);
	}
	close_fd(other);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* The same with the engine as writer and reader, and no wait before the close. */
static void zeroed_for_engine(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), round;

	for (round = 0; round < 8; round++) {
		uint32_t handle = vprime_bo_create(gpu, OWN_VRAM / 2, VRAM);
		struct drm_vprime_command fill = command_fill(handle, 0, OWN_VRAM / 2, ~0u);

		check_eq(engine_sum(gpu, handle, OWN_VRAM / 2), 0);
		submit_command(gpu, &fill);
		drm_close_handle(gpu, handle);
	}
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* What each ioctl on a handle says of handles that are none, and of its padding. */
static void handle_errnos(void)
{
	static const struct {
		const char *what;
		unsigned long request;
		union {
			struct drm_vprime_bo_mmap_offset offset;
			struct drm_vprime_bo_info info;
			struct drm_vprime_bo_move move;
			struct drm_vprime_bo_wait wait;
		} arg;
		int expected;
	} rows[] = {
#define ROW(name, request, member, expected, ...) \
	{ name, DRM_IOCTL_VPRIME_##request, { .member = { __VA_ARGS__ } }, expected }
		ROW("mmap_offset of 0", BO_MMAP_OFFSET, offset, -ENOENT, .handle = 0),
		ROW("mmap_offset of none", BO_MMAP_OFFSET, offset, -ENOENT, .handle = NO_HANDLE),
		ROW("mmap_offset flag", BO_MMAP_OFFSET, offset, -EINVAL, .handle = 1, .flags = 1),
		ROW("mmap_offset last flag", BO_MMAP_OFFSET, offset, -EINVAL, .handle = 1,
		    .flags = 1u << 31),
		ROW("info of 0", BO_INFO, info, -ENOENT, .handle = 0),
		ROW("info of none", BO_INFO, info, -ENOENT, .handle = NO_HANDLE),
		ROW("info of the last", BO_INFO, info, -ENOENT, .handle = UINT32_MAX),
		ROW("info padding", BO_INFO, info, -EINVAL, .handle = 1, .pad = 1),
		ROW("info reserved", BO_INFO, info, -EINVAL, .handle = 1, .reserved = 1),
		ROW("move of 0", BO_MOVE, move, -ENOENT, .placement = TT),
		ROW("move of none", BO_MOVE, move, -ENOENT, .handle = NO_HANDLE, .placement = TT),
		ROW("move nowhere", BO_MOVE, move, -EINVAL, .handle = 1),
		ROW("move to two places", BO_MOVE, move, -EINVAL, .handle = 1,
		    .placement = TT | VRAM),
		ROW("move to system or TT", BO_MOVE, move, -EINVAL, .handle = 1,
		    .placement = TT | SYSTEM),
		ROW("move to no place", BO_MOVE, move, -EINVAL, .handle = 1, .placement = 8),
		ROW("move flag", BO_MOVE, move, -EINVAL, .handle = 1, .placement = TT, .flags = 1),
		ROW("move padding", BO_MOVE, move, -EINVAL, .handle = 1, .placement = TT, .pad = 1),
		ROW("wait for 0", BO_WAIT, wait, -ENOENT, .flags = VPRIME_WAIT_READ),
		ROW("wait for none", BO_WAIT, wait, -ENOENT, .handle = NO_HANDLE,
		    .flags = VPRIME_WAIT_READ),
		ROW("wait for nothing", BO_WAIT, wait, -EINVAL, .handle = 1),
		ROW("wait flag", BO_WAIT, wait, -EINVAL, .handle = 1,
		    .flags = VPRIME_WAIT_READ | 4),
		ROW("wait last flag", BO_WAIT, wait, -EINVAL, .handle = 1, .flags = 1u << 31),
#undef ROW
	};
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	size_t i;

	check_eq(handle, 1);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t arg[sizeof(rows[0].arg) / 8];
		int ret;

		memcpy(arg, &rows[i].arg, sizeof(arg));
		ret = __vprime_ioctl(gpu, rows[i].request, arg);
		check_msg(ret == rows[i].expected, "%s gave %s, expected %s", rows[i].what,
			  ret ? strerrorname_np(-ret) : "success",
			  strerrorname_np(-rows[i].expected));
	}
	check_eq(vprime_bo_placement(gpu, handle), VRAM);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void freed_handle(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	struct drm_vprime_bo_info info;
	uint64_t offset;

	drm_close_handle(gpu, handle);
	check_ret(__drm_close_handle(gpu, handle), -EINVAL);
	check_ret(__vprime_bo_info(gpu, handle, &info), -ENOENT);
	check_ret(__vprime_bo_mmap_offset(gpu, handle, &offset), -ENOENT);
	check_ret(__vprime_bo_move(gpu, handle, TT), -ENOENT);
	check_ret(__vprime_bo_wait(gpu, handle, VPRIME_WAIT_READ, VPRIME_NOW), -ENOENT);
	close_fd(gpu);
}

static void handles_are_a_files_own(void)
{
	int gpu = gpu_open(RENDER), other = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	struct drm_vprime_bo_info info;
	uint64_t offset;

	check_ret(__vprime_bo_info(other, handle, &info), -ENOENT);
	check_ret(__vprime_bo_mmap_offset(gpu, handle, &offset), 0);
	check(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, other, offset) == MAP_FAILED);
	check_eq(errno, EACCES);
	drm_close_handle(gpu, handle);
	close_fd(other);
	close_fd(gpu);
}

static const struct subtest subtests[] = {
	{
		.name = "create",
		.describe = "A buffer has whole pages, and is in the best place it may be in.",
		.run_case = create,
		.cases = gpus,
	}, {
		.name = "create-refuses",
		.describe = "Sizes, places and flags that make no sense have their errno, and use nothing up.",
		.run = create_refuses,
	}, {
		.name = "bad-pointers",
		.describe = "No ioctl reads or writes where there is no memory.",
		.run = bad_pointers_everywhere,
	}, {
		.name = "get-param",
		.describe = "Parameters are those the GPU was made with.",
		.run = get_param,
	}, {
		.name = "query",
		.describe = "Queries give sizes, refuse short answers, and tell what there is.",
		.run = query,
	}, {
		.name = "accounting",
		.describe = "Each kind of memory knows how much of it is used, move by move.",
		.run = accounting,
	}, {
		.name = "fdinfo",
		.describe = "fdinfo tells what a client has in which memory, and what the engine did for it.",
		.run = fdinfo,
	}, {
		.name = "zeroed",
		.describe = "Nobody finds in a new buffer what was in one before.",
		.run_case = zeroed,
		.cases = places,
	}, {
		.name = "zeroed-for-engine",
		.describe = "Nor does the engine, though it is still writing when a buffer is closed.",
		.run = zeroed_for_engine,
	}, {
		.name = "handle-errnos",
		.describe = "Handles that are none are ENOENT, and set padding and unknown flags EINVAL.",
		.run = handle_errnos,
	}, {
		.name = "freed-handle",
		.describe = "A closed handle is none.",
		.run = freed_handle,
	}, {
		.name = "handles-are-a-files-own",
		.describe = "One client's handle and mapping are nothing to another.",
		.run = handles_are_a_files_own,
	},
};

TEST_MAIN("vprime's buffers: create, count, close.", subtests)
