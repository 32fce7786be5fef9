// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dcache.h>
#include <linux/export.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/statfs.h>

#include <uapi/linux/dma-buf.h>
#include <uapi/linux/magic.h>

#include "dma-buf-breach.h"
#include "dma-buf-private.h"
#include "dma_buf_trace.h"

/**
 * DOC: The file
 *
 * Step 2 of a buffer's life: the file through which it is counted, told apart,
 * named and passed around.  This room owns the pseudo file system, its inode
 * cache and the mapping between descriptors and buffers.
 *
 * The buffer lives inside its inode, as a socket does, so that creating one is
 * one allocation and freeing it waits for RCU.  &file_operations.release runs
 * with the last reference, takes the buffer off the list and gives its memory
 * back to the exporter.  What user space can keep longer than the file, by a
 * descriptor opened with O_PATH or a watch of inotify, is the inode: it holds
 * &struct dma_buf and the name, which are all that a path shows.
 *
 * Tested by tests/dma-buf-file-test.c.
 */

static struct kmem_cache *dma_buf_inode_cache;
static struct vfsmount *dma_buf_mnt;

static void dma_buf_inode_init_once(void *object)
{
	struct dma_buf_inode *node = object;

	inode_init_once(&node->inode);
}

static struct inode *dma_buf_alloc_inode(struct super_block *sb)
{
	struct dma_buf_inode *node;

	node = alloc_inode_sb(sb, dma_buf_inode_cache, GFP_KERNEL);
	if (!node)
		return NULL;

	memset(&node->dmabuf, 0, sizeof(node->dmabuf));
	return &node->inode;
}

/* Walkers of the list may be looking; in bulk this is cheaper than call_rcu(). */
static void dma_buf_destroy_inode(struct inode *inode)
{
	kfree_rcu(to_dma_buf_inode(inode), inode.i_rcu);
}

static void dma_buf_evict_inode(struct inode *inode)
{
	/*
	 * What clear_inode() leaves behind.  Its search for pages is spared:
	 * no page was ever in i_data, mappings use the exporter's.
	 */
	inode->i_state = I_FREEING | I_CLEAR;
	kfree(to_dma_buf_inode(inode)->dmabuf.name);
}

static const struct super_operations dma_buf_super_ops = {
	.alloc_inode	= dma_buf_alloc_inode,
	.destroy_inode	= dma_buf_destroy_inode,
	.evict_inode	= dma_buf_evict_inode,
	.statfs		= simple_statfs,
};

/**
 * dma_buf_copy_name - copy the name that user space gave to a buffer
 * @dmabuf: the buffer
 * @name: receives the name, DMA_BUF_NAME_LEN bytes; "" if there is none
 *
 * Context: any; takes &dma_buf.name_lock.
 * Return: length of the name, 0 if there is none.
 */
size_t dma_buf_copy_name(struct dma_buf *dmabuf, char *name)
{
	ssize_t len = 0;

	name[0] = '\0';
	spin_lock(&dmabuf->name_lock);
	if (dmabuf->name)
		len = strscpy(name, dmabuf->name, DMA_BUF_NAME_LEN);
	spin_unlock(&dmabuf->name_lock);

	return max(len, 0);
}

static char *dma_buf_dname(struct dentry *dentry, char *buffer, int buflen)
{
	struct dma_buf *dmabuf = dentry->d_fsdata;
	char name[DMA_BUF_NAME_LEN];

	dma_buf_copy_name(dmabuf, name);
	return dynamic_dname(buffer, buflen, "/%pd:%s", dentry, name);
}

static const struct dentry_operations dma_buf_dentry_ops = {
	.d_dname	= dma_buf_dname,
};

static int dma_buf_fs_init_context(struct fs_context *fc)
{
	struct pseudo_fs_context *ctx = init_pseudo(fc, DMA_BUF_MAGIC);

	if (!ctx)
		return -ENOMEM;

	ctx->ops = &dma_buf_super_ops;
	ctx->dops = &dma_buf_dentry_ops;
	return 0;
}

static struct file_system_type dma_buf_fs_type = {
	.name			= "dmabuf",
	.init_fs_context	= dma_buf_fs_init_context,
	.kill_sb		= kill_anon_super,
};

