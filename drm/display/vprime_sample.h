/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_SAMPLE_H_
#define _VPRIME_SAMPLE_H_

#include <linux/types.h>

struct vprime_layer;
struct vprime_sample;

/* Pixels that are read at once: few enough to stay in the nearest cache. */
#define VPRIME_READ_MAX 256

/**
 * struct vprime_axis - which of a buffer's columns, or rows, are on the screen
 * @start: of the part that is shown, in 16.16
 * @length: of that part, in 16.16
 * @limit: columns that the buffer has
 * @count: pixels of the screen they are spread over
 * @flip: the last comes first
 */
struct vprime_axis {
	s64 start;
	u64 length;
	u32 limit;
	u32 count;
	bool flip;
};

/**
 * struct vprime_walk - a run of a screen's line, as places in the buffer
 * @layer: whose buffer
 * @turned: the run goes along a column
 * @running: the places follow the first one rightwards without a gap
 * @fixed: the row, or the column if @turned, that all are in
 * @at: where each is in it; only the first, if @running
 * @count: so many
 */
struct vprime_walk {
	const struct vprime_layer *layer;
	bool turned;
	bool running;
	u32 fixed;
	u32 at[VPRIME_READ_MAX];
	u32 count;
};

bool vprime_axis_is_running(const struct vprime_axis *axis);
u32 vprime_axis_place(const struct vprime_axis *axis, u32 index);
void vprime_axis_fill(const struct vprime_axis *axis, u32 first, u32 *at, u32 count);

const void *vprime_gather(const struct vprime_walk *walk, const struct vprime_sample *sample,
			  unsigned int bytes, void *samples);
void vprime_gather_bits(const struct vprime_walk *walk, unsigned int bits, u8 *samples);

#endif
