/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pictures that both sides of a shared buffer can agree on: 32-bit XRGB, every
 * pixel different from its neighbours, another picture for each seed.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stddef.h>
#include <stdint.h>

#define PICTURE_WIDTH	640
#define PICTURE_HEIGHT	480

/* Draw the picture @seed into rows that are @pitch bytes apart. */
void picture_draw(void *pixels, size_t pitch, unsigned int seed);

/* Count the pixels that differ from picture @seed; the X byte is nobody's. */
unsigned int picture_differences(const void *pixels, size_t pitch,
				 unsigned int seed);

#endif
