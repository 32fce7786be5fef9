// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the driver.  Opens the render node where there is one: that never
 * stands in the way of a compositor that wants to be master.
 */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COUNTER(member) { #member, offsetof(struct drm_vprime_stats, member) }

const struct driver_counter driver_counters[] = {
	COUNTER(moves),
	COUNTER(evictions),
	COUNTER(bytes_moved),
	COUNTER(notifies),
	COUNTER(remaps),
	COUNTER(jobs),
	COUNTER(hangs),
	COUNTER(bus_faults),
	COUNTER(stale_writes),
};

const size_t driver_counter_count = ARRAY_SIZE(driver_counters);

uint64_t driver_counter_value(const struct drm_vprime_stats *stats,
			      const struct driver_counter *counter)
{
	uint64_t value;

	memcpy(&value, (const char *)stats + counter->offset, sizeof(value));
	return value;
}

const char *driver_placement_name(uint32_t placement)
{
	if (placement & VPRIME_PLACEMENT_VRAM)
		return "vram";
	if (placement & VPRIME_PLACEMENT_TT)
		return "tt";
	return placement & VPRIME_PLACEMENT_SYSTEM ? "system" : "?";
}

static int open_node(const char *kind, int number)
{
	char path[PATH_BYTES];
	int ret = path_make(path, sizeof(path), "/dev/dri/%s%d", kind, number), fd;

	if (ret)
		return ret;
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int driver_open_card(const struct gpu *gpu)
{
	int fd = open_node("card", gpu->card);

	/* Refused to who is not master, and that is what is wanted. */
	if (fd >= 0)
		ioctl(fd, DRM_IOCTL_DROP_MASTER, 0);
	return fd;
}

int driver_open(const struct gpu *gpu)
{
	return gpu->render >= 0 ? open_node("renderD", gpu->render) : driver_open_card(gpu);
}

static int query(int fd, uint32_t what, void *answer, uint32_t *size)
{
	struct drm_vprime_query arg = {
		.query = what,
		.size = *size,
		.data = (uintptr_t)answer,
	};

	if (ioctl(fd, DRM_IOCTL_VPRIME_QUERY, &arg))
		return -errno;
	*size = arg.size;
	return 0;
}

int driver_get_state(int fd, struct driver_state *state)
{
	uint32_t size = sizeof(state->stats);
	int ret;

	memset(state, 0, sizeof(*state));
	ret = query(fd, VPRIME_QUERY_STATS, &state->stats, &size);
	if (ret)
		return ret;
	size = sizeof(state->regions);
	ret = query(fd, VPRIME_QUERY_REGIONS, state->regions, &size);
	if (size > sizeof(state->regions))
		size = sizeof(state->regions);
	state->region_count = size / sizeof(state->regions[0]);
	return ret;
}
