/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The buffers of a GPU, as its driver lists them in debugfs.
 */
#ifndef VPRIMECTL_BUFFERS_H
#define VPRIMECTL_BUFFERS_H

#include <stddef.h>

#include "gpu.h"

enum buffer_column {
	BUFFER_ID,
	BUFFER_SIZE,
	BUFFER_PLACEMENT,
	BUFFER_PLACEMENTS,
	BUFFER_PINS,
	BUFFER_IMPORTERS,
	BUFFER_MOVES,
	BUFFER_REMAPS,
	BUFFER_FLAGS,
	BUFFER_COLUMNS,
};

extern const char * const buffer_column_names[BUFFER_COLUMNS];

/**
 * struct buffers - the list of them
 * @count: how many
 * @rows: of each, its columns as text; "-" for one that the driver does not list
 * @text: what the columns point into
 */
struct buffers {
	size_t count;
	const char *(*rows)[BUFFER_COLUMNS];
	char *text;
};

/* 0 or -errno; on success buffers_fini() gives the memory back. */
int buffers_init(struct buffers *buffers, const struct gpu *gpu);
void buffers_fini(struct buffers *buffers);

#endif
