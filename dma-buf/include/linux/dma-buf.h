/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel-internal face of dma-buf: what exporters fill in, what importers
 * call, and which lock each of them holds meanwhile.
 *
 * Names and members are ABI for every driver of the tree.  Members that only
 * the core may touch carry the prefix db_.
 */
#ifndef __DMA_BUF_H__
#define __DMA_BUF_H__

#include <linux/dma-fence.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iosys-map.h>
#include <linux/list.h>
#include <linux/scatterlist.h>
#include <linux/wait.h>

struct device;
struct dma_buf;
struct dma_buf_attachment;
struct dma_buf_check;

/**
 * struct dma_buf_ops - what an exporter implements
 *
 * "Locked" below means that &dma_buf.resv is held by the caller and must not be
 * taken again; "unlocked" means that it is not held and may be taken.
 */
struct dma_buf_ops {
	/**
	 * @cache_sgt_mapping:
	 *
	 * Keep the first mapping of each attachment until detach and hand it
	 * out again, instead of mapping anew each time.  Excludes @pin.
	 */
	bool cache_sgt_mapping;

	/**
	 * @attach:
	 *
	 * Unlocked, optional.  Decide whether &dma_buf_attachment.dev can reach
	 * the buffer where it is or could be moved to.  May clear
	 * &dma_buf_attachment.peer2peer and may keep state of its own in
	 * &dma_buf_attachment.priv.
	 *
	 * Return: 0, or an errno that the importer sees as it is: -EBUSY when
	 * the storage is fixed in a place the device cannot reach.
	 */
	int (*attach)(struct dma_buf *dmabuf, struct dma_buf_attachment *attach);

	/**
	 * @detach: Unlocked, optional.  Free what @attach has set up.
	 */
	void (*detach)(struct dma_buf *dmabuf, struct dma_buf_attachment *attach);

	/**
	 * @pin:
	 *
	 * Locked; present together with @unpin or not at all.  An exporter
	 * that has it is *dynamic*: it may move the buffer whenever nothing
	 * pins it.  On return the buffer is where every attached device
	 * reaches it, and all moves and clears are complete.
	 *
	 * Return: 0 or an errno.
	 */
	int (*pin)(struct dma_buf_attachment *attach);

	/**
	 * @unpin: Locked.  The buffer may move again.
	 */
	void (*unpin)(struct dma_buf_attachment *attach);

	/**
	 * @map_dma_buf:
	 *
	 * Locked, mandatory.  May sleep; must not fault user memory in.
	 * Returns a new table whose DMA addresses are mapped for
	 * &dma_buf_attachment.dev, in chunks aligned to PAGE_SIZE.  The table
	 * belongs to the caller until @unmap_dma_buf; it is never the same one
	 * twice, caching is the core's business.
	 *
	 * An exporter without @pin has to finish all moves and clears before it
	 * returns.  One with @pin need not: whoever maps waits for the KERNEL
	 * fences in &dma_buf.resv.
	 *
	 * Return: the table or an ERR_PTR; -EINTR when a signal came.
	 */
	struct sg_table *(*map_dma_buf)(struct dma_buf_attachment *attach,
					enum dma_data_direction direction);

	/**
	 * @unmap_dma_buf: Locked, mandatory.  Undo @map_dma_buf and free @sgt.
	 */
	void (*unmap_dma_buf)(struct dma_buf_attachment *attach,
			      struct sg_table *sgt,
			      enum dma_data_direction direction);

	/**
	 * @release:
	 *
	 * Unlocked, mandatory.  The last reference is gone and nobody can see
	 * the buffer any more.  May run from task work or a worker.
	 */
	void (*release)(struct dma_buf *dmabuf);

	/**
	 * @begin_cpu_access:
	 *
	 * Unlocked, optional.  Make the memory coherent for the CPU in
	 * @direction.  Called for the kernel and for DMA_BUF_IOCTL_SYNC alike,
	 * also when nothing was mapped before.
	 *
	 * Return: 0 or an errno; -EINTR or -ERESTARTSYS to be called again.
	 */
	int (*begin_cpu_access)(struct dma_buf *dmabuf,
				enum dma_data_direction direction);

