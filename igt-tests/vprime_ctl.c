// SPDX-License-Identifier: MIT
/*
 * vprimectl on real GPUs: what it makes is there, what it shows is what the
 * ioctls say, and what it refuses has its exit status.
 */
#include "child.h"
#include "drm.h"
#include "dmabuf.h"
#include "exporter.h"
#include "gpu.h"
#include "submit.h"
#include "subtest.h"
#include "textscreen.h"
#include "vprime.h"
#include "vprimectl.h"

#define SIZE (16 * PAGE_BYTES)

static void remove_own(void)
{
	vprimectl_run("destroy " OWN);
}

static void life(void)
{
	int gpu;

	close_fd(gpu_open(RENDER));
	remove_own();
	vprimectl_check("create " OWN " vram_size=4M render_node=1 p2p=0", 0);
	gpu = gpu_open(OWN);
	check_eq(vprime_param(gpu, VPRIME_PARAM_P2P), 0);
	check_eq(vprime_param(gpu, VPRIME_PARAM_RENDER_NODE), 1);
	vprimectl_check("create " OWN, 1);
	vprimectl_check_output("File exists");
	vprimectl_check("list", 0);
	vprimectl_check_output(OWN);
	vprimectl_check("set " OWN " vram_size=8M", 1);
	vprimectl_check_output("unplug " OWN);
	vprimectl_check("plug " OWN, 1);
	vprimectl_check("unplug " OWN, 0);
	close_fd(gpu);
	vprimectl_check("unplug " OWN, 1);
	vprimectl_check("set " OWN " vram_size=8M p2p=1", 0);
	vprimectl_check("plug " OWN, 0);
	gpu = gpu_open(OWN);
	check_eq(vprime_param(gpu, VPRIME_PARAM_P2P), 1);
	close_fd(gpu);
	vprimectl_check("destroy " OWN, 0);
	vprimectl_check("destroy " OWN, 3);
}

static void disabled(void)
{
	close_fd(gpu_open(RENDER));
	remove_own();
	vprimectl_check("create -d " OWN, 0);
	vprimectl_check("move " OWN " vram", 3);
	vprimectl_check("info " OWN, 0);
	vprimectl_check("destroy " OWN, 0);
}

static void refusals(void)
{
	close_fd(gpu_open(RENDER));
	remove_own();
	vprimectl_check("create " OWN " vram_size=5", 1);
	vprimectl_check("create " OWN " colour=red", 2);
	/* Neither was left behind. */
	vprimectl_check("info " OWN, 3);
	vprimectl_check("destroy " RENDER, 1);
	vprimectl_check_output("comes with the driver");
	vprimectl_check("chaos " RENDER " often", 2);
	vprimectl_check("move " RENDER " tt", 2);
}

/* The pair is still there, whatever was tried. */
static void default_pair(void)
{
	int render = gpu_open(RENDER), display = gpu_open(DISPLAY);

	vprimectl_check("list --json", 0);
	vprimectl_check_output("\"name\":\"" DISPLAY "\",\"enabled\":true");
	vprimectl_check_output("\"name\":\"" RENDER "\",\"enabled\":true");
	close_fd(display);
	close_fd(render);
}