static int dma_buf_file_release(struct inode *inode, struct file *file)
{
	struct dma_buf *dmabuf = file->private_data;

	dma_buf_list_del(dmabuf);
	dma_buf_poll_disarm(dmabuf);
	dma_buf_release(dmabuf);
	return 0;
}

static loff_t dma_buf_llseek(struct file *file, loff_t offset, int whence)
{
	struct dma_buf *dmabuf = file->private_data;

	/* Programs seek to learn the size; there is no position to move. */
	if (offset != 0)
		return -EINVAL;

	switch (whence) {
	case SEEK_SET:
		return 0;
	case SEEK_END:
		return dmabuf->size;
	default:
		return -EINVAL;
	}
}

static const struct file_operations dma_buf_fops = {
	.llseek		= dma_buf_llseek,
	.poll		= dma_buf_poll,
	.unlocked_ioctl	= dma_buf_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.mmap		= dma_buf_cpu_mmap,
	.release	= dma_buf_file_release,
	.show_fdinfo	= dma_buf_show_fdinfo,
};

/*
 * Numbers are dealt to the CPUs in runs, so that creating buffers on several
 * CPUs shares no cache line.  get_next_ino() would wrap after 2^32 buffers.
 */
#define DMA_BUF_INO_RUN 1024

static DEFINE_PER_CPU(unsigned long, dma_buf_last_ino);
static atomic_long_t dma_buf_next_ino_run;

static unsigned long dma_buf_next_ino(void)
{
	unsigned long *last = get_cpu_ptr(&dma_buf_last_ino);
	unsigned long ino;

	if (*last % DMA_BUF_INO_RUN == 0)
		*last = atomic_long_fetch_add(DMA_BUF_INO_RUN,
					      &dma_buf_next_ino_run);
	ino = ++*last;
	put_cpu_ptr(&dma_buf_last_ino);

	return ino;
}

/**
 * dma_buf_inode_create - allocate a buffer and its inode
 * @size: bytes
 *
 * Return: a zeroed buffer but for &dma_buf.size, to be freed with
 * dma_buf_inode_destroy() until dma_buf_file_create() has taken it over; or an
 * ERR_PTR, -ENOMEM.
 */
struct dma_buf *dma_buf_inode_create(size_t size)
{
	struct inode *inode = alloc_anon_inode(dma_buf_mnt->mnt_sb);
	struct dma_buf *dmabuf;

	if (IS_ERR(inode))
		return ERR_CAST(inode);

	inode->i_ino = dma_buf_next_ino();
	inode->i_size = size;
	inode_set_bytes(inode, size);

	dmabuf = &to_dma_buf_inode(inode)->dmabuf;
	dmabuf->size = size;
	return dmabuf;
}

/**
 * dma_buf_inode_destroy - free a buffer that never got a file
 * @dmabuf: from dma_buf_inode_create()
 */
void dma_buf_inode_destroy(struct dma_buf *dmabuf)
{
	iput(&dma_buf_inode_of(dmabuf)->inode);
}

/**
 * dma_buf_file_create - give a buffer its file
 * @dmabuf: from dma_buf_inode_create()
 * @flags: access mode and O_NONBLOCK; everything else is ignored
 *
 * Return: the file, which now owns @dmabuf, or an ERR_PTR, which leaves @dmabuf
 * the caller's: -ENOMEM, -ENFILE.
 */
struct file *dma_buf_file_create(struct dma_buf *dmabuf, int flags)
{
	struct inode *inode = &dma_buf_inode_of(dmabuf)->inode;
	struct file *file;

	file = alloc_file_pseudo(inode, dma_buf_mnt, "dmabuf",
				 flags & (O_ACCMODE | O_NONBLOCK), &dma_buf_fops);
	if (IS_ERR(file))
		return file;

	file->private_data = dmabuf;
	file->f_path.dentry->d_fsdata = dmabuf;
	dmabuf->file = file;
	return file;
}

