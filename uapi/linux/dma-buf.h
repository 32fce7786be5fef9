/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What user space does with a dma-buf file descriptor.
 *
 * Besides these ioctls a dma-buf supports mmap(), lseek() to learn its size,
 * poll() to wait for fences, fstat() and fstatfs() to tell buffers apart, and
 * close().  An ioctl with invalid flags fails with EINVAL before it does
 * anything, so programs may use one to recognise a dma-buf; a descriptor of
 * any other kind answers ENOTTY.
 *
 * Rules of extension: numbers and structures below never change.  A new
 * operation gets a new number; a flag that is not defined here is rejected.
 */

#ifndef _DMA_BUF_UAPI_H_
#define _DMA_BUF_UAPI_H_

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * struct dma_buf_sync - open or close a bracket of CPU access
 *
 * Reads and writes through a mapping are coherent with devices only between a
 * START and the END that follows it, for the kind of access that was named.
 * START also waits for the fences of devices that use the buffer under implicit
 * synchronisation.  It keeps nobody else from touching the memory.
 *
 * Errors: EFAULT; EINVAL for unknown flags or when neither READ nor WRITE is
 * named; EINTR or EAGAIN, after which the call is to be repeated; whatever the
 * exporter returns.
 */
struct dma_buf_sync {
	/**
	 * @flags: DMA_BUF_SYNC_START or DMA_BUF_SYNC_END, together with
	 * DMA_BUF_SYNC_READ, DMA_BUF_SYNC_WRITE or both.
	 */
	__u64 flags;
};

#define DMA_BUF_SYNC_READ      0x1
#define DMA_BUF_SYNC_WRITE     0x2
#define DMA_BUF_SYNC_RW        (DMA_BUF_SYNC_READ | DMA_BUF_SYNC_WRITE)
#define DMA_BUF_SYNC_START     0x0
#define DMA_BUF_SYNC_END       0x4
#define DMA_BUF_SYNC_VALID_FLAGS_MASK \
	(DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END)

/* Bytes of a name, the final NUL included. */
#define DMA_BUF_NAME_LEN	32

/**
 * struct dma_buf_export_sync_file - turn the buffer's fences into a sync file
 *
 * The result is a snapshot: fences added later are not in it.  A buffer without
 * pending fences gives a sync file that has signalled already.
 *
 * Errors: EFAULT; EINVAL for unknown flags or none; EMFILE; ENOMEM; ENOTTY on a
 * kernel without sync files.  After an error no descriptor is left open.
 */
struct dma_buf_export_sync_file {
	/**
	 * @flags: What the caller is about to do.  DMA_BUF_SYNC_READ alone
	 * collects the writers, as poll() with POLLIN waits for them;
	 * DMA_BUF_SYNC_WRITE collects the readers too, as with POLLOUT.
	 */
	__u32 flags;
	/** @fd: Receives the new descriptor, which is close-on-exec. */
	__s32 fd;
};

/**
 * struct dma_buf_import_sync_file - add a sync file's fences to the buffer
 *
 * For programs with explicit synchronisation whose buffers are consumed by
 * others under implicit synchronisation.
 *
 * Errors: EFAULT; EINVAL for unknown flags, none, or an @fd that is no sync
 * file; ENOMEM; EINTR; ENOTTY on a kernel without sync files.
 */
struct dma_buf_import_sync_file {
	/**
	 * @flags: What the work behind the fence does.  After DMA_BUF_SYNC_READ
	 * only later writers wait for it, after DMA_BUF_SYNC_WRITE everybody.
	 */
	__u32 flags;
	/** @fd: The sync file; it stays the caller's. */
	__s32 fd;
};

#define DMA_BUF_BASE		'b'
#define DMA_BUF_IOCTL_SYNC	_IOW(DMA_BUF_BASE, 0, struct dma_buf_sync)

/*
 * The argument is a pointer to the name.  Its size went into the number once,
 * so there is one for 32 and one for 64 bits; both work everywhere.
 * Errors: EFAULT; EINVAL without a NUL within DMA_BUF_NAME_LEN; ENOMEM.
 */
#define DMA_BUF_SET_NAME	_IOW(DMA_BUF_BASE, 1, const char *)
#define DMA_BUF_SET_NAME_A	_IOW(DMA_BUF_BASE, 1, __u32)
#define DMA_BUF_SET_NAME_B	_IOW(DMA_BUF_BASE, 1, __u64)
#define DMA_BUF_IOCTL_EXPORT_SYNC_FILE	_IOWR(DMA_BUF_BASE, 2, struct dma_buf_export_sync_file)
#define DMA_BUF_IOCTL_IMPORT_SYNC_FILE	_IOW(DMA_BUF_BASE, 3, struct dma_buf_import_sync_file)

#endif
