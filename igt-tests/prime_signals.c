// SPDX-License-Identifier: MIT
/*
 * Signals that come while a call waits for a buffer's reservation lock: the call
 * goes on if the handler asked for that, and is EINTR otherwise.
 *
 * The lock is held by an import into vgem, which waits there for a move, which
 * waits for a fence of the subtest.
 */
#include <sys/mman.h>

#include "blocked.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "vprime.h"

#define SIZE 4096u

/**
 * struct locked - a buffer whose reservation lock is held
 * @gpu: whose it is
 * @vgem: who holds the lock while it imports it
 * @handle: on the GPU
 * @imported: in vgem, once that has it
 * @dmabuf: of it
 * @timeline: its next point lets the lock go
 * @fence: of that point
 * @holder: imports
 */
struct locked {
	int gpu;
	int vgem;
	uint32_t handle;
	uint32_t imported;
	int dmabuf;
	int timeline;
	int fence;
	struct blocked holder;
};

static int call_import(void *arg)
{
	struct locked *locked = arg;

	return __drm_fd_to_handle(locked->vgem, locked->dmabuf, &locked->imported);
}

static void locked_init(struct locked *locked)
{
	locked->gpu = gpu_open(RENDER);
	locked->vgem = drm_open_driver("vgem");
	locked->handle = vprime_bo_create(locked->gpu, SIZE, TT | VRAM);
	vprime_bo_move(locked->gpu, locked->handle, VRAM);
	locked->dmabuf = vprime_export(locked->gpu, locked->handle);
	locked->timeline = sw_sync_timeline();
	locked->fence = sw_sync_fence(locked->timeline, 1);
	dmabuf_import_sync_file(locked->dmabuf, DMA_BUF_SYNC_WRITE, locked->fence);
	check_ret(__vprime_bo_move(locked->gpu, locked->handle, TT), 0);
	blocked_start(&locked->holder, call_import, locked);
	check(!blocked_returned(&locked->holder));
}

static void locked_let_go(struct locked *locked)
{
	sw_sync_advance(locked->timeline, 1);
	check_ret(blocked_join(&locked->holder), 0);
}

static void locked_fini(struct locked *locked)
{
	drm_close_handle(locked->vgem, locked->imported);
	close_fd(locked->fence);
	close_fd(locked->timeline);
	close_fd(locked->dmabuf);
	drm_close_handle(locked->gpu, locked->handle);
	close_fd(locked->vgem);
	close_fd(locked->gpu);
}

static int call_import_sync_file(void *arg)
{
	const struct locked *locked = arg;

	return __dmabuf_import_sync_file(locked->dmabuf, DMA_BUF_SYNC_READ, locked->fence);
}

static int call_sync(void *arg)
{
	const struct locked *locked = arg;

	return __dmabuf_sync(locked->dmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
}

static int call_info(void *arg)
{
	const struct locked *locked = arg;
	struct drm_vprime_bo_info info;

	return __vprime_bo_info(locked->gpu, locked->handle, &info);
}

static int call_move(void *arg)
{
	const struct locked *locked = arg;

	return __vprime_bo_move(locked->gpu, locked->handle, TT);
}

static int call_submit(void *arg)
{
	const struct locked *locked = arg;
	struct drm_vprime_command fill = command_fill(locked->handle, 0, SIZE, 1);

	return __submit_command(locked->gpu, &fill);
}

struct call {
	int (*call)(void *locked);
};

static const struct test_case calls[] = {
	{ "import-sync-file", &(const struct call){ call_import_sync_file } },
	{ "sync", &(const struct call){ call_sync } },
	{ "bo-info", &(const struct call){ call_info } },
	{ "bo-move", &(const struct call){ call_move } },
	{ "submit", &(const struct call){ call_submit } },
	{ }
};

static void restarted(const struct test_case *row)
{
	const struct call *call = row->arg;
	struct blocked blocked;
	struct locked locked;

	locked_init(&locked);
	blocked_start(&blocked, call->call, &locked);
	check(!blocked_returned(&blocked));
	blocked_interrupt_and_restart(&blocked);
	check_msg(!blocked_returned(&blocked), "the call ended with %s",
		  strerrorname_np(-blocked_join(&blocked)));
	locked_let_go(&locked);
	check_ret(blocked_join(&blocked), 0);
	locked_fini(&locked);
}

static void interrupted(const struct test_case *row)
{
	const struct call *call = row->arg;
	struct blocked blocked;
	struct locked locked;

	locked_init(&locked);
	blocked_start(&blocked, call->call, &locked);
	check(!blocked_returned(&blocked));
	blocked_interrupt(&blocked);
	check_ret(blocked_join(&blocked), -EINTR);
	locked_let_go(&locked);
	locked_fini(&locked);
}

static const struct subtest subtests[] = {
	{
		.name = "restarted",
		.describe = "A call goes on after a signal whose handler asked for that.",
		.run_case = restarted,
		.cases = calls,
	}, {
		.name = "interrupted",
		.describe = "A call ends with EINTR after a signal whose handler did not.",
		.run_case = interrupted,
		.cases = calls,
	},
};

TEST_MAIN("Signals and calls that wait for a buffer's reservation lock.", subtests)
