// SPDX-License-Identifier: MIT
/*
 * Fences that outlive what made them: a job, a client, a screen, a GPU.  Their
 * names can be asked for at any time, and as long as there is one the module
 * stays.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/sync_file.h>

#include "child.h"
#include "deadline.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "procfs.h"
#include "scm_rights.h"
#include "screen.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE PAGE_BYTES
#define OWN_VRAM (4u << 20)

static int module_refs(void)
{
	char text[32];

	check_lt(0, __procfs_read("/sys/module/vprime/refcnt", text, sizeof(text)));
	return atoi(text);
}

/* What is given back in the background takes a moment. */
static void wait_for_module_refs(int expected)
{
	time_t deadline = deadline_soon();

	while (module_refs() != expected && deadline_pause(deadline))
		;
	check_eq(module_refs(), expected);
}

/* Not that it would succeed here: the two GPUs that are always there would be gone. */
static void check_module_stays(void)
{
	check_ret(neg_errno(syscall(SYS_delete_module, "vprime", O_NONBLOCK)), -EWOULDBLOCK);
}

static void check_names(int sync_file, int status)
{
	struct sync_fence_info fence = { .status = 77 };
	struct sync_file_info info = {
		.num_fences = 1,
		.sync_fence_info = (uintptr_t)&fence,
	};

	check_ok(neg_errno(ioctl(sync_file, SYNC_IOC_FILE_INFO, &info)));
	check_eq(info.num_fences, 1);
	check_eq(fence.status, status);
	check(fence.driver_name[0] && fence.obj_name[0]);
	subtest_info("a fence of %s, timeline %s", fence.driver_name, fence.obj_name);
}

static int fill_and_get_fence(int gpu)
{
	uint32_t handle = vprime_bo_create(gpu, SIZE, TT), done = syncobj_create(gpu);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 1);
	int file;

	submit_synced(gpu, &fill, 0, done, 0);
	file = syncobj_export_sync_file(gpu, done);
	check_ret(sync_file_result(file), 0);
	syncobj_destroy(gpu, done);
	drm_close_handle(gpu, handle);
	return file;
}

static void of_job(void)
{
	int before = module_refs(), gpu = gpu_create_small(OWN, OWN_VRAM), file;

	file = fill_and_get_fence(gpu);
	close_fd(gpu);
	check_names(file, 1);
	gpu_destroy(OWN);
	wait_for_module_refs(before + 1);
	check_module_stays();
	check_names(file, 1);
	close_fd(file);
	wait_for_module_refs(before);
}

/* Leaves the fence of a job that waits, and does no more. */
static void __attribute__((noreturn)) submit_and_stay(int socket, int ready)
{
	struct drm_vprime_command nop = { .op = VPRIME_OP_NOP };
	int gpu = gpu_open(OWN);
	uint32_t in = syncobj_create(gpu), out = syncobj_create(gpu);

	syncobj_import_sync_file(gpu, in, ready);
	submit_synced(gpu, &nop, in, out, 0);
	scm_rights_send(socket, syncobj_export_sync_file(gpu, out));
	for (;;)
		pause();
}

static int receive_fd(int socket)
{
	struct pollfd pfd = { .fd = socket, .events = POLLIN };

	check_ok(neg_errno(poll(&pfd, 1, -1)));
	return scm_rights_receive(socket);
}

static void of_job_that_never_ran(void)
{
	int before = module_refs(), timeline = sw_sync_timeline(), sockets[2], ready, file;
	pid_t pid;

	ready = sw_sync_fence(timeline, 1);
	close_fd(gpu_create_small(OWN, OWN_VRAM));
	scm_rights_pair(sockets);
	pid = child_fork();
	if (!pid)
		submit_and_stay(sockets[0], ready);
	file = receive_fd(sockets[1]);
	child_kill(pid);
	sw_sync_advance(timeline, 1);
	check_ret(sync_file_result(file), -ESRCH);
	gpu_destroy(OWN);
	wait_for_module_refs(before + 1);
	check_module_stays();
	check_names(file, -ESRCH);
	close_fd(file);
	wait_for_module_refs(before);
	close_fd(sockets[1]);
	close_fd(sockets[0]);
	close_fd(timeline);
	close_fd(ready);
}

/**
 * struct commit_fences - what a commit gives its program
 * @out: signals when it is shown
 * @written: signals when the picture has been written back
 */
struct commit_fences {
	int out;
	int written;
};

static void commit_with_fences(const struct screen *screen, uint32_t sheet,
			       struct commit_fences *fences)
{
	const struct kms_head *head = &screen->head;
	struct kms_commit commit;

	kms_commit_init(&commit, head->gpu);
	kms_commit_add(&commit, head->primary, "FB_ID", screen->buffers[1].fb);
	kms_commit_add(&commit, head->crtc, "OUT_FENCE_PTR", (uintptr_t)&fences->out);
	kms_commit_add(&commit, head->writeback, "CRTC_ID", head->crtc);
	kms_commit_add(&commit, head->writeback, "WRITEBACK_FB_ID", sheet);
	kms_commit_add(&commit, head->writeback, "WRITEBACK_OUT_FENCE_PTR",
		       (uintptr_t)&fences->written);
	kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
	check_ret(sync_file_result(fences->out), 0);
	check_ret(sync_file_result(fences->written), 0);
	kms_turn_off(head);
}

/* Of what the commit was about nothing is left but these. */
static void of_commit(void)
{
	struct commit_fences fences = { -1, -1 };
	struct picture_buffer sheet;
	int before = module_refs();
	struct screen screen;

	screen_init_on(&screen);
	picture_buffer_init(&sheet, screen.head.gpu);
	commit_with_fences(&screen, sheet.fb, &fences);
	check_names(fences.out, 1);
	check_names(fences.written, 1);
	picture_buffer_fini(&sheet);
	screen_fini(&screen);
	wait_for_module_refs(before + 2);
	check_module_stays();
	check_names(fences.out, 1);
	check_names(fences.written, 1);
	close_fd(fences.out);
	close_fd(fences.written);
	wait_for_module_refs(before);
}

static const struct subtest subtests[] = {
	{
		.name = "of-job",
		.describe = "The fence of a job has its names when its GPU is gone, and keeps the module.",
		.run = of_job,
	}, {
		.name = "of-job-that-never-ran",
		.describe = "So has that of a job whose client was killed before its turn.",
		.run = of_job_that_never_ran,
	}, {
		.name = "of-commit",
		.describe = "So have the out-fences of commits and of writeback.",
		.run = of_commit,
	},
};

TEST_MAIN("Fences that outlive their GPU.", subtests)
