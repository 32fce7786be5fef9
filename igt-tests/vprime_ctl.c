// SPDX-License-Identifier: MIT
/*
 * vprimectl on real GPUs: what it makes is there, what it shows is what the
 * ioctls say, and what it refuses has its exit status.
 */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "drm.h"
#include "dmabuf.h"
#include "exporter.h"
#include "gpu.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define ARGUMENTS_MAX 8
#define SIZE (16 * PAGE_BYTES)

static char output[1 << 16];

/* The program that was built beside this one. */
static const char *program(void)
{
	static char path[PATH_MAX];
	char self[PATH_MAX / 2] = "", *slash;

	check_ok(neg_errno(readlink("/proc/self/exe", self, sizeof(self) - 1)));
	slash = strrchr(self, '/');
	check(slash);
	*slash = '\0';
	snprintf(path, sizeof(path), "%s/../tools/vprimectl", self);
	require(!access(path, X_OK), "no %s: make -C tools", path);
	return path;
}

/* Its words, separated by blanks; exit status, with what it printed in @output. */
static int run(const char *arguments)
{
	char words[256], *argv[ARGUMENTS_MAX + 2] = { (char *)program() }, *rest = words;
	int argc = 1;

	snprintf(words, sizeof(words), "%s", arguments);
	while (rest && argc <= ARGUMENTS_MAX)
		argv[argc++] = strsep(&rest, " ");
	check(!rest);
	return command_run(argv, output, sizeof(output));
}

static void check_run(const char *arguments, int status)
{
	int got = run(arguments);

	check_msg(got == status, "vprimectl %s ended with %d, expected %d: %s", arguments, got,
		  status, output);
}

static void check_output(const char *text)
{
	check_msg(strstr(output, text), "no \"%s\" in: %s", text, output);
}

static void remove_own(void)
{
	run("destroy " OWN);
}

static void life(void)
{
	int gpu;

	close_fd(gpu_open(RENDER));
	remove_own();
	check_run("create " OWN " vram_size=4M render_node=1 p2p=0", 0);
	gpu = gpu_open(OWN);
	check_eq(vprime_param(gpu, VPRIME_PARAM_P2P), 0);
	check_eq(vprime_param(gpu, VPRIME_PARAM_RENDER_NODE), 1);
	check_run("create " OWN, 1);
	check_output("File exists");
	check_run("list", 0);
	check_output(OWN);
	check_run("set " OWN " vram_size=8M", 1);
	check_output("unplug " OWN);
	check_run("plug " OWN, 1);
	check_run("unplug " OWN, 0);
	close_fd(gpu);
	check_run("unplug " OWN, 1);
	check_run("set " OWN " vram_size=8M p2p=1", 0);
	check_run("plug " OWN, 0);
	gpu = gpu_open(OWN);
	check_eq(vprime_param(gpu, VPRIME_PARAM_P2P), 1);
	close_fd(gpu);
	check_run("destroy " OWN, 0);
	check_run("destroy " OWN, 3);
}

static void disabled(void)
{
	close_fd(gpu_open(RENDER));
	remove_own();
	check_run("create -d " OWN, 0);
	check_run("move " OWN " vram", 3);
	check_run("info " OWN, 0);
	check_run("destroy " OWN, 0);
}

static void refusals(void)
{
	close_fd(gpu_open(RENDER));
	remove_own();
	check_run("create " OWN " vram_size=5", 1);
	check_run("create " OWN " colour=red", 2);
	/* Neither was left behind. */
	check_run("info " OWN, 3);
	check_run("destroy " RENDER, 1);
	check_output("comes with the driver");
	check_run("chaos " RENDER " often", 2);
	check_run("move " RENDER " tt", 2);
}

/* The pair is still there, whatever was tried. */
static void default_pair(void)
{
	int render = gpu_open(RENDER), display = gpu_open(DISPLAY);

	check_run("list --json", 0);
	check_output("\"name\":\"" DISPLAY "\",\"enabled\":true");
	check_output("\"name\":\"" RENDER "\",\"enabled\":true");
	close_fd(display);
	close_fd(render);
}

static void faults(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20), display = gpu_open(DISPLAY), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;

	fd = vprime_export(gpu, handle);
	check_run("set " OWN " refuse_attach=1", 0);
	check_ret(__vprime_import(display, fd, &abroad), -EBUSY);
	check_run("set " OWN " refuse_attach=0", 0);
	abroad = vprime_import(display, fd);
	check_run("chaos " OWN " 7", 0);
	check_run("info --json " OWN, 0);
	check_output("\"chaos_ms\":7");
	check_run("chaos " OWN " 0", 0);
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
	check_run("move " OWN " system", 0);
	check_ne(vprime_bo_placement(gpu, handle), VRAM);
	check_run("move " OWN " vram", 0);
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
	check_run("top -n 1 " OWN, 0);
	check_output("1 buffers");
	check_output("bus_faults 0");
	check_output("exported");
	check_run("top -n 1 --json " OWN, 0);
	check_output("\"size\":65536,\"placement\":\"vram\"");
	check_output("\"importers\":1");
	check_output("\"flags\":\"exported\"");
	check_run("top -n 2 -i 0.01 --json " DISPLAY, 0);
	check_output("\"flags\":\"imported");
	check_run("info " OWN, 0);
	check_output("64K used, 0 pinned, of 4M");
	drm_close_handle(display, abroad);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(display);
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
	},
};

TEST_MAIN("The command line of vprime.", subtests)
