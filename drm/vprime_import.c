// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_import.h"

#include <kunit/visibility.h>

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <drm/drm_drv.h>
#include <drm/drm_managed.h>

#include "vprime_binding.h"
#include "vprime_bo.h"
#include "vprime_export.h"
#include "vprime_gpu.h"
#include "vprime_trace.h"

/**
 * DOC: The tenant
 *
 * Buffers of other devices. An import has no memory, and shares the exporter's dma-resv. It is
 * mapped when an engine first needs it. When the exporter says that the buffer moves, the mapping
 * is retired: no new job can use it, those that do keep it until their fences have signalled, and
 * only then is it unmapped. The next job maps the buffer again, where it is by then.
 */

/**
 * struct vprime_mapping - an import as mapped for this GPU
 * @link: in the list of those that are retired
 * @sgt: the exporter's
 * @binding: our engines' windows onto it
 * @peer: it is in the VRAM of a peer
 */
struct vprime_mapping {
	struct list_head link;
	struct sg_table *sgt;
	struct vprime_binding *binding;
	bool peer;
};

static void mapping_unmap(struct vprime_bo *bo, struct vprime_mapping *mapping)
{
	dma_resv_assert_held(bo->tbo.base.resv);

	vprime_binding_put(mapping->binding);
	dma_buf_unmap_attachment(bo->tbo.base.import_attach, mapping->sgt, DMA_BIDIRECTIONAL);
	trace_vprime_import_unmap(bo);
	kfree(mapping);
}

/* Each job that uses a mapping holds its binding until it has ended. */
static bool mapping_is_used(const struct vprime_mapping *mapping)
{
	return kref_read(&mapping->binding->kref) > 1;
}

static void unmap_retired(struct vprime_bo *bo)
{
	struct vprime_mapping *mapping, *next;

	dma_resv_assert_held(bo->tbo.base.resv);

	list_for_each_entry_safe(mapping, next, &bo->retired, link) {
		if (mapping_is_used(mapping))
			continue;
		list_del(&mapping->link);
		mapping_unmap(bo, mapping);
	}
}

static void retire_mapping(struct vprime_bo *bo)
{
	dma_resv_assert_held(bo->tbo.base.resv);

	if (bo->mapping)
		list_add_tail(&bo->mapping->link, &bo->retired);
	WRITE_ONCE(bo->mapping, NULL);
	unmap_retired(bo);
}

/* All jobs have ended, or they fault from now on. */
static void unmap_all(struct vprime_bo *bo)
{
	struct vprime_mapping *mapping, *next;

	retire_mapping(bo);
	list_for_each_entry_safe(mapping, next, &bo->retired, link) {
		vprime_binding_disable(mapping->binding);
		list_del(&mapping->link);
		mapping_unmap(bo, mapping);
	}
}

/* Once the GPU is gone, its jobs can do no harm, and nothing of it can stay mapped. */
static void wait_idle(struct vprime_bo *bo)
{
	long left;

	do {
		left = dma_resv_wait_timeout(bo->tbo.base.resv, DMA_RESV_USAGE_BOOKKEEP, false,
					     HZ / 10);
	} while (!left && !drm_dev_is_unplugged(&bo->gpu->drm));
}

static bool unmap_what_is_unused(struct vprime_bo *bo)
{
	struct dma_resv *resv = bo->tbo.base.resv;
	bool done;

	dma_resv_lock(resv, NULL);
	if (drm_dev_is_unplugged(&bo->gpu->drm))
		unmap_all(bo);
	else
		unmap_retired(bo);
	done = list_empty(&bo->retired);
	dma_resv_unlock(resv);
	return done;
}

static void unmap_work(struct work_struct *work)
{
	struct vprime_bo *bo = container_of(work, struct vprime_bo, unmap_work);
	struct vprime_gpu *gpu = bo->gpu;

	wait_idle(bo);
	/* A job whose fence has signalled is freed a little later. */
	while (!unmap_what_is_unused(bo))
		schedule_timeout_uninterruptible(1);
	drm_gem_object_put(&bo->tbo.base);
	vprime_gpu_put(gpu);
}

/* The work holds the buffer, and the GPU, which its last reference may outlive. */
static void queue_unmap(struct vprime_bo *bo)
{
	/* Without a reference left, vprime_import_destroy() sees to it. */
	if (!kref_get_unless_zero(&bo->tbo.base.refcount))
		return;
	vprime_gpu_get(bo->gpu);
	if (queue_work(bo->gpu->imports, &bo->unmap_work))
		return;
	vprime_gpu_put(bo->gpu);
	drm_gem_object_put(&bo->tbo.base);
}

