// SPDX-License-Identifier: MIT
/*
 * Calls on vprime with their first allocation refused, then with their second,
 * and so on, as dmabuf_alloc_fail.c does it: a call fails cleanly or gets along
 * without, and the buffer it was about is as it was.
 */
#include <fcntl.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "fault.h"
#include "gpu.h"
#include "procfs.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "usage.h"
#include "vprime.h"

#define SIZE (4 * PAGE_BYTES)
#define OWN_VRAM (4u << 20)
#define MOST_ALLOCATIONS 2000
/* The count of allocations is not always the same. */
#define IDLE_ROUNDS 16

/**
 * struct scene - what calls with refused allocations work on
 * @gpu: of the test's own
 * @display: another one
 * @handle: a buffer
 * @dmabuf: of it
 * @syncobj: with a signalled fence in it
 * @node: where @gpu can be opened again
 */
struct scene {
	int gpu;
	int display;
	uint32_t handle;
	int dmabuf;
	uint32_t syncobj;
	char node[64];
};

struct faulty_call {
	int (*call)(const struct scene *scene);
	void (*undo)(const struct scene *scene, int ret);
};

static int call_create(const struct scene *scene)
{
	uint32_t handle;

	return __vprime_bo_create(scene->gpu, SIZE, ANYWHERE, &handle) ?: (int)handle;
}

static void undo_create(const struct scene *scene, int ret)
{
	drm_close_handle(scene->gpu, ret);
}

static int call_import(const struct scene *scene)
{
	uint32_t handle;

	return __vprime_import(scene->display, scene->dmabuf, &handle) ?: (int)handle;
}

static void undo_import(const struct scene *scene, int ret)
{
	drm_close_handle(scene->display, ret);
}

static int call_move(const struct scene *scene)
{
	return __vprime_bo_move(scene->gpu, scene->handle, TT);
}

static void undo_move(const struct scene *scene, int ret)
{
	(void)ret;
	vprime_bo_move(scene->gpu, scene->handle, VRAM);
}

static int call_submit(const struct scene *scene)
{
	const struct drm_vprime_sync sync = { .handle = scene->syncobj };
	const struct drm_vprime_sync point = { .handle = scene->syncobj, .point = 3 };
	struct drm_vprime_command fill = command_fill(scene->handle, 0, SIZE, 3);
	struct drm_vprime_submit arg = submission(&fill, 1);

	arg.in_syncs = (uintptr_t)&sync;
	arg.in_sync_count = 1;
	arg.out_syncs = (uintptr_t)&point;
	arg.out_sync_count = 1;
	return __submit(scene->gpu, &arg);
}

static void undo_submit(const struct scene *scene, int ret)
{
	(void)ret;
	vprime_bo_wait(scene->gpu, scene->handle);
}

static int call_info(const struct scene *scene)
{
	struct drm_vprime_bo_info info;

	return __vprime_bo_info(scene->gpu, scene->handle, &info);
}

static int call_open(const struct scene *scene)
{
	return neg_errno(open(scene->node, O_RDWR | O_CLOEXEC));
}

static void undo_open(const struct scene *scene, int ret)
{
	(void)scene;
	close_fd(ret);
}

static void undo_nothing(const struct scene *scene, int ret)
{
	(void)scene;
	(void)ret;
}

#define CALL(label, ...) { .name = label, .arg = &(const struct faulty_call){ __VA_ARGS__ } }

static const struct test_case calls[] = {
	CALL("create", .call = call_create, .undo = undo_create),
	CALL("import", .call = call_import, .undo = undo_import),
	CALL("move", .call = call_move, .undo = undo_move),
	CALL("submit", .call = call_submit, .undo = undo_submit),
	CALL("info", .call = call_info, .undo = undo_nothing),
	CALL("open", .call = call_open, .undo = undo_open),
	{ }
};

static void scene_make(struct scene *scene)
{
	struct drm_vprime_command nop = { .op = VPRIME_OP_NOP };

	scene->gpu = gpu_open(OWN);
	procfs_fd_path(scene->gpu, scene->node, sizeof(scene->node));
	scene->display = gpu_open(DISPLAY);
	scene->handle = vprime_bo_create(scene->gpu, SIZE, ANYWHERE);
	engine_fill(scene->gpu, scene->handle, SIZE, 3);
	scene->dmabuf = vprime_export(scene->gpu, scene->handle);
	scene->syncobj = syncobj_create(scene->gpu);
	submit_synced(scene->gpu, &nop, 0, scene->syncobj, 0);
	syncobj_wait(scene->gpu, scene->syncobj);
}

static void scene_unmake(struct scene *scene)
{
	close_fd(scene->dmabuf);
	close_fd(scene->display);
	close_fd(scene->gpu);
}

/* False once the call has no nth allocation. */
static bool fail_once(const struct faulty_call *faulty, int nth)
{
	struct scene scene;
	bool injected;
	int fds, ret;

	scene_make(&scene);
	fds = procfs_count_fds();
	fault_arm(nth);
	ret = faulty->call(&scene);
	injected = fault_disarm();
	/* A copy to or from user space that is refused is EFAULT, and may come after the deed. */
	check_msg(ret >= 0 || (injected && (ret == -ENOMEM || ret == -EFAULT || ret == -ENOSPC)),
		  "allocation %d refused: %s", nth, strerror(-ret));
	if (ret >= 0)
		faulty->undo(&scene, ret);
	check_eq(procfs_count_fds(), fds);
	vprime_bo_wait(scene.gpu, scene.handle);
	check_eq(engine_sum(scene.gpu, scene.handle, SIZE), SIZE / 4 * 3);
	/* And with nothing refused it works. */
	if (ret < 0 && ret != -EFAULT)
		faulty->undo(&scene, check_ok(faulty->call(&scene)));
	scene_unmake(&scene);
	return injected;
}

static void every_allocation(const struct test_case *row)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), nth = 0, last = 0;
	struct usage before = usage_of(gpu);

	fault_setup();
	while (nth++ < last + IDLE_ROUNDS) {
		check_lt(nth, MOST_ALLOCATIONS);
		if (fail_once(row->arg, nth))
			last = nth;
	}
	subtest_info("%s: %d points of failure", row->name, last);
	fault_teardown();
	/* What the files held they gave back. */
	check_usage(gpu, &before);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "every-allocation",
		.describe = "Whatever allocation is refused, a call fails cleanly or succeeds, and works the next time.",
		.run_case = every_allocation,
		.cases = calls,
		.seconds = 300,
	},
};

TEST_MAIN("vprime's calls when memory is refused, at every point of each.", subtests)
