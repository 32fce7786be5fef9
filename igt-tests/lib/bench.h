/* SPDX-License-Identifier: MIT */
/*
 * A vprime GPU and two buffers on it, mapped: what most submissions need.
 */
#ifndef IGT_TESTS_BENCH_H
#define IGT_TESTS_BENCH_H

#include "exporter.h"
#include "vprime.h"

#define BENCH_BYTES (16 * PAGE_BYTES)

struct bench {
	int gpu;
	uint32_t a, b;
	uint32_t *at_a, *at_b;
};

void bench_init(struct bench *bench, const char *gpu);
void bench_fini(struct bench *bench);

#endif