/**
 * dma_buf_fd - open a descriptor for a buffer
 * @dmabuf: the buffer
 * @flags: O_CLOEXEC or 0
 *
 * Context: process context, &dma_buf.resv not held.
 * Return: the descriptor, which has taken over the caller's reference; or
 * -EINVAL without a buffer, -EMFILE, and the reference stays the caller's.
 */
int dma_buf_fd(struct dma_buf *dmabuf, int flags)
{
	int fd = -EINVAL;

	if (dmabuf && dmabuf->file)
		fd = get_unused_fd_flags(flags);
	if (fd < 0)
		return fd;

	/* Trace first: another thread may close the descriptor at once. */
	trace_dma_buf_fd(dmabuf, fd);
	fd_install(fd, dmabuf->file);
	return fd;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_fd, DMA_BUF);

static struct dma_buf *dma_buf_find(int fd)
{
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);

	if (file->f_op != &dma_buf_fops) {
		fput(file);
		return ERR_PTR(-EINVAL);
	}

	return file->private_data;
}

/*
 * Every frame of every compositor gets and puts, so keep the registers that a
 * trace needs out of those that are not traced.
 */
static noinline struct dma_buf *dma_buf_find_traced(int fd)
{
	struct dma_buf *dmabuf = dma_buf_find(fd);

	if (!IS_ERR(dmabuf))
		trace_dma_buf_get(dmabuf, fd);
	return dmabuf;
}

static noinline struct dma_buf *dma_buf_trace_putting(struct dma_buf *dmabuf)
{
	trace_dma_buf_put(dmabuf);
	return dmabuf;
}

/**
 * dma_buf_get - find the buffer behind a descriptor
 * @fd: a descriptor of the current process
 *
 * Context: process context.
 * Return: the buffer with a reference for the caller, or an ERR_PTR: -EBADF for
 * a descriptor that is not open (or was opened with O_PATH), -EINVAL for one of
 * another kind.
 */
struct dma_buf *dma_buf_get(int fd)
{
	return trace_dma_buf_get_enabled() ? dma_buf_find_traced(fd) : dma_buf_find(fd);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_get, DMA_BUF);

/**
 * dma_buf_put - drop a reference
 * @dmabuf: the buffer
 *
 * Context: any context that may call fput(); &dma_buf.resv not held.
 */
void dma_buf_put(struct dma_buf *dmabuf)
{
	if (dma_buf_misuse(!dmabuf, DMA_BUF_BREACH_ARGUMENT, NULL, NULL))
		return;

	/* Trace first: the reference may be the last one. */
	if (trace_dma_buf_put_enabled())
		dmabuf = dma_buf_trace_putting(dmabuf);
	fput(dmabuf->file);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_put, DMA_BUF);

/**
 * dma_buf_set_name - let user space name a buffer
 * @dmabuf: the buffer
 * @user_name: NUL-terminated name; "" is a name too
 *
 * Whoever holds a descriptor may rename the buffer at any time.
 *
 * Context: process context; takes &dma_buf.name_lock.
 * Return: 0; -EFAULT; -EINVAL without a NUL within DMA_BUF_NAME_LEN bytes;
 * -ENOMEM.  After an error the old name stays.
 */
long dma_buf_set_name(struct dma_buf *dmabuf, const char __user *user_name)
{
	const char *name = strndup_user(user_name, DMA_BUF_NAME_LEN);

	if (IS_ERR(name))
		return PTR_ERR(name);

	spin_lock(&dmabuf->name_lock);
	swap(dmabuf->name, name);
	spin_unlock(&dmabuf->name_lock);

	kfree(name);
	return 0;
}

/**
 * dma_buf_file_init - register the pseudo file system
 *
 * Return: 0 or an errno, after which no buffer can be created.
 */
int __init dma_buf_file_init(void)
{
	dma_buf_inode_cache =
		kmem_cache_create("dma_buf_inode", sizeof(struct dma_buf_inode), 0,
				  SLAB_HWCACHE_ALIGN | SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT,
				  dma_buf_inode_init_once);
	if (!dma_buf_inode_cache)
		return -ENOMEM;

	dma_buf_mnt = kern_mount(&dma_buf_fs_type);
	return PTR_ERR_OR_ZERO(dma_buf_mnt);
}
