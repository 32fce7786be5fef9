/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The buffer that moves: it belongs to one GPU, another one has imported it,
 * and the CPU looks at it in every way there is.
 */
#ifndef CANVAS_H
#define CANVAS_H

#include <stdint.h>

#include "vprime.h"

#define CANVAS_VIEWS 3

/* One way to look at it, in words; @sync_fd is what has to be told, -1 for nobody. */
struct canvas_view {
	const char *name;
	const uint32_t *pixels;
	int sync_fd;
};

struct canvas {
	struct vprime *owner, *importer;
	uint32_t handle, imported;
	int dmabuf;
	struct canvas_view views[CANVAS_VIEWS];
};

void canvas_create(struct canvas *canvas, struct vprime *owner, struct vprime *importer);
void canvas_destroy(struct canvas *canvas);

/* What @gpu, its owner or its importer, calls it. */
uint32_t canvas_handle(const struct canvas *canvas, const struct vprime *gpu);

/* Waits for who draws, and counts the pixels that differ from @expected. */
unsigned int canvas_compare(const struct canvas *canvas, unsigned int view,
			    const uint32_t *expected);

#endif
