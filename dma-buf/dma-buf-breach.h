/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports of drivers that break the contract of buffer sharing.
 */
#ifndef _DMA_BUF_BREACH_H_
#define _DMA_BUF_BREACH_H_

#include <linux/compiler.h>
#include <linux/stackdepot.h>
#include <linux/types.h>

struct dma_buf;
struct dma_buf_attachment;
struct seq_file;

/*
 * The rules that a driver can break.  What each of them says is in the table in
 * dma-buf-breach.c.
 *
 * The first group is always watched; the rest needs CONFIG_DMABUF_CHECK.
 * docs/checker.rst explains each of them, with the way out.
 */
enum dma_buf_breach_rule {
	/* Always watched */
	DMA_BUF_BREACH_ARGUMENT,
	DMA_BUF_BREACH_EXPORT_INFO,
	DMA_BUF_BREACH_IMPORTER_OPS,
	DMA_BUF_BREACH_PIN_STATIC,
	DMA_BUF_BREACH_PIN_BUSY,
	DMA_BUF_BREACH_UNPIN_UNPINNED,
	DMA_BUF_BREACH_UNMAP_UNMAPPED,
	DMA_BUF_BREACH_VUNMAP_UNMAPPED,
	DMA_BUF_BREACH_DETACH_MAPPED,
	DMA_BUF_BREACH_DETACH_PINNED,
	DMA_BUF_BREACH_RELEASE_ATTACHED,
	DMA_BUF_BREACH_RELEASE_VMAPPED,

	/* Importers: what they hold */
	DMA_BUF_BREACH_UNLOCKED,
	DMA_BUF_BREACH_UNMAP_TWICE,
	DMA_BUF_BREACH_UNMAP_FOREIGN,
	DMA_BUF_BREACH_UNMAP_DIRECTION,
	DMA_BUF_BREACH_MAP_IN_NOTIFY,
	DMA_BUF_BREACH_MAP_UNWAITED,
	DMA_BUF_BREACH_STALE_KEPT,

	/* Exporters: what they hand out and when they move */
	DMA_BUF_BREACH_STALE_CACHED,
	DMA_BUF_BREACH_TABLE_NULL,
	DMA_BUF_BREACH_TABLE_REUSED,
	DMA_BUF_BREACH_TABLE_MISALIGNED,
	DMA_BUF_BREACH_TABLE_SHORT,
	DMA_BUF_BREACH_TABLE_PAGELESS,
	DMA_BUF_BREACH_MOVE_PINNED,
	DMA_BUF_BREACH_OPS_CHANGED,

	/* The kernel's own CPU access */
	DMA_BUF_BREACH_CPU_END_UNBEGUN,
	DMA_BUF_BREACH_CPU_DIRECTION,
	DMA_BUF_BREACH_CPU_LEFT_OPEN,
	DMA_BUF_BREACH_VMAP_UNBRACKETED,
	DMA_BUF_BREACH_VMAP_MOVABLE,
	DMA_BUF_BREACH_MOVE_VMAPPED,

	DMA_BUF_BREACH_COUNT
};

void dma_buf_breach(enum dma_buf_breach_rule rule, struct dma_buf *dmabuf,
		    struct dma_buf_attachment *attach, depot_stack_handle_t earlier);
void dma_buf_breach_show(struct seq_file *m);

/**
 * dma_buf_misuse - report a breach if there is one
 * @broken: whether the rule is broken
 * @rule: which one
 * @dmabuf: the buffer, or NULL where it is not known
 * @attach: the attachment, or NULL
 *
 * For guard clauses: if (dma_buf_misuse(...)) return.
 *
 * Return: @broken.
 */
static inline bool dma_buf_misuse(bool broken, enum dma_buf_breach_rule rule,
				  struct dma_buf *dmabuf,
				  struct dma_buf_attachment *attach)
{
	if (unlikely(broken))
		dma_buf_breach(rule, dmabuf, attach, 0);

	return broken;
}

#endif /* _DMA_BUF_BREACH_H_ */
