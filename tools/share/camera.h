/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A V4L2 camera whose frames are dma-bufs: found by the name of its driver,
 * one frame of the size and format of a picture taken.
 */
#ifndef CAMERA_H
#define CAMERA_H

#include <stddef.h>
#include <stdint.h>

struct camera {
	const char *driver;
	int fd;
	uint32_t pitch;
	size_t size;
};

struct camera camera_open(const char *driver);

/* Returns a descriptor of the buffer that the frame will be in. */
int camera_export(const struct camera *camera);

/* Takes a frame; returns the camera's own mapping of it. */
const void *camera_shoot(const struct camera *camera);

#endif
