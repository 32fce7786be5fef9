/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LOOK_PICTURE_H
#define LOOK_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct picture - pixels 0x00RRGGBB, row by row without padding
 * @width: in pixels
 * @height: in pixels
 * @pixels: width * height of them; NULL if there is no picture yet
 */
struct picture {
	unsigned int width, height;
	uint32_t *pixels;
};

void picture_resize(struct picture *picture, unsigned int width, unsigned int height);
bool picture_read(struct picture *picture, const char *path);
void picture_write(const struct picture *picture, const char *path);

static inline uint32_t picture_pixel(const struct picture *picture, unsigned int x, unsigned int y)
{
	return picture->pixels[(unsigned long)y * picture->width + x];
}

#endif
