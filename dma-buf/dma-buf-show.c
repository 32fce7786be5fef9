// SPDX-License-Identifier: GPL-2.0-only

#include <linux/device.h>
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/string_choices.h>

#include <uapi/linux/dma-buf.h>

#include "dma-buf-private.h"

/**
 * DOC: What a buffer tells about itself
 *
 * A window: the lines that fdinfo and bufinfo have in common.  Nothing here
 * takes the reservation lock, so that a driver which holds it for long, or for
 * ever, cannot stall whoever wants to find out why.  What is shown may
 * therefore be a moment old.
 *
 * Tested by tests/dma-buf-show-test.c.
 */

static const char * const dma_buf_usage_names[] = {
	[DMA_RESV_USAGE_KERNEL]		= "kernel",
	[DMA_RESV_USAGE_WRITE]		= "write",
	[DMA_RESV_USAGE_READ]		= "read",
	[DMA_RESV_USAGE_BOOKKEEP]	= "bookkeep",
};

/* Whoever looks at the buffer holds one reference for that. */
static long dma_buf_users(const struct dma_buf *dmabuf)
{
	return file_count(dmabuf->file) - 1;
}

static void dma_buf_show_importer(struct seq_file *m,
				  const struct dma_buf_attachment *attach)
{
	seq_puts(m, "\t");
	seq_puts(m, dev_name(attach->dev));
	seq_puts(m, " driver:");
	seq_puts(m, dev_driver_string(attach->dev));
	seq_puts(m, attach->importer_ops ? " dynamic" : " static");
	if (attach->peer2peer)
		seq_puts(m, " p2p");
	seq_put_decimal_ull(m, " pins:", READ_ONCE(attach->db_pins));
	seq_put_decimal_ull(m, " maps:", READ_ONCE(attach->db_maps));
	seq_puts(m, "\n");
}

/**
 * dma_buf_show_importers - list the attached devices, one per line
 * @m: where to
 * @dmabuf: the buffer
 *
 * Context: takes &dma_buf.db_attach_lock only.
 * Return: how many there are.
 */
unsigned int dma_buf_show_importers(struct seq_file *m, struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach;
	unsigned int count = 0;

	/* A device stays until it is detached, which needs this lock. */
	spin_lock(&dmabuf->db_attach_lock);
	list_for_each_entry(attach, &dmabuf->attachments, node) {
		dma_buf_show_importer(m, attach);
		count++;
	}
	spin_unlock(&dmabuf->db_attach_lock);

	return count;
}

/* Longer names than drivers give are cut off. */
#define DMA_BUF_FENCE_TEXT_LEN	96

/*
 * The names belong to objects that a driver may free once the fence has
 * signalled, so they are copied under the lock that signalling takes.
 */
static bool dma_buf_copy_fence(struct dma_fence *fence, char *text)
{
	unsigned long flags;
	bool pending;

	guard(rcu)();

	/* The lock may belong to such an object as well. */
	if (test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags))
		return false;

	spin_lock_irqsave(fence->lock, flags);
	pending = !test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags);
	if (pending)
		scnprintf(text, DMA_BUF_FENCE_TEXT_LEN, "%s %s",
			  fence->ops->get_driver_name(fence),
			  fence->ops->get_timeline_name(fence));
	spin_unlock_irqrestore(fence->lock, flags);

	return pending;
}

static void dma_buf_show_fence(struct seq_file *m, struct dma_fence *fence,
			       enum dma_resv_usage usage)
{
	char text[DMA_BUF_FENCE_TEXT_LEN];

	if (dma_buf_copy_fence(fence, text))
		seq_printf(m, "\t%s fence:%s seq %llu unsignalled\n",
			   dma_buf_usage_names[usage], text, fence->seqno);
}

/**
 * dma_buf_show_fences - list the fences that have not signalled, one per line
 * @m: where to
 * @dmabuf: the buffer
 *
 * All usages are shown, BOOKKEEP included.
 *
 * Context: any that may take RCU's read lock.
 */
void dma_buf_show_fences(struct seq_file *m, struct dma_buf *dmabuf)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	size_t start = m->count;

	dma_resv_iter_begin(&cursor, dmabuf->resv, DMA_RESV_USAGE_BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		/* The fences changed under us: take back what we said. */
		if (dma_resv_iter_is_restarted(&cursor))
			m->count = start;
		dma_buf_show_fence(m, fence, dma_resv_iter_usage(&cursor));
	}
	dma_resv_iter_end(&cursor);
}

/**
 * dma_buf_show_row - the buffer's row in bufinfo, without what is below it
 * @m: where to
 * @dmabuf: the buffer
 *
 * The columns are those that tools know: size, flags, mode, count, exporter,
 * inode, name.
 *
 * Context: any; takes &dma_buf.name_lock.
 */
void dma_buf_show_row(struct seq_file *m, struct dma_buf *dmabuf)
{
	const struct file *file = dmabuf->file;
	char name[DMA_BUF_NAME_LEN];

	dma_buf_copy_name(dmabuf, name);

	seq_printf(m, "%08zu\t%08x\t%08x\t%08ld\t%s\t%08lu\t%s\n",
		   dmabuf->size, file->f_flags, (__force u32)file->f_mode,
		   dma_buf_users(dmabuf), dmabuf->exp_name, dma_buf_ino(dmabuf),
		   name[0] ? name : "<none>");
}

/**
 * dma_buf_show_fdinfo - /proc/PID/fdinfo of a dma-buf descriptor
 * @m: where to
 * @file: the buffer's file
 *
 * Context: process context; takes &dma_buf.name_lock and
 * &dma_buf.db_attach_lock, one after the other.
 */
void dma_buf_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct dma_buf *dmabuf = file->private_data;
	char name[DMA_BUF_NAME_LEN];

	seq_printf(m, "size:\t%zu\n", dmabuf->size);
	seq_printf(m, "count:\t%ld\n", dma_buf_users(dmabuf));
	seq_printf(m, "exp_name:\t%s\n", dmabuf->exp_name);
	if (dma_buf_copy_name(dmabuf, name))
		seq_printf(m, "name:\t%s\n", name);

	seq_printf(m, "dynamic:\t%s\n", str_yes_no(dma_buf_is_dynamic(dmabuf)));
	seq_printf(m, "vmaps:\t%u\n", READ_ONCE(dmabuf->vmapping_counter));
	seq_puts(m, "importers:\n");
	dma_buf_show_importers(m, dmabuf);
	seq_puts(m, "fences:\n");
	dma_buf_show_fences(m, dmabuf);
}