static void vprime_import_move_notify(struct dma_buf_attachment *attach)
{
	struct vprime_bo *bo = attach->importer_priv;

	dma_resv_assert_held(attach->dmabuf->resv);

	trace_vprime_import_notified(bo);
	bo->moves++;
	retire_mapping(bo);
	if (!list_empty(&bo->retired))
		queue_unmap(bo);
}

static const struct dma_buf_attach_ops vprime_import_ops = {
	.move_notify = vprime_import_move_notify,
};

static const struct dma_buf_attach_ops vprime_import_p2p_ops = {
	.allow_peer2peer = true,
	.move_notify = vprime_import_move_notify,
};

static struct vprime_mapping *mapping_create(struct vprime_bo *bo)
{
	struct dma_buf_attachment *attach = bo->tbo.base.import_attach;
	struct vprime_mapping *mapping;
	int ret;

	mapping = kzalloc(sizeof(*mapping), GFP_KERNEL_ACCOUNT);
	if (!mapping)
		return ERR_PTR(-ENOMEM);

	mapping->sgt = dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(mapping->sgt)) {
		ret = PTR_ERR(mapping->sgt);
		goto err_free;
	}

	mapping->binding = vprime_binding_create(&bo->gpu->port, mapping->sgt);
	if (IS_ERR(mapping->binding)) {
		ret = PTR_ERR(mapping->binding);
		goto err_unmap;
	}
	mapping->peer = vprime_fabric_is_aperture(sg_dma_address(mapping->sgt->sgl));
	return mapping;

err_unmap:
	dma_buf_unmap_attachment(attach, mapping->sgt, DMA_BIDIRECTIONAL);
err_free:
	kfree(mapping);
	return ERR_PTR(ret);
}

static int import_map(struct vprime_bo *bo)
{
	struct vprime_mapping *mapping;

	if (drm_dev_is_unplugged(&bo->gpu->drm))
		return -ENODEV;

	unmap_retired(bo);
	mapping = mapping_create(bo);
	if (IS_ERR(mapping))
		return PTR_ERR(mapping);

	if (bo->moves) {
		bo->remaps++;
		atomic64_inc(&bo->gpu->stats.remaps);
	}
	WRITE_ONCE(bo->mapping, mapping);
	trace_vprime_import_map(bo);
	return 0;
}

/**
 * vprime_import_bind - make an import reachable for the engines
 * @bo: an import
 * @binding: gets our windows onto it; good until the lock is dropped, or as long as a
 *	reference of the caller's own
 *
 * A job that uses it has to wait for the fences of KERNEL usage in the dma-resv, and to leave one
 * of its own.
 *
 * Context: the dma-resv lock is held. May sleep and allocate, and moves the buffer if it has to.
 * Return: 0; -ENODEV if the GPU is gone; -EFAULT if the exporter mapped less than there is;
 * -ENOMEM; the exporter's error.
 */
int vprime_import_bind(struct vprime_bo *bo, struct vprime_binding **binding)
{
	int ret = 0;

	dma_resv_assert_held(bo->tbo.base.resv);

	if (!bo->mapping)
		ret = import_map(bo);
	if (ret)
		return ret;
	if (bo->mapping->binding->size < bo->tbo.base.size)
		return -EFAULT;
	*binding = bo->mapping->binding;
	return 0;
}

/**
 * vprime_import_origin - the buffer that an import was made of, if it is used in place
 * @bo: an import
 *
 * Context: any.
 * Return: the peer's buffer, as long as the caller keeps @bo; NULL if it is another driver's, or
 * only reached in system memory.
 */
struct vprime_bo *vprime_import_origin(const struct vprime_bo *bo)
{
	const struct dma_buf_attachment *attach = bo->tbo.base.import_attach;

	/* An exporter that knows nothing of peers leaves the flag as it is. */
	return attach->peer2peer ? vprime_export_to_bo(attach->dmabuf) : NULL;
}

/**
 * vprime_import_is_peer - whether an import is used where its owner has it, in VRAM
 * @bo: an import
 *
 * Context: the dma-resv lock is held.
 * Return: true if it is mapped, and is.
 */
bool vprime_import_is_peer(const struct vprime_bo *bo)
{
	dma_resv_assert_held(bo->tbo.base.resv);

	return bo->mapping && bo->mapping->peer;
}

/**
 * vprime_import_unplug - give up what an import has mapped for a GPU that is gone
 * @bo: an import
 *
 * Context: no dma-resv lock is held. May sleep.
 */
void vprime_import_unplug(struct vprime_bo *bo)
{
	dma_resv_lock(bo->tbo.base.resv, NULL);
	unmap_all(bo);
	dma_resv_unlock(bo->tbo.base.resv);
}

