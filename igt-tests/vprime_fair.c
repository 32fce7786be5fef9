// SPDX-License-Identifier: MIT
/*
 * One engine for all: a client with very many jobs holds up nobody else, has
 * no more than it may, pays for the memory, and is banned if they only hang.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blocked.h"
#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "procfs.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "vprime.h"

#define MIB (1u << 20)
#define CGROUP "/sys/fs/cgroup/igt-vprime"

/* A job of one MiB takes at least 50 ms. */
static const struct gpu_setting slow[] = {
	{ "vram_size", "4M" }, { "render_node", "1" }, { "engine_speed", "20M" }, { }
};

/* Jobs without commands are done in time on any machine. */
static const struct gpu_setting impatient[] = {
	{ "vram_size", "4M" }, { "render_node", "1" }, { "job_timeout_ms", "500" }, { }
};

static const struct drm_vprime_command nop = { .op = VPRIME_OP_NOP };

static void long_queue(void)
{
	int busy = gpu_create(OWN, slow), other = gpu_open(OWN), i;
	uint32_t handle = vprime_bo_create(busy, MIB, TT), small = vprime_bo_create(other, 4, TT);
	uint32_t last = syncobj_create(busy), done = syncobj_create(other);
	struct drm_vprime_command fill = command_fill(handle, 0, MIB, 1);

	for (i = 0; i < 40; i++)
		submit_synced(busy, &fill, 0, last, 0);
	fill = command_fill(small, 0, 4, 1);
	submit_synced(other, &fill, 0, done, 0);
	check_ret(syncobj_result(other, done), 0);
	check(!syncobj_signalled(busy, last));
	syncobj_wait(busy, last);

	syncobj_destroy(other, done);
	syncobj_destroy(busy, last);
	drm_close_handle(other, small);
	drm_close_handle(busy, handle);
	close_fd(other);
	close_fd(busy);
	gpu_destroy(OWN);
}

static void fill_up(int gpu, const struct gate *gate)
{
	uint64_t max = vprime_param(gpu, VPRIME_PARAM_MAX_JOBS), i;

	for (i = 0; i < max; i++)
		submit_synced(gpu, &nop, gate->syncobj, 0, 0);
}

static int submit_one_more(void *gpu)
{
	return __submit_command(*(int *)gpu, &nop);
}

static void too_many_jobs(void)
{
	int gpu = gpu_create_small(OWN, 4 * MIB), other = gpu_open(OWN);
	struct blocked blocked;
	struct gate gate;

	gate_init(&gate, gpu);
	fill_up(gpu, &gate);
	blocked_start(&blocked, submit_one_more, &gpu);
	check(!blocked_returned(&blocked));
	submit_command(other, &nop);
	blocked_interrupt(&blocked);
	check_ret(blocked_join(&blocked), -EINTR);

	blocked_start(&blocked, submit_one_more, &gpu);
	check(!blocked_returned(&blocked));
	gate_open(&gate);
	check_ret(blocked_join(&blocked), 0);
	gate_fini(&gate);
	close_fd(other);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* Its jobs wait for something else than the GPU, and so do not end with it. */
static void too_many_jobs_unplugged(void)
{
	int gpu = gpu_create_small(OWN, 4 * MIB);
	struct blocked blocked;
	struct gate gate;

	gate_init(&gate, gpu);
	fill_up(gpu, &gate);
	blocked_start(&blocked, submit_one_more, &gpu);
	gpu_unplug(OWN);
	check_ret(blocked_join(&blocked), -ENODEV);
	gate_open(&gate);
	close_fd(gpu);
	gate_leave(&gate);
	gpu_destroy(OWN);
}

static int submit_hanging(int gpu)
{
	uint32_t done = syncobj_create(gpu);
	int ret;

	gpu_set(OWN, "faults/hang", "1");
	submit_synced(gpu, &nop, 0, done, 0);
	ret = syncobj_result(gpu, done);
	syncobj_destroy(gpu, done);
	return ret;
}

static void jobs_only_hang(void)
{
	int gpu = gpu_create(OWN, impatient), other = gpu_open(OWN), i;

	for (i = 0; i < 4; i++)
		check_ret(submit_hanging(gpu), -ETIME);
	check_ret(__submit_command(gpu, &nop), -ECANCELED);
	submit_command(other, &nop);
	close_fd(gpu);
	gpu = gpu_open(OWN);
	submit_command(gpu, &nop);
	close_fd(other);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static long cgroup_memory(void)
{
	char text[32];

	check_lt(0, __procfs_read(CGROUP "/memory.current", text, sizeof(text)));
	return atol(text);
}

/* Jobs of as many commands as there may be. */
static void submit_large_jobs(int gpu, const struct gate *gate, int jobs)
{
	const struct drm_vprime_sync wait = { .handle = gate->syncobj };
	uint64_t max = vprime_param(gpu, VPRIME_PARAM_MAX_COMMANDS), i;
	struct drm_vprime_command *commands = calloc(max, sizeof(*commands));
	uint32_t handle = vprime_bo_create(gpu, PAGE_BYTES, TT);
	struct drm_vprime_submit arg = submission(commands, max);

	check(commands);
	for (i = 0; i < max; i++)
		commands[i] = command_fill(handle, 0, 4, 1);
	arg.in_syncs = (uintptr_t)&wait;
	arg.in_sync_count = 1;
	while (jobs--)
		submit(gpu, &arg);
	drm_close_handle(gpu, handle);
	free(commands);
}

/* A command takes more than 64 bytes in the kernel. */
static void jobs_are_charged(void)
{
	const int jobs = 32;
	long before, least;
	struct gate gate;
	int gpu;

	require(!__procfs_write("/sys/fs/cgroup/cgroup.subtree_control", "+memory"),
		"no memory controller in the root cgroup");
	check_ok(neg_errno(mkdir(CGROUP, 0755)));
	check_ret(__procfs_write(CGROUP "/cgroup.procs", "0"), 0);
	gpu = gpu_create_small(OWN, 4 * MIB);
	gate_init(&gate, gpu);
	submit_large_jobs(gpu, &gate, 1);
	before = cgroup_memory();
	submit_large_jobs(gpu, &gate, jobs);
	least = jobs * 64l * vprime_param(gpu, VPRIME_PARAM_MAX_COMMANDS);
	subtest_info("%d jobs: %ld KiB charged", jobs, (cgroup_memory() - before) >> 10);
	check_ge(cgroup_memory() - before, least);

	gate_open(&gate);
	gate_fini(&gate);
	close_fd(gpu);
	gpu_destroy(OWN);
	check_ret(__procfs_write("/sys/fs/cgroup/cgroup.procs", "0"), 0);
	check_ok(neg_errno(rmdir(CGROUP)));
}

static const struct subtest subtests[] = {
	{
		.name = "long-queue",
		.describe = "A job of one client does not wait for all that another had queued before.",
		.run = long_queue,
	}, {
		.name = "too-many-jobs",
		.describe = "A client with as many jobs as it may have waits with the next, and others do not.",
		.run = too_many_jobs,
	}, {
		.name = "too-many-jobs-unplugged",
		.describe = "Who waits like that is told when the GPU is pulled out.",
		.run = too_many_jobs_unplugged,
	}, {
		.name = "jobs-only-hang",
		.describe = "A client whose jobs hang one after the other is banned, and may come again.",
		.run = jobs_only_hang,
	}, {
		.name = "jobs-are-charged",
		.describe = "The kernel's memory for jobs is charged to the cgroup of who submits them.",
		.run = jobs_are_charged,
	},
};

TEST_MAIN("What one client may have of an engine that is there for all.", subtests)
