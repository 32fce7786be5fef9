/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A DRM device and the buffers it has: found by the name of its driver, buffers
 * made as dumb ones, exported and imported through PRIME.
 */
#ifndef GPU_H
#define GPU_H

#include <stddef.h>
#include <stdint.h>

struct gpu {
	const char *driver;
	int fd;
};

/* One picture's worth of memory on one device, mapped for the CPU. */
struct gpu_buffer {
	const struct gpu *gpu;
	uint32_t handle;
	uint32_t pitch;
	size_t size;
	void *pixels;
};

/* Open the card of a driver. */
struct gpu gpu_open(const char *driver);

struct gpu_buffer gpu_buffer_create(const struct gpu *gpu);

/* Returns a new descriptor of the dma-buf behind a handle. */
int gpu_export(const struct gpu *gpu, uint32_t handle);

/* Returns a handle, or 0 with errno set. */
uint32_t gpu_import(const struct gpu *gpu, int dmabuf);

/* Returns a framebuffer of one picture, rows @pitch bytes apart. */
uint32_t gpu_framebuffer(const struct gpu *gpu, uint32_t handle, uint32_t pitch);

/* Show a framebuffer on the first connector, the way it was before atomic. */
void gpu_show(const struct gpu *gpu, uint32_t framebuffer);

#endif
