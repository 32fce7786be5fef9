/* SPDX-License-Identifier: MIT */
/*
 * How much memory a vprime GPU's buffers occupy.  Whatever a refused call has
 * taken it has to have given back.
 */
#ifndef IGT_TESTS_USAGE_H
#define IGT_TESTS_USAGE_H

#include <stdint.h>

struct usage {
	uint64_t used[3];	/* by bit of the placement */
};

struct usage usage_of(int gpu);
/* Fails the subtest where it is another. */
void check_usage(int gpu, const struct usage *usage);

#endif
