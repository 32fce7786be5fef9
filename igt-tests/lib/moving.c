// SPDX-License-Identifier: MIT
/*
 * Makes the two GPUs and the buffer between them.  The mover does not wait for
 * its moves: they queue up behind one another and behind the jobs.
 */
#include "moving.h"

#include "check.h"
#include "dmabuf.h"
#include "gpu.h"
#include "pattern.h"
#include "submit.h"

#define VRAM_TEXT "2097152"

static const struct gpu_setting with_p2p[] = {
	{ "vram_size", VRAM_TEXT }, { "render_node", "1" }, { "p2p", "1" }, { }
};

static const struct gpu_setting no_p2p[] = {
	{ "vram_size", VRAM_TEXT }, { "render_node", "1" }, { "p2p", "0" }, { }
};

const struct test_case moving_importers[] = {
	{ "p2p", with_p2p },
	{ "system", no_p2p },
	{ }
};

const uint32_t moving_path[MOVING_STEPS] = { SYSTEM, VRAM, TT, VRAM, SYSTEM, TT, VRAM };

void moving_init(struct moving *moving, const struct test_case *row)
{
	*moving = (struct moving){
		.exporter = gpu_create(OWN, with_p2p),
		.importer = gpu_create(OWN_PEER, row->arg),
	};
	moving->handle = vprime_bo_create(moving->exporter, MOVING_BYTES, ANYWHERE);
	moving->dmabuf = vprime_export(moving->exporter, moving->handle);
}

static void check_no_faults(const char *name)
{
	struct drm_vprime_stats stats;
	int gpu = gpu_open(name);

	vprime_stats(gpu, &stats);
	check_eq(stats.bus_faults, 0);
	check_eq(stats.stale_writes, 0);
	close_fd(gpu);
}

void moving_fini(struct moving *moving)
{
	check_no_faults(OWN);
	check_no_faults(OWN_PEER);
	close_fd(moving->dmabuf);
	close_fd(moving->importer);
	close_fd(moving->exporter);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

void moving_share(struct moving *moving)
{
	moving->abroad = vprime_import(moving->importer, moving->dmabuf);
}

void moving_write(const struct moving *moving, uint32_t seed)
{
	void *at = vprime_bo_mmap(moving->exporter, moving->handle, MOVING_BYTES);

	pattern_write(at, MOVING_BYTES, seed);
	dmabuf_munmap(at, MOVING_BYTES);
}

void moving_check(const struct moving *moving, uint32_t seed)
{
	check_eq(engine_sum(moving->importer, moving->abroad, MOVING_BYTES),
		 pattern_sum(MOVING_BYTES, seed));
}

static void *move_all_the_time(void *arg)
{
	struct mover *mover = arg;
	uint32_t i;
	int ret = 0;

	for (i = 0; !ret && !atomic_load(&mover->stop); i++) {
		ret = __vprime_bo_move(mover->gpu, mover->handle,
				       moving_path[i % MOVING_STEPS]);
		check_msg(!ret || ret == -ENODEV, "a move gave %s", strerrorname_np(-ret));
		atomic_fetch_add(&mover->moves, 1);
	}
	return NULL;
}

void mover_start(struct mover *mover, const struct moving *moving)
{
	*mover = (struct mover){ .gpu = moving->exporter, .handle = moving->handle };
	check(!pthread_create(&mover->thread, NULL, move_all_the_time, mover));
}

void mover_stop(struct mover *mover)
{
	atomic_store(&mover->stop, true);
	check(!pthread_join(mover->thread, NULL));
}
