/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIEW_WINDOW_H
#define VIEW_WINDOW_H

#include <stdint.h>

/**
 * struct window - what virtio-gpu shows
 * @fd: virtio-gpu
 * @dmabuf: what it scans out
 * @framebuffer: the same
 * @pitch: its bytes from row to row
 * @size: its bytes
 * @pixels: its
 * @width: of the screen
 * @height: of the screen
 */
struct window {
	int fd, dmabuf;
	uint32_t framebuffer, pitch;
	uint64_t size;
	uint32_t *pixels;
	unsigned int width, height;
};

void window_open(struct window *window, unsigned int width, unsigned int height);
void window_fill(const struct window *window, unsigned int x, unsigned int width,
		 unsigned int height, uint32_t colour);
void window_refresh(const struct window *window);

#endif
