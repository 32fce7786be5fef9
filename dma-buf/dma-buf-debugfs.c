// SPDX-License-Identifier: GPL-2.0-only

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "dma-buf-breach.h"
#include "dma-buf-private.h"

/**
 * DOC: bufinfo
 *
 * A window: /sys/kernel/debug/dma_buf, for root.  bufinfo lists all live
 * buffers, breaches how often each rule of the contract was broken.  Reading
 * neither of them delays anybody.
 *
 * Tested by tests/dma-buf-show-test.c and igt-tests/dmabuf_bufinfo.c.
 */

/**
 * struct dma_buf_bufinfo - one reader of bufinfo
 * @cursor: the next buffer to show
 * @count: buffers shown so far
 * @bytes: their sizes
 */
struct dma_buf_bufinfo {
	struct dma_buf_cursor cursor;
	unsigned long count;
	u64 bytes;
};

/* Stands for the line of totals, which comes after the last buffer. */
static char bufinfo_totals;

static void *bufinfo_start(struct seq_file *m, loff_t *pos)
{
	struct dma_buf_bufinfo *info = m->private;
	struct dma_buf *dmabuf;

	if (*pos == 0) {
		info->count = 0;
		info->bytes = 0;
		return SEQ_START_TOKEN;
	}

	dmabuf = dma_buf_cursor_seek(&info->cursor, *pos - 1);
	if (dmabuf)
		return dmabuf;

	return *pos - 1 == info->cursor.pos ? &bufinfo_totals : NULL;
}

static void *bufinfo_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct dma_buf_bufinfo *info = m->private;
	struct dma_buf *dmabuf;

	++*pos;
	if (v == &bufinfo_totals)
		return NULL;

	if (v == SEQ_START_TOKEN)
		dmabuf = dma_buf_cursor_seek(&info->cursor, 0);
	else
		dmabuf = dma_buf_cursor_next(&info->cursor);

	return dmabuf ?: (void *)&bufinfo_totals;
}

/* The place is kept for the next read(); bufinfo_release() gives it up. */
static void bufinfo_stop(struct seq_file *m, void *v)
{
	struct dma_buf_bufinfo *info = m->private;

	dma_buf_cursor_pause(&info->cursor);
}

static void bufinfo_show_buffer(struct seq_file *m, struct dma_buf *dmabuf)
{
	unsigned int importers;

	dma_buf_show_row(m, dmabuf);
	dma_buf_show_fences(m, dmabuf);
	if (dmabuf->vmapping_counter)
		seq_printf(m, "	vmaps:%u\n", READ_ONCE(dmabuf->vmapping_counter));
	seq_puts(m, "\tAttached Devices:\n");
	importers = dma_buf_show_importers(m, dmabuf);
	seq_put_decimal_ull(m, "Total ", importers);
	seq_puts(m, " devices attached\n\n");
}

static int bufinfo_show(struct seq_file *m, void *v)
{
	struct dma_buf_bufinfo *info = m->private;
	struct dma_buf *dmabuf = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "\nDma-buf Objects:\n");
		seq_printf(m, "%-8s\t%-8s\t%-8s\t%-8s\texp_name\t%-8s\tname\n",
			   "size", "flags", "mode", "count", "ino");
		return 0;
	}
	if (v == &bufinfo_totals) {
		seq_printf(m, "\nTotal %lu objects, %llu bytes\n",
			   info->count, info->bytes);
		return 0;
	}

	bufinfo_show_buffer(m, dmabuf);

	/* A buffer that did not fit is shown again. */
	if (!seq_has_overflowed(m)) {
		info->count++;
		info->bytes += dmabuf->size;
	}
	return 0;
}

static const struct seq_operations bufinfo_seq_ops = {
	.start	= bufinfo_start,
	.next	= bufinfo_next,
	.stop	= bufinfo_stop,
	.show	= bufinfo_show,
};

static int bufinfo_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &bufinfo_seq_ops, sizeof(struct dma_buf_bufinfo));
}

static int bufinfo_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct dma_buf_bufinfo *info = m->private;

	dma_buf_cursor_fini(&info->cursor);
	return seq_release_private(inode, file);
}

static const struct file_operations bufinfo_fops = {
	.owner		= THIS_MODULE,
	.open		= bufinfo_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= bufinfo_release,
};

static int breaches_show(struct seq_file *m, void *unused)
{
	dma_buf_breach_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(breaches);

/**
 * dma_buf_debugfs_init - create /sys/kernel/debug/dma_buf
 */
void __init dma_buf_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("dma_buf", NULL);

	debugfs_create_file("bufinfo", 0444, dir, NULL, &bufinfo_fops);
	debugfs_create_file("breaches", 0444, dir, NULL, &breaches_fops);
}
