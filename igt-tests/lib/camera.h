/* SPDX-License-Identifier: MIT */
/*
 * A V4L2 camera and its buffers, of its own making or from elsewhere.
 */
#ifndef IGT_TESTS_CAMERA_H
#define IGT_TESTS_CAMERA_H

#include <stddef.h>
#include <stdint.h>

#define CAMERA_BUFFERS 2

/**
 * struct camera - a camera that is set up to take pictures
 * @fd: its node
 * @memory: V4L2_MEMORY_*
 * @size: bytes in a picture
 */
struct camera {
	int fd;
	uint32_t memory;
	size_t size;
};

/* The first camera of that driver; skips the subtest where there is none. */
void camera_init(struct camera *camera, const char *driver);
void camera_fini(struct camera *camera);

/* Its own buffers, to be exported; or room for as many of others. */
void camera_allocate(struct camera *camera);
void camera_expect_dmabufs(struct camera *camera);
int camera_export(const struct camera *camera, uint32_t index);

/* @dmabuf is for cameras that expect some. */
int __camera_queue(const struct camera *camera, uint32_t index, int dmabuf);
void camera_queue(const struct camera *camera, uint32_t index, int dmabuf);
void camera_start(const struct camera *camera);
/* Waits for a picture; which buffer it is in. */
uint32_t camera_dequeue(const struct camera *camera);
/* All buffers come back. */
void camera_stop(const struct camera *camera);

#endif
