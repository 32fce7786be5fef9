// SPDX-License-Identifier: MIT
/*
 * Who waits for whom: syncobjs into a submission and out of it, the fences
 * that jobs leave in buffers, priorities.  Jobs are held up by a gate, so that
 * what has to wait is seen to wait, however slow the machine.
 */
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE (4 * PAGE_BYTES)
#define WORDS (SIZE / 4)
#define NO_HANDLE 4711
#define NOBODY 65534

static void out_signals(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), out = syncobj_create(gpu);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 3);

	check(syncobj_empty(gpu, out));
	submit_synced(gpu, &fill, 0, out, 0);
	check_ret(syncobj_result(gpu, out), 0);
	check(vprime_bo_idle(gpu, handle, VPRIME_WAIT_WRITE));
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 3);
	syncobj_destroy(gpu, out);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* A submission without commands is a fence and nothing else. */
static void nothing_signals(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t out = syncobj_create(gpu);
	struct drm_vprime_sync sync = { .handle = out };
	struct drm_vprime_submit arg = submission(NULL, 0);

	arg.out_syncs = (uintptr_t)&sync;
	arg.out_sync_count = 1;
	submit(gpu, &arg);
	check_ret(syncobj_result(gpu, out), 0);
	syncobj_destroy(gpu, out);
	close_fd(gpu);
}

static void in_is_waited_for(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), out = syncobj_create(gpu);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 3);
	struct gate gate;

	gate_init(&gate, gpu);
	submit_synced(gpu, &fill, gate.syncobj, out, 0);
	check(!syncobj_signalled(gpu, out));
	check(!vprime_bo_idle(gpu, handle, VPRIME_WAIT_READ));
	gate_open(&gate);
	check_ret(syncobj_result(gpu, out), 0);
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 3);
	gate_fini(&gate);
	syncobj_destroy(gpu, out);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void timeline(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), line = syncobj_create(gpu);
	uint64_t point;

	for (point = 1; point <= 3; point++) {
		struct drm_vprime_command fill = command_fill(handle, 0, SIZE, point);
		struct drm_vprime_sync out = { .handle = line, .point = point };
		struct drm_vprime_submit arg = submission(&fill, 1);

		arg.out_syncs = (uintptr_t)&out;
		arg.out_sync_count = 1;
		submit(gpu, &arg);
	}
	syncobj_timeline_wait(gpu, line, 3);
	check_eq(syncobj_timeline_query(gpu, line), 3);
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 3);
	syncobj_destroy(gpu, line);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* What one job signals another waits for, and the first is held up. */
static void timeline_chain(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), line = syncobj_create(gpu);
	struct drm_vprime_sync gated = { .handle = 0 }, first = { .handle = line, .point = 7 };
	struct drm_vprime_sync second = { .handle = line, .point = 9 };
	struct drm_vprime_command fills[] = {
		command_fill(handle, 0, SIZE, 1), command_fill(handle, 0, SIZE, 2),
	};
	struct drm_vprime_submit arg = submission(&fills[0], 1);
	struct gate gate;

	gate_init(&gate, gpu);
	gated.handle = gate.syncobj;
	arg.flags = VPRIME_SUBMIT_EXPLICIT_SYNC;
	arg.in_syncs = (uintptr_t)&gated;
	arg.in_sync_count = 1;
	arg.out_syncs = (uintptr_t)&first;
	arg.out_sync_count = 1;
	submit(gpu, &arg);
	arg.commands = (uintptr_t)&fills[1];
	arg.in_syncs = (uintptr_t)&first;
	arg.out_syncs = (uintptr_t)&second;
	submit(gpu, &arg);
	check(!syncobj_timeline_signalled(gpu, line, 7));
	check(!syncobj_timeline_signalled(gpu, line, 9));
	gate_open(&gate);
	syncobj_timeline_wait(gpu, line, 9);
	check(syncobj_timeline_signalled(gpu, line, 7));
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 2);
	gate_fini(&gate);
	syncobj_destroy(gpu, line);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void as_many_as_allowed(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t max = vprime_param(gpu, VPRIME_PARAM_MAX_SYNCS), i;
	struct drm_vprime_sync *syncs = calloc(max + 1, sizeof(*syncs));
	struct drm_vprime_submit arg = submission(NULL, 0);

	check(syncs);
	for (i = 0; i <= max; i++)
		syncs[i] = (struct drm_vprime_sync){ .handle = syncobj_create(gpu) };
	arg.out_syncs = (uintptr_t)syncs;
	arg.out_sync_count = max + 1;
	check_ret(__submit(gpu, &arg), -EINVAL);
	check(syncobj_empty(gpu, syncs[0].handle));
	arg.out_sync_count = max;
	submit(gpu, &arg);
	for (i = 0; i < max; i++)
		check_ret(syncobj_result(gpu, syncs[i].handle), 0);
	arg = submission(NULL, 0);
	arg.in_syncs = (uintptr_t)syncs;
	arg.in_sync_count = max + 1;
	check_ret(__submit(gpu, &arg), -EINVAL);
	arg.in_sync_count = max;
	submit(gpu, &arg);
	for (i = 0; i <= max; i++)
		syncobj_destroy(gpu, syncs[i].handle);
	free(syncs);
	close_fd(gpu);
}

