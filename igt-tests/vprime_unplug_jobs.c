// SPDX-License-Identifier: MIT
/*
 * What becomes of a GPU's jobs when it is pulled out: those that run, that
 * wait, that nobody is interested in any more.  Each has its end, and whoever
 * has its fence hears of it.
 */
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blocked.h"
#include "child.h"
#include "dmabuf.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "scm_rights.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE (4 * PAGE_BYTES)
#define OWN_VRAM (4u << 20)

static const struct test_case places[] = {
	{ "system", &(const uint32_t){ SYSTEM } },
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ }
};

static const struct test_case targets[] = {
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ }
};

static int submit_for_file(int gpu, uint32_t handle)
{
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 1);
	uint32_t done = syncobj_create(gpu);

	submit_synced(gpu, &fill, 0, done, 0);
	return syncobj_export_sync_file(gpu, done);
}

/* The job that runs, and one behind it. */
static void job_running(void)
{
	const struct gpu_setting settings[] = {
		{ "vram_size", "4194304" }, { "render_node", "1" },
		{ "job_timeout_ms", "100000" }, { }
	};
	int gpu = gpu_create(OWN, settings), files[2], i;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	vprime_bo_wait(gpu, handle);
	gpu_set(OWN, "faults/hang", "1");
	for (i = 0; i < 2; i++)
		files[i] = submit_for_file(gpu, handle);
	gpu_unplug(OWN);
	for (i = 0; i < 2; i++) {
		check_eq(sync_file_result(files[i]), -ENODEV);
		close_fd(files[i]);
	}
	close_fd(gpu);
	gpu_destroy(OWN);
}

/**
 * struct waiting - a job that waits for something else than its GPU
 * @gpu: it is for
 * @file: its fence
 * @at: the buffer that it would fill, mapped
 * @gate: what it waits for
 */
struct waiting {
	int gpu;
	int file;
	void *at;
	struct gate gate;
};

static void waiting_init(struct waiting *waiting, uint32_t placements)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t handle = vprime_bo_create(gpu, SIZE, placements), done = syncobj_create(gpu);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 1);

	waiting->gpu = gpu;
	waiting->at = vprime_bo_mmap(gpu, handle, SIZE);
	gate_init(&waiting->gate, gpu);
	submit_synced(gpu, &fill, waiting->gate.syncobj, done, 0);
	waiting->file = syncobj_export_sync_file(gpu, done);
}

static void waiting_fini(struct waiting *waiting)
{
	/* It has not run. */
	pattern_check_fill(waiting->at, SIZE, 0);
	dmabuf_munmap(waiting->at, SIZE);
	close_fd(waiting->file);
	gate_leave(&waiting->gate);
	gpu_destroy(OWN);
}

/* The unplug does not wait for what is not the GPU's. */
static void job_waiting(const struct test_case *row)
{
	struct waiting waiting;

	waiting_init(&waiting, *(const uint32_t *)row->arg);
	gpu_unplug(OWN);
	check(!sync_file_signalled(waiting.file));
	gate_open(&waiting.gate);
	check_eq(sync_file_result(waiting.file), -ENODEV);
	close_fd(waiting.gpu);
	waiting_fini(&waiting);
}

/* It has left its old place for good, and the engine will not copy any more. */
static void buffer_moving(const struct test_case *row)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), timeline = sw_sync_timeline(), fd;
	uint32_t to = *(const uint32_t *)row->arg;
	uint32_t handle = vprime_bo_create(gpu, SIZE, VRAM | TT);
	void *at = vprime_bo_mmap(gpu, handle, SIZE);

	vprime_bo_move(gpu, handle, to == VRAM ? TT : VRAM);
	pattern_write(at, SIZE, 3);
	fd = vprime_export(gpu, handle);
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_WRITE);
	check_ret(__vprime_bo_move(gpu, handle, to), 0);
	gpu_unplug(OWN);
	sw_sync_advance(timeline, 1);
	pattern_check(at, SIZE, 3);
	dmabuf_munmap(at, SIZE);
	close_fd(timeline);
	close_fd(fd);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/**
 * struct left - what is left of a client
 * @timeline: its job waits for point 1 of it
 * @ready: fence of that
 * @sockets: the client's end, and the test's
 */
struct left {
	int timeline;
	int ready;
	int sockets[2];
};

/* The client: leaves the fence of a job, and maybe the buffer that it uses, and does no more. */
static void __attribute__((noreturn)) submit_and_stay(const struct left *left, uint32_t placements)
{
	int gpu = gpu_open(OWN);
	uint32_t in = syncobj_create(gpu), out = syncobj_create(gpu), handle;
	struct drm_vprime_command command = { .op = VPRIME_OP_NOP };

	if (placements) {
		handle = vprime_bo_create(gpu, SIZE, placements);
		command = command_fill(handle, 0, SIZE, 1);
		scm_rights_send(left->sockets[0], vprime_export(gpu, handle));
	}
	syncobj_import_sync_file(gpu, in, left->ready);
	submit_synced(gpu, &command, in, out, 0);
	scm_rights_send(left->sockets[0], syncobj_export_sync_file(gpu, out));
	for (;;)
		pause();
}

