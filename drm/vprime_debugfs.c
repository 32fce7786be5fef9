// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_debugfs.h"

#include <linux/debugfs.h>
#include <linux/dma-resv.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include <drm/drm_debugfs.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/ttm/ttm_resource.h>

#include "vprime_bo.h"
#include "vprime_export.h"
#include "vprime_gpu.h"
#include "vprime_import.h"
#include "vprime_stats.h"
#include "vprime_ttm.h"

/**
 * DOC: debugfs
 *
 * In the folder of the DRM device: vprime_buffers lists all buffers, vprime_stats counts what has
 * happened, vram is what TTM knows of the video memory, and writing "vram" or "system" to
 * vprime_evacuate empties it, or brings back what belongs there.
 */

/*
 * Removing a file waits for those who read or write it, and so does an unplug. Whoever has the lock
 * may be waiting for a job: that is waited for only as long as the GPU is there.
 */
static int lock_bo(struct vprime_bo *bo)
{
	while (!dma_resv_trylock(bo->tbo.base.resv)) {
		if (drm_dev_is_unplugged(&bo->gpu->drm))
			return -ENODEV;
		if (signal_pending(current))
			return -ERESTARTSYS;
		schedule_timeout_interruptible(1);
	}
	return 0;
}

static void show_flags(struct seq_file *m, struct vprime_bo *bo)
{
	const char *separator = "";

	dma_resv_assert_held(bo->tbo.base.resv);

	if (!vprime_bo_is_import(bo) && !bo->exported) {
		seq_puts(m, "-");
		return;
	}
	if (vprime_bo_is_import(bo)) {
		seq_puts(m, "imported");
		separator = ",";
	}
	if (bo->exported)
		seq_printf(m, "%sexported", separator);
	if (bo->mapping)
		seq_puts(m, ",mapped");
	if (vprime_import_is_peer(bo))
		seq_puts(m, ",peer");
}

static void show_placements(struct seq_file *m, u32 placements)
{
	const char *separator = "";
	u32 bit;

	if (!placements)
		seq_puts(m, "-");
	for (bit = 1; bit & VPRIME_PLACEMENT_MASK; bit <<= 1) {
		if (!(placements & bit))
			continue;
		seq_printf(m, "%s%s", separator, vprime_placement_name(bit));
		separator = ",";
	}
}

static int show_bo(struct seq_file *m, struct vprime_bo *bo)
{
	int ret = lock_bo(bo);

	if (ret)
		return ret;
	seq_printf(m, "%llu %zu %s ", bo->id, bo->tbo.base.size,
		   vprime_placement_name(vprime_bo_placement(bo)));
	show_placements(m, bo->placements);
	seq_printf(m, " %u %u %llu %llu ", bo->tbo.pin_count, vprime_export_importers(bo),
		   bo->moves, bo->remaps);
	show_flags(m, bo);
	seq_puts(m, "\n");
	dma_resv_unlock(bo->tbo.base.resv);
	return 0;
}

static int vprime_debugfs_buffers(struct seq_file *m, void *unused)
{
	struct drm_debugfs_entry *entry = m->private;
	struct vprime_gpu *gpu = to_vprime_gpu(entry->dev);
	struct vprime_bo *bo = NULL;
	int ret;

	seq_puts(m, "id size placement placements pins importers moves remaps flags\n");
	while ((bo = vprime_bo_next(gpu, bo))) {
		ret = show_bo(m, bo);
		if (ret) {
			drm_gem_object_put(&bo->tbo.base);
			return ret;
		}
	}
	return 0;
}

static int vprime_debugfs_stats(struct seq_file *m, void *unused)
{
	struct drm_debugfs_entry *entry = m->private;
	struct drm_vprime_stats stats;

	vprime_stats_get(to_vprime_gpu(entry->dev), &stats);
	seq_printf(m, "moves: %llu\n", stats.moves);
	seq_printf(m, "evictions: %llu\n", stats.evictions);
	seq_printf(m, "bytes_moved: %llu\n", stats.bytes_moved);
	seq_printf(m, "notifies: %llu\n", stats.notifies);
	seq_printf(m, "remaps: %llu\n", stats.remaps);
	seq_printf(m, "jobs: %llu\n", stats.jobs);
	seq_printf(m, "hangs: %llu\n", stats.hangs);
	seq_printf(m, "bus_faults: %llu\n", stats.bus_faults);
	seq_printf(m, "stale_writes: %llu\n", stats.stale_writes);
	return 0;
}

static const struct drm_debugfs_info vprime_debugfs_list[] = {
	{ "vprime_buffers", vprime_debugfs_buffers },
	{ "vprime_stats", vprime_debugfs_stats },
};

static int bring_back(struct vprime_gpu *gpu)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	struct vprime_bo *bo = NULL;
	int ret;

	while ((bo = vprime_bo_next(gpu, bo))) {
		if (vprime_bo_is_import(bo) || bo->tbo.pin_count ||
		    !(bo->placements & VPRIME_PLACEMENT_VRAM))
			continue;
		ret = lock_bo(bo);
		if (!ret) {
			ret = vprime_bo_validate(bo, bo->placements, &ctx);
			dma_resv_unlock(bo->tbo.base.resv);
		}
		if (ret) {
			drm_gem_object_put(&bo->tbo.base);
			return ret;
		}
	}
	return 0;
}

static ssize_t vprime_debugfs_evacuate_write(struct file *file, const char __user *buf,
					     size_t count, loff_t *pos)
{
	struct vprime_gpu *gpu = file->private_data;
	char word[8] = "";
	int ret = 0;

	if (count >= sizeof(word) || copy_from_user(word, buf, count))
		return -EINVAL;
	/* An unplug waits for this, as it removes the file, and so takes nobody by surprise. */
	if (drm_dev_is_unplugged(&gpu->drm))
		return -ENODEV;

	if (sysfs_streq(word, "system"))
		vprime_ttm_evacuate(gpu);
	else if (sysfs_streq(word, "vram"))
		ret = bring_back(gpu);
	else
		ret = -EINVAL;
	return ret ?: count;
}

static const struct file_operations vprime_debugfs_evacuate_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= vprime_debugfs_evacuate_write,
};

/**
 * vprime_debugfs_init - show a GPU in debugfs
 * @gpu: not registered yet
 *
 * Context: may sleep and allocate.
 */
void vprime_debugfs_init(struct vprime_gpu *gpu)
{
	struct drm_device *drm = &gpu->drm;

	drm_debugfs_add_files(drm, vprime_debugfs_list, ARRAY_SIZE(vprime_debugfs_list));
	debugfs_create_file("vprime_evacuate", 0200, drm->debugfs_root, gpu,
			    &vprime_debugfs_evacuate_fops);
	ttm_resource_manager_create_debugfs(&gpu->vram.manager, drm->debugfs_root, "vram");
}
