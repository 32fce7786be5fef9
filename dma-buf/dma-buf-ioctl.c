// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dma-fence-unwrap.h>
#include <linux/dma-resv.h>
#include <linux/sync_file.h>
#include <linux/uaccess.h>

#include <uapi/linux/dma-buf.h>

#include "dma-buf-private.h"

/**
 * DOC: What user space asks for by number
 *
 * Step 8 of a buffer's life: ioctls.  This room checks what user space hands
 * in and calls the room that does the work; it decides nothing.  Flags are
 * checked before anything happens, because programs use an ioctl with invalid
 * flags to find out whether a descriptor is a dma-buf.
 *
 * Tested by igt-tests/dmabuf_ioctl.c.
 */

/* What the CPU reads, a device has written, and the other way round. */
static const enum dma_data_direction dma_buf_sync_directions[] = {
	[0]			= DMA_NONE,
	[DMA_BUF_SYNC_READ]	= DMA_FROM_DEVICE,
	[DMA_BUF_SYNC_WRITE]	= DMA_TO_DEVICE,
	[DMA_BUF_SYNC_RW]	= DMA_BIDIRECTIONAL,
};

static long dma_buf_ioctl_sync(struct dma_buf *dmabuf, void __user *user_arg)
{
	enum dma_data_direction direction;
	struct dma_buf_sync arg;

	if (copy_from_user(&arg, user_arg, sizeof(arg)))
		return -EFAULT;

	direction = dma_buf_sync_directions[arg.flags & DMA_BUF_SYNC_RW];
	if (direction == DMA_NONE || arg.flags & ~DMA_BUF_SYNC_VALID_FLAGS_MASK)
		return -EINVAL;

	if (arg.flags & DMA_BUF_SYNC_END)
		return dma_buf_cpu_end(dmabuf, direction);

	return dma_buf_cpu_begin(dmabuf, direction);
}

#if IS_ENABLED(CONFIG_SYNC_FILE)

static bool dma_buf_sync_file_flags_valid(u32 flags)
{
	return flags && !(flags & ~DMA_BUF_SYNC_RW);
}

static struct sync_file *dma_buf_sync_file_create(struct dma_buf *dmabuf, bool write)
{
	struct sync_file *sync_file;
	struct dma_fence *fence;
	int ret;

	ret = dma_resv_get_singleton(dmabuf->resv, dma_resv_usage_rw(write), &fence);
	if (ret)
		return ERR_PTR(ret);
	if (!fence)
		fence = dma_fence_get_stub();

	sync_file = sync_file_create(fence);
	dma_fence_put(fence);
	return sync_file ?: ERR_PTR(-ENOMEM);
}

static long dma_buf_ioctl_export_sync_file(struct dma_buf *dmabuf, void __user *user_arg)
{
	struct dma_buf_export_sync_file arg;
	struct sync_file *sync_file;
	long ret;

	if (copy_from_user(&arg, user_arg, sizeof(arg)))
		return -EFAULT;
	if (!dma_buf_sync_file_flags_valid(arg.flags))
		return -EINVAL;

	arg.fd = get_unused_fd_flags(O_CLOEXEC);
	if (arg.fd < 0)
		return arg.fd;

	sync_file = dma_buf_sync_file_create(dmabuf, arg.flags & DMA_BUF_SYNC_WRITE);
	if (IS_ERR(sync_file)) {
		ret = PTR_ERR(sync_file);
		goto err_put_fd;
	}

	if (copy_to_user(user_arg, &arg, sizeof(arg))) {
		ret = -EFAULT;
		goto err_put_file;
	}

	/* Others see the sync file from here on. */
	fd_install(arg.fd, sync_file->file);
	return 0;

err_put_file:
	fput(sync_file->file);
err_put_fd:
	put_unused_fd(arg.fd);
	return ret;
}

/* Containers do not go into a reservation object, so add what is inside. */
static int dma_buf_add_fences(struct dma_buf *dmabuf, struct dma_fence *fences,
			      enum dma_resv_usage usage)
{
	struct dma_fence_unwrap iter;
	struct dma_fence *fence;
	unsigned int count = 0;
	int ret;

	dma_fence_unwrap_for_each(fence, &iter, fences)
		count++;
	if (!count)
		return 0;

	ret = dma_buf_lock_interruptible(dmabuf);
	if (ret)
		return ret;

	ret = dma_resv_reserve_fences(dmabuf->resv, count);
	if (ret)
		goto out_unlock;

	dma_fence_unwrap_for_each(fence, &iter, fences)
		dma_resv_add_fence(dmabuf->resv, fence, usage);

out_unlock:
	dma_resv_unlock(dmabuf->resv);
	return ret;
}

static long dma_buf_ioctl_import_sync_file(struct dma_buf *dmabuf, void __user *user_arg)
{
	struct dma_buf_import_sync_file arg;
	struct dma_fence *fences;
	long ret;

	if (copy_from_user(&arg, user_arg, sizeof(arg)))
		return -EFAULT;
	if (!dma_buf_sync_file_flags_valid(arg.flags))
		return -EINVAL;

	fences = sync_file_get_fence(arg.fd);
	if (!fences)
		return -EINVAL;

	ret = dma_buf_add_fences(dmabuf, fences, arg.flags & DMA_BUF_SYNC_WRITE ?
				 DMA_RESV_USAGE_WRITE : DMA_RESV_USAGE_READ);
	dma_fence_put(fences);
	return ret;
}

#else /* !CONFIG_SYNC_FILE */

static long dma_buf_ioctl_export_sync_file(struct dma_buf *dmabuf, void __user *user_arg)
{
	return -ENOTTY;
}

static long dma_buf_ioctl_import_sync_file(struct dma_buf *dmabuf, void __user *user_arg)
{
	return -ENOTTY;
}

#endif

/**
 * dma_buf_ioctl - ioctl() of a dma-buf descriptor
 * @file: the buffer's file
 * @cmd: DMA_BUF_IOCTL_* or DMA_BUF_SET_NAME*
 * @arg: pointer to the argument, in the caller's memory
 *
 * Context: process context; &dma_buf.resv not held.
 * Return: 0 or what uapi/linux/dma-buf.h documents for @cmd; -ENOTTY for any
 * other one.
 */
long dma_buf_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct dma_buf *dmabuf = file->private_data;
	void __user *user_arg = (void __user *)arg;

	switch (cmd) {
	case DMA_BUF_IOCTL_SYNC:
		return dma_buf_ioctl_sync(dmabuf, user_arg);
	case DMA_BUF_SET_NAME_A:
	case DMA_BUF_SET_NAME_B:
		return dma_buf_set_name(dmabuf, user_arg);
	case DMA_BUF_IOCTL_EXPORT_SYNC_FILE:
		return dma_buf_ioctl_export_sync_file(dmabuf, user_arg);
	case DMA_BUF_IOCTL_IMPORT_SYNC_FILE:
		return dma_buf_ioctl_import_sync_file(dmabuf, user_arg);
	default:
		return -ENOTTY;
	}
}