static void sync_errnos(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), good = syncobj_create(gpu);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 1);
	const struct {
		const char *name;
		struct drm_vprime_sync in, out;
		int expected;
	} rows[] = {
		{ "in of 0", { .handle = 0 }, { .handle = good }, -ENOENT },
		{ "in of none", { .handle = NO_HANDLE }, { .handle = good }, -ENOENT },
		{ "in with nothing in it", { .handle = good }, { .handle = good }, -EINVAL },
		{ "in flags", { .handle = good, .flags = 1 }, { .handle = good }, -EINVAL },
		{ "in last flag", { .handle = good, .flags = 1u << 31 }, { .handle = good }, -EINVAL },
		{ "in point that nobody signals", { .handle = good, .point = 5 },
		  { .handle = good }, -EINVAL },
	};
	struct drm_vprime_submit arg;
	struct drm_vprime_sync out;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int ret;

		arg = submission(&fill, 1);
		arg.in_syncs = (uintptr_t)&rows[i].in;
		arg.in_sync_count = 1;
		arg.out_syncs = (uintptr_t)&rows[i].out;
		arg.out_sync_count = 1;
		ret = __submit(gpu, &arg);
		check_msg(ret == rows[i].expected, "%s gave %s", rows[i].name,
			  ret ? strerrorname_np(-ret) : "success");
	}
	arg = submission(&fill, 1);
	arg.out_syncs = (uintptr_t)&out;
	arg.out_sync_count = 1;
	out = (struct drm_vprime_sync){ .handle = NO_HANDLE };
	check_ret(__submit(gpu, &arg), -ENOENT);
	out = (struct drm_vprime_sync){ .handle = good, .flags = 2 };
	check_ret(__submit(gpu, &arg), -EINVAL);
	/* None of them ran, and none left a fence. */
	check(syncobj_empty(gpu, good));
	check_eq(engine_sum(gpu, handle, SIZE), 0);
	syncobj_destroy(gpu, good);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

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

static int __submit_with_priority(int gpu, uint32_t priority)
{
	struct drm_vprime_submit arg = submission(NULL, 0);

	arg.priority = priority;
	return __submit(gpu, &arg);
}

static void priorities(void)
{
	int gpu = gpu_open(RENDER);
	pid_t pid;

	check_ret(__submit_with_priority(gpu, VPRIME_PRIORITY_NORMAL), 0);
	check_ret(__submit_with_priority(gpu, VPRIME_PRIORITY_LOW), 0);
	check_ret(__submit_with_priority(gpu, VPRIME_PRIORITY_HIGH), 0);
	pid = child_fork();
	if (!pid) {
		check_ok(neg_errno(setresuid(NOBODY, NOBODY, NOBODY)));
		check_ret(__submit_with_priority(gpu, VPRIME_PRIORITY_HIGH), -EACCES);
		check_ret(__submit_with_priority(gpu, VPRIME_PRIORITY_NORMAL), 0);
		check_ret(__submit_with_priority(gpu, VPRIME_PRIORITY_LOW), 0);
		_exit(0);
	}
	child_join(pid);
	close_fd(gpu);
}

