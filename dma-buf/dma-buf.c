// SPDX-License-Identifier: GPL-2.0-only

#define CREATE_TRACE_POINTS
#include "dma_buf_trace.h"

#include <linux/export.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-private.h"

/**
 * DOC: Life of a dma-buf
 *
 * A dma-buf is memory that one driver, the exporter, lends to others, the
 * importers.  The core is the contract between them: it owns the object that
 * both sides hold, calls each side at the right moment under the right lock,
 * and tells people what goes on.  It never allocates, moves or maps memory.
 *
 * A buffer walks through these rooms, one file each:
 *
 * 1. dma-buf.c creates the object when an exporter calls dma_buf_export(), and
 *    lets go of the exporter after the last reference.
 * 2. dma-buf-file.c gives it a file, so that it has a reference count, an
 *    identity, a name, and descriptors that processes pass around.
 * 3. dma-buf-list.c lets the curious walk all live buffers.
 * 4. dma-buf-attach.c introduces importers to the buffer, pins it in place for
 *    them, and tells them when it moves.
 * 5. dma-buf-map.c gives them the addresses.
 * 6. dma-buf-cpu.c treats the CPU as one more user.
 * 7. dma-buf-poll.c lets user space wait for the fences of all of them.
 * 8. dma-buf-ioctl.c is what user space asks for by number.
 *
 * dma-buf-wait.c is how steps 5 and 6 wait for a buffer that is being moved.
 *
 * dma-buf-show.c, dma-buf-debugfs.c, dma-buf-sysfs.c and dma_buf_trace.h are
 * windows: they look at the rooms and change nothing.  dma-buf-breach.c reports
 * drivers that break the contract, and dma-buf-check.c watches for it.
 *
 * Reference counts are the file's.  A descriptor is one reference, and so is
 * each get_dma_buf(); an attachment is none, so an importer holds its own.
 */

static int dma_buf_export_validate(const struct dma_buf_export_info *exp_info)
{
	const struct dma_buf_ops *ops = exp_info->ops;

	if (!exp_info->priv || !ops || !ops->map_dma_buf ||
	    !ops->unmap_dma_buf || !ops->release)
		return -EINVAL;

	/* Whoever may move the buffer has to be able to stop, and to go on. */
	if (!ops->pin != !ops->unpin)
		return -EINVAL;

	/* A table that is kept until detach would outlive the next move. */
	if (ops->cache_sgt_mapping && ops->pin)
		return -EINVAL;

	return 0;
}

static void dma_buf_init_locks(struct dma_buf *dmabuf, struct dma_resv *exporters)
{
	struct dma_resv *own = &dma_buf_inode_of(dmabuf)->resv;

	dmabuf->resv = exporters ?: own;
	if (dmabuf->resv == own)
		dma_resv_init(own);

	INIT_LIST_HEAD(&dmabuf->attachments);
	spin_lock_init(&dmabuf->db_attach_lock);
	spin_lock_init(&dmabuf->name_lock);
	dma_buf_poll_init(dmabuf);
}

static void dma_buf_fini_locks(struct dma_buf *dmabuf)
{
	struct dma_resv *own = &dma_buf_inode_of(dmabuf)->resv;

	if (dmabuf->resv == own)
		dma_resv_fini(own);
}

/**
 * dma_buf_export - lend a buffer to other drivers
 * @exp_info: whose buffer, how large, and what it can do
 *
 * From success on the exporter's private data belongs to the buffer: undo it
 * in &dma_buf_ops.release and nowhere else, dma_buf_put() is the only cleanup.
 * The buffer is visible to lock-free walkers before this returns, so
 * &dma_buf.ops must not be changed afterwards.
 *
 * Context: process context, &dma_buf_export_info.resv not held.
 * Return: the buffer with one reference, which is the caller's, or an ERR_PTR:
 * -EINVAL for missing or contradicting operations (reported, the exporter is
 * wrong), -ENOENT if the exporter's module is being unloaded, -ENOMEM, -ENFILE.
 */
struct dma_buf *dma_buf_export(const struct dma_buf_export_info *exp_info)
{
	struct dma_buf *dmabuf;
	struct file *file;
	int ret;

	if (dma_buf_misuse(dma_buf_export_validate(exp_info),
			   DMA_BUF_BREACH_EXPORT_INFO, NULL, NULL))
		return ERR_PTR(-EINVAL);

