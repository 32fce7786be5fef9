/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doors between the rooms of the dma-buf core.  Nothing here is for
 * drivers; one paragraph per room, in the order in which a buffer walks them.
 */
#ifndef _DMA_BUF_PRIVATE_H_
#define _DMA_BUF_PRIVATE_H_

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/fs.h>

struct bpf_iter_dmabuf;
struct seq_file;
struct poll_table_struct;

/**
 * struct dma_buf_inode - the one allocation behind a buffer
 * @dmabuf: the buffer
 * @resv: its own reservation object, unless the exporter brings one
 * @inode: its identity in the pseudo file system, which frees the whole
 */
struct dma_buf_inode {
	struct dma_buf dmabuf;
	struct dma_resv resv;
	struct inode inode;
};

static inline struct dma_buf_inode *to_dma_buf_inode(struct inode *inode)
{
	return container_of(inode, struct dma_buf_inode, inode);
}

static inline struct dma_buf_inode *dma_buf_inode_of(struct dma_buf *dmabuf)
{
	return container_of(dmabuf, struct dma_buf_inode, dmabuf);
}

/**
 * dma_buf_ino - the number that identifies a buffer for as long as the system runs
 * @dmabuf: the buffer
 *
 * Return: what fstat() shows as st_ino.
 */
static inline unsigned long dma_buf_ino(const struct dma_buf *dmabuf)
{
	return container_of_const(dmabuf, struct dma_buf_inode, dmabuf)->inode.i_ino;
}

/**
 * dma_buf_has_fences - can there be anything to wait for?
 * @dmabuf: the buffer
 *
 * Most buffers never see a fence; this spares them the walk.  The answer is as
 * old as any lock-free look at the fences would be.
 *
 * Return: false if no fence was ever added.
 */
static inline bool dma_buf_has_fences(const struct dma_buf *dmabuf)
{
	return rcu_access_pointer(dmabuf->resv->fences);
}

/**
 * dma_buf_may_sleep - complain in debug kernels if the caller must not sleep
 *
 * might_sleep() without its second purpose: in kernels without preemption that
 * one also offers the CPU to others, which a call of a few dozen instructions
 * has no reason to do.
 */
#define dma_buf_may_sleep() __might_sleep(__FILE__, __LINE__)

/**
 * dma_buf_lock - take a buffer's reservation lock, not interruptibly
 * @dmabuf: the buffer
 *
 * The lock is rarely contended; then this spares the way through ww_mutex_lock()
 * and its offers to reschedule.
 */
static inline void dma_buf_lock(struct dma_buf *dmabuf)
{
	dma_buf_may_sleep();
	might_lock(&dmabuf->resv->lock.base);

	if (!dma_resv_trylock(dmabuf->resv))
		dma_resv_lock(dmabuf->resv, NULL);
}

/**
 * dma_buf_lock_interruptible - take a buffer's reservation lock, unless a signal comes first
 * @dmabuf: the buffer
 *
 * dma_resv_lock_interruptible() returns -EINTR, which reaches user space even if
 * the signal's handler asked for system calls to be restarted.
 *
 * Return: 0 or -ERESTARTSYS.
 */
static inline int dma_buf_lock_interruptible(struct dma_buf *dmabuf)
{
	return dma_resv_lock_interruptible(dmabuf->resv, NULL) ? -ERESTARTSYS : 0;
}

/* dma-buf.c: the object */
void dma_buf_release(struct dma_buf *dmabuf);

/* dma-buf-file.c: the file descriptor */
struct dma_buf *dma_buf_inode_create(size_t size);
void dma_buf_inode_destroy(struct dma_buf *dmabuf);
struct file *dma_buf_file_create(struct dma_buf *dmabuf, int flags);
long dma_buf_set_name(struct dma_buf *dmabuf, const char __user *user_name);
size_t dma_buf_copy_name(struct dma_buf *dmabuf, char *name);
int dma_buf_file_init(void);

/* dma-buf-list.c: all live buffers */
void dma_buf_list_add(struct dma_buf *dmabuf);
void dma_buf_list_del(struct dma_buf *dmabuf);
void dma_buf_list_init(void);

