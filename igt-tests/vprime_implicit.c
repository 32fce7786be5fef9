// SPDX-License-Identifier: MIT
/*
 * Who waits for whom without being told: the fences that jobs leave in buffers,
 * and what becomes of that with explicit sync.
 */
#include <fcntl.h>
#include <unistd.h>

#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE (4 * PAGE_BYTES)
#define WORDS (SIZE / 4)

/* Two clients of one GPU and a buffer of theirs. */
struct clients {
	int first, second;
	uint32_t in_first, in_second;
	int dmabuf;
	struct gate gate;
};

static void clients_init(struct clients *clients)
{
	clients->first = gpu_open(RENDER);
	clients->second = gpu_open(RENDER);
	clients->in_first = vprime_bo_create(clients->first, SIZE, ANYWHERE);
	clients->dmabuf = vprime_export(clients->first, clients->in_first);
	clients->in_second = vprime_import(clients->second, clients->dmabuf);
	vprime_bo_wait(clients->first, clients->in_first);
	gate_init(&clients->gate, clients->first);
}

static void clients_fini(struct clients *clients)
{
	gate_fini(&clients->gate);
	close_fd(clients->dmabuf);
	drm_close_handle(clients->second, clients->in_second);
	drm_close_handle(clients->first, clients->in_first);
	close_fd(clients->second);
	close_fd(clients->first);
}

/* The first client's write is held up; what comes after it sees its value. */
static void implicit_order(void)
{
	struct drm_vprime_command fill, sum;
	uint32_t result, done;
	struct clients clients;
	uint64_t *at;

	clients_init(&clients);
	result = vprime_bo_create(clients.second, PAGE_BYTES, TT);
	at = vprime_bo_mmap(clients.second, result, PAGE_BYTES);
	done = syncobj_create(clients.second);
	fill = command_fill(clients.in_first, 0, SIZE, 6);
	sum = command_sum(result, 0, clients.in_second, SIZE);

	submit_synced(clients.first, &fill, clients.gate.syncobj, 0, 0);
	submit_synced(clients.second, &sum, 0, done, 0);
	check(!dmabuf_readable(clients.dmabuf));
	check(!syncobj_signalled(clients.second, done));
	gate_open(&clients.gate);
	syncobj_wait(clients.second, done);
	check_eq(*at, WORDS * 6);

	syncobj_destroy(clients.second, done);
	dmabuf_munmap(at, PAGE_BYTES);
	drm_close_handle(clients.second, result);
	clients_fini(&clients);
}

/* Readers do not wait for one another, and a writer waits for them. */
static void implicit_readers(void)
{
	uint32_t results, read_now, written;
	struct drm_vprime_command held, free_sum, fill;
	struct clients clients;

	clients_init(&clients);
	results = vprime_bo_create(clients.first, PAGE_BYTES, TT);
	held = command_sum(results, 0, clients.in_first, SIZE);
	submit_synced(clients.first, &held, clients.gate.syncobj, 0, 0);
	check(dmabuf_readable(clients.dmabuf));
	check(!dmabuf_writable(clients.dmabuf));

	read_now = syncobj_create(clients.second);
	written = syncobj_create(clients.second);
	drm_close_handle(clients.first, results);
	results = vprime_bo_create(clients.second, PAGE_BYTES, TT);
	free_sum = command_sum(results, 0, clients.in_second, SIZE);
	submit_synced(clients.second, &free_sum, 0, read_now, 0);
	syncobj_wait(clients.second, read_now);
	fill = command_fill(clients.in_second, 0, SIZE, 1);
	submit_synced(clients.second, &fill, 0, written, 0);
	check(!syncobj_signalled(clients.second, written));
	gate_open(&clients.gate);
	syncobj_wait(clients.second, written);

	syncobj_destroy(clients.second, written);
	syncobj_destroy(clients.second, read_now);
	drm_close_handle(clients.second, results);
	clients_fini(&clients);
}

static void explicit_waits_for_nobody(void)
{
	struct drm_vprime_command first, second;
	struct clients clients;
	uint32_t done;

	clients_init(&clients);
	done = syncobj_create(clients.second);
	first = command_fill(clients.in_first, 0, SIZE, 1);
	second = command_fill(clients.in_second, 0, SIZE, 2);
	submit_synced(clients.first, &first, clients.gate.syncobj, 0, 0);
	submit_synced(clients.second, &second, 0, done, VPRIME_SUBMIT_EXPLICIT_SYNC);
	syncobj_wait(clients.second, done);
	check(!vprime_bo_idle(clients.first, clients.in_first, VPRIME_WAIT_READ));
	gate_open(&clients.gate);
	/* The one that was held up wrote last. */
	check_eq(engine_sum(clients.first, clients.in_first, SIZE), WORDS);
	syncobj_destroy(clients.second, done);
	clients_fini(&clients);
}

