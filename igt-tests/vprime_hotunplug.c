// SPDX-License-Identifier: MIT
/*
 * A GPU that is pulled out while it is in use: mapped, at work, its buffers in
 * other hands.  Whoever holds something of it gets ENODEV and no signal.  What
 * becomes of its jobs is in vprime_unplug_jobs.c.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define SIZE (4 * PAGE_BYTES)
#define WORDS (SIZE / 4)
#define OWN_VRAM (4u << 20)

/* Everything a client can ask of a GPU that is gone. */
static void check_gone(int gpu)
{
	struct drm_vprime_get_param param = { .param = VPRIME_PARAM_P2P };
	struct drm_vprime_query query = { .query = VPRIME_QUERY_STATS };
	struct drm_vprime_command nop = { .op = VPRIME_OP_NOP };
	struct drm_vprime_bo_info info;
	uint64_t offset;
	uint32_t handle;
	int fd;

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_GET_PARAM, &param), -ENODEV);
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_QUERY, &query), -ENODEV);
	check_ret(__vprime_bo_create(gpu, SIZE, ANYWHERE, &handle), -ENODEV);
	check_ret(__vprime_bo_mmap_offset(gpu, 1, &offset), -ENODEV);
	check_ret(__vprime_bo_info(gpu, 1, &info), -ENODEV);
	check_ret(__vprime_bo_move(gpu, 1, TT), -ENODEV);
	check_ret(__vprime_bo_wait(gpu, 1, VPRIME_WAIT_READ, VPRIME_NOW), -ENODEV);
	check_ret(__submit_command(gpu, &nop), -ENODEV);
	check_ret(__drm_create_dumb(gpu, SIZE, &handle), -ENODEV);
	check_ret(__drm_handle_to_fd(gpu, 1, DRM_CLOEXEC_FLAG, &fd), -ENODEV);
	check_ret(__drm_close_handle(gpu, 1), -ENODEV);
}

static void idle(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);

	vprime_bo_create(gpu, SIZE, ANYWHERE);
	gpu_unplug(OWN);
	check_gone(gpu);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct test_case places[] = {
	{ "system", &(const uint32_t){ SYSTEM } },
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ }
};

/* Touching a mapping is no reason to die, whatever is found there. */
static void mapped(const struct test_case *row)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	volatile uint32_t *at = vprime_bo_mmap(gpu, handle, SIZE);
	uint64_t offset, i;

	vprime_bo_move(gpu, handle, *(const uint32_t *)row->arg);
	/* One page is there already when the GPU goes, the others are not. */
	at[0] = 17;
	check_ret(__vprime_bo_mmap_offset(gpu, handle, &offset), 0);
	gpu_unplug(OWN);
	for (i = 0; i < WORDS; i += 512) {
		at[i] = i;
		check_eq(at[i], i);
	}
	check(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, gpu, offset) == MAP_FAILED);
	check_eq(errno, ENODEV);
	close_fd(gpu);
	at[1] = 18;
	dmabuf_munmap((void *)at, SIZE);
	gpu_destroy(OWN);
}

/* The same through a mapping of the dma-buf. */
static void dmabuf_mapped(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	volatile uint32_t *at;

	fd = vprime_export(gpu, handle);
	at = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	at[0] = 1;
	gpu_unplug(OWN);
	at[0] = 2;
	at[WORDS - 1] = 3;
	close_fd(gpu);
	at[1] = 4;
	dmabuf_munmap((void *)at, SIZE);
	close_fd(fd);
	gpu_destroy(OWN);
}

static void check_no_faults(int gpu)
{
	struct drm_vprime_stats stats;

	vprime_stats(gpu, &stats);
	check_eq(stats.bus_faults, 0);
	check_eq(stats.stale_writes, 0);
}

static const struct test_case used_or_not[] = {
	{ "imported", "" },
	{ "in-use", "used" },
	{ }
};

/* The exporter goes: who imported keeps what there is. */
static void exporter_goes(const struct test_case *row)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), display = gpu_create_small(OWN_PEER, OWN_VRAM);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;
	int fd;

	engine_fill(gpu, handle, SIZE, 21);
	fd = vprime_export(gpu, handle);
	abroad = vprime_import(display, fd);
	if (*(const char *)row->arg)
		check_eq(engine_sum(display, abroad, SIZE), WORDS * 21);
	gpu_unplug(OWN);
	check_eq(engine_sum(display, abroad, SIZE), WORDS * 21);
	close_fd(gpu);
	check_eq(engine_sum(display, abroad, SIZE), WORDS * 21);
	check_no_faults(display);
	drm_close_handle(display, abroad);
	close_fd(fd);
	close_fd(display);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

/* The importer goes: the exporter is free to move the buffer, and lists nobody. */
static void importer_goes(const struct test_case *row)
{
	int gpu = gpu_open(RENDER), peer = gpu_create_small(OWN_PEER, OWN_VRAM), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;

	engine_fill(gpu, handle, SIZE, 22);
	fd = vprime_export(gpu, handle);
	abroad = vprime_import(peer, fd);
	if (*(const char *)row->arg)
		check_eq(engine_sum(peer, abroad, SIZE), WORDS * 22);
	gpu_unplug(OWN_PEER);
	vprime_bo_move(gpu, handle, SYSTEM);
	vprime_bo_move(gpu, handle, VRAM);
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 22);
	close_fd(peer);
	check(bufinfo_detaches(fd));
	vprime_bo_move(gpu, handle, TT);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	gpu_destroy(OWN_PEER);
}