struct dma_buf_mark;

/**
 * struct dma_buf_cursor - where a reader of all buffers has got to
 * @dmabuf: the buffer at @pos; the cursor holds a reference
 * @mark: stands for it during a pause, when no reference is held
 * @pos: how many buffers came before it
 *
 * Lives as long as the open file of the reader, so that each read() goes on
 * where the last one ended instead of walking there again.  Between two of them
 * it pauses.
 */
struct dma_buf_cursor {
	struct dma_buf *dmabuf;
	struct dma_buf_mark *mark;
	loff_t pos;
};

struct dma_buf *dma_buf_cursor_seek(struct dma_buf_cursor *cursor, loff_t pos);
struct dma_buf *dma_buf_cursor_next(struct dma_buf_cursor *cursor);
void dma_buf_cursor_pause(struct dma_buf_cursor *cursor);
void dma_buf_cursor_fini(struct dma_buf_cursor *cursor);

/* dma-buf-map.c: the addresses */
void dma_buf_map_drop_cached(struct dma_buf_attachment *attach);

/* dma-buf-attach.c: the meeting */
int dma_buf_attach_pin(struct dma_buf_attachment *attach);
void dma_buf_attach_unpin(struct dma_buf_attachment *attach);
void dma_buf_attach_abandon_all(struct dma_buf *dmabuf);

/* dma-buf-cpu.c: the CPU */
int dma_buf_cpu_begin(struct dma_buf *dmabuf, enum dma_data_direction direction);
int dma_buf_cpu_end(struct dma_buf *dmabuf, enum dma_data_direction direction);
int dma_buf_cpu_mmap(struct file *file, struct vm_area_struct *vma);
void dma_buf_cpu_abandon_vmap(struct dma_buf *dmabuf);

/* dma-buf-wait.c: waits that only a fatal signal ends */
int dma_buf_wait_killable(struct dma_buf *dmabuf);
bool dma_buf_call_again(struct dma_buf *dmabuf, int error);

/* dma-buf-poll.c: fences seen through poll() */
__poll_t dma_buf_poll(struct file *file, struct poll_table_struct *wait);
void dma_buf_poll_init(struct dma_buf *dmabuf);
void dma_buf_poll_disarm(struct dma_buf *dmabuf);

/* dma-buf-ioctl.c */
long dma_buf_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* dma-buf-show.c: what a buffer tells about itself */
void dma_buf_show_fdinfo(struct seq_file *m, struct file *file);
void dma_buf_show_row(struct seq_file *m, struct dma_buf *dmabuf);
unsigned int dma_buf_show_importers(struct seq_file *m, struct dma_buf *dmabuf);
void dma_buf_show_fences(struct seq_file *m, struct dma_buf *dmabuf);

/* dma-buf-debugfs.c: bufinfo */
#ifdef CONFIG_DEBUG_FS
void dma_buf_debugfs_init(void);
#else
static inline void dma_buf_debugfs_init(void) { }
#endif

/* dma-buf-bpf.c: called by BPF programs only */
int bpf_iter_dmabuf_new(struct bpf_iter_dmabuf *it);
struct dma_buf *bpf_iter_dmabuf_next(struct bpf_iter_dmabuf *it);
void bpf_iter_dmabuf_destroy(struct bpf_iter_dmabuf *it);

/* dma-buf-sysfs.c: deprecated statistics */
#ifdef CONFIG_DMABUF_SYSFS_STATS
int dma_buf_sysfs_init(void);
int dma_buf_sysfs_add(struct dma_buf *dmabuf);
void dma_buf_sysfs_remove(struct dma_buf *dmabuf);
#else
static inline int dma_buf_sysfs_init(void)
{
	return 0;
}

static inline int dma_buf_sysfs_add(struct dma_buf *dmabuf)
{
	return 0;
}

static inline void dma_buf_sysfs_remove(struct dma_buf *dmabuf) { }
#endif

#endif /* _DMA_BUF_PRIVATE_H_ */
