/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every dma-buf descriptor can do, whoever exported it.
 */
#ifndef DMABUF_H
#define DMABUF_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Give the buffer a name for tables. */
void dmabuf_set_name(int dmabuf, const char *name);

/* The number that tells buffers apart. */
ino_t dmabuf_inode(int dmabuf);

/* What the kernel tells about the buffer in fdinfo. */
struct dmabuf_info {
	char text[4096];
};

struct dmabuf_info dmabuf_info(int dmabuf);
bool dmabuf_info_equal(const struct dmabuf_info *a, const struct dmabuf_info *b);

/* Map the buffer itself, not through any device. */
void *dmabuf_map(int dmabuf, size_t size);

/* Open and close a bracket of CPU access; @access is DMA_BUF_SYNC_READ or so. */
void dmabuf_begin(int dmabuf, unsigned int access);
void dmabuf_end(int dmabuf, unsigned int access);

/* Is there no work that a reader would have to wait for? Never waits. */
bool dmabuf_is_readable(int dmabuf);

/* How many dma-bufs there are in the whole system. */
unsigned long dmabuf_count_all(void);

#endif