/* One priority's jobs are held up, the others' are not. */
static void priorities_are_queues(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t held = syncobj_create(gpu), done = syncobj_create(gpu);
	struct drm_vprime_sync in, out = { .handle = held };
	struct drm_vprime_submit arg = submission(NULL, 0);
	struct gate gate;

	gate_init(&gate, gpu);
	in = (struct drm_vprime_sync){ .handle = gate.syncobj };
	arg.in_syncs = (uintptr_t)&in;
	arg.in_sync_count = 1;
	arg.out_syncs = (uintptr_t)&out;
	arg.out_sync_count = 1;
	arg.priority = VPRIME_PRIORITY_LOW;
	submit(gpu, &arg);
	out.handle = done;
	arg.in_sync_count = 0;
	arg.priority = VPRIME_PRIORITY_NORMAL;
	submit(gpu, &arg);
	syncobj_wait(gpu, done);
	check(!syncobj_signalled(gpu, held));
	gate_open(&gate);
	syncobj_wait(gpu, held);
	gate_fini(&gate);
	syncobj_destroy(gpu, done);
	syncobj_destroy(gpu, held);
	close_fd(gpu);
}

/* A client that goes leaves its job to run or to be cancelled, never to hang. */
static void client_goes_with_job_queued(void)
{
	struct drm_vprime_command fill;
	struct clients clients;
	struct gate gate;
	uint64_t sum;

	clients_init(&clients);
	gate_init(&gate, clients.second);
	fill = command_fill(clients.in_second, 0, SIZE, 9);
	submit_synced(clients.second, &fill, gate.syncobj, 0, 0);
	close_fd(clients.second);
	gate_open(&gate);
	vprime_bo_wait(clients.first, clients.in_first);
	sum = engine_sum(clients.first, clients.in_first, SIZE);
	check(sum == 0 || sum == WORDS * 9);
	close_fd(gate.timeline);
	clients.second = gpu_open(RENDER);
	clients.in_second = vprime_import(clients.second, clients.dmabuf);
	clients_fini(&clients);
}

static const struct subtest subtests[] = {
	{
		.name = "out-signals",
		.describe = "A syncobj signals when the job is done, and the buffer is idle then.",
		.run = out_signals,
	}, {
		.name = "nothing-signals",
		.describe = "A submission without commands signals as well.",
		.run = nothing_signals,
	}, {
		.name = "in-is-waited-for",
		.describe = "A job begins when what it waits for has signalled.",
		.run = in_is_waited_for,
	}, {
		.name = "timeline",
		.describe = "Jobs signal point after point of a timeline.",
		.run = timeline,
	}, {
		.name = "timeline-chain",
		.describe = "A job waits for a point that an earlier job signals.",
		.run = timeline_chain,
	}, {
		.name = "as-many-as-allowed",
		.describe = "As many syncobjs as the parameter says, and not one more.",
		.run = as_many_as_allowed,
	}, {
		.name = "sync-errnos",
		.describe = "Syncobjs that are none or empty are refused, and nothing is run.",
		.run = sync_errnos,
	}, {
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
		.name = "priorities",
		.describe = "High priority is for the privileged.",
		.run = priorities,
	}, {
		.name = "priorities-are-queues",
		.describe = "A job that waits does not hold up those of another priority.",
		.run = priorities_are_queues,
	}, {
		.name = "client-goes-with-job-queued",
		.describe = "A client that closes its file leaves no buffer busy for ever.",
		.run = client_goes_with_job_queued,
	},
};

TEST_MAIN("vprime's submissions: syncobjs, implicit and explicit sync, priorities.", subtests)
