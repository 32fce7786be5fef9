/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_COMPOSE_REFERENCE_H_
#define _VPRIME_COMPOSE_REFERENCE_H_

#include <linux/types.h>

struct vprime_scene;

/**
 * struct reference_color - red, green, blue and alpha, 0 to 0xffff
 * @c: in this order
 */
struct reference_color {
	u16 c[4];
};

const char *reference_layout(u32 fourcc);
struct reference_color reference_screen(const struct vprime_scene *scene, int x, int y);
u64 reference_encode(u32 fourcc, struct reference_color color);
u64 reference_raw(const void *pixels, unsigned int x, unsigned int bits);

#endif
