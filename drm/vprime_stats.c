// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_stats.h"

#include <linux/string.h>

#include <drm/vprime_drm.h>

#include "vprime_gpu.h"

/* What has happened on a GPU, gathered from the rooms that count it. */

static u64 stale_writes(struct vprime_gpu *gpu)
{
	return atomic64_read(&gpu->copy.engine.stale_writes) +
	       atomic64_read(&gpu->render.engine.stale_writes);
}

/**
 * vprime_stats_get - what has happened on a GPU since it came up
 * @gpu: which
 * @out: gets the numbers, which are not of one moment
 *
 * Context: any.
 */
void vprime_stats_get(struct vprime_gpu *gpu, struct drm_vprime_stats *out)
{
	struct vprime_stats *stats = &gpu->stats;

	memset(out, 0, sizeof(*out));
	out->moves = atomic64_read(&stats->moves);
	out->evictions = atomic64_read(&stats->evictions);
	out->bytes_moved = atomic64_read(&stats->bytes_moved);
	out->notifies = atomic64_read(&stats->notifies);
	out->remaps = atomic64_read(&stats->remaps);
	out->jobs = atomic64_read(&gpu->render.jobs);
	out->hangs = atomic64_read(&stats->hangs);
	out->bus_faults = atomic64_read(&gpu->port.faults);
	out->stale_writes = stale_writes(gpu);
}
