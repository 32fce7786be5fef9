/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The GPU that draws: the scene, layer by layer, into a buffer of another GPU.
 */
#ifndef PAINTER_H
#define PAINTER_H

#include "scene.h"
#include "vprime.h"

/* @sprite is in the painter's own VRAM. */
struct painter {
	struct vprime *gpu;
	uint32_t sprite;
};

struct painter painter_create(struct vprime *gpu, const uint32_t *sprite);

/* One submission: shapes, into the picture @canvas. */
void painter_paint_layer(const struct painter *painter, uint32_t canvas,
			 const struct layer *layer);

/* A submission for each layer, so that the canvas can move in between. */
void painter_paint(const struct painter *painter, uint32_t canvas, unsigned int frame);

/* One submission, of any GPU: all of the picture @from goes to @to. */
void painter_copy(const struct vprime *gpu, uint32_t to, uint32_t from);

#endif
