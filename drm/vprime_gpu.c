// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_gpu.h"

#include <kunit/visibility.h>

#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_managed.h>

#include "vprime_bo.h"
#include "vprime_chaos.h"
#include "vprime_client.h"
#include "vprime_commit.h"
#include "vprime_debugfs.h"
#include "vprime_fdinfo.h"
#include "vprime_import.h"
#include "vprime_ioctl.h"
#include "vprime_kms.h"
#include "vprime_map.h"
#include "vprime_migrate.h"
#include "vprime_tt.h"
#include "vprime_ttm.h"

/**
 * DOC: The GPU
 *
 * Puts a GPU together, shows it to DRM, and takes it apart. Its parts are managed by DRM: they go
 * when the last user of the device goes, long after the device itself may have been unplugged.
 */

static int vprime_gpu_open(struct drm_device *drm, struct drm_file *file)
{
	struct vprime_client *client = vprime_client_create(to_vprime_gpu(drm));

	if (IS_ERR(client))
		return PTR_ERR(client);
	file->driver_priv = client;
	return 0;
}

static void vprime_gpu_postclose(struct drm_device *drm, struct drm_file *file)
{
	vprime_client_destroy(file->driver_priv);
}

static struct vprime_gpu *file_to_vprime_gpu(struct file *file)
{
	struct drm_file *opened = file->private_data;

	return to_vprime_gpu(opened->minor->dev);
}

/* A commit that is to fail has to be one that a program asked for. */
static long vprime_gpu_ioctl_with(struct file *file, unsigned int cmd, unsigned long arg,
				  long (*ioctl)(struct file *, unsigned int, unsigned long))
{
	struct vprime_gpu *gpu = file_to_vprime_gpu(file);
	struct vprime_commit_request request;
	long ret;

	if (!atomic_read(&gpu->failing_commits))
		return ioctl(file, cmd, arg);
	vprime_commit_request_begin(gpu, &request);
	ret = ioctl(file, cmd, arg);
	vprime_commit_request_end(gpu, &request);
	return ret;
}

static long vprime_gpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return vprime_gpu_ioctl_with(file, cmd, arg, drm_ioctl);
}

#ifdef CONFIG_COMPAT
static long vprime_gpu_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return vprime_gpu_ioctl_with(file, cmd, arg, drm_compat_ioctl);
}
#else
#define vprime_gpu_compat_ioctl NULL
#endif

/* DRM_GEM_FOPS, but for ioctls. */
static const struct file_operations vprime_gpu_fops = {
	.owner		= THIS_MODULE,
	.open		= drm_open,
	.release	= drm_release,
	.unlocked_ioctl	= vprime_gpu_ioctl,
	.compat_ioctl	= vprime_gpu_compat_ioctl,
	.poll		= drm_poll,
	.read		= drm_read,
	.llseek		= noop_llseek,
	.mmap		= drm_gem_mmap,
	.fop_flags	= FOP_UNSIGNED_OFFSET,
	.show_fdinfo	= drm_show_fdinfo,
};

/* Of those for displays, a GPU gives up what its display does not have (vprime_kms_init()). */
#define VPRIME_FEATURES		(DRIVER_GEM | DRIVER_SYNCOBJ | DRIVER_SYNCOBJ_TIMELINE | \
				 DRIVER_MODESET | DRIVER_ATOMIC | DRIVER_CURSOR_HOTSPOT)

/* The same but for the render node, which DRM makes or not before a driver can say more. */
#define VPRIME_DRIVER(features)					\
{								\
	.driver_features	= (features),			\
	.open			= vprime_gpu_open,		\
	.postclose		= vprime_gpu_postclose,		\
	.gem_prime_import	= vprime_gem_prime_import,	\
	.dumb_create		= vprime_bo_dumb_create,	\
	.dumb_map_offset	= vprime_map_offset,		\
	VPRIME_FBDEV_OPS,					\
	.show_fdinfo		= vprime_show_fdinfo,		\
	.ioctls			= vprime_ioctls,		\
	.num_ioctls		= VPRIME_IOCTL_COUNT,		\
	.fops			= &vprime_gpu_fops,		\
	.name			= "vprime",			\
	.desc			= "Virtual PRIME GPU",		\
	.date			= "20261121",			\
	.major			= 1,				\
	.minor			= 0,				\
}

