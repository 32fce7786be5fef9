/* SPDX-License-Identifier: MIT */
/*
 * DRM syncobjs.  __x() returns -errno, x() asserts.
 */
#ifndef IGT_TESTS_SYNCOBJ_H
#define IGT_TESTS_SYNCOBJ_H

#include <stdbool.h>
#include <stdint.h>

uint32_t syncobj_create(int drm);
void syncobj_destroy(int drm, uint32_t handle);

void syncobj_import_sync_file(int drm, uint32_t handle, int sync_file);
/* A sync_file of what is in it now; -EINVAL where that is nothing. */
int __syncobj_export_sync_file(int drm, uint32_t handle);
int syncobj_export_sync_file(int drm, uint32_t handle);

/* Until it signals; there has to be something in it. */
void syncobj_wait(int drm, uint32_t handle);
/* False while what is in it has not signalled. */
bool syncobj_signalled(int drm, uint32_t handle);
bool syncobj_empty(int drm, uint32_t handle);
/* Waits for it, and says how that ended: 0, or the -errno in its fence. */
int syncobj_result(int drm, uint32_t handle);

/* Waits for a sync_file: 0, or the -errno in it. */
int sync_file_result(int sync_file);

/* The same for a point on its timeline. */
void syncobj_timeline_wait(int drm, uint32_t handle, uint64_t point);
bool syncobj_timeline_signalled(int drm, uint32_t handle, uint64_t point);
void syncobj_timeline_signal(int drm, uint32_t handle, uint64_t point);
uint64_t syncobj_timeline_query(int drm, uint32_t handle);

#endif
