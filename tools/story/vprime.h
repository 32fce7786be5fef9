/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GPU of vprime, found by its name in configfs, and what it can do with
 * buffers.  Whatever fails ends the story.
 */
#ifndef VPRIME_H
#define VPRIME_H

#include <stddef.h>
#include <stdint.h>

#include <drm/vprime_drm.h>

#include "../share/gpu.h"

/* @base.driver is the name of its folder. */
struct vprime {
	struct gpu base;
	unsigned int buffers;
};

struct vprime vprime_open(const char *name);

/* Change one of what its folder in configfs holds. */
void vprime_set(const struct vprime *vprime, const char *key, const char *value);

uint32_t vprime_create(struct vprime *vprime, uint64_t size, uint32_t placements);
void vprime_destroy(const struct vprime *vprime, uint32_t handle);
uint32_t vprime_import(const struct vprime *vprime, int dmabuf);
void *vprime_map(const struct vprime *vprime, uint32_t handle, size_t size);

/* Start to move a buffer. */
void vprime_move(const struct vprime *vprime, uint32_t handle, uint32_t placement);

/* Until nobody writes to the buffer any more, its mover included. */
void vprime_wait(const struct vprime *vprime, uint32_t handle);

/* How often a buffer has moved. */
uint64_t vprime_moves(const struct vprime *vprime, uint32_t handle);

void vprime_submit(const struct vprime *vprime,
		   const struct drm_vprime_command *commands, uint32_t count);

uint64_t vprime_vram(const struct vprime *vprime);
struct drm_vprime_stats vprime_stats(const struct vprime *vprime);

#endif