static const struct drm_driver vprime_driver = VPRIME_DRIVER(VPRIME_FEATURES);
static const struct drm_driver vprime_render_driver =
	VPRIME_DRIVER(VPRIME_FEATURES | DRIVER_RENDER);

/* Undo one step each, in reverse, when the last user is gone. */

static void gpu_remove_port(struct drm_device *drm, void *unused)
{
	vprime_fabric_remove_port(&to_vprime_gpu(drm)->port);
}

static void gpu_fini_vram(struct drm_device *drm, void *unused)
{
	vprime_vram_fini(to_vprime_gpu(drm));
}

static void gpu_fini_ring(struct drm_device *drm, void *ring)
{
	vprime_ring_fini(ring);
}

static void gpu_fini_migrate(struct drm_device *drm, void *unused)
{
	vprime_migrate_fini(to_vprime_gpu(drm));
}

static void gpu_fini_ttm(struct drm_device *drm, void *unused)
{
	vprime_ttm_fini(to_vprime_gpu(drm));
}

static int gpu_init_bus(struct vprime_gpu *gpu)
{
	struct drm_device *drm = &gpu->drm;
	int ret;

	ret = dma_coerce_mask_and_coherent(drm->dev, DMA_BIT_MASK(gpu->config.dma_bits));
	if (ret)
		return ret;
	dma_set_max_seg_size(drm->dev, UINT_MAX);
	vprime_fabric_add_port(&gpu->port, drm->dev, gpu->config.p2p);
	return drmm_add_action_or_reset(drm, gpu_remove_port, NULL);
}

static int gpu_init_memory(struct vprime_gpu *gpu)
{
	int ret = vprime_vram_init(gpu);

	return ret ?: drmm_add_action_or_reset(&gpu->drm, gpu_fini_vram, NULL);
}

static int gpu_init_ring(struct vprime_gpu *gpu, struct vprime_ring *ring, const char *name)
{
	int ret = vprime_ring_init(gpu, ring, name);

	return ret ?: drmm_add_action_or_reset(&gpu->drm, gpu_fini_ring, ring);
}

static int gpu_init_migrate(struct vprime_gpu *gpu)
{
	int ret = vprime_migrate_init(gpu);

	return ret ?: drmm_add_action_or_reset(&gpu->drm, gpu_fini_migrate, NULL);
}

static int gpu_init_ttm(struct vprime_gpu *gpu)
{
	int ret = vprime_ttm_init(gpu);

	return ret ?: drmm_add_action_or_reset(&gpu->drm, gpu_fini_ttm, NULL);
}

static int gpu_init(struct vprime_gpu *gpu)
{
	int ret;

	ret = gpu_init_bus(gpu);
	if (ret)
		return ret;
	ret = vprime_import_init(gpu);
	if (ret)
		return ret;
	ret = gpu_init_memory(gpu);
	if (ret)
		return ret;
	ret = gpu_init_ring(gpu, &gpu->render, "render");
	if (ret)
		return ret;
	ret = gpu_init_ring(gpu, &gpu->copy, "copy");
	if (ret)
		return ret;
	ret = gpu_init_migrate(gpu);
	if (ret)
		return ret;
	return gpu_init_ttm(gpu);
}

/**
 * vprime_gpu_create - put a GPU together and show it to the world
 * @dev: the device on the platform bus, which owns it: it is unplugged, and given up, with that
 * @config: what it is made like; copied
 * @monitors: what is plugged in at first, one for each connector of @config, copied; or NULL for
 *	the default monitor everywhere
 *
 * Context: may sleep and allocate.
 * Return: the GPU, or ERR_PTR(-ENOMEM), ERR_PTR(-ENOSPC) if the bus has no addresses left for its
 * VRAM, or an error of drm_dev_register().
 */
