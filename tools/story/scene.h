/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The animated picture, as rectangles: what the GPU is told to draw, and what
 * the CPU draws to know what has to come out.
 */
#ifndef SCENE_H
#define SCENE_H

#include <stddef.h>
#include <stdint.h>

#include "../share/picture.h"

#define SCENE_WIDTH	PICTURE_WIDTH
#define SCENE_HEIGHT	PICTURE_HEIGHT
#define SCENE_PIXELS	(SCENE_WIDTH * SCENE_HEIGHT)
#define SCENE_PITCH	(4 * SCENE_WIDTH)
#define SCENE_BYTES	(SCENE_PITCH * SCENE_HEIGHT)

/* The sprite is a picture of its own, which shapes are copied from. */
#define SPRITE_SIZE	64
#define SPRITE_PITCH	(4 * SPRITE_SIZE)
#define SPRITE_BYTES	(SPRITE_PITCH * SPRITE_SIZE)

/* More than any layer has. */
#define LAYER_SHAPES	24

enum shape_kind {
	SHAPE_FILL,	/* of one colour */
	SHAPE_SPRITE,	/* copied from the sprite */
	SHAPE_ECHO,	/* copied from another place of the same picture */
};

/* A rectangle; @from_x and @from_y say where it is copied from. */
struct shape {
	enum shape_kind kind;
	unsigned int x, y, width, height;
	uint32_t colour;
	unsigned int from_x, from_y;
};

struct layer {
	struct shape shapes[LAYER_SHAPES];
	unsigned int count;
};

/* Every frame is these layers, one after the other. */
extern const unsigned int scene_layers;

struct layer scene_layer(unsigned int index, unsigned int frame);

/* What is on top of the picture on a screen: how far the story has come. */
struct layer scene_progress(unsigned int frame);

void scene_make_sprite(uint32_t *sprite);

/* What the GPU has to make of it. */
void scene_draw_layer(uint32_t *picture, const uint32_t *sprite,
		      const struct layer *layer);
void scene_draw(uint32_t *picture, const uint32_t *sprite, unsigned int frame);

/* Count the pixels that are others. */
unsigned int scene_differences(const uint32_t *picture, const uint32_t *expected);

#endif
