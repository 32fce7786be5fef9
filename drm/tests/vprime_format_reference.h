/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FORMAT_REFERENCE_H_
#define _VPRIME_FORMAT_REFERENCE_H_

#include <linux/math64.h>
#include <linux/types.h>

struct vprime_layer;

/**
 * struct reference_color - red, green, blue and alpha, 0 to 0xffff
 * @c: in this order
 */
struct reference_color {
	u16 c[4];
};

/* numerator / denominator, to the nearest. */
static inline u64 reference_nearest(u64 numerator, u64 denominator)
{
	return div64_u64(2 * numerator + denominator, 2 * denominator);
}

struct reference_color reference_pixel(const struct vprime_layer *layer, int x, int y);
u64 reference_encode(u32 fourcc, struct reference_color color);
u64 reference_raw(const void *pixels, unsigned int x, unsigned int bits);
bool reference_is_deep(u32 fourcc);

#endif
