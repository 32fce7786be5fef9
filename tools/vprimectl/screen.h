/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A screen as the driver shows it to who asks.
 */
#ifndef VPRIMECTL_SCREEN_H
#define VPRIMECTL_SCREEN_H

#include <stdint.h>

/**
 * struct picture - what was on a screen
 * @width: in pixels
 * @height: in pixels
 * @rgb: three bytes for each pixel, row by row
 */
struct picture {
	uint32_t width;
	uint32_t height;
	uint8_t *rgb;
};

/*
 * The picture of connector @head, from an open card. 0 or -errno: -ENOENT if
 * there is no such connector, -ENODATA if nothing is on it. @picture->rgb is to
 * be given to free().
 */
int screen_capture(int card, unsigned int head, struct picture *picture);

#endif
