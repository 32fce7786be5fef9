/* SPDX-License-Identifier: MIT */
/*
 * The little of DRM that sharing needs: find a driver's node, make a dumb
 * buffer, PRIME both ways.  __x() returns -errno, x() asserts.
 */
#ifndef IGT_TESTS_DRM_H
#define IGT_TESTS_DRM_H

#include <stddef.h>
#include <stdint.h>

#define DRM_CLOEXEC_FLAG 02000000	/* O_CLOEXEC */
#define DRM_RDWR_FLAG 02		/* O_RDWR */

/* A card node of the driver, or -errno; -ENODEV where no card is its. */
int __drm_open_driver(const char *driver);
int drm_open_driver(const char *driver);

/* A dumb buffer of @size bytes, a multiple of the page size. */
int __drm_create_dumb(int drm, size_t size, uint32_t *handle);
uint32_t drm_create_dumb(int drm, size_t size);
int __drm_close_handle(int drm, uint32_t handle);
void drm_close_handle(int drm, uint32_t handle);

int __drm_handle_to_fd(int drm, uint32_t handle, uint32_t flags, int *fd);
int drm_handle_to_fd(int drm, uint32_t handle, uint32_t flags);
int __drm_fd_to_handle(int drm, int fd, uint32_t *handle);
uint32_t drm_fd_to_handle(int drm, int fd);

#endif
