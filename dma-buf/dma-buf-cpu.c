// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/mm.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-private.h"
#include "dma_buf_trace.h"

/**
 * DOC: The CPU as one more user
 *
 * Step 6 of a buffer's life: the CPU touches it, through a mapping of a process
 * (mmap) or of the kernel (vmap).  This room owns the brackets of access and the
 * count of kernel mappings.
 *
 * An address is one thing and access another: whichever way the address came,
 * reads and writes belong between dma_buf_begin_cpu_access() and
 * dma_buf_end_cpu_access(), which is also where devices are waited for.
 *
 * The address from dma_buf_vmap() is good while the reservation lock is held,
 * or for a dynamic importer until its move_notify.  vmap is cheap and to be
 * called for each access; it does not pin.
 *
 * Tested by tests/dma-buf-cpu-test.c.
 */

/* A CPU that only reads need not wait for others that read. */
static int dma_buf_cpu_wait(struct dma_buf *dmabuf,
			    enum dma_data_direction direction)
{
	bool write = direction == DMA_BIDIRECTIONAL || direction == DMA_TO_DEVICE;
	long ret;

	if (!dma_buf_has_fences(dmabuf))
		return 0;

	ret = dma_resv_wait_timeout(dmabuf->resv, dma_resv_usage_rw(write), true,
				    MAX_SCHEDULE_TIMEOUT);
	return min(ret, 0);
}

static int dma_buf_cpu_ask(struct dma_buf *dmabuf, enum dma_data_direction direction)
{
	might_lock(&dmabuf->resv->lock.base);

	if (!dmabuf->ops->begin_cpu_access)
		return 0;
	return dmabuf->ops->begin_cpu_access(dmabuf, direction);
}

/**
 * dma_buf_cpu_begin - open a bracket, for the kernel or for user space
 * @dmabuf: the buffer
 * @direction: DMA_FROM_DEVICE to read, DMA_TO_DEVICE to write, or both
 *
 * The exporter comes first: it may know a better way to wait for its own work.
 *
 * Context: process context; &dma_buf.resv not held.
 * Return: 0, the exporter's errno, or -ERESTARTSYS after a signal.
 */
int dma_buf_cpu_begin(struct dma_buf *dmabuf, enum dma_data_direction direction)
{
	int ret;

	ret = dma_buf_cpu_ask(dmabuf, direction);
	if (ret)
		return ret;

	ret = dma_buf_cpu_wait(dmabuf, direction);
	if (ret)
		return ret;

	trace_dma_buf_begin_cpu_access(dmabuf, direction);
	return 0;
}

/**
 * dma_buf_cpu_end - close a bracket, for the kernel or for user space
 * @dmabuf: the buffer
 * @direction: as it was opened
 *
 * Context: process context; &dma_buf.resv not held.
 * Return: 0 or the exporter's errno.
 */
int dma_buf_cpu_end(struct dma_buf *dmabuf, enum dma_data_direction direction)
{
	might_lock(&dmabuf->resv->lock.base);

	trace_dma_buf_end_cpu_access(dmabuf, direction);
	if (!dmabuf->ops->end_cpu_access)
		return 0;

	return dmabuf->ops->end_cpu_access(dmabuf, direction);
}

/**
 * dma_buf_begin_cpu_access - open a bracket of CPU access by the kernel
 * @dmabuf: the buffer
 * @direction: DMA_FROM_DEVICE to read, DMA_TO_DEVICE to write, or both
 *
 * Afterwards the CPU sees what devices wrote under implicit synchronisation.
 * Fences of explicit synchronisation are the caller's to wait for.
 *
 * Context: process context; &dma_buf.resv not held.
 * Return: 0; -EINVAL without a buffer (reported); the exporter's errno, in which
 * case nothing was waited for; -ERESTARTSYS after a signal.
 */
int dma_buf_begin_cpu_access(struct dma_buf *dmabuf,
			     enum dma_data_direction direction)
{
	int ret;

	if (dma_buf_misuse(!dmabuf, DMA_BUF_BREACH_ARGUMENT, NULL, NULL))
		return -EINVAL;

	ret = dma_buf_cpu_begin(dmabuf, direction);
	if (!ret)
		dma_buf_check_begin_cpu_access(dmabuf, direction);

	return ret;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_begin_cpu_access, DMA_BUF);

