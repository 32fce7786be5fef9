// SPDX-License-Identifier: GPL-2.0-only
/* Test pictures: drawing and comparing them. */
#include "picture.h"

#define COLOUR_MASK	0x00ffffffu

/* Multiplying by an odd number spreads coordinates over all three colours. */
static uint32_t picture_pixel(unsigned int x, unsigned int y, unsigned int seed)
{
	uint32_t mixed = (y * PICTURE_WIDTH + x + seed * 0x9e3779b1u) * 0x85ebca6bu;

	return mixed >> 8;
}

static const uint32_t *row_of(const void *pixels, size_t pitch, unsigned int y)
{
	return (const void *)((const char *)pixels + y * pitch);
}

void picture_draw(void *pixels, size_t pitch, unsigned int seed)
{
	for (unsigned int y = 0; y < PICTURE_HEIGHT; y++) {
		uint32_t *row = (uint32_t *)row_of(pixels, pitch, y);

		for (unsigned int x = 0; x < PICTURE_WIDTH; x++)
			row[x] = picture_pixel(x, y, seed);
	}
}

unsigned int picture_differences(const void *pixels, size_t pitch,
				 unsigned int seed)
{
	unsigned int count = 0;

	for (unsigned int y = 0; y < PICTURE_HEIGHT; y++) {
		const uint32_t *row = row_of(pixels, pitch, y);

		for (unsigned int x = 0; x < PICTURE_WIDTH; x++)
			count += (row[x] & COLOUR_MASK) != picture_pixel(x, y, seed);
	}
	return count;
}
