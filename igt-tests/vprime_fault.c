// SPDX-License-Identifier: MIT
/*
 * What goes wrong on purpose: hangs, late fences, refused attachments and
 * imports, buffers moved at random.  The right one is blamed, and the rest
 * goes on.
 */
#include <time.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE (4 * PAGE_BYTES)
#define WORDS (SIZE / 4)
/* Long enough for an emulated machine's honest jobs. */
#define TIMEOUT_MS "2000"

static const struct gpu_setting hanging[] = {
	{ "vram_size", "4194304" },
	{ "render_node", "1" },
	{ "job_timeout_ms", TIMEOUT_MS },
	{ }
};

static uint64_t hangs_of(int gpu)
{
	struct drm_vprime_stats stats;

	vprime_stats(gpu, &stats);
	return stats.hangs;
}

/* The hanging job is one client's; before, after and beside it others have theirs. */
static void hang_is_blamed(void)
{
	int gpu = gpu_create(OWN, hanging), other = gpu_open(OWN);
	uint32_t mine = vprime_bo_create(gpu, SIZE, ANYWHERE);
	uint32_t theirs = vprime_bo_create(other, SIZE, ANYWHERE);
	uint32_t before = syncobj_create(other), hung = syncobj_create(gpu);
	uint32_t after = syncobj_create(other);
	struct drm_vprime_command fill_mine = command_fill(mine, 0, SIZE, 1);
	struct drm_vprime_command fill_theirs = command_fill(theirs, 0, SIZE, 2);

	submit_synced(other, &fill_theirs, 0, before, 0);
	syncobj_wait(other, before);
	gpu_set(OWN, "faults/hang", "1");
	submit_synced(gpu, &fill_mine, 0, hung, 0);
	fill_theirs.value = 3;
	submit_synced(other, &fill_theirs, 0, after, 0);

	check_ret(syncobj_result(gpu, hung), -ETIME);
	check_ret(syncobj_result(other, before), 0);
	check_ret(syncobj_result(other, after), 0);
	check_eq(hangs_of(gpu), 1);
	check_eq(engine_sum(other, theirs, SIZE), WORDS * 3);
	check_eq(engine_sum(gpu, mine, SIZE), 0);

	syncobj_destroy(other, after);
	syncobj_destroy(gpu, hung);
	syncobj_destroy(other, before);
	drm_close_handle(other, theirs);
	drm_close_handle(gpu, mine);
	close_fd(other);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* A job that would have used the hung job's result runs, and says what it found. */
static void work_after_hang(void)
{
	int gpu = gpu_create(OWN, hanging);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), round;

	for (round = 1; round <= 3; round++) {
		struct drm_vprime_command fill = command_fill(handle, 0, SIZE, round);
		uint32_t hung = syncobj_create(gpu), next = syncobj_create(gpu);

		gpu_set(OWN, "faults/hang", "1");
		submit_synced(gpu, &fill, 0, hung, 0);
		check_ret(syncobj_result(gpu, hung), -ETIME);
		submit_synced(gpu, &fill, 0, next, 0);
		check_ret(syncobj_result(gpu, next), 0);
		check_eq(engine_sum(gpu, handle, SIZE), WORDS * round);
		check_eq(hangs_of(gpu), round);
		syncobj_destroy(gpu, next);
		syncobj_destroy(gpu, hung);
	}
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* Moves are jobs too; a hang among buffers that move loses none of them. */
static void hang_while_evicting(void)
{
	int gpu = gpu_create(OWN, hanging);
	uint32_t handles[8], i, hung = syncobj_create(gpu);
	struct drm_vprime_command nop = { .op = VPRIME_OP_NOP };

	for (i = 0; i < ARRAY_SIZE(handles); i++) {
		handles[i] = vprime_bo_create(gpu, 1 << 20, ANYWHERE);
		engine_fill(gpu, handles[i], 1 << 20, i + 1);
	}
	gpu_set(OWN, "faults/hang", "1");
	submit_synced(gpu, &nop, 0, hung, 0);
	for (i = 0; i < ARRAY_SIZE(handles); i++)
		check_eq(engine_sum(gpu, handles[i], 1 << 20), (1 << 18) * (i + 1ull));
	check_ret(syncobj_result(gpu, hung), -ETIME);
	for (i = 0; i < ARRAY_SIZE(handles); i++)
		drm_close_handle(gpu, handles[i]);
	syncobj_destroy(gpu, hung);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

/* Late it may be by any time, early it may not be. */
static void fence_delay(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), done = syncobj_create(gpu);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 4);
	uint64_t begun;

	gpu_set(OWN, "faults/fence_delay_ms", "400");
	begun = now_ms();
	submit_synced(gpu, &fill, 0, done, 0);
	check_ret(syncobj_result(gpu, done), 0);
	check_ge(now_ms() - begun, 400);
	gpu_set(OWN, "faults/fence_delay_ms", "0");
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 4);
	check_eq(hangs_of(gpu), 0);
	syncobj_destroy(gpu, done);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* A fence that is delayed by more than a job may take is no hang: the job is done. */
static void fence_delay_is_no_hang(void)
{
	int gpu = gpu_create(OWN, hanging);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), done = syncobj_create(gpu);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 4);

	gpu_set(OWN, "faults/fence_delay_ms", "3000");
	submit_synced(gpu, &fill, 0, done, 0);
	syncobj_wait(gpu, done);
	gpu_set(OWN, "faults/fence_delay_ms", "0");
	subtest_info("a fence later than the time-out says %d", syncobj_result(gpu, done));
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 4);
	syncobj_destroy(gpu, done);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct test_case importers[] = {
	{ "vprime", DISPLAY },
	{ "vkms", "vkms" },
	{ "vgem", "vgem" },
	{ }
};