/**
 * dma_buf_begin_cpu_access_nowait - open a bracket of CPU access without waiting for fences
 * @dmabuf: the buffer
 * @direction: DMA_FROM_DEVICE to read, DMA_TO_DEVICE to write, or both
 *
 * For a caller that waits for the fences it depends on by itself, as a commit
 * of mode setting does.  The buffer may have more fences by now, and one of
 * them may wait for the caller: waiting for all of them would be a deadlock.
 * The exporter is asked as by dma_buf_begin_cpu_access(), and may lock, allocate
 * and wait.  So this belongs before the point from which others wait for the
 * caller.
 *
 * Context: process context; &dma_buf.resv not held.
 * Return: 0, undone by dma_buf_end_cpu_access(); -EINVAL without a buffer
 * (reported); the exporter's errno.
 */
int dma_buf_begin_cpu_access_nowait(struct dma_buf *dmabuf,
				    enum dma_data_direction direction)
{
	int ret;

	if (dma_buf_misuse(!dmabuf, DMA_BUF_BREACH_ARGUMENT, NULL, NULL))
		return -EINVAL;

	ret = dma_buf_cpu_ask(dmabuf, direction);
	if (ret)
		return ret;

	trace_dma_buf_begin_cpu_access(dmabuf, direction);
	dma_buf_check_begin_cpu_access(dmabuf, direction);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_begin_cpu_access_nowait, DMA_BUF);

/**
 * dma_buf_end_cpu_access - close a bracket of CPU access by the kernel
 * @dmabuf: the buffer
 * @direction: as it was opened
 *
 * Context: process context; &dma_buf.resv not held.
 * Return: 0; -EINVAL without a buffer (reported); the exporter's errno.
 */
int dma_buf_end_cpu_access(struct dma_buf *dmabuf,
			   enum dma_data_direction direction)
{
	int ret;

	if (dma_buf_misuse(!dmabuf, DMA_BUF_BREACH_ARGUMENT, NULL, NULL))
		return -EINVAL;

	ret = dma_buf_cpu_end(dmabuf, direction);
	dma_buf_check_end_cpu_access(dmabuf, direction, ret);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_end_cpu_access, DMA_BUF);

static int dma_buf_mmap_check(struct dma_buf *dmabuf, struct vm_area_struct *vma,
			      unsigned long pgoff)
{
	unsigned long end;

	if (!dmabuf->ops->mmap)
		return -EINVAL;
	if (check_add_overflow(pgoff, vma_pages(vma), &end))
		return -EOVERFLOW;
	if (end > dmabuf->size >> PAGE_SHIFT)
		return -EINVAL;

	return 0;
}

/**
 * dma_buf_cpu_mmap - mmap() of a dma-buf descriptor
 * @file: the buffer's file
 * @vma: where to map
 *
 * Context: mmap_lock held for writing.
 * Return: 0; -EINVAL if the exporter has no mmap or the range leaves the buffer;
 * the exporter's errno.
 */
int dma_buf_cpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct dma_buf *dmabuf = file->private_data;
	int ret = dma_buf_mmap_check(dmabuf, vma, vma->vm_pgoff);

	if (ret)
		return ret;

	trace_dma_buf_mmap_internal(dmabuf);
	return dmabuf->ops->mmap(dmabuf, vma);
}

/**
 * dma_buf_mmap - map a buffer for an importer's own mmap()
 * @dmabuf: the buffer
 * @vma: the importer's vma; becomes one of the buffer's file
 * @pgoff: first page of the buffer that is to be seen
 *
 * Context: mmap_lock held for writing; &dma_buf.resv not held.
 * Return: 0; -EINVAL without arguments (reported), without an mmap of the
 * exporter, or past the end of the buffer; -EOVERFLOW; the exporter's errno.
 */
int dma_buf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma,
		 unsigned long pgoff)
{
	int ret;

	if (dma_buf_misuse(!dmabuf || !vma, DMA_BUF_BREACH_ARGUMENT, dmabuf, NULL))
		return -EINVAL;

	ret = dma_buf_mmap_check(dmabuf, vma, pgoff);
	if (ret)
		return ret;

	/* The buffer must not go before the mapping does. */
	vma_set_file(vma, dmabuf->file);
	vma->vm_pgoff = pgoff;

	trace_dma_buf_mmap(dmabuf);
	return dmabuf->ops->mmap(dmabuf, vma);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_mmap, DMA_BUF);

/**
 * dma_buf_vmap - get a kernel address for a whole buffer
 * @dmabuf: the buffer
 * @map: receives the address; cleared after an error
 *
 * The exporter is asked by the first user only; later ones share its address.
 * Only a fatal signal interrupts it.
 *
 * Context: &dma_buf.resv held.
 * Return: 0, undone by dma_buf_vunmap(); -EINVAL without a buffer (reported) or
 * if the exporter has no vmap; the exporter's errno.
 */
