/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver of a GPU answers, by ioctl.
 */
#ifndef VPRIMECTL_DRIVER_H
#define VPRIMECTL_DRIVER_H

#include <stdint.h>

#include <drm/vprime_drm.h>

#include "gpu.h"

#define DRIVER_REGIONS 8

struct driver_state {
	struct drm_vprime_region regions[DRIVER_REGIONS];
	size_t region_count;
	struct drm_vprime_stats stats;
};

/*
 * Opens the render node, whose users are never master; fd or -errno.  Of a GPU
 * that has none, as driver_open_card().
 */
int driver_open(const struct gpu *gpu);
/*
 * Opens the node that knows of screens.  Nobody can open that of a GPU without
 * a master and not become it; that is given up before this returns.
 */
int driver_open_card(const struct gpu *gpu);
/* 0 or -errno; -ENODEV from one that was unplugged. */
int driver_get_state(int fd, struct driver_state *state);

/* "vram", "tt" or "system"; for a mask of them the best one. */
const char *driver_placement_name(uint32_t placement);

/* One number of struct drm_vprime_stats, by name. */
struct driver_counter {
	const char *name;
	size_t offset;
};

extern const struct driver_counter driver_counters[];
extern const size_t driver_counter_count;

uint64_t driver_counter_value(const struct drm_vprime_stats *stats,
			      const struct driver_counter *counter);

#endif
