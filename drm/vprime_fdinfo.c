// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_fdinfo.h"

#include <linux/dma-resv.h>

#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_print.h>

#include "vprime_bo.h"
#include "vprime_client.h"
#include "vprime_gpu.h"

/**
 * DOC: fdinfo
 *
 * What an open file has used, with the keys of drm-usage-stats: time on the render engine, and
 * memory by region, where "memory" is the system's and "vram" the GPU's own.
 */

enum region {
	REGION_MEMORY,
	REGION_VRAM,
	REGIONS,
};

static const char * const region_names[REGIONS] = {
	[REGION_MEMORY]	= "memory",
	[REGION_VRAM]	= "vram",
};

static void count_bo(struct drm_memory_stats *stats, struct drm_gem_object *obj)
{
	bool in_vram = vprime_bo_placement(to_vprime_bo(obj)) == VPRIME_PLACEMENT_VRAM;
	struct drm_memory_stats *region = &stats[in_vram ? REGION_VRAM : REGION_MEMORY];

	if (drm_gem_object_is_shared_for_memory_stats(obj))
		region->shared += obj->size;
	else
		region->private += obj->size;
	if (!READ_ONCE(to_vprime_bo(obj)->swapped))
		region->resident += obj->size;
	if (!dma_resv_test_signaled(obj->resv, dma_resv_usage_rw(true)))
		region->active += obj->size;
}

/* The lock is not kept from one to the next: a file may have any number of buffers. */
static struct drm_gem_object *get_next_object(struct drm_file *file, int *handle)
{
	struct drm_gem_object *obj;

	spin_lock(&file->table_lock);
	obj = idr_get_next(&file->object_idr, handle);
	if (obj)
		drm_gem_object_get(obj);
	spin_unlock(&file->table_lock);
	return obj;
}

static void show_memory(struct drm_printer *p, struct drm_file *file)
{
	struct drm_memory_stats stats[REGIONS] = {};
	struct drm_gem_object *obj;
	int handle, i;

	for (handle = 0; (obj = get_next_object(file, &handle)); handle++) {
		count_bo(stats, obj);
		drm_gem_object_put(obj);
		cond_resched();
	}

	for (i = 0; i < REGIONS; i++) {
		drm_print_memory_stats(p, &stats[i],
				       DRM_GEM_OBJECT_RESIDENT | DRM_GEM_OBJECT_PURGEABLE,
				       region_names[i]);
	}
}

/**
 * vprime_show_fdinfo - tell what a client has used
 * @p: to be told
 * @file: the client
 *
 * Context: may sleep.
 */
void vprime_show_fdinfo(struct drm_printer *p, struct drm_file *file)
{
	struct vprime_client *client = file->driver_priv;

	drm_printf(p, "drm-engine-render:\t%llu ns\n", atomic64_read(&client->usage->busy_ns));
	drm_printf(p, "drm-engine-capacity-render:\t1\n");
	show_memory(p, file);
}
