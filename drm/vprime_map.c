// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_map.h"

#include <kunit/visibility.h>

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/highmem.h>
#include <linux/iosys-map.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>

#include <drm/drm_gem_ttm_helper.h>
#include <drm/drm_vma_manager.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include "vprime_bo.h"
#include "vprime_gpu.h"
#include "vprime_import.h"

/**
 * DOC: The CPU's view
 *
 * How the kernel (vmap) and programs (mmap) see a buffer. Neither pins: a page fault finds where
 * the buffer is now, and a vmap is good for as long as the dma-resv lock is held, or the buffer is
 * pinned. It is kept from one time to the next and forgotten when the buffer moves, so that whoever
 * needs it for every access, as the console does, gets it cheaply.
 *
 * A peer's buffer is seen in the same way, in place. Any other import is shown by its exporter,
 * through the dma-buf.
 */

/* The buffer whose pages are ours to map, or NULL. */
static struct vprime_bo *bo_behind(struct drm_gem_object *obj)
{
	struct vprime_bo *bo = to_vprime_bo(obj);

	return vprime_bo_is_import(bo) ? vprime_import_origin(bo) : bo;
}

static struct page **bo_pages(struct vprime_bo *bo)
{
	struct ttm_resource *res = bo->tbo.resource;

	return res->mem_type == TTM_PL_VRAM ? vprime_vram_pages(&bo->gpu->vram, res) :
					      bo->tbo.ttm->pages;
}

static int bo_make_present(struct vprime_bo *bo)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };

	if (bo->tbo.resource->mem_type == TTM_PL_VRAM)
		return 0;
	return ttm_tt_populate(bo->tbo.bdev, bo->tbo.ttm, &ctx);
}

/**
 * vprime_gem_vmap - let the kernel see a buffer
 * @obj: its GEM object
 * @map: gets the address, good while the dma-resv lock is held or the buffer is pinned
 *
 * Context: the dma-resv lock is held. May sleep and allocate; waits for the buffer to arrive.
 * Return: 0; -ENOMEM; -ERESTARTSYS; of an import, what its exporter returns.
 */
int vprime_gem_vmap(struct drm_gem_object *obj, struct iosys_map *map)
{
	struct vprime_bo *bo = bo_behind(obj);
	long left;
	int ret;

	dma_resv_assert_held(obj->resv);

	if (!bo)
		return dma_buf_vmap(obj->import_attach->dmabuf, map);

	ret = bo_make_present(bo);
	if (ret)
		return ret;
	left = dma_resv_wait_timeout(obj->resv, DMA_RESV_USAGE_KERNEL, true, MAX_SCHEDULE_TIMEOUT);
	if (left < 0)
		return left;

	if (!bo->vaddr)
		bo->vaddr = vmap(bo_pages(bo), PFN_UP(obj->size), VM_MAP, PAGE_KERNEL);
	if (!bo->vaddr)
		return -ENOMEM;
	iosys_map_set_vaddr(map, bo->vaddr);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gem_vmap);

/**
 * vprime_gem_vunmap - the counterpart of vprime_gem_vmap()
 * @obj: its GEM object
 * @map: from there
 *
 * Context: the dma-resv lock is held.
 */
void vprime_gem_vunmap(struct drm_gem_object *obj, struct iosys_map *map)
{
	dma_resv_assert_held(obj->resv);

	if (!bo_behind(obj))
		dma_buf_vunmap(obj->import_attach->dmabuf, map);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gem_vunmap);

/**
 * vprime_map_forget - the kernel's view of a buffer is not good any more
 * @bo: a buffer that leaves its pages
 *
 * Context: the dma-resv lock is held, or nobody else knows the buffer. May sleep.
 */
void vprime_map_forget(struct vprime_bo *bo)
{
	vunmap(bo->vaddr);
	bo->vaddr = NULL;
}

static int import_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	int ret;

	/* The exporter fills these in, or needs none. */
	vma->vm_ops = NULL;
	vma->vm_private_data = NULL;
	vm_flags_set(vma, VM_DONTEXPAND);
	ret = dma_buf_mmap(obj->import_attach->dmabuf, vma, 0);
	if (ret)
		return ret;

	/* From here on the dma-buf's file is what the mapping holds. */
	drm_gem_object_put(obj);
	return 0;
}

/*
 * A page fault finds where the buffer is. Also when the GPU has been unplugged: its memory is the
 * system's, and whoever shares the buffer keeps its content.
 */
static vm_fault_t vprime_map_fault(struct vm_fault *vmf)
{
	struct ttm_buffer_object *tbo = vmf->vma->vm_private_data;
	vm_fault_t ret;

	ret = ttm_bo_vm_reserve(tbo, vmf);
	if (ret)
		return ret;

	ret = ttm_bo_vm_fault_reserved(vmf, vmf->vma->vm_page_prot, TTM_BO_VM_NUM_PREFAULT);
	/* It has dropped the lock to wait. */
	if (ret == VM_FAULT_RETRY && !(vmf->flags & FAULT_FLAG_RETRY_NOWAIT))
		return ret;
	dma_resv_unlock(tbo->base.resv);
	return ret;
}