static int open_importer(const char *name)
{
	return strcmp(name, DISPLAY) ? drm_open_driver(name) : gpu_open(DISPLAY);
}

static void check_unattached(int dmabuf)
{
	check(bufinfo_detaches(dmabuf));
}

static void refuse_attach(const struct test_case *row)
{
	int gpu = gpu_create_small(OWN, 4 << 20), importer = open_importer(row->arg), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;
	struct drm_vprime_bo_info info;

	engine_fill(gpu, handle, SIZE, 8);
	fd = vprime_export(gpu, handle);
	gpu_set(OWN, "faults/refuse_attach", "1");
	check_ret(__drm_fd_to_handle(importer, fd, &abroad), -EBUSY);
	check_unattached(fd);
	vprime_bo_info(gpu, handle, &info);
	check_eq(info.importers, 0);
	check_eq(info.pins, 0);
	check_eq(info.placement, VRAM);
	/* It is about attachments: its own device needs none. */
	check_eq(vprime_import(gpu, fd), handle);
	gpu_set(OWN, "faults/refuse_attach", "0");
	abroad = drm_fd_to_handle(importer, fd);
	drm_close_handle(importer, abroad);
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 8);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(importer);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void refuse_import(const struct exporter *exp)
{
	int gpu = gpu_create_small(OWN, 4 << 20), fd = exporter_create(exp, SIZE);
	uint32_t handle;

	gpu_set(OWN, "faults/refuse_import", "1");
	check_ret(__vprime_import(gpu, fd, &handle), -EBUSY);
	check_unattached(fd);
	gpu_set(OWN, "faults/refuse_import", "0");
	handle = vprime_import(gpu, fd);
	drm_close_handle(gpu, handle);
	close_fd(fd);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void refuse_import_of_peer(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20), render = gpu_open(RENDER), fd;
	uint32_t handle = vprime_bo_create(render, SIZE, ANYWHERE), abroad;

	fd = vprime_export(render, handle);
	gpu_set(OWN, "faults/refuse_import", "1");
	check_ret(__vprime_import(gpu, fd, &abroad), -EBUSY);
	check_unattached(fd);
	close_fd(fd);
	drm_close_handle(render, handle);
	close_fd(render);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* Work goes on while buffers are moved about, until they were moved often enough. */
static void chaos(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20), display = gpu_open(DISPLAY), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad, round = 0;
	struct drm_vprime_bo_info info;
	struct drm_vprime_stats stats;
	void *at = vprime_bo_mmap(gpu, handle, SIZE);

	fd = vprime_export(gpu, handle);
	abroad = vprime_import(display, fd);
	gpu_set(OWN, "faults/chaos_ms", "1");
	do {
		pattern_write(at, SIZE, ++round);
		check_eq(engine_sum(gpu, handle, SIZE), pattern_sum(SIZE, round));
		check_eq(engine_sum(display, abroad, SIZE), pattern_sum(SIZE, round));
		pattern_check(at, SIZE, round);
		vprime_bo_info(gpu, handle, &info);
	} while (info.moves < 50);
	gpu_set(OWN, "faults/chaos_ms", "0");
	vprime_stats(gpu, &stats);
	check_lt(0, stats.notifies);
	check_eq(stats.bus_faults + stats.stale_writes, 0);
	vprime_stats(display, &stats);
	check_eq(stats.bus_faults, 0);
	subtest_info("%llu moves in %u rounds of work", (unsigned long long)info.moves, round);
	dmabuf_munmap(at, SIZE);
	close_fd(fd);
	drm_close_handle(display, abroad);
	drm_close_handle(gpu, handle);
	close_fd(display);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* A GPU that goes leaves chaos and delayed fences behind in good order. */
static void unplug_with_faults(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 4);

	gpu_set(OWN, "faults/chaos_ms", "1");
	gpu_set(OWN, "faults/fence_delay_ms", "5000");
	submit_command(gpu, &fill);
	gpu_unplug(OWN);
	check_ret(__submit_command(gpu, &fill), -ENODEV);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "hang-is-blamed",
		.describe = "A job that hangs gets ETIME, and the jobs of others are done.",
		.run = hang_is_blamed,
	}, {
		.name = "work-after-hang",
		.describe = "The client whose job hung can go on.",
		.run = work_after_hang,
	}, {
		.name = "hang-while-evicting",
		.describe = "A hang in the middle of moves loses no content.",
		.run = hang_while_evicting,
	}, {
		.name = "fence-delay",
		.describe = "A delayed fence signals no sooner than it was told to.",
		.run = fence_delay,
	}, {
		.name = "fence-delay-is-no-hang",
		.describe = "A job with a very late fence has done its work.",
		.run = fence_delay_is_no_hang,
	}, {
		.name = "refuse-attach",
		.describe = "An exporter that refuses attachments is EBUSY to all others, and stays as it was.",
		.run_case = refuse_attach,
		.cases = importers,
	}, {
		.name = "refuse-import",
		.describe = "A GPU that refuses imports leaves no attachment.",
		.run_on = refuse_import,
	}, {
		.name = "refuse-import-of-peer",
		.describe = "It refuses those of its own kind as well.",
		.run = refuse_import_of_peer,
	}, {
		.name = "chaos",
		.describe = "Moves at any time change nothing for CPU, engine and importer.",
		.run = chaos,
		.seconds = 300,
	}, {
		.name = "unplug-with-faults",
		.describe = "A GPU can go in the middle of its faults.",
		.run = unplug_with_faults,
	},
};

TEST_MAIN("Faults that vprime was told to have.", subtests)
