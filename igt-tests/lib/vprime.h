/* SPDX-License-Identifier: MIT */
/*
 * vprime's ioctls.  __x() returns -errno, x() asserts.
 */
#ifndef IGT_TESTS_VPRIME_H
#define IGT_TESTS_VPRIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By its whole name: "drm.h", as the next one asks for it, is ours here. */
#include <libdrm/drm.h>
#include <drm/vprime_drm.h>

#define SYSTEM VPRIME_PLACEMENT_SYSTEM
#define TT VPRIME_PLACEMENT_TT
#define VRAM VPRIME_PLACEMENT_VRAM

/* Mapped and moved about: all places are as good. */
#define ANYWHERE VPRIME_PLACEMENT_MASK

/* ioctl(), -errno where it fails. */
int __vprime_ioctl(int gpu, unsigned long request, void *arg);

uint64_t vprime_param(int gpu, uint32_t param);
void vprime_stats(int gpu, struct drm_vprime_stats *stats);
void vprime_region(int gpu, uint32_t placement, struct drm_vprime_region *region);
/* Nothing is there any more, or soon: what moves when it is freed goes once it has moved. */
bool vprime_region_empties(int gpu, uint32_t placement);

int __vprime_bo_create(int gpu, uint64_t size, uint32_t placements, uint32_t *handle);
uint32_t vprime_bo_create(int gpu, uint64_t size, uint32_t placements);

int __vprime_bo_mmap_offset(int gpu, uint32_t handle, uint64_t *offset);
/* The whole of it, or MAP_FAILED with errno. */
void *__vprime_bo_mmap(int gpu, uint32_t handle, size_t size, int prot);
void *vprime_bo_mmap(int gpu, uint32_t handle, size_t size);

int __vprime_bo_info(int gpu, uint32_t handle, struct drm_vprime_bo_info *info);
void vprime_bo_info(int gpu, uint32_t handle, struct drm_vprime_bo_info *info);
uint32_t vprime_bo_placement(int gpu, uint32_t handle);
uint32_t vprime_bo_flags(int gpu, uint32_t handle);
uint32_t vprime_bo_pins(int gpu, uint32_t handle);

/* Starts a move; vprime_bo_move() also waits for its end. */
int __vprime_bo_move(int gpu, uint32_t handle, uint32_t placement);
void vprime_bo_move(int gpu, uint32_t handle, uint32_t placement);

#define VPRIME_NEVER INT64_MAX	/* a time that does not come */
#define VPRIME_NOW 0		/* one that is past */

int __vprime_bo_wait(int gpu, uint32_t handle, uint32_t flags, int64_t until);
void vprime_bo_wait(int gpu, uint32_t handle);
/* Waiting without patience says whether it is idle. */
bool vprime_bo_idle(int gpu, uint32_t handle, uint32_t flags);

/* PRIME, both ways, to read and to write. */
int vprime_export(int gpu, uint32_t handle);
int __vprime_import(int gpu, int dmabuf, uint32_t *handle);
uint32_t vprime_import(int gpu, int dmabuf);

#endif
