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

/**
 * enum dma_buf_breach_rule - the rules that a driver can break
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