/* A foreign importer that has it pinned. */
static void exporter_goes_pinned(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), vkms = drm_open_driver("vkms"), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;
	struct bufinfo info;

	fd = vprime_export(gpu, handle);
	abroad = drm_fd_to_handle(vkms, fd);
	gpu_unplug(OWN);
	close_fd(gpu);
	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, "vkms"), 1);
	close_fd(fd);
	drm_close_handle(vkms, abroad);
	close_fd(vkms);
	gpu_destroy(OWN);
}

static void imported_afterwards(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), display = gpu_open(DISPLAY), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;

	engine_fill(gpu, handle, SIZE, 23);
	fd = vprime_export(gpu, handle);
	gpu_unplug(OWN);
	abroad = vprime_import(display, fd);
	check_eq(engine_sum(display, abroad, SIZE), WORDS * 23);
	drm_close_handle(display, abroad);
	close_fd(fd);
	close_fd(display);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* What comes back is a new GPU; who held the old one has nothing of it. */
static void plug_again(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), again, round;

	for (round = 0; round < 10; round++) {
		uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

		engine_fill(gpu, handle, SIZE, round);
		gpu_unplug(OWN);
		gpu_plug(OWN);
		again = gpu_open(OWN);
		check_gone(gpu);
		handle = vprime_bo_create(again, SIZE, ANYWHERE);
		check_eq(engine_sum(again, handle, SIZE), 0);
		close_fd(gpu);
		gpu = again;
	}
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* rmdir is an unplug as well. */
static void destroyed_in_use(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	volatile uint32_t *at = vprime_bo_mmap(gpu, handle, SIZE);

	at[0] = 1;
	gpu_destroy(OWN);
	at[0] = 2;
	check_gone(gpu);
	dmabuf_munmap((void *)at, SIZE);
	close_fd(gpu);
}

struct hammer {
	pthread_t thread;
	atomic_bool *stop;
	int gpu;
};

static void check_here_or_gone(const char *what, int ret)
{
	check_msg(!ret || ret == -ENODEV, "%s gave %s while its GPU went", what,
		  strerrorname_np(-ret));
}

/* One life of a buffer, in which the GPU may be gone before any step. */
static void one_life(int gpu)
{
	struct drm_vprime_command fill;
	uint32_t handle;
	int ret, fd;

	ret = __vprime_bo_create(gpu, SIZE, ANYWHERE, &handle);
	check_here_or_gone("create", ret);
	if (ret)
		return;
	fill = command_fill(handle, 0, SIZE, 1);
	check_here_or_gone("submit", __submit_command(gpu, &fill));
	check_here_or_gone("move", __vprime_bo_move(gpu, handle, TT));
	check_here_or_gone("wait", __vprime_bo_wait(gpu, handle, VPRIME_WAIT_WRITE, VPRIME_NEVER));
	ret = __drm_handle_to_fd(gpu, handle, DRM_CLOEXEC_FLAG, &fd);
	check_here_or_gone("export", ret);
	if (!ret)
		close_fd(fd);
	check_here_or_gone("close", __drm_close_handle(gpu, handle));
}

static void *hammer_main(void *arg)
{
	const struct hammer *hammer = arg;

	do {
		one_life(hammer->gpu);
	} while (!atomic_load(hammer->stop));
	return NULL;
}

/* Three clients at work at the moment when it goes. */
static void under_load(void)
{
	int rounds = subtest_full() ? 50 : 8, gpu = gpu_create_small(OWN, OWN_VRAM), round, i;

	for (round = 0; round < rounds; round++) {
		struct hammer hammers[3];
		atomic_bool stop = false;

		for (i = 0; i < 3; i++) {
			hammers[i] = (struct hammer){ .stop = &stop, .gpu = gpu_open(OWN) };
			check(!pthread_create(&hammers[i].thread, NULL, hammer_main,
					      &hammers[i]));
		}
		for (i = 0; i < 20; i++)
			one_life(gpu);
		gpu_unplug(OWN);
		atomic_store(&stop, true);
		for (i = 0; i < 3; i++) {
			check(!pthread_join(hammers[i].thread, NULL));
			close_fd(hammers[i].gpu);
		}
		check_gone(gpu);
		close_fd(gpu);
		gpu_plug(OWN);
		gpu = gpu_open(OWN);
	}
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "idle",
		.describe = "Every call on a GPU that is gone is ENODEV.",
		.run = idle,
	}, {
		.name = "mapped",
		.describe = "A mapping can be read and written without a signal, and no new one be made.",
		.run_case = mapped,
		.cases = places,
	}, {
		.name = "dmabuf-mapped",
		.describe = "So can a mapping of an exported buffer.",
		.run = dmabuf_mapped,
	}, {
		.name = "exporter-goes",
		.describe = "An importer's jobs still get the content.",
		.run_case = exporter_goes,
		.cases = used_or_not,
	}, {
		.name = "exporter-goes-pinned",
		.describe = "A static importer lets go when it likes.",
		.run = exporter_goes_pinned,
	}, {
		.name = "importer-goes",
		.describe = "An exporter is not held up by an importer that went.",
		.run_case = importer_goes,
		.cases = used_or_not,
	}, {
		.name = "imported-afterwards",
		.describe = "Who has a dma-buf of a GPU that is gone can import it, and its content is there.",
		.run = imported_afterwards,
	}, {
		.name = "plug-again",
		.describe = "What is plugged in again is new, and zero.",
		.run = plug_again,
	}, {
		.name = "destroyed-in-use",
		.describe = "Removing a GPU's folder takes it away from its users.",
		.run = destroyed_in_use,
	}, {
		.name = "under-load",
		.describe = "Calls that are under way when the GPU goes are done or ENODEV.",
		.run = under_load,
		.seconds = 300,
	},
};

TEST_MAIN("vprime's GPUs, pulled out while in use.", subtests)