	/**
	 * @end_cpu_access: Unlocked, optional.  Undo @begin_cpu_access.
	 */
	int (*end_cpu_access)(struct dma_buf *dmabuf,
			      enum dma_data_direction direction);

	/**
	 * @mmap:
	 *
	 * Unlocked but below mmap_lock, optional.  Bounds are checked already.
	 * An exporter that moves its memory sets up &vm_area_struct.vm_file so
	 * that unmap_mapping_range() finds the mapping.
	 *
	 * Return: 0 or an errno.
	 */
	int (*mmap)(struct dma_buf *dmabuf, struct vm_area_struct *vma);

	/**
	 * @vmap:
	 *
	 * Locked, optional.  Give the kernel an address for the whole buffer.
	 * Expect vmap and vunmap in quick succession, so be cheap and do not
	 * pin: the address need only hold while the lock is held, or until
	 * &dma_buf_attach_ops.move_notify.
	 *
	 * Return: 0 or an errno.
	 */
	int (*vmap)(struct dma_buf *dmabuf, struct iosys_map *map);

	/**
	 * @vunmap: Locked, optional.  Give back what @vmap returned.
	 */
	void (*vunmap)(struct dma_buf *dmabuf, struct iosys_map *map);
};

/**
 * struct dma_buf - a buffer that devices share
 *
 * Made by dma_buf_export(), kept alive by references on its file, gone after
 * the last dma_buf_put() or close().  Members are grouped by what protects
 * them.
 */
struct dma_buf {
	/* Constant from export to release. */

	/** @size: Bytes. */
	size_t size;

	/** @file: Carries the reference count. */
	struct file *file;

	/** @ops: The exporter; NULL in a buffer whose export failed. */
	const struct dma_buf_ops *ops;

	/** @exp_name: Exporter's name. */
	const char *exp_name;

	/** @owner: Exporter's module, held while the buffer lives. */
	struct module *owner;

	/** @priv: For the exporter. */
	void *priv;

	/**
	 * @resv:
	 *
	 * The reservation object: the exporter's, or the buffer's own.
	 *
	 * Fences in it carry implicit synchronisation.  Work that user space
	 * regards as a write leaves a WRITE fence, work it regards as a read a
	 * READ fence; memory management leaves KERNEL fences, which everybody
	 * waits for, and what nobody shall wait for implicitly is BOOKKEEP.
	 * enum dma_resv_usage has the full rules.
	 *
	 * A dynamic importer waits for the KERNEL fences before its device
	 * touches the memory and adds a fence for every access that it cannot
	 * stop inside &dma_buf_attach_ops.move_notify.
	 */
	struct dma_resv *resv;

	/** @db_home: The CPU on whose list @list_node is. */
	int db_home;

	/* Changed under @resv's lock. */

	/**
	 * @attachments:
	 *
	 * All &dma_buf_attachment.node.  Changed with @resv and @db_attach_lock
	 * held, so that either one suffices to read.
	 */
	struct list_head attachments;

	/** @vmapping_counter: Users of @vmap_ptr. */
	unsigned int vmapping_counter;

	/** @vmap_ptr: The kernel address while @vmapping_counter is not 0. */
	struct iosys_map vmap_ptr;

	/**
	 * @db_attach_lock:
	 *
	 * Lets bufinfo and fdinfo list the importers of a buffer whose @resv is
	 * held by a driver for long.
	 */
	spinlock_t db_attach_lock;

	/* Changed under @name_lock. */

	/** @name: What user space calls the buffer, or NULL. */
	const char *name;

	/** @name_lock: Protects @name; taken by readers in any context. */
	spinlock_t name_lock;

	/* The list of all buffers: RCU for readers, the home list's lock. */

	/** @list_node: Link in the list of CPU @db_home. */
	struct list_head list_node;

