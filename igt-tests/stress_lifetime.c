// SPDX-License-Identifier: MIT
/*
 * Threads that make, export, import, move, use and close the same few buffers
 * on three GPUs, all at once.  Each call may succeed or say that what it wants
 * is not there any more.  Every word that is ever read is zero or one of ours.
 *
 * A buffer's place is a descriptor number: the slots.  Putting a new buffer on
 * a number closes the old one under whoever uses it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "procfs.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define SIZE (64 * PAGE_BYTES)
#define SLOTS 8
#define FIRST_SLOT 700
#define THREADS 5
#define GPUS 3
#define OWN_VRAM (1u << 20)	/* for half of the slots: there is always pressure */
/* In every word that the test writes. */
#define MARK 0xab000000u
#define MARK_MASK 0xff000000u

static const char * const gpu_names[GPUS] = { DISPLAY, RENDER, OWN };

struct worker {
	pthread_t thread;
	unsigned int seed;
	uint32_t operations;
	/* A client of each GPU, shared with nobody, but the buffers are. */
	int gpus[GPUS];
};

static uint32_t pick(struct worker *worker, uint32_t count)
{
	return rand_r(&worker->seed) % count;
}

static int some_gpu(struct worker *worker)
{
	return worker->gpus[pick(worker, GPUS)];
}

static int some_slot(struct worker *worker)
{
	return FIRST_SLOT + pick(worker, SLOTS);
}

static uint32_t some_value(struct worker *worker)
{
	return MARK | pick(worker, 1 << 24);
}

/* @ret is success or one of these. */
static bool succeeded(const char *what, int ret, int also)
{
	check_msg(ret >= 0 || ret == -EBADF || ret == also, "%s gave %s", what,
		  strerrorname_np(-ret));
	return ret >= 0;
}

static void put_into_slot(int fd, int slot)
{
	check_ok(neg_errno(dup3(fd, slot, O_CLOEXEC)));
	close_fd(fd);
}

static void do_create(struct worker *worker)
{
	int gpu = some_gpu(worker);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, some_value(worker));

	if (pick(worker, 2))
		submit_command(gpu, &fill);
	put_into_slot(vprime_export(gpu, handle), some_slot(worker));
	drm_close_handle(gpu, handle);
}

/* The buffer in a slot as a handle of one's own; 0 if the slot is empty. */
static uint32_t take(struct worker *worker, int *gpu)
{
	uint32_t handle = 0;

	*gpu = some_gpu(worker);
	succeeded("import", __vprime_import(*gpu, some_slot(worker), &handle), 0);
	return handle;
}

static void do_fill(struct worker *worker)
{
	struct drm_vprime_command fill;
	uint32_t handle;
	int gpu;

	handle = take(worker, &gpu);
	if (!handle)
		return;
	fill = command_fill(handle, 0, SIZE, some_value(worker));
	submit_command(gpu, &fill);
	drm_close_handle(gpu, handle);
}

static void do_copy(struct worker *worker)
{
	struct drm_vprime_command copy;
	uint32_t from = 0, to = 0;
	int gpu = some_gpu(worker);

	succeeded("import", __vprime_import(gpu, some_slot(worker), &from), 0);
	succeeded("import", __vprime_import(gpu, some_slot(worker), &to), 0);
	if (from && to && from != to) {
		copy = command_copy(to, from, SIZE);
		submit_command(gpu, &copy);
	}
	if (from)
		drm_close_handle(gpu, from);
	if (to && to != from)
		drm_close_handle(gpu, to);
}

static void do_move(struct worker *worker)
{
	uint32_t handle;
	int gpu;

	handle = take(worker, &gpu);
	if (!handle)
		return;
	/* Imports do not move by our wish. */
	succeeded("move", __vprime_bo_move(gpu, handle, 1u << pick(worker, 3)), -EINVAL);
	drm_close_handle(gpu, handle);
}

static void check_words(volatile uint32_t *at)
{
	uint32_t i;

	for (i = 0; i < SIZE / 4; i += 97) {
		uint32_t word = at[i];

		check_msg(!word || (word & MARK_MASK) == MARK, "word %u is %#x", i, word);
	}
}