int dma_buf_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	int ret;

	iosys_map_clear(map);

	if (dma_buf_misuse(!dmabuf, DMA_BUF_BREACH_ARGUMENT, NULL, NULL))
		return -EINVAL;

	dma_resv_assert_held(dmabuf->resv);
	dma_buf_check_locked(dmabuf, NULL);

	if (!dmabuf->ops->vmap)
		return -EINVAL;

	if (!dmabuf->vmapping_counter) {
		do
			ret = dmabuf->ops->vmap(dmabuf, &dmabuf->vmap_ptr);
		while (dma_buf_call_again(dmabuf, ret));
		if (ret) {
			iosys_map_clear(&dmabuf->vmap_ptr);
			return ret;
		}
	}

	dmabuf->vmapping_counter++;
	*map = dmabuf->vmap_ptr;
	dma_buf_check_vmap(dmabuf);
	trace_dma_buf_vmap(dmabuf);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_vmap, DMA_BUF);

/**
 * dma_buf_vmap_unlocked - dma_buf_vmap() for those without the lock
 * @dmabuf: the buffer
 * @map: receives the address
 *
 * The address outlives the lock, so the buffer must not be able to move: its
 * exporter is static, or it is pinned, or the caller has a move_notify.
 *
 * Context: process context; takes &dma_buf.resv, so it must not be held.
 * Return: as dma_buf_vmap().
 */
int dma_buf_vmap_unlocked(struct dma_buf *dmabuf, struct iosys_map *map)
{
	int err;

	if (dma_buf_misuse(!dmabuf, DMA_BUF_BREACH_ARGUMENT, NULL, NULL)) {
		iosys_map_clear(map);
		return -EINVAL;
	}

	dma_buf_lock(dmabuf);
	dma_buf_check_section(dmabuf);
	err = dma_buf_vmap(dmabuf, map);
	if (!err)
		dma_buf_check_vmap_unlocked(dmabuf);
	dma_resv_unlock(dmabuf->resv);

	return err;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_vmap_unlocked, DMA_BUF);

static void dma_buf_vunmap_last(struct dma_buf *dmabuf)
{
	if (dmabuf->ops->vunmap)
		dmabuf->ops->vunmap(dmabuf, &dmabuf->vmap_ptr);
	iosys_map_clear(&dmabuf->vmap_ptr);
}

/**
 * dma_buf_vunmap - give a kernel address back
 * @dmabuf: the buffer
 * @map: what dma_buf_vmap() returned
 *
 * Context: &dma_buf.resv held.
 */
void dma_buf_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	if (dma_buf_misuse(!dmabuf, DMA_BUF_BREACH_ARGUMENT, NULL, NULL))
		return;

	dma_resv_assert_held(dmabuf->resv);
	dma_buf_check_locked(dmabuf, NULL);

	if (!dmabuf->vmapping_counter || !iosys_map_is_equal(&dmabuf->vmap_ptr, map)) {
		dma_buf_breach(DMA_BUF_BREACH_VUNMAP_UNMAPPED, dmabuf, NULL,
			       dma_buf_check_vmapped_at(dmabuf));
		return;
	}

	dma_buf_check_vunmap(dmabuf);
	trace_dma_buf_vunmap(dmabuf);
	if (--dmabuf->vmapping_counter == 0)
		dma_buf_vunmap_last(dmabuf);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_vunmap, DMA_BUF);

/**
 * dma_buf_vunmap_unlocked - dma_buf_vunmap() for those without the lock
 * @dmabuf: the buffer
 * @map: what dma_buf_vmap_unlocked() returned
 *
 * Context: process context; takes &dma_buf.resv, so it must not be held.
 */
void dma_buf_vunmap_unlocked(struct dma_buf *dmabuf, struct iosys_map *map)
{
	if (dma_buf_misuse(!dmabuf, DMA_BUF_BREACH_ARGUMENT, NULL, NULL))
		return;

	dma_buf_lock(dmabuf);
	dma_buf_check_section(dmabuf);
	dma_buf_vunmap(dmabuf, map);
	dma_resv_unlock(dmabuf->resv);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_vunmap_unlocked, DMA_BUF);

/**
 * dma_buf_cpu_abandon_vmap - unmap what the kernel forgot to unmap
 * @dmabuf: a buffer whose last reference is gone
 */
void dma_buf_cpu_abandon_vmap(struct dma_buf *dmabuf)
{
	dma_buf_lock(dmabuf);
	dmabuf->vmapping_counter = 0;
	dma_buf_vunmap_last(dmabuf);
	dma_resv_unlock(dmabuf->resv);
}