	/** @db_dying: The last reference is gone; nobody gets a new one. */
	bool db_dying;

	/* Changed under &wait_queue_head.lock of @poll. */

	/** @poll: Who waits in poll(). */
	wait_queue_head_t poll;

	/**
	 * @cb_in: The fence that readers (EPOLLIN) wait for.
	 */
	/**
	 * @cb_out: The fence that writers (EPOLLOUT) wait for.
	 */
	struct dma_buf_poll_cb_t {
		struct dma_fence_cb cb;
		wait_queue_head_t *poll;
		struct dma_fence *db_fence;
		__poll_t active;
	} cb_in, cb_out;

#ifdef CONFIG_DMABUF_SYSFS_STATS
	/** @sysfs_entry: The folder in /sys/kernel/dmabuf/buffers. */
	struct dma_buf_sysfs_entry *sysfs_entry;
#endif
#ifdef CONFIG_DMABUF_CHECK
	/** @db_check: What the contract checker knows of the buffer. */
	struct dma_buf_check *db_check;
#endif
};

/**
 * struct dma_buf_attach_ops - what a dynamic importer implements
 */
struct dma_buf_attach_ops {
	/**
	 * @allow_peer2peer:
	 *
	 * The importer copes with addresses of another device's memory, which
	 * have no struct page.
	 */
	bool allow_peer2peer;

	/**
	 * @move_notify:
	 *
	 * Called with &dma_buf.resv held when the buffer is about to move.
	 *
	 * Mappings stay usable for work whose fences are in the reservation
	 * object already; new work needs a new mapping.  The old one is to be
	 * unmapped as soon as those fences have signalled, and the new one is
	 * best made lazily.
	 *
	 * It may come from eviction: allocations can fail, no other reservation
	 * may be locked without the exporter's ww ticket, and user space must
	 * not be waited for.  It may come from within dma_buf_pin().
	 */
	void (*move_notify)(struct dma_buf_attachment *attach);
};

/**
 * struct dma_buf_attachment - one device's share in a buffer
 *
 * From dma_buf_attach() to dma_buf_detach().  It holds no reference on the
 * buffer: the importer does.
 */
struct dma_buf_attachment {
	/* Constant while attached. */

	/** @dmabuf: The buffer. */
	struct dma_buf *dmabuf;
	/** @dev: The importing device. */
	struct device *dev;
	/** @peer2peer: Peer memory is fine, for the importer and the exporter. */
	bool peer2peer;
	/** @importer_ops: NULL for a static importer. */
	const struct dma_buf_attach_ops *importer_ops;
	/** @importer_priv: For the importer. */
	void *importer_priv;
	/** @priv: For the exporter. */
	void *priv;

	/* Changed under &dma_buf.resv's lock. */

	/** @node: Link in &dma_buf.attachments. */
	struct list_head node;
	/** @sgt: The mapping kept for &dma_buf_ops.cache_sgt_mapping. */
	struct sg_table *sgt;
	/** @dir: Direction of @sgt. */
	enum dma_data_direction dir;
	/** @db_pins: Pins by the importer and by its mappings. */
	unsigned int db_pins;
	/** @db_maps: Mappings handed out and not yet given back. */
	unsigned int db_maps;
};

/**
 * struct dma_buf_export_info - what dma_buf_export() needs to know
 * @exp_name: exporter's name, for people
 * @owner: exporter's module
 * @ops: exporter's operations
 * @size: bytes
 * @flags: access mode and O_NONBLOCK for the file
 * @resv: exporter's reservation object, or NULL for one of the buffer's own
 * @priv: becomes &dma_buf.priv
 *
 * Start with DEFINE_DMA_BUF_EXPORT_INFO().
 */
struct dma_buf_export_info {
	const char *exp_name;
	struct module *owner;
	const struct dma_buf_ops *ops;
	size_t size;
	int flags;
	struct dma_resv *resv;
	void *priv;
};