static void do_map(struct worker *worker)
{
	volatile uint32_t *at;
	uint32_t handle;
	int gpu;

	handle = take(worker, &gpu);
	if (!handle)
		return;
	at = vprime_bo_mmap(gpu, handle, SIZE);
	/* A mapping does without, and the handle goes with the client at last. */
	if (pick(worker, 2))
		drm_close_handle(gpu, handle);
	check_words(at);
	at[pick(worker, SIZE / 4)] = some_value(worker);
	dmabuf_munmap((void *)at, SIZE);
}

static void do_map_dmabuf(struct worker *worker)
{
	int slot = some_slot(worker);
	volatile uint32_t *at;

	at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, slot, 0);
	if (!succeeded("mmap", at == MAP_FAILED ? -errno : 0, 0))
		return;
	succeeded("sync", __dmabuf_sync(slot, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW), 0);
	check_words(at);
	at[pick(worker, SIZE / 4)] = some_value(worker);
	succeeded("sync", __dmabuf_sync(slot, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW), 0);
	dmabuf_munmap((void *)at, SIZE);
}

static void do_wait(struct worker *worker)
{
	uint32_t handle;
	int gpu;

	handle = take(worker, &gpu);
	if (!handle)
		return;
	vprime_bo_wait(gpu, handle);
	drm_close_handle(gpu, handle);
}

/* What a client has is counted while it changes. */
static void do_look(struct worker *worker)
{
	char value[64];

	check(procfs_fdinfo(some_gpu(worker), "drm-driver", value, sizeof(value)));
	check_str(value, "vprime");
	free(bufinfo_text());
}

static void do_close(struct worker *worker)
{
	succeeded("close", neg_errno(close(some_slot(worker))), 0);
}

/* A client goes with all it has: handles, jobs in the queue. */
static void do_renew_client(struct worker *worker)
{
	uint32_t i = pick(worker, GPUS);

	close_fd(worker->gpus[i]);
	worker->gpus[i] = gpu_open(gpu_names[i]);
}

static void (* const operations[])(struct worker *worker) = {
	do_create, do_create, do_fill, do_fill, do_copy, do_copy, do_move, do_move, do_move,
	do_map, do_map_dmabuf, do_wait, do_look, do_close, do_renew_client,
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	uint32_t i;

	for (i = 0; i < GPUS; i++)
		worker->gpus[i] = gpu_open(gpu_names[i]);
	for (i = 0; i < worker->operations; i++)
		operations[pick(worker, ARRAY_SIZE(operations))](worker);
	for (i = 0; i < GPUS; i++)
		close_fd(worker->gpus[i]);
	return NULL;
}

static void check_clean(const char *name)
{
	struct drm_vprime_stats stats;
	int gpu = gpu_open(name);

	vprime_stats(gpu, &stats);
	check_eq(stats.bus_faults, 0);
	check_eq(stats.stale_writes, 0);
	check_eq(stats.hangs, 0);
	subtest_info("%s: %llu jobs, %llu moves, %llu notifies, %llu remaps", name,
		     (unsigned long long)stats.jobs, (unsigned long long)stats.moves,
		     (unsigned long long)stats.notifies, (unsigned long long)stats.remaps);
	close_fd(gpu);
}

static void run_threads(const char *chaos_ms)
{
	uint32_t count = subtest_full() ? 4000 : 400, i;
	struct worker workers[THREADS];
	int gpu = gpu_create_small(OWN, OWN_VRAM), before = bufinfo_count();

	gpu_set(OWN, "faults/chaos_ms", chaos_ms);
	for (i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .seed = i + 1, .operations = count };
		check(!pthread_create(&workers[i].thread, NULL, work, &workers[i]));
	}
	for (i = 0; i < THREADS; i++)
		check(!pthread_join(workers[i].thread, NULL));
	for (i = 0; i < SLOTS; i++)
		close(FIRST_SLOT + i);
	check(bufinfo_settles_at(before));
	check(vprime_region_empties(gpu, VRAM));
	for (i = 0; i < GPUS; i++)
		check_clean(gpu_names[i]);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void all_at_once(void)
{
	run_threads("0");
}

static void with_chaos(void)
{
	run_threads("2");
}

static const struct subtest subtests[] = {
	{
		.name = "all-at-once",
		.describe = "Everything at once on the same buffers leaves nothing and mixes nothing up.",
		.run = all_at_once,
		.seconds = 600,
	}, {
		.name = "with-chaos",
		.describe = "The same while buffers are moved at random.",
		.run = with_chaos,
		.seconds = 600,
	},
};

TEST_MAIN("Lives of buffers on several GPUs, all at once.", subtests)