struct vprime_gpu *vprime_gpu_create(struct device *dev, const struct vprime_config *config,
				     const struct vprime_monitor *monitors)
{
	const struct drm_driver *driver = config->render_node ? &vprime_render_driver :
								&vprime_driver;
	struct vprime_gpu *gpu;
	int ret;

	gpu = devm_drm_dev_alloc(dev, driver, struct vprime_gpu, drm);
	if (IS_ERR(gpu))
		return gpu;

	gpu->config = *config;
	vprime_config_complete(&gpu->config);
	spin_lock_init(&gpu->bos_lock);
	INIT_LIST_HEAD(&gpu->bos);
	spin_lock_init(&gpu->requests_lock);
	INIT_LIST_HEAD(&gpu->requests);
	init_waitqueue_head(&gpu->jobs_wait);
	vprime_chaos_init(gpu);
	INIT_WORK(&gpu->last_put, vprime_job_last_put);
	vprime_fbdev_init(gpu);
	ret = gpu_init(gpu);
	if (ret)
		return ERR_PTR(ret);
	ret = vprime_kms_init(gpu, monitors);
	if (ret)
		return ERR_PTR(ret);

	vprime_debugfs_init(gpu);
	/* From here on anybody can open it. */
	ret = drm_dev_register(&gpu->drm, 0);
	return ret ? ERR_PTR(ret) : gpu;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gpu_create);

/* What is mapped for the device has to be unmapped while it is there. */
static void gpu_unmap_all(struct vprime_gpu *gpu)
{
	struct vprime_bo *bo = NULL;

	vprime_tt_close_all(gpu);
	vprime_import_flush(gpu);
	while ((bo = vprime_bo_next(gpu, bo))) {
		if (vprime_bo_is_import(bo))
			vprime_import_unplug(bo);
	}
}

/**
 * vprime_gpu_unplug - the device is gone
 * @gpu: open files, mappings and dma-bufs of it stay, and get ENODEV for what needs a device
 *
 * What was in VRAM is saved to system memory, so that who shares it can go on.
 *
 * Context: may sleep. No dma-resv lock is held.
 */
void vprime_gpu_unplug(struct vprime_gpu *gpu)
{
	vprime_fbdev_fini(gpu);
	drm_dev_unplug(&gpu->drm);
	wake_up_all(&gpu->jobs_wait);
	vprime_kms_unplug(gpu);
	vprime_chaos_stop(gpu);
	vprime_engine_remove(&gpu->render.engine);
	/* Not ttm_resource_manager_set_used(), which wants it empty: first nothing may come in. */
	gpu->vram.manager.use_type = false;
	vprime_ttm_evacuate(gpu);
	vprime_engine_remove(&gpu->copy.engine);
	gpu_unmap_all(gpu);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gpu_unplug);

/**
 * vprime_gpu_set_faults - let things go wrong from now on
 * @gpu: on which
 * @faults: which things; copied
 *
 * Context: may sleep. The caller keeps others from doing the same.
 */
void vprime_gpu_set_faults(struct vprime_gpu *gpu, const struct vprime_faults *faults)
{
	/* Jobs have hung since: what is left of the number stays when another fault is written. */
	if (faults->hang != gpu->faults.hang)
		atomic_set(&gpu->render.engine.hangs, min(faults->hang, INT_MAX));
	if (faults->fail_commit != gpu->faults.fail_commit)
		atomic_set(&gpu->failing_commits, min(faults->fail_commit, INT_MAX));
	atomic_set(&gpu->render.engine.delay_ms, faults->fence_delay_ms);
	gpu->faults = *faults;
	vprime_chaos_start(gpu);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gpu_set_faults);