/**
 * DEFINE_DMA_BUF_EXPORT_INFO - an export info with name and owner filled in
 * @name: name of the variable
 */
#define DEFINE_DMA_BUF_EXPORT_INFO(name)	\
	struct dma_buf_export_info name = { .exp_name = KBUILD_MODNAME, \
					 .owner = THIS_MODULE }

/**
 * get_dma_buf - take one more reference
 * @dmabuf: a buffer on which the caller holds a reference already
 *
 * Context: any.
 */
static inline void get_dma_buf(struct dma_buf *dmabuf)
{
	get_file(dmabuf->file);
}

/**
 * dma_buf_is_dynamic - can the exporter move this buffer?
 * @dmabuf: the buffer
 *
 * Return: true if the exporter has &dma_buf_ops.pin.
 */
static inline bool dma_buf_is_dynamic(struct dma_buf *dmabuf)
{
	return !!dmabuf->ops->pin;
}

/**
 * dma_buf_attachment_is_dynamic - can the importer follow a move?
 * @attach: the attachment
 *
 * Return: true if the importer has &dma_buf_attach_ops.move_notify.
 */
static inline bool
dma_buf_attachment_is_dynamic(struct dma_buf_attachment *attach)
{
	return !!attach->importer_ops;
}

/* dma-buf.c, dma-buf-file.c, dma-buf-list.c */
struct dma_buf *dma_buf_export(const struct dma_buf_export_info *exp_info);
int dma_buf_fd(struct dma_buf *dmabuf, int flags);
struct dma_buf *dma_buf_get(int fd);
void dma_buf_put(struct dma_buf *dmabuf);
struct dma_buf *dma_buf_iter_begin(void);
struct dma_buf *dma_buf_iter_next(struct dma_buf *dmabuf);

/* dma-buf-attach.c */
struct dma_buf_attachment *dma_buf_attach(struct dma_buf *dmabuf,
					  struct device *dev);
struct dma_buf_attachment *
dma_buf_dynamic_attach(struct dma_buf *dmabuf, struct device *dev,
		       const struct dma_buf_attach_ops *importer_ops,
		       void *importer_priv);
void dma_buf_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach);
int dma_buf_pin(struct dma_buf_attachment *attach);
void dma_buf_unpin(struct dma_buf_attachment *attach);
void dma_buf_move_notify(struct dma_buf *dmabuf);

/* dma-buf-map.c */
struct sg_table *dma_buf_map_attachment(struct dma_buf_attachment *attach,
					enum dma_data_direction direction);
void dma_buf_unmap_attachment(struct dma_buf_attachment *attach,
			      struct sg_table *sgt,
			      enum dma_data_direction direction);
struct sg_table *
dma_buf_map_attachment_unlocked(struct dma_buf_attachment *attach,
				enum dma_data_direction direction);
void dma_buf_unmap_attachment_unlocked(struct dma_buf_attachment *attach,
				       struct sg_table *sgt,
				       enum dma_data_direction direction);

/* dma-buf-cpu.c */
int dma_buf_begin_cpu_access(struct dma_buf *dmabuf,
			     enum dma_data_direction direction);
int dma_buf_begin_cpu_access_nowait(struct dma_buf *dmabuf,
				    enum dma_data_direction direction);
/* Not in the kernel's own core: lets a driver find out. */
#define dma_buf_begin_cpu_access_nowait dma_buf_begin_cpu_access_nowait
int dma_buf_end_cpu_access(struct dma_buf *dmabuf,
			   enum dma_data_direction direction);
int dma_buf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma,
		 unsigned long pgoff);
int dma_buf_vmap(struct dma_buf *dmabuf, struct iosys_map *map);
void dma_buf_vunmap(struct dma_buf *dmabuf, struct iosys_map *map);
int dma_buf_vmap_unlocked(struct dma_buf *dmabuf, struct iosys_map *map);
void dma_buf_vunmap_unlocked(struct dma_buf *dmabuf, struct iosys_map *map);

#endif /* __DMA_BUF_H__ */