static void faults(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20), display = gpu_open(DISPLAY), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;

	fd = vprime_export(gpu, handle);
	vprimectl_check("set " OWN " refuse_attach=1", 0);
	check_ret(__vprime_import(display, fd, &abroad), -EBUSY);
	vprimectl_check("set " OWN " refuse_attach=0", 0);
	abroad = vprime_import(display, fd);
	vprimectl_check("chaos " OWN " 7", 0);
	vprimectl_check("info --json " OWN, 0);
	vprimectl_check_output("\"chaos_ms\":7");
	vprimectl_check("chaos " OWN " 0", 0);
	drm_close_handle(display, abroad);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(display);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void move(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	engine_fill(gpu, handle, SIZE, 3);
	vprimectl_check("move " OWN " system", 0);
	check_ne(vprime_bo_placement(gpu, handle), VRAM);
	vprimectl_check("move " OWN " vram", 0);
	check_eq(vprime_bo_placement(gpu, handle), VRAM);
	check_eq(engine_sum(gpu, handle, SIZE), SIZE / 4 * 3);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void top(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20), display = gpu_open(DISPLAY), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;

	fd = vprime_export(gpu, handle);
	abroad = vprime_import(display, fd);
	vprimectl_check("top -n 1 " OWN, 0);
	vprimectl_check_output("1 buffers");
	vprimectl_check_output("bus_faults 0");
	vprimectl_check_output("exported");
	vprimectl_check("top -n 1 --json " OWN, 0);
	vprimectl_check_output("\"size\":65536,\"placement\":\"vram\"");
	vprimectl_check_output("\"importers\":1");
	vprimectl_check_output("\"flags\":\"exported\"");
	vprimectl_check("top -n 2 -i 0.01 --json " DISPLAY, 0);
	vprimectl_check_output("\"flags\":\"imported");
	vprimectl_check("info " OWN, 0);
	vprimectl_check_output("64K used, 0 pinned, of 4M");
	drm_close_handle(display, abroad);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(display);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* What has to be left alone while somebody wants to be master. */
static const struct test_case onlookers[] = {
	{ "info", "info " OWN },
	{ "top", "top -n 1 " OWN },
	{ "list", "list" },
	{ }
};

/* Without end: the parent ends it. */
static void look_on(const char *command)
{
	for (;;)
		vprimectl_check(command, 0);
}

#define MASTER_ROUNDS 5000

/* A compositor that starts just then would get EBUSY. */
static void never_master(const struct test_case *row)
{
	static const struct gpu_setting settings[] = {
		{ "vram_size", "4194304" }, { "heads", "1" }, { }
	};
	int gpu = gpu_create(OWN, settings), i;
	pid_t pid;

	gpu_drop_master(gpu);
	vprimectl_check(row->arg, 0);
	pid = child_fork();
	if (!pid)
		look_on(row->arg);
	for (i = 0; i < MASTER_ROUNDS; i++) {
		gpu_set_master(gpu);
		gpu_drop_master(gpu);
	}
	child_kill(pid);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* There is no other way to find the screen. */
static void not_master_for_long(void)
{
	static const struct gpu_setting settings[] = {
		{ "vram_size", "4194304" }, { "heads", "1" }, { "render_node", "0" }, { }
	};
	int gpu = gpu_create(OWN, settings);

	gpu_drop_master(gpu);
	vprimectl_check("info " OWN, 0);
	gpu_set_master(gpu);
	/* Nor is it taken from whoever has it. */
	vprimectl_check("info " OWN, 0);
	gpu_drop_master(gpu);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "life",
		.describe = "Create, set, unplug, plug, destroy, and what each refuses.",
		.run = life,
	}, {
		.name = "disabled",
		.describe = "A GPU can be made without being switched on.",
		.run = disabled,
	}, {
		.name = "refusals",
		.describe = "What makes no sense is refused with its exit status, and leaves nothing.",
		.run = refusals,
	}, {
		.name = "default-pair",
		.describe = "The pair that comes with the driver is listed.",
		.run = default_pair,
	}, {
		.name = "faults",
		.describe = "Faults are set on a GPU that is in use.",
		.run = faults,
	}, {
		.name = "move",
		.describe = "All buffers move out of VRAM and back.",
		.run = move,
	}, {
		.name = "top",
		.describe = "The table shows a buffer as it is, for people and for programs.",
		.run = top,
	}, {
		.name = "never-master",
		.describe = "Commands that only show a GPU with a render node are never its master.",
		.run_case = never_master,
		.cases = onlookers,
	}, {
		.name = "not-master-for-long",
		.describe = "Without a render node a GPU has no other master once vprimectl has ended.",
		.run = not_master_for_long,
	},
};

TEST_MAIN("The command line of vprime.", subtests)
