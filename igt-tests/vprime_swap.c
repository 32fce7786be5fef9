// SPDX-License-Identifier: MIT
/*
 * Buffers in system memory that are swapped out, because TTM was asked to or
 * because it holds more pages than it may: all of their users find them again.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "procfs.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define SIZE (64 * PAGE_BYTES)
#define PAGES (SIZE / PAGE_BYTES)
#define OWN_VRAM (4u << 20)
#define SHRINK "/sys/kernel/debug/ttm/tt_shrink"
#define LIMIT "/sys/module/ttm/parameters/pages_limit"

/* Swaps out all that can be, of any GPU. Returns how many pages that were. */
static long swap_out_all(void)
{
	long pages = 0, got;
	char text[32];

	do {
		ssize_t len = __procfs_read(SHRINK, text, sizeof(text));

		require(len != -ENOENT, "no %s: TTM has no debugfs", SHRINK);
		check_ok(len);
		got = strtol(text, NULL, 10);
		check_ge(got, 0);
		pages += got;
	} while (got);
	return pages;
}

/**
 * struct swapped - a buffer, and all ways to see it
 * @gpu: whose
 * @peer: that has it as well
 * @handle: on @gpu
 * @abroad: on @peer
 * @dmabuf: of it
 * @at: its mapping through the device
 * @shared_at: and through the dma-buf
 */
struct swapped {
	int gpu;
	int peer;
	uint32_t handle;
	uint32_t abroad;
	int dmabuf;
	void *at;
	void *shared_at;
};

static void swapped_init(struct swapped *swapped, int gpu, int peer, uint32_t placements)
{
	*swapped = (struct swapped){
		.gpu = gpu,
		.peer = peer,
		.handle = vprime_bo_create(gpu, SIZE, placements),
	};
	swapped->dmabuf = vprime_export(gpu, swapped->handle);
	swapped->abroad = vprime_import(peer, swapped->dmabuf);
	swapped->at = vprime_bo_mmap(gpu, swapped->handle, SIZE);
	swapped->shared_at = dmabuf_mmap(swapped->dmabuf, SIZE, PROT_READ | PROT_WRITE);
}

static void swapped_fini(struct swapped *swapped)
{
	dmabuf_munmap(swapped->shared_at, SIZE);
	dmabuf_munmap(swapped->at, SIZE);
	drm_close_handle(swapped->peer, swapped->abroad);
	close_fd(swapped->dmabuf);
	drm_close_handle(swapped->gpu, swapped->handle);
}

static void check_nothing_broke(int gpu)
{
	struct drm_vprime_stats stats;

	vprime_stats(gpu, &stats);
	check_eq(stats.bus_faults, 0);
	check_eq(stats.stale_writes, 0);
}

/* Each way to look at it once; which one is first is @first. */
static void check_all_ways(const struct swapped *swapped, uint32_t seed, unsigned int first)
{
	unsigned int i;

	for (i = first; i < first + 4; i++) {
		switch (i % 4) {
		case 0:
			pattern_check(swapped->at, SIZE, seed);
			break;
		case 1:
			pattern_check(swapped->shared_at, SIZE, seed);
			break;
		case 2:
			check_eq(engine_sum(swapped->gpu, swapped->handle, SIZE),
				 pattern_sum(SIZE, seed));
			break;
		default:
			check_eq(engine_sum(swapped->peer, swapped->abroad, SIZE),
				 pattern_sum(SIZE, seed));
		}
	}
}

static const struct test_case places[] = {
	{ "system", &(const uint32_t){ SYSTEM } },
	{ "tt", &(const uint32_t){ TT } },
	{ }
};

