// SPDX-License-Identifier: GPL-2.0-only
/*
 * The movers.  Request and pressure are threads that never wait for anybody;
 * chaos is the driver's own.  Pressure takes the buffers of its ballast in
 * turn: by the time one comes again, the others have driven it out, and what
 * was in it must still be there.
 */
#include "mover.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../share/verdict.h"

#define BALLAST_BYTES	(4u << 20)
/* A word in so many is looked at: several pages of each buffer. */
#define BALLAST_STRIDE	(BALLAST_BYTES / 4 / 16)

#define CHAOS_MS	"1"

static void *move_by_request(void *arg)
{
	static const uint32_t places[] = {
		VPRIME_PLACEMENT_SYSTEM,
		VPRIME_PLACEMENT_VRAM,
		VPRIME_PLACEMENT_TT,
		VPRIME_PLACEMENT_VRAM,
	};
	struct movers *movers = arg;

	for (unsigned int i = 0; !atomic_load(&movers->stop); i++)
		vprime_move(movers->gpu, movers->handle,
			    places[i % (sizeof(places) / sizeof(places[0]))]);
	return NULL;
}

static void look_at(struct movers *movers, const struct ballast *ballast)
{
	for (unsigned int i = 0; i < BALLAST_BYTES / 4; i += BALLAST_STRIDE)
		movers->ballast_wrong += ballast->words[i] != ballast->value;
}

static void refill(struct movers *movers, struct ballast *ballast)
{
	struct drm_vprime_command fill = {
		.op = VPRIME_OP_FILL,
		.dst = ballast->handle,
		.dst_pitch = BALLAST_BYTES,
		.width = BALLAST_BYTES,
		.height = 1,
		.value = ballast->value,
	};

	vprime_submit(movers->gpu, &fill, 1);
	vprime_wait(movers->gpu, ballast->handle);
	movers->ballast_rounds++;
}

static void *move_by_pressure(void *arg)
{
	struct movers *movers = arg;

	for (unsigned int i = 0; !atomic_load(&movers->stop); i++) {
		struct ballast *ballast = &movers->ballast[i % movers->ballast_count];

		look_at(movers, ballast);
		ballast->value = i + 1;
		refill(movers, ballast);
	}
	return NULL;
}

static const struct {
	unsigned int mover;
	void *(*run)(void *movers);
} threads[MOVER_THREADS] = {
	{ MOVE_BY_REQUEST, move_by_request },
	{ MOVE_BY_PRESSURE, move_by_pressure },
};

void movers_create(struct movers *movers, struct vprime *gpu, uint32_t handle)
{
	*movers = (struct movers) {
		.gpu = gpu,
		.handle = handle,
		.ballast_count = vprime_vram(gpu) / BALLAST_BYTES * 5 / 4,
	};
}

/* There is ballast only while there is pressure: chaos is to find the picture alone. */
static void load_ballast(struct movers *movers)
{
	movers->ballast = calloc(movers->ballast_count, sizeof(*movers->ballast));
	must(movers->ballast, "out of memory");
	for (unsigned int i = 0; i < movers->ballast_count; i++) {
		struct ballast *ballast = &movers->ballast[i];

		ballast->handle = vprime_create(movers->gpu, BALLAST_BYTES,
						VPRIME_PLACEMENT_VRAM);
		ballast->words = vprime_map(movers->gpu, ballast->handle, BALLAST_BYTES);
	}
}

static void drop_ballast(struct movers *movers)
{
	for (unsigned int i = 0; i < movers->ballast_count; i++) {
		look_at(movers, &movers->ballast[i]);
		munmap((void *)movers->ballast[i].words, BALLAST_BYTES);
		vprime_destroy(movers->gpu, movers->ballast[i].handle);
	}
	free(movers->ballast);
	movers->ballast = NULL;
}

void movers_start(struct movers *movers, unsigned int which)
{
	movers->running = which;
	atomic_store(&movers->stop, false);
	if (which & MOVE_BY_PRESSURE)
		load_ballast(movers);
	if (which & MOVE_BY_CHAOS)
		vprime_set(movers->gpu, "faults/chaos_ms", CHAOS_MS);
	for (unsigned int i = 0; i < MOVER_THREADS; i++) {
		if (!(which & threads[i].mover))
			continue;
		errno = pthread_create(&movers->threads[i], NULL, threads[i].run, movers);
		must(!errno, "no thread for a mover");
	}
}

void movers_stop(struct movers *movers)
{
	atomic_store(&movers->stop, true);
	for (unsigned int i = 0; i < MOVER_THREADS; i++)
		if (movers->running & threads[i].mover)
			pthread_join(movers->threads[i], NULL);
	if (movers->running & MOVE_BY_CHAOS)
		vprime_set(movers->gpu, "faults/chaos_ms", "0");
	if (movers->running & MOVE_BY_PRESSURE)
		drop_ballast(movers);
	movers->running = 0;
}
