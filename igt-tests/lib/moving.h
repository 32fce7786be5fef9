/* SPDX-License-Identifier: MIT */
/*
 * A buffer of one vprime GPU on another, which is moved about.  Both GPUs are
 * the subtest's own, so that what they count is about this buffer.
 */
#ifndef IGT_TESTS_MOVING_H
#define IGT_TESTS_MOVING_H

#include <pthread.h>
#include <stdatomic.h>

#include "exporter.h"
#include "subtest.h"
#include "vprime.h"

#define MOVING_BYTES (16 * PAGE_BYTES)
#define MOVING_WORDS (MOVING_BYTES / 4)
/* Of the exporter: little, so that it is soon full. */
#define MOVING_VRAM (2u << 20)

/* How the importer reaches the buffer: in place, or in system memory. */
extern const struct test_case moving_importers[];

/* From every place to every other. */
#define MOVING_STEPS 7
extern const uint32_t moving_path[MOVING_STEPS];

/**
 * struct moving - the buffer
 * @exporter: whose it is
 * @importer: who has it as well
 * @handle: on the exporter
 * @abroad: on the importer, 0 while it has not been imported
 * @dmabuf: of it
 */
struct moving {
	int exporter;
	int importer;
	uint32_t handle;
	uint32_t abroad;
	int dmabuf;
};

/* @row is one of moving_importers. */
void moving_init(struct moving *moving, const struct test_case *row);
/* Checks on the way that no engine met an address that nothing backs. */
void moving_fini(struct moving *moving);
void moving_share(struct moving *moving);

/* Content by the exporter, so that it is where the buffer is. */
void moving_write(const struct moving *moving, uint32_t seed);
/* The importer's engine finds it. */
void moving_check(const struct moving *moving, uint32_t seed);

/* A thread that moves it all the time, as long as its GPU is there. */
struct mover {
	pthread_t thread;
	atomic_bool stop;
	atomic_uint moves;
	int gpu;
	uint32_t handle;
};

void mover_start(struct mover *mover, const struct moving *moving);
void mover_stop(struct mover *mover);

#endif