/*
 * How long a buffer is waited for that does not arrive. The memory management holds mmap_lock
 * meanwhile, and whoever lists processes comes here for the arguments of a program that has mapped
 * a buffer in their place.
 */
#define ACCESS_PATIENCE (5 * HZ)

/* How soon a process that was killed stops waiting. */
#define KILLED_LATENCY (HZ / 10)

static bool lock_if_settled(struct dma_resv *resv)
{
	if (!dma_resv_trylock(resv))
		return false;
	if (dma_resv_test_signaled(resv, DMA_RESV_USAGE_KERNEL))
		return true;
	dma_resv_unlock(resv);
	return false;
}

/*
 * To the caller any error means memory that cannot be read, so a signal ends the waiting only if it
 * kills. There is no such way to wait for the lock, nor one with a limit, so it is tried.
 */
static int lock_settled(struct dma_resv *resv)
{
	unsigned long deadline = jiffies + ACCESS_PATIENCE;
	long left;

	while (!lock_if_settled(resv)) {
		left = dma_resv_wait_timeout(resv, DMA_RESV_USAGE_KERNEL, false, KILLED_LATENCY);
		if (left < 0)
			return left;
		if (fatal_signal_pending(current))
			return -EINTR;
		if (time_after(jiffies, deadline))
			return -EBUSY;
		if (left)
			schedule_timeout_killable(1);
	}
	return 0;
}

static void access_pages(struct page **pages, unsigned long offset, void *buf, size_t len,
			 bool write)
{
	size_t now;

	for (; len; len -= now, offset += now, buf += now) {
		struct page *page = pages[PFN_DOWN(offset)];

		now = min_t(size_t, len, PAGE_SIZE - offset_in_page(offset));
		if (write)
			memcpy_to_page(page, offset_in_page(offset), buf, now);
		else
			memcpy_from_page(buf, page, offset_in_page(offset), now);
	}
}

static int access_bo(struct vprime_bo *bo, unsigned long offset, void *buf, int len, bool write)
{
	int ret;

	dma_resv_assert_held(bo->tbo.base.resv);

	ret = bo_make_present(bo);
	if (ret)
		return ret;

	access_pages(bo_pages(bo), offset, buf, len, write);
	return len;
}

/*
 * For a debugger and /proc/PID/mem. ttm_bo_vm_access() does not do: it does not wait for the job
 * that clears or copies. Before that has run, the new place of the buffer has the content of its
 * previous owner, and what is written there is lost.
 *
 * Writes come here also for mappings that are not writable, and for more than the mapping has.
 */
static int vprime_map_access(struct vm_area_struct *vma, unsigned long addr, void *buf, int len,
			     int write)
{
	struct ttm_buffer_object *tbo = vma->vm_private_data;
	unsigned long offset = addr - vma->vm_start +
		((vma->vm_pgoff - drm_vma_node_start(&tbo->base.vma_node)) << PAGE_SHIFT);
	int ret;

	if (write && !(vma->vm_flags & VM_WRITE))
		return -EACCES;
	len = min_t(unsigned long, len, vma->vm_end - addr);
	if (len < 1 || offset >= tbo->base.size || len > tbo->base.size - offset)
		return -EIO;

	ret = lock_settled(tbo->base.resv);
	if (ret)
		return ret;
	ret = access_bo(ttm_to_vprime_bo(tbo), offset, buf, len, write);
	dma_resv_unlock(tbo->base.resv);
	return ret;
}

const struct vm_operations_struct vprime_map_vm_ops = {
	.fault	= vprime_map_fault,
	.open	= ttm_bo_vm_open,
	.close	= ttm_bo_vm_close,
	.access	= vprime_map_access,
};

/**
 * vprime_gem_mmap - let a program see a buffer
 * @obj: its GEM object, with a reference that is ours on success
 * @vma: where
 *
 * Context: mmap_lock is held. May sleep.
 * Return: 0; -EINVAL for a private writable mapping; of an import, what its exporter returns.
 */
int vprime_gem_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	if (vprime_bo_is_import(to_vprime_bo(obj)))
		return import_mmap(obj, vma);
	return drm_gem_ttm_mmap(obj, vma);
}

/**
 * vprime_map_offset - where to mmap() a buffer on the device's fd
 * @file: who asks
 * @drm: the device
 * @handle: of the buffer, which may be an import: software rendering maps those as well
 * @offset: gets it
 *
 * Context: may sleep.
 * Return: 0, -ENOENT if there is no such handle, -ENOMEM or -ENOSPC if there are no offsets left.
 */
int vprime_map_offset(struct drm_file *file, struct drm_device *drm, u32 handle, u64 *offset)
{
	struct drm_gem_object *obj;
	int ret;

	obj = drm_gem_object_lookup(file, handle);
	if (!obj)
		return -ENOENT;

	ret = drm_gem_create_mmap_offset(obj);
	if (!ret)
		*offset = drm_vma_node_offset_addr(&obj->vma_node);
	drm_gem_object_put(obj);
	return ret;
}