static int receive_fd(const struct left *left)
{
	struct pollfd pfd = { .fd = left->sockets[1], .events = POLLIN };

	check_ok(neg_errno(poll(&pfd, 1, -1)));
	return scm_rights_receive(left->sockets[1]);
}

static void left_init(struct left *left)
{
	left->timeline = sw_sync_timeline();
	left->ready = sw_sync_fence(left->timeline, 1);
	scm_rights_pair(left->sockets);
}

static void left_fini(struct left *left)
{
	close_fd(left->sockets[1]);
	close_fd(left->sockets[0]);
	close_fd(left->timeline);
	close_fd(left->ready);
}

/* Its client is killed as well. */
static void job_abandoned(const struct test_case *row)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), file, dmabuf;
	struct left left;
	pid_t pid;
	void *at;

	left_init(&left);
	pid = child_fork();
	if (!pid)
		submit_and_stay(&left, *(const uint32_t *)row->arg);
	dmabuf = receive_fd(&left);
	file = receive_fd(&left);
	at = dmabuf_mmap(dmabuf, SIZE, PROT_READ);
	close_fd(dmabuf);
	close_fd(gpu);
	gpu_unplug(OWN);
	child_kill(pid);
	check(!sync_file_signalled(file));
	sw_sync_advance(left.timeline, 1);
	check_eq(sync_file_result(file), -ESRCH);
	pattern_check_fill(at, SIZE, 0);
	dmabuf_munmap(at, SIZE);
	close_fd(file);
	left_fini(&left);
	gpu_destroy(OWN);
}

/* The same of a job that uses nothing: it is all that is left of the GPU. */
static void job_forgotten(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), file;
	struct left left;
	pid_t pid;

	left_init(&left);
	pid = child_fork();
	if (!pid)
		submit_and_stay(&left, 0);
	file = receive_fd(&left);
	close_fd(gpu);
	gpu_unplug(OWN);
	child_kill(pid);
	gpu_destroy(OWN);
	check(!sync_file_signalled(file));
	sw_sync_advance(left.timeline, 1);
	check_eq(sync_file_result(file), -ESRCH);
	close_fd(file);
	left_fini(&left);
}

static int call_unplug(void *arg)
{
	(void)arg;
	return __gpu_set(OWN, "enabled", "0");
}

/* It can begin while the GPU goes: it is done, or it is not. */
static void job_beginning(void)
{
	struct waiting waiting;
	struct blocked unplug;
	int status;

	waiting_init(&waiting, ANYWHERE);
	blocked_start(&unplug, call_unplug, NULL);
	gate_open(&waiting.gate);
	check_ret(blocked_join(&unplug), 0);
	status = sync_file_result(waiting.file);
	check_msg(!status || status == -ENODEV, "the fence says %d", status);
	if (!status)
		pattern_check_fill(waiting.at, SIZE, 1);
	dmabuf_munmap(waiting.at, SIZE);
	close_fd(waiting.file);
	gate_leave(&waiting.gate);
	close_fd(waiting.gpu);
	gpu_destroy(OWN);
}

/* What is known of a job outlives all else of its GPU. */
static void fence_outlives(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), done, hung;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	done = submit_for_file(gpu, handle);
	check_eq(sync_file_result(done), 0);
	gpu_set(OWN, "faults/hang", "1");
	hung = submit_for_file(gpu, handle);
	gpu_unplug(OWN);
	close_fd(gpu);
	gpu_destroy(OWN);
	check_eq(sync_file_result(done), 0);
	check_eq(sync_file_result(hung), -ENODEV);
	close_fd(hung);
	close_fd(done);
}

static const struct subtest subtests[] = {
	{
		.name = "job-running",
		.describe = "Fences of jobs that ran, and of those behind them, signal with an error.",
		.run = job_running,
	}, {
		.name = "job-waiting",
		.describe = "So do those of jobs that had not begun, once what they wait for lets them.",
		.run_case = job_waiting,
		.cases = places,
	}, {
		.name = "buffer-moving",
		.describe = "A buffer that was on its way arrives with its content.",
		.run_case = buffer_moving,
		.cases = targets,
	}, {
		.name = "job-abandoned",
		.describe = "And those of jobs whose client was killed meanwhile.",
		.run_case = job_abandoned,
		.cases = places,
	}, {
		.name = "job-forgotten",
		.describe = "Even where the job is all that is left of its GPU.",
		.run = job_forgotten,
	}, {
		.name = "job-beginning",
		.describe = "A job that could begin just now is done, or ends like the others.",
		.run = job_beginning,
	}, {
		.name = "fence-outlives",
		.describe = "A sync file still tells how its job ended when nothing else of the GPU is left.",
		.run = fence_outlives,
	},
};

TEST_MAIN("The jobs of vprime's GPUs, pulled out while in use.", subtests)
