// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters of both GPUs, and what each of them has to be for the story to
 * be true.
 */
#include "totals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../share/verdict.h"

/* Small ones: a range is looked at if all of it was left by others. */
#define SWEEP_BYTES	(64u << 10)

/* What must not have happened at all; of the others, there is no story without any. */
static const struct {
	const char *name;
	size_t offset;
	bool is_fault;
} counters[] = {
	{ "moves", offsetof(struct drm_vprime_stats, moves), false },
	{ "evictions", offsetof(struct drm_vprime_stats, evictions), false },
	{ "notifies", offsetof(struct drm_vprime_stats, notifies), false },
	{ "remaps", offsetof(struct drm_vprime_stats, remaps), false },
	{ "bytes copied", offsetof(struct drm_vprime_stats, bytes_moved), false },
	{ "jobs", offsetof(struct drm_vprime_stats, jobs), false },
	{ "hangs", offsetof(struct drm_vprime_stats, hangs), true },
	{ "bus faults", offsetof(struct drm_vprime_stats, bus_faults), true },
	{ "stale writes", offsetof(struct drm_vprime_stats, stale_writes), true },
};

#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

static uint64_t value_of(const struct drm_vprime_stats *stats, unsigned int i)
{
	return *(const __u64 *)((const char *)stats + counters[i].offset);
}

void totals_sweep(struct vprime *gpu)
{
	unsigned int count = vprime_vram(gpu) / SWEEP_BYTES, buffers = gpu->buffers;
	uint32_t *handles = calloc(count, sizeof(*handles));

	must(handles, "out of memory");
	for (unsigned int i = 0; i < count; i++)
		handles[i] = vprime_create(gpu, SWEEP_BYTES, VPRIME_PLACEMENT_VRAM);
	for (unsigned int i = 0; i < count; i++) {
		vprime_wait(gpu, handles[i]);
		vprime_destroy(gpu, handles[i]);
	}
	free(handles);
	/* They are no part of the story. */
	gpu->buffers = buffers;
}

void totals_judge(const struct vprime *first, const struct vprime *second)
{
	struct drm_vprime_stats a = vprime_stats(first), b = vprime_stats(second);

	for (unsigned int i = 0; i < COUNTERS; i++) {
		uint64_t value = value_of(&a, i) + value_of(&b, i);

		verdict(counters[i].is_fault == !value, "%s and %s have counted %s: %" PRIu64,
			first->base.driver, second->base.driver, counters[i].name, value);
	}
}

void totals_save(const char *path, const struct vprime *first, const struct vprime *second)
{
	struct drm_vprime_stats a = vprime_stats(first), b = vprime_stats(second);
	FILE *file = fopen(path, "w");

	must(file, "%s", path);
	fprintf(file, "\t%s\t%s\n", first->base.driver, second->base.driver);
	fprintf(file, "buffers\t%u\t%u\n", first->buffers, second->buffers);
	for (unsigned int i = 0; i < COUNTERS; i++)
		fprintf(file, "%s\t%" PRIu64 "\t%" PRIu64 "\n", counters[i].name,
			value_of(&a, i), value_of(&b, i));
	must(!fclose(file), "%s", path);
}
