// SPDX-License-Identifier: MIT
/*
 * Reads usage from the regions that a GPU lists.
 */
#include "usage.h"

#include "check.h"
#include "vprime.h"

struct usage usage_of(int gpu)
{
	struct usage usage;
	int i;

	for (i = 0; i < 3; i++) {
		struct drm_vprime_region region;

		vprime_region(gpu, 1u << i, &region);
		usage.used[i] = region.used;
	}
	return usage;
}

void check_usage(int gpu, const struct usage *usage)
{
	struct usage now = usage_of(gpu);
	int i;

	for (i = 0; i < 3; i++)
		check_eq(now.used[i], usage->used[i]);
}