/* An explicit job's fence is there for moves, and in nobody's way else. */
static void explicit_leaves_bookkeeping(void)
{
	struct drm_vprime_command held;
	struct clients clients;
	uint32_t done;

	clients_init(&clients);
	done = syncobj_create(clients.first);
	held = command_fill(clients.in_first, 0, SIZE, 5);
	submit_synced(clients.first, &held, clients.gate.syncobj, done,
		      VPRIME_SUBMIT_EXPLICIT_SYNC);
	check(dmabuf_readable(clients.dmabuf));
	check(dmabuf_writable(clients.dmabuf));
	check(vprime_bo_idle(clients.first, clients.in_first, VPRIME_WAIT_WRITE));
	check(!syncobj_signalled(clients.first, done));
	gate_open(&clients.gate);
	syncobj_wait(clients.first, done);
	check_eq(engine_sum(clients.first, clients.in_first, SIZE), WORDS * 5);
	syncobj_destroy(clients.first, done);
	clients_fini(&clients);
}

/* What a dma-buf says of fences is what the jobs left there. */
static void sync_file_of_a_job(void)
{
	struct drm_vprime_command held;
	uint32_t in, done;
	struct clients clients;
	int sync_file;

	clients_init(&clients);
	held = command_fill(clients.in_first, 0, SIZE, 4);
	submit_synced(clients.first, &held, clients.gate.syncobj, 0, 0);
	sync_file = dmabuf_export_sync_file(clients.dmabuf, DMA_BUF_SYNC_READ);
	in = syncobj_create(clients.second);
	done = syncobj_create(clients.second);
	syncobj_import_sync_file(clients.second, in, sync_file);
	close_fd(sync_file);
	held = (struct drm_vprime_command){ .op = VPRIME_OP_NOP };
	submit_synced(clients.second, &held, in, done, 0);
	check(!syncobj_signalled(clients.second, done));
	gate_open(&clients.gate);
	syncobj_wait(clients.second, done);
	check(dmabuf_readable(clients.dmabuf));
	syncobj_destroy(clients.second, done);
	syncobj_destroy(clients.second, in);
	clients_fini(&clients);
}

/*
 * A client that is shot leaves its job to run or to be cancelled, never to
 * hang.  One that closes its file waits for its jobs to begin, which is why it
 * is another process here.
 */
static void client_killed_with_job_queued(void)
{
	int ready[2], timeline = sw_sync_timeline(), fence = sw_sync_fence(timeline, 1);
	struct clients clients;
	uint64_t sum;
	pid_t pid;
	char byte;

	clients_init(&clients);
	check_ok(neg_errno(pipe2(ready, O_CLOEXEC)));
	pid = child_fork();
	if (!pid) {
		int gpu = gpu_open(RENDER);
		uint32_t handle = vprime_import(gpu, clients.dmabuf);
		uint32_t held = syncobj_create(gpu);
		struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 9);

		syncobj_import_sync_file(gpu, held, fence);
		submit_synced(gpu, &fill, held, 0, 0);
		check_eq(write(ready[1], "", 1), 1);
		for (;;)
			pause();
	}
	check_eq(read(ready[0], &byte, 1), 1);
	check(!dmabuf_readable(clients.dmabuf));
	child_kill(pid);
	sw_sync_advance(timeline, 1);
	vprime_bo_wait(clients.first, clients.in_first);
	sum = engine_sum(clients.first, clients.in_first, SIZE);
	check(sum == 0 || sum == WORDS * 9ull);
	close_fd(ready[0]);
	close_fd(ready[1]);
	close_fd(timeline);
	close_fd(fence);
	clients_fini(&clients);
}

static const struct subtest subtests[] = {
	{
		.name = "implicit-order",
		.describe = "Who reads a buffer waits for who writes it, in another client too.",
		.run = implicit_order,
	}, {
		.name = "implicit-readers",
		.describe = "Readers share; a writer waits for all of them.",
		.run = implicit_readers,
	}, {
		.name = "explicit-waits-for-nobody",
		.describe = "An explicit job waits for its syncobjs only.",
		.run = explicit_waits_for_nobody,
	}, {
		.name = "explicit-leaves-bookkeeping",
		.describe = "Nobody waits for an explicit job who was not told to.",
		.run = explicit_leaves_bookkeeping,
	}, {
		.name = "sync-file-of-a-job",
		.describe = "A job's fence goes from buffer to sync_file to syncobj to another job.",
		.run = sync_file_of_a_job,
	}, {
		.name = "client-killed-with-job-queued",
		.describe = "A client that is killed leaves no buffer busy for ever.",
		.run = client_killed_with_job_queued,
	},
};

TEST_MAIN("vprime's submissions: implicit and explicit sync.", subtests)
