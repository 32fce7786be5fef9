/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One buffer as one line of text, fields separated by tabs:
 *
 *	size count exporter inode name importer...
 *
 * with an importer as bufinfo has it: "DEVICE driver:DRIVER static|dynamic
 * [p2p] pins:N maps:N".  count is without the reference of who looks.
 */
#ifndef ROW_H
#define ROW_H

#include "kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* Importers per buffer that are shown; the kernel wants a bound. */
#define IMPORTERS_MAX 1024

static __always_inline const char *device_name(struct device *dev)
{
	const char *name = BPF_CORE_READ(dev, init_name);

	return name ? name : BPF_CORE_READ(dev, kobj.name);
}

/* A device without a driver is called after its bus or its class. */
static __always_inline const char *driver_name(struct device *dev)
{
	const char *name = BPF_CORE_READ(dev, driver, name);

	if (!name)
		name = BPF_CORE_READ(dev, bus, name);
	if (!name)
		name = BPF_CORE_READ(dev, class, name);
	return name;
}

static __always_inline void print_importer(struct seq_file *seq,
					   struct dma_buf_attachment *attach)
{
	struct device *dev = BPF_CORE_READ(attach, dev);

	BPF_SEQ_PRINTF(seq, "\t%s driver:%s %s%s pins:%u maps:%u",
		       device_name(dev), driver_name(dev),
		       BPF_CORE_READ(attach, importer_ops) ? "dynamic" : "static",
		       BPF_CORE_READ(attach, peer2peer) ? " p2p" : "",
		       BPF_CORE_READ(attach, db_pins), BPF_CORE_READ(attach, db_maps));
}

/* Where print_importers() has got to. */
struct importer_walk {
	struct seq_file *seq;
	struct list_head *node;
	struct list_head *head;
};

static long print_next_importer(__u32 index __attribute__((unused)), void *context)
{
	struct importer_walk *walk = context;
	struct list_head *node = walk->node;

	if (!node || node == walk->head)
		return 1;

	print_importer(walk->seq, (void *)node -
		       bpf_core_field_offset(struct dma_buf_attachment, node));
	walk->node = BPF_CORE_READ(node, next);
	return 0;
}

/*
 * The list is read without its lock, as any BPF program would: who attaches or
 * detaches meanwhile may be missing, but nothing is touched that faults.
 */
static __always_inline void print_importers(struct seq_file *seq, struct dma_buf *dmabuf)
{
	struct importer_walk walk = {
		.seq = seq,
		.node = BPF_CORE_READ(dmabuf, attachments.next),
		.head = (void *)dmabuf +
			bpf_core_field_offset(struct dma_buf, attachments),
	};

	bpf_loop(IMPORTERS_MAX, print_next_importer, &walk, 0);
}

static __always_inline void print_row(struct seq_file *seq, struct dma_buf *dmabuf)
{
	const char *name = BPF_CORE_READ(dmabuf, name);

	BPF_SEQ_PRINTF(seq, "%lu\t%ld\t%s\t%lu\t%s", BPF_CORE_READ(dmabuf, size),
		       BPF_CORE_READ(dmabuf, file, f_count.counter) - 1,
		       BPF_CORE_READ(dmabuf, exp_name),
		       BPF_CORE_READ(dmabuf, file, f_inode, i_ino),
		       name ? name : "<none>");
	print_importers(seq, dmabuf);
	BPF_SEQ_PRINTF(seq, "\n");
}

#endif
