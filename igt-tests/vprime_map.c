// SPDX-License-Identifier: MIT
/*
 * Mappings of vprime's buffers, moves, and waiting for both: the CPU finds a
 * buffer wherever it is.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "blocked.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "procfs.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "usage.h"
#include "vprime.h"

#define SIZE (16 * PAGE_BYTES)
#define OWN_VRAM (4u << 20)

static const struct test_case gpus[] = {
	{ DISPLAY, DISPLAY },
	{ RENDER, RENDER },
	{ }
};

static void mmap_bounds(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	uint64_t offset;
	void *at;

	check_ret(__vprime_bo_mmap_offset(gpu, handle, &offset), 0);
	check_eq(offset % PAGE_BYTES, 0);
	check(mmap(NULL, SIZE + PAGE_BYTES, PROT_READ, MAP_SHARED, gpu, offset) == MAP_FAILED);
	check_eq(errno, EINVAL);
	check(mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, gpu, 0) == MAP_FAILED);
	check_eq(errno, EINVAL);
	at = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, gpu, offset);
	check(at != MAP_FAILED);
	dmabuf_munmap(at, PAGE_BYTES);
	drm_close_handle(gpu, handle);
	check(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, gpu, offset) == MAP_FAILED);
	close_fd(gpu);
}

static void mapping_outlives_handle(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	void *at = vprime_bo_mmap(gpu, handle, SIZE);

	pattern_write(at, SIZE, 1);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	pattern_check(at, SIZE, 1);
	pattern_write(at, SIZE, 2);
	pattern_check(at, SIZE, 2);
	dmabuf_munmap(at, SIZE);
}

/* From every place to every other, and back. */
static void mmap_follows_moves(const struct test_case *row)
{
	static const uint32_t path[] = {
		SYSTEM, TT, VRAM, SYSTEM, VRAM, TT, SYSTEM, SYSTEM, VRAM, VRAM, TT, TT,
	};
	int gpu = gpu_open(row->arg);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	void *at = vprime_bo_mmap(gpu, handle, SIZE);
	struct drm_vprime_bo_info info;
	uint32_t i, moves = 0, place = VRAM;

	pattern_write(at, SIZE, 0);
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		vprime_bo_move(gpu, handle, path[i]);
		moves += path[i] != place;
		place = path[i];
		vprime_bo_info(gpu, handle, &info);
		check_eq(info.moves, moves);
		pattern_check(at, SIZE, i);
		pattern_write(at, SIZE, i + 1);
	}
	dmabuf_munmap(at, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void move_where_allowed(void)
{
	static const uint32_t all[] = { SYSTEM, TT, VRAM };
	int gpu = gpu_open(RENDER);
	uint32_t placements;
	size_t i;

	for (placements = 1; placements <= ANYWHERE; placements++) {
		uint32_t handle = vprime_bo_create(gpu, SIZE, placements);

		for (i = 0; i < ARRAY_SIZE(all); i++) {
			int expected = all[i] & (placements | SYSTEM) ? 0 : -EINVAL;
			int ret = __vprime_bo_move(gpu, handle, all[i]);

			check_msg(ret == expected, "of places %#x to %#x gave %s", placements,
				  all[i], ret ? strerrorname_np(-ret) : "success");
		}
		drm_close_handle(gpu, handle);
	}
	close_fd(gpu);
}

/* Two moves at once in the queue, and a reader behind them. */
static void moves_without_waiting(void)
{
	int gpu = gpu_open(RENDER), i;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	void *at = vprime_bo_mmap(gpu, handle, SIZE);

	pattern_write(at, SIZE, 7);
	for (i = 0; i < 20; i++) {
		check_ret(__vprime_bo_move(gpu, handle, TT), 0);
		check_ret(__vprime_bo_move(gpu, handle, VRAM), 0);
	}
	check_eq(engine_sum(gpu, handle, SIZE), pattern_sum(SIZE, 7));
	check_ret(__vprime_bo_move(gpu, handle, SYSTEM), 0);
	pattern_check(at, SIZE, 7);
	dmabuf_munmap(at, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void move_into_full_vram(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t first = vprime_bo_create(gpu, OWN_VRAM, VRAM | TT), second;
	void *at = vprime_bo_mmap(gpu, first, OWN_VRAM);

	pattern_write(at, OWN_VRAM, 3);
	/* What is in the way can leave, so both get what they want, in turn. */
	second = vprime_bo_create(gpu, OWN_VRAM, VRAM | TT);
	vprime_bo_move(gpu, second, VRAM);
	check_ne(vprime_bo_placement(gpu, first), VRAM);
	pattern_check(at, OWN_VRAM, 3);
	vprime_bo_move(gpu, first, VRAM);
	check_ne(vprime_bo_placement(gpu, second), VRAM);
	pattern_check(at, OWN_VRAM, 3);
	check_eq(engine_sum(gpu, second, OWN_VRAM), 0);
	dmabuf_munmap(at, OWN_VRAM);
	drm_close_handle(gpu, second);
	drm_close_handle(gpu, first);
	close_fd(gpu);
	gpu_destroy(OWN);
}

#define MOVING_BOS 24
#define MOVING_ROUNDS 100

struct mover {
	int gpu;
	atomic_bool done;
};

static void *move_about(void *arg)
{
	struct mover *mover = arg;
	uint32_t handles[MOVING_BOS], i, round;

	for (i = 0; i < MOVING_BOS; i++)
		handles[i] = vprime_bo_create(mover->gpu, PAGE_BYTES, ANYWHERE);
	for (round = 0; round < MOVING_ROUNDS; round++)
		for (i = 0; i < MOVING_BOS; i++)
			vprime_bo_move(mover->gpu, handles[i], round & 1 ? SYSTEM : TT);
	for (i = 0; i < MOVING_BOS; i++)
		drm_close_handle(mover->gpu, handles[i]);
	atomic_store(&mover->done, true);
	return NULL;
}

/* Whoever asks takes no buffer's lock, and each move frees what says where its buffer was. */
static void asked_while_moving(void)
{
	struct mover mover = { .gpu = gpu_create_small(OWN, OWN_VRAM) };
	struct usage before = usage_of(mover.gpu);
	struct drm_vprime_region region;
	unsigned int asked = 0;
	char value[64];
	pthread_t thread;

	check_eq(pthread_create(&thread, NULL, move_about, &mover), 0);
	for (; !atomic_load(&mover.done); asked++) {
		vprime_region(mover.gpu, SYSTEM, &region);
		check_le(region.used, MOVING_BOS * PAGE_BYTES);
		check(procfs_fdinfo(mover.gpu, "drm-total-memory", value, sizeof(value)));
	}
	check_eq(pthread_join(thread, NULL), 0);
	check_usage(mover.gpu, &before);
	subtest_info("asked %u times", asked);
	close_fd(mover.gpu);
	gpu_destroy(OWN);
}

static void pinned_stays(void)
{
	int gpu = gpu_open(RENDER), vkms = drm_open_driver("vkms"), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;

	fd = vprime_export(gpu, handle);
	abroad = drm_fd_to_handle(vkms, fd);
	check_eq(vprime_bo_pins(gpu, handle), 1);
	check_ne(vprime_bo_placement(gpu, handle), VRAM);
	check_ret(__vprime_bo_move(gpu, handle, VRAM), -EBUSY);
	check_ret(__vprime_bo_move(gpu, handle, SYSTEM), -EBUSY);
	drm_close_handle(vkms, abroad);
	check_eq(vprime_bo_pins(gpu, handle), 0);
	vprime_bo_move(gpu, handle, VRAM);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(vkms);
	close_fd(gpu);
}

/* Whom each kind of fence keeps waiting. */
static void wait_directions(void)
{
	int gpu = gpu_open(RENDER), timeline = sw_sync_timeline(), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	fd = vprime_export(gpu, handle);
	vprime_bo_wait(gpu, handle);
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_READ);
	check(vprime_bo_idle(gpu, handle, VPRIME_WAIT_READ));
	check(!vprime_bo_idle(gpu, handle, VPRIME_WAIT_WRITE));
	sw_sync_advance(timeline, 1);
	check(vprime_bo_idle(gpu, handle, VPRIME_WAIT_WRITE));
	sw_sync_attach(fd, timeline, 2, DMA_BUF_SYNC_WRITE);
	check(!vprime_bo_idle(gpu, handle, VPRIME_WAIT_READ));
	check(!vprime_bo_idle(gpu, handle, VPRIME_WAIT_WRITE));
	sw_sync_advance(timeline, 1);
	check(vprime_bo_idle(gpu, handle, VPRIME_WAIT_WRITE));
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(timeline);
	close_fd(gpu);
}

struct wait_call {
	int gpu;
	uint32_t handle;
};

static int call_wait(void *arg)
{
	const struct wait_call *call = arg;

	return __vprime_bo_wait(call->gpu, call->handle, VPRIME_WAIT_WRITE, VPRIME_NEVER);
}

static void wait_sleeps(void)
{
	struct wait_call call = { .gpu = gpu_open(RENDER) };
	int timeline = sw_sync_timeline(), fd;
	struct blocked blocked;

	call.handle = vprime_bo_create(call.gpu, SIZE, ANYWHERE);
	vprime_bo_wait(call.gpu, call.handle);
	fd = vprime_export(call.gpu, call.handle);
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_WRITE);
	blocked_start(&blocked, call_wait, &call);
	check(!blocked_returned(&blocked));
	sw_sync_advance(timeline, 1);
	check_ret(blocked_join(&blocked), 0);

	sw_sync_attach(fd, timeline, 2, DMA_BUF_SYNC_WRITE);
	blocked_start(&blocked, call_wait, &call);
	blocked_interrupt(&blocked);
	check_ret(blocked_join(&blocked), -EINTR);
	sw_sync_advance(timeline, 1);
	close_fd(fd);
	drm_close_handle(call.gpu, call.handle);
	close_fd(timeline);
	close_fd(call.gpu);
}

static const struct subtest subtests[] = {
	{
		.name = "mmap-bounds",
		.describe = "A mapping lies within its buffer.",
		.run = mmap_bounds,
	}, {
		.name = "mapping-outlives-handle",
		.describe = "A mapping keeps its buffer, without handle and file.",
		.run = mapping_outlives_handle,
	}, {
		.name = "mmap-follows-moves",
		.describe = "A mapping shows its buffer wherever that moves, and moves are counted.",
		.run_case = mmap_follows_moves,
		.cases = gpus,
	}, {
		.name = "move-where-allowed",
		.describe = "A buffer moves to its places and to system memory, and nowhere else.",
		.run = move_where_allowed,
	}, {
		.name = "moves-without-waiting",
		.describe = "Moves that follow one another at once lose nothing.",
		.run = moves_without_waiting,
	}, {
		.name = "move-into-full-vram",
		.describe = "A move makes room by moving what is in its way.",
		.run = move_into_full_vram,
	}, {
		.name = "asked-while-moving",
		.describe = "Regions and fdinfo tell numbers while all buffers move.",
		.run = asked_while_moving,
	}, {
		.name = "pinned-stays",
		.describe = "While a static importer has it mapped, a buffer is pinned and moves are EBUSY.",
		.run = pinned_stays,
	}, {
		.name = "wait-directions",
		.describe = "Readers wait for writers, writers for both.",
		.run = wait_directions,
	}, {
		.name = "wait-sleeps",
		.describe = "Waiting ends with the fence or with a signal.",
		.run = wait_sleeps,
	},
};

TEST_MAIN("vprime's buffers: map, move, wait.", subtests)