/* The lock is held, and dropped. */
static void release_locked(struct vprime_bo *bo)
{
	struct dma_buf_attachment *attach = bo->tbo.base.import_attach;
	struct dma_buf *dmabuf = attach->dmabuf;
	struct vprime_gpu *gpu = bo->gpu;

	unmap_all(bo);
	dma_resv_unlock(dmabuf->resv);
	dma_buf_detach(dmabuf, attach);
	vprime_bo_free(bo);
	dma_buf_put(dmabuf);
	vprime_gpu_put(gpu);
}

static void release_work(struct work_struct *work)
{
	struct vprime_bo *bo = container_of(work, struct vprime_bo, unmap_work);
	struct dma_resv *resv = bo->tbo.base.resv;

	wait_idle(bo);
	dma_resv_lock(resv, NULL);
	release_locked(bo);
}

/**
 * vprime_import_destroy - give an import back
 * @bo: without references
 *
 * At once if it is idle. Else its jobs run on, and are waited for in the background.
 *
 * Context: may sleep. Only this dma-resv lock may be held.
 */
void vprime_import_destroy(struct vprime_bo *bo)
{
	struct dma_resv *resv = bo->tbo.base.resv;

	vprime_gpu_get(bo->gpu);
	if (dma_resv_test_signaled(resv, DMA_RESV_USAGE_BOOKKEEP) && dma_resv_trylock(resv)) {
		release_locked(bo);
		return;
	}
	INIT_WORK(&bo->unmap_work, release_work);
	queue_work(bo->gpu->imports, &bo->unmap_work);
}

/*
 * Attaching waits for the lock in a way that no signal ends. Where somebody has it for long, that
 * is waited for here.
 */
static int wait_for_lock(struct dma_resv *resv)
{
	if (dma_resv_lock_interruptible(resv, NULL))
		return -ERESTARTSYS;
	dma_resv_unlock(resv);
	return 0;
}

static struct drm_gem_object *import_foreign(struct vprime_gpu *gpu, struct dma_buf *dmabuf)
{
	const struct dma_buf_attach_ops *ops = gpu->config.p2p ? &vprime_import_p2p_ops :
								 &vprime_import_ops;
	struct dma_buf_attachment *attach;
	struct vprime_bo *bo;
	int ret;

	ret = wait_for_lock(dmabuf->resv);
	if (ret)
		return ERR_PTR(ret);
	bo = vprime_bo_alloc(gpu, dmabuf->size, dmabuf->resv);
	if (IS_ERR(bo))
		return ERR_CAST(bo);
	INIT_WORK(&bo->unmap_work, unmap_work);

	/* From here on the exporter can call us. */
	attach = dma_buf_dynamic_attach(dmabuf, gpu->drm.dev, ops, bo);
	if (IS_ERR(attach)) {
		vprime_bo_free(bo);
		return ERR_CAST(attach);
	}

	get_dma_buf(dmabuf);
	bo->tbo.base.import_attach = attach;
	vprime_bo_publish(bo);
	trace_vprime_import(bo);
	return &bo->tbo.base;
}

/**
 * vprime_gem_prime_import - make an object of a dma-buf
 * @drm: the device
 * @dmabuf: any
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: the object that the dma-buf was made of, if it is this device's, else a new one, with a
 * reference of the caller's; ERR_PTR(-EBUSY) if the device is told to refuse; ERR_PTR(-ENOMEM);
 * ERR_PTR(-ERESTARTSYS); the exporter's error.
 */
struct drm_gem_object *vprime_gem_prime_import(struct drm_device *drm, struct dma_buf *dmabuf)
{
	struct vprime_gpu *gpu = to_vprime_gpu(drm);
	struct vprime_bo *own = vprime_export_to_bo(dmabuf);

	if (own && own->gpu == gpu) {
		drm_gem_object_get(&own->tbo.base);
		return &own->tbo.base;
	}
	if (READ_ONCE(gpu->faults.refuse_import))
		return ERR_PTR(-EBUSY);
	return import_foreign(gpu, dmabuf);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gem_prime_import);

static void destroy_imports(struct drm_device *drm, void *imports)
{
	destroy_workqueue(imports);
}

/**
 * vprime_import_init - prepare a GPU for imports
 * @gpu: the GPU
 *
 * What waits for its jobs there may be many, and is nothing that other GPUs have to wait for.
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_import_init(struct vprime_gpu *gpu)
{
	gpu->imports = alloc_workqueue("vprime-import-%s", WQ_UNBOUND, 0, gpu->config.name);
	if (!gpu->imports)
		return -ENOMEM;
	return drmm_add_action_or_reset(&gpu->drm, destroy_imports, gpu->imports);
}

/**
 * vprime_import_flush - wait until imports of a GPU that were given up are gone
 * @gpu: the GPU
 *
 * Context: may sleep. No dma-resv lock is held.
 */
void vprime_import_flush(struct vprime_gpu *gpu)
{
	flush_workqueue(gpu->imports);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_import_flush);
