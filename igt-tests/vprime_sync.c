// SPDX-License-Identifier: MIT
/*
 * Who waits for whom because he was told so: syncobjs into a submission and
 * out of it, and the queues of priorities.  Jobs are held up by a gate, so that
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
		.name = "priorities",
		.describe = "High priority is for the privileged.",
		.run = priorities,
	}, {
		.name = "priorities-are-queues",
		.describe = "A job that waits does not hold up those of another priority.",
		.run = priorities_are_queues,
	},
};

TEST_MAIN("vprime's submissions: syncobjs and priorities.", subtests)
