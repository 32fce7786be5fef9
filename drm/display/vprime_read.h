/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_READ_H_
#define _VPRIME_READ_H_

#include <linux/types.h>

#include "vprime_sample.h"
#include "vprime_yuv.h"

struct vprime_format;
struct vprime_layer;

/**
 * struct vprime_reader - how to get the pixels of a layer in the order that the screen wants
 * @layer: to read
 * @format: of its pixels
 * @yuv: the way to RGB, if they are YUV
 * @columns: of the buffer
 * @rows: of the buffer
 * @turned: the screen's lines go along columns
 * @straight: the screen's lines are parts of the buffer's rows, which are as we want them
 */
struct vprime_reader {
	const struct vprime_layer *layer;
	const struct vprime_format *format;
	struct vprime_yuv yuv;
	struct vprime_axis columns;
	struct vprime_axis rows;
	bool turned;
	bool straight;
};

/**
 * struct vprime_desk - where pixels are put together, VPRIME_READ_MAX of them
 * @walk: where they come from
 * @samples: what was found there
 * @narrow: the result, of 8 bits per channel
 * @wide: the result, of 16 bits per channel
 */
struct vprime_desk {
	struct vprime_walk walk;
	union {
		u8 bytes[3][VPRIME_READ_MAX];
		u16 words[3][VPRIME_READ_MAX];
		u64 pixels[VPRIME_READ_MAX];
	} samples;
	u32 narrow[VPRIME_READ_MAX];
	u64 wide[VPRIME_READ_MAX];
};

bool vprime_reader_init(struct vprime_reader *reader, const struct vprime_layer *layer);
const u32 *vprime_read_straight(const struct vprime_reader *reader, u32 x, u32 y);
const u32 *vprime_read_narrow(const struct vprime_reader *reader, struct vprime_desk *desk,
			      u32 x, u32 y, u32 count);
const u64 *vprime_read_wide(const struct vprime_reader *reader, struct vprime_desk *desk,
			    u32 x, u32 y, u32 count);

#endif