	if (!try_module_get(exp_info->owner))
		return ERR_PTR(-ENOENT);

	dmabuf = dma_buf_inode_create(exp_info->size);
	if (IS_ERR(dmabuf)) {
		ret = PTR_ERR(dmabuf);
		goto err_put_module;
	}

	dmabuf->exp_name = exp_info->exp_name;
	dmabuf->owner = exp_info->owner;
	dmabuf->priv = exp_info->priv;
	dma_buf_init_locks(dmabuf, exp_info->resv);

	ret = dma_buf_sysfs_add(dmabuf);
	if (ret)
		goto err_destroy_inode;

	file = dma_buf_file_create(dmabuf, exp_info->flags);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto err_remove_sysfs;
	}

	/* Nothing can fail any more: from here on release() is owed. */
	dmabuf->ops = exp_info->ops;
	dma_buf_check_export(dmabuf);
	trace_dma_buf_export(dmabuf);

	/* Others see the buffer from here on. */
	dma_buf_list_add(dmabuf);
	return dmabuf;

err_remove_sysfs:
	dma_buf_sysfs_remove(dmabuf);
err_destroy_inode:
	dma_buf_fini_locks(dmabuf);
	dma_buf_inode_destroy(dmabuf);
err_put_module:
	module_put(exp_info->owner);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_export, DMA_BUF);

/**
 * dma_buf_release - give the buffer back to its exporter
 * @dmabuf: a buffer whose last reference is gone
 *
 * Called with the last reference, that is, after the last close() and the last
 * munmap().  Path and inode may stay for as long as somebody reads or watches
 * them, and @dmabuf with its name stays as long as the inode; the exporter's
 * memory and module do not.
 *
 * Context: process context or task work, no lock held.
 */
void dma_buf_release(struct dma_buf *dmabuf)
{
	trace_dma_buf_release(dmabuf);

	if (dmabuf->vmapping_counter) {
		dma_buf_breach(DMA_BUF_BREACH_RELEASE_VMAPPED, dmabuf, NULL,
			       dma_buf_check_vmapped_at(dmabuf));
		dma_buf_cpu_abandon_vmap(dmabuf);
	}
	if (!list_empty(&dmabuf->attachments)) {
		dma_buf_breach(DMA_BUF_BREACH_RELEASE_ATTACHED, dmabuf, NULL,
			       dma_buf_check_attached_at(dmabuf));
		dma_buf_attach_abandon_all(dmabuf);
	}

	dma_buf_sysfs_remove(dmabuf);
	dmabuf->ops->release(dmabuf);
	/* Until here the exporter may have called dma_buf_move_notify(). */
	dma_buf_check_release(dmabuf);

	dma_buf_fini_locks(dmabuf);
	module_put(dmabuf->owner);
}

/*
 * Take the locks of a buffer once in the order that docs/locking.rst gives, so
 * that lockdep knows it before anybody has a chance to take them in another.
 * What is above the reservation lock is taught by dma-resv.c.
 */
static int __init dma_buf_teach_lockdep(void)
{
	struct dma_buf_inode *node = kzalloc(sizeof(*node), GFP_KERNEL);
	struct dma_buf *dmabuf;

	if (!node)
		return -ENOMEM;

	dmabuf = &node->dmabuf;
	dma_buf_init_locks(dmabuf, NULL);

	dma_resv_lock(dmabuf->resv, NULL);
	spin_lock(&dmabuf->db_attach_lock);
	spin_unlock(&dmabuf->db_attach_lock);
	spin_lock(&dmabuf->name_lock);
	spin_unlock(&dmabuf->name_lock);
	dma_resv_unlock(dmabuf->resv);

	dma_buf_fini_locks(dmabuf);
	kfree(node);
	return 0;
}

static int __init dma_buf_init(void)
{
	int ret;

	if (IS_ENABLED(CONFIG_LOCKDEP)) {
		ret = dma_buf_teach_lockdep();
		if (ret)
			return ret;
	}

	dma_buf_list_init();

	ret = dma_buf_sysfs_init();
	if (ret)
		return ret;

	ret = dma_buf_file_init();
	if (ret)
		return ret;

	dma_buf_debugfs_init();
	return 0;
}
subsys_initcall(dma_buf_init);
