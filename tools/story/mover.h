/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What makes a buffer move: requests for it, pressure on the memory it is in,
 * and the driver's chaos.
 */
#ifndef MOVER_H
#define MOVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "vprime.h"

#define MOVE_BY_REQUEST		(1 << 0)
#define MOVE_BY_PRESSURE	(1 << 1)
#define MOVE_BY_CHAOS		(1 << 2)

#define MOVER_THREADS		2

/* A buffer that presses for room, and what was last written to it. */
struct ballast {
	uint32_t handle;
	uint32_t value;
	volatile uint32_t *words;
};

/**
 * struct movers - all of them, for one buffer
 * @gpu: owner of the buffer
 * @handle: of the buffer
 * @ballast: buffers that together are larger than the GPU's VRAM
 * @ballast_count: how many
 * @ballast_wrong: words of them that were found to be others than were written
 * @ballast_rounds: how often one of them was filled
 * @threads: of those movers among @running that have one
 * @running: MOVE_BY_*
 * @stop: the threads are to end
 */
struct movers {
	struct vprime *gpu;
	uint32_t handle;
	struct ballast *ballast;
	unsigned int ballast_count;
	unsigned long ballast_wrong;
	unsigned long ballast_rounds;
	pthread_t threads[MOVER_THREADS];
	unsigned int running;
	atomic_bool stop;
};

void movers_create(struct movers *movers, struct vprime *gpu, uint32_t handle);

/* They move the buffer as fast as they can, until they are stopped. */
void movers_start(struct movers *movers, unsigned int which);
void movers_stop(struct movers *movers);

#endif
