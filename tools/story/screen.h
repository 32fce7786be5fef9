/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * virtio-gpu's screen: a buffer of its own that it scans out, and that another
 * GPU draws into.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdint.h>

#include "../share/gpu.h"

struct screen {
	struct gpu gpu;
	struct gpu_buffer buffer;
	uint32_t framebuffer;
	int dmabuf;
};

/* A black screen of the scene's size. */
void screen_open(struct screen *screen);
void screen_close(struct screen *screen);

/* The buffer was drawn to: the display is to take it over. */
void screen_refresh(const struct screen *screen);

#endif