/* The CPU and the engines, each as the first to need it. */
static void comes_back(const struct test_case *row)
{
	const uint32_t *place = row->arg;
	int gpu = gpu_create_small(OWN, OWN_VRAM), peer = gpu_create_small(OWN_PEER, OWN_VRAM);
	struct swapped swapped;
	unsigned int first;

	swap_out_all();
	swapped_init(&swapped, gpu, peer, ANYWHERE);
	for (first = 0; first < 4; first++) {
		pattern_write(first & 1 ? swapped.at : swapped.shared_at, SIZE, first);
		vprime_bo_move(gpu, swapped.handle, *place);
		check_eq(swap_out_all(), PAGES);
		check_eq(vprime_bo_placement(gpu, swapped.handle), SYSTEM);
		check_all_ways(&swapped, first, first);
	}
	check_nothing_broke(gpu);
	check_nothing_broke(peer);
	swapped_fini(&swapped);
	close_fd(peer);
	close_fd(gpu);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

/* Whoever cannot be told of it keeps it from being swapped out. */
static void pinned(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), vkms = drm_open_driver("vkms"), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;
	void *at = vprime_bo_mmap(gpu, handle, SIZE);

	swap_out_all();
	pattern_write(at, SIZE, 1);
	fd = vprime_export(gpu, handle);
	abroad = drm_fd_to_handle(vkms, fd);
	check_eq(vprime_bo_placement(gpu, handle), TT);
	check_eq(swap_out_all(), 0);
	check_eq(vprime_bo_placement(gpu, handle), TT);
	drm_close_handle(vkms, abroad);
	check_eq(swap_out_all(), PAGES);
	pattern_check(at, SIZE, 1);
	close_fd(fd);
	dmabuf_munmap(at, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(vkms);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void check_resident(int gpu, unsigned long long bytes)
{
	char expected[64], value[64];

	if (bytes)
		snprintf(expected, sizeof(expected), "%llu KiB", bytes >> 10);
	else
		snprintf(expected, sizeof(expected), "0");
	check(procfs_fdinfo(gpu, "drm-resident-memory", value, sizeof(value)));
	check_str(value, expected);
}

static void fdinfo(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t handle = vprime_bo_create(gpu, SIZE, SYSTEM);
	char value[64];

	swap_out_all();
	engine_fill(gpu, handle, SIZE, 1);
	check_resident(gpu, SIZE);
	check_eq(swap_out_all(), PAGES);
	check_resident(gpu, 0);
	check(procfs_fdinfo(gpu, "drm-total-memory", value, sizeof(value)));
	check_str(value, "256 KiB");
	engine_fill(gpu, handle, SIZE, 2);
	check_resident(gpu, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* One that nobody sees again takes nothing along. */
static void closed(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t handle = vprime_bo_create(gpu, SIZE, SYSTEM);
	struct drm_vprime_region system;
	void *at = vprime_bo_mmap(gpu, handle, SIZE);

	swap_out_all();
	pattern_write(at, SIZE, 1);
	check_eq(swap_out_all(), PAGES);
	drm_close_handle(gpu, handle);
	/* The mapping is the last that holds it. */
	pattern_check(at, SIZE, 1);
	check_eq(swap_out_all(), PAGES);
	dmabuf_munmap(at, SIZE);
	vprime_region(gpu, SYSTEM, &system);
	check_eq(system.used, 0);
	check_eq(swap_out_all(), 0);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* Content is kept for those who share it when the GPU itself has gone. */
static void unplugged(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), peer = gpu_create_small(OWN_PEER, OWN_VRAM);
	struct swapped swapped;

	swap_out_all();
	swapped_init(&swapped, gpu, peer, SYSTEM | TT);
	vprime_bo_move(gpu, swapped.handle, SYSTEM);
	pattern_write(swapped.at, SIZE, 1);
	check_eq(swap_out_all(), PAGES);
	gpu_unplug(OWN);
	check_eq(engine_sum(peer, swapped.abroad, SIZE), pattern_sum(SIZE, 1));
	check_eq(swap_out_all(), PAGES);
	pattern_check(swapped.at, SIZE, 1);
	pattern_check(swapped.shared_at, SIZE, 1);
	check_nothing_broke(peer);
	dmabuf_munmap(swapped.shared_at, SIZE);
	dmabuf_munmap(swapped.at, SIZE);
	drm_close_handle(peer, swapped.abroad);
	close_fd(swapped.dmabuf);
	close_fd(peer);
	close_fd(gpu);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

/**
 * struct limit - how many pages TTM may hold, for now
 * @before: what it was
 * @guard: puts that back when this process ends, however it does
 * @pipe: whose end tells it
 */
struct limit {
	char before[32];
	pid_t guard;
	int pipe[2];
};

static void limit_pages(struct limit *limit, const char *pages)
{
	char byte;

	check_ok(__procfs_read(LIMIT, limit->before, sizeof(limit->before)));
	check_ok(neg_errno(pipe(limit->pipe)));
	limit->guard = check_ok(neg_errno(fork()));
	if (!limit->guard) {
		close(limit->pipe[1]);
		_exit(read(limit->pipe[0], &byte, 1) || __procfs_write(LIMIT, limit->before));
	}
	close_fd(limit->pipe[0]);
	check_ret(__procfs_write(LIMIT, pages), 0);
}

static void unlimit_pages(struct limit *limit)
{
	int status;

	close_fd(limit->pipe[1]);
	check_eq(waitpid(limit->guard, &status, 0), limit->guard);
	check_eq(status, 0);
}

/* Of so many buffers there is room for two at a time. */
#define PRESSED 8
#define PRESSED_LIMIT "128"

static void pressure(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), peer = gpu_create_small(OWN_PEER, OWN_VRAM);
	struct swapped swapped[PRESSED];
	struct drm_vprime_stats stats;
	struct limit limit;
	unsigned int i, round;

	limit_pages(&limit, PRESSED_LIMIT);
	for (i = 0; i < PRESSED; i++) {
		swapped_init(&swapped[i], gpu, peer, SYSTEM | TT);
		pattern_write(swapped[i].at, SIZE, i);
	}
	for (round = 0; round < 4; round++)
		for (i = 0; i < PRESSED; i++) {
			check_all_ways(&swapped[i], round * PRESSED + i, round + i);
			pattern_write(swapped[i].shared_at, SIZE, (round + 1) * PRESSED + i);
		}
	vprime_stats(gpu, &stats);
	check_lt(PRESSED, stats.evictions);
	check_nothing_broke(gpu);
	check_nothing_broke(peer);
	for (i = 0; i < PRESSED; i++)
		swapped_fini(&swapped[i]);
	unlimit_pages(&limit);
	close_fd(peer);
	close_fd(gpu);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

/* A client whose buffers move about while others press for memory. */
static void *client_main(void *arg)
{
	static const uint32_t path[] = { TT, VRAM, SYSTEM, VRAM, TT };
	unsigned int rounds = subtest_full() ? 200 : 20, round, i;
	int gpu = gpu_open(OWN);

	(void)arg;
	for (round = 0; round < rounds; round++) {
		uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
		void *at = vprime_bo_mmap(gpu, handle, SIZE);

		pattern_write(at, SIZE, round);
		for (i = 0; i < ARRAY_SIZE(path); i++)
			check_ret(__vprime_bo_move(gpu, handle, path[i]), 0);
		pattern_check(at, SIZE, round);
		check_eq(engine_sum(gpu, handle, SIZE), pattern_sum(SIZE, round));
		dmabuf_munmap(at, SIZE);
		drm_close_handle(gpu, handle);
	}
	close_fd(gpu);
	return NULL;
}

static void clients(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), i;
	pthread_t threads[3];
	struct limit limit;

	limit_pages(&limit, PRESSED_LIMIT);
	for (i = 0; i < 3; i++)
		check(!pthread_create(&threads[i], NULL, client_main, NULL));
	for (i = 0; i < 3; i++)
		check(!pthread_join(threads[i], NULL));
	check_nothing_broke(gpu);
	unlimit_pages(&limit);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "comes-back",
		.describe = "CPU, engine and importer find what was swapped out, whoever comes first.",
		.run_case = comes_back,
		.cases = places,
	}, {
		.name = "pinned",
		.describe = "A buffer that somebody has pinned is not swapped out until he lets go.",
		.run = pinned,
	}, {
		.name = "fdinfo",
		.describe = "fdinfo counts it still, but not as resident.",
		.run = fdinfo,
	}, {
		.name = "closed",
		.describe = "A buffer that is swapped out goes with its last user.",
		.run = closed,
	}, {
		.name = "unplugged",
		.describe = "It is still there for others when its GPU is not.",
		.run = unplugged,
	}, {
		.name = "pressure",
		.describe = "Many buffers take turns in a few pages, and none of them is mixed up.",
		.run = pressure,
		.seconds = 600,
	}, {
		.name = "clients",
		.describe = "Nor while many move theirs about at the same time.",
		.run = clients,
		.seconds = 600,
	},
};

TEST_MAIN("vprime's buffers, swapped out.", subtests)
