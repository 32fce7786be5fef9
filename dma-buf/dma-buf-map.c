// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-private.h"
#include "dma_buf_trace.h"

/**
 * DOC: The addresses
 *
 * Step 5 of a buffer's life: importers learn where it is.  This room owns the
 * decision whether a mapping pins the buffer, the tables that are kept from one
 * mapping to the next (&dma_buf_ops.cache_sgt_mapping), and the hiding of pages
 * from importers in debug kernels.
 *
 * A static importer's mapping pins a buffer that could move.  A dynamic
 * importer's does not: it is told of moves instead, and obeys the fences.
 *
 * Tested by tests/dma-buf-map-test.c, which has the whole matrix of importers
 * and exporters as a table.
 */

/*
 * Without DMABUF_MOVE_NOTIFY even dynamic importers have their mappings pinned,
 * for kernels that do not trust their drivers to follow a move.
 */
static bool dma_buf_pin_on_map(struct dma_buf_attachment *attach)
{
	return dma_buf_is_dynamic(attach->dmabuf) &&
	       (!IS_ENABLED(CONFIG_DMABUF_MOVE_NOTIFY) ||
		!dma_buf_attachment_is_dynamic(attach));
}

/* Dynamic importers wait for themselves, at the time of their choice. */
static int dma_buf_map_wait(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;

	if (dma_buf_attachment_is_dynamic(attach) || !dma_buf_has_fences(dmabuf))
		return 0;

	return dma_buf_wait_killable(dmabuf);
}

/*
 * Dynamic importers are ready for -ERESTARTSYS.  Static ones are not: on 6.12
 * a buffer that moves made them wait in attach, and map came after that.
 */
static bool dma_buf_map_again(struct dma_buf_attachment *attach, int error)
{
	return !dma_buf_attachment_is_dynamic(attach) &&
	       dma_buf_call_again(attach->dmabuf, error);
}

#ifdef CONFIG_DMABUF_DEBUG

/**
 * struct dma_buf_bare_table - what an importer sees of a table in debug kernels
 * @bare: the DMA addresses and no pages
 * @full: the exporter's table
 *
 * Peer memory has no pages, and cached pages are not coherent with devices, so
 * an importer that looks at pages is wrong even where it happens to work.
 */
struct dma_buf_bare_table {
	struct sg_table bare;
	struct sg_table *full;
};

static struct sg_table *dma_buf_hide_pages(struct sg_table *full)
{
	struct dma_buf_bare_table *table;
	struct scatterlist *from, *to;
	int i;

	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return ERR_PTR(-ENOMEM);
	table->full = full;

	/* virtio-gpu describes memory that cannot be mapped by no entries. */
	if (!full->nents)
		return &table->bare;

	if (sg_alloc_table(&table->bare, full->nents, GFP_KERNEL)) {
		kfree(table);
		return ERR_PTR(-ENOMEM);
	}

	to = table->bare.sgl;
	for_each_sgtable_dma_sg(full, from, i) {
		sg_dma_address(to) = sg_dma_address(from);
		sg_dma_len(to) = sg_dma_len(from);
		to = sg_next(to);
	}
	return &table->bare;
}

static struct sg_table *dma_buf_full_table(struct sg_table *sgt)
{
	return container_of(sgt, struct dma_buf_bare_table, bare)->full;
}

static void dma_buf_free_bare_table(struct sg_table *sgt)
{
	sg_free_table(sgt);
	kfree(container_of(sgt, struct dma_buf_bare_table, bare));
}

#else /* !CONFIG_DMABUF_DEBUG */

static struct sg_table *dma_buf_hide_pages(struct sg_table *full)
{
	return full;
}

static struct sg_table *dma_buf_full_table(struct sg_table *sgt)
{
	return sgt;
}

static void dma_buf_free_bare_table(struct sg_table *sgt)
{
}

#endif

static struct sg_table *dma_buf_map_exporter(struct dma_buf_attachment *attach,
					     enum dma_data_direction direction)
{
	struct sg_table *sgt;

	do
		sgt = attach->dmabuf->ops->map_dma_buf(attach, direction);
	while (dma_buf_map_again(attach, PTR_ERR_OR_ZERO(sgt)));
	dma_buf_check_table(attach, sgt);

	return sgt ?: ERR_PTR(-ENOMEM);
}

static int dma_buf_map_pin(struct dma_buf_attachment *attach)
{
	int ret;

	do
		ret = dma_buf_attach_pin(attach);
	while (dma_buf_map_again(attach, ret));

	/* The exporter accepted the device at attach and must not move away. */
	dma_buf_misuse(ret == -EBUSY, DMA_BUF_BREACH_PIN_BUSY, attach->dmabuf, attach);
	return ret;
}

static struct sg_table *dma_buf_map_new(struct dma_buf_attachment *attach,
					enum dma_data_direction direction)
{
	bool pin = dma_buf_pin_on_map(attach);
	struct sg_table *full, *sgt;
	int ret;

	if (pin) {
		ret = dma_buf_map_pin(attach);
		if (ret)
			return ERR_PTR(ret);
	}

	full = dma_buf_map_exporter(attach, direction);
	if (IS_ERR(full)) {
		ret = PTR_ERR(full);
		goto err_unpin;
	}

	ret = dma_buf_map_wait(attach);
	if (ret)
		goto err_unmap;

	sgt = dma_buf_hide_pages(full);
	if (IS_ERR(sgt)) {
		ret = PTR_ERR(sgt);
		goto err_unmap;
	}

	if (attach->dmabuf->ops->cache_sgt_mapping) {
		attach->sgt = sgt;
		attach->dir = direction;
	}
	return sgt;

err_unmap:
	dma_buf_check_table_gone(attach, full);
	attach->dmabuf->ops->unmap_dma_buf(attach, full, direction);
err_unpin:
	if (pin)
		dma_buf_attach_unpin(attach);
	return ERR_PTR(ret);
}

static void dma_buf_unmap_last(struct dma_buf_attachment *attach,
			       struct sg_table *sgt,
			       enum dma_data_direction direction)
{
	struct sg_table *full = dma_buf_full_table(sgt);

	dma_buf_free_bare_table(sgt);
	dma_buf_check_table_gone(attach, full);
	attach->dmabuf->ops->unmap_dma_buf(attach, full, direction);
	if (dma_buf_pin_on_map(attach))
		dma_buf_attach_unpin(attach);
}

/* The kept table serves every direction that it was mapped for. */
static struct sg_table *dma_buf_map_cached(struct dma_buf_attachment *attach,
					   enum dma_data_direction direction)
{
	if (attach->dir != direction && attach->dir != DMA_BIDIRECTIONAL)
		return ERR_PTR(-EBUSY);

	return attach->sgt;
}

/**
 * dma_buf_map_drop_cached - unmap the table that was kept, if there is one
 * @attach: an attachment that is being detached
 *
 * Context: &dma_buf.resv held.
 */
void dma_buf_map_drop_cached(struct dma_buf_attachment *attach)
{
	dma_resv_assert_held(attach->dmabuf->resv);

	if (!attach->sgt)
		return;

	dma_buf_unmap_last(attach, attach->sgt, attach->dir);
	attach->sgt = NULL;
}

/**
 * dma_buf_map_attachment - learn the addresses of a buffer
 * @attach: the attachment
 * @direction: what the device will do
 *
 * For a static importer the buffer stays put until it unmaps, and the data is
 * there when this returns; of all signals only a fatal one ends its wait.  A
 * dynamic importer has to wait for the KERNEL fences in &dma_buf.resv before its
 * device uses the addresses, and must be ready for
 * &dma_buf_attach_ops.move_notify.
 *
 * Context: process context, &dma_buf.resv held; sleeps.
 * Return: the table, which belongs to the attachment until
 * dma_buf_unmap_attachment(), or an ERR_PTR: -EINVAL without an attachment
 * (reported), -EBUSY if a mapping is kept for another direction, -ENOMEM,
 * -ERESTARTSYS if the process of a static importer is being killed, or the
 * exporter's errno, which for a dynamic importer includes -EINTR and -ERESTARTSYS
 * after a signal.
 */
struct sg_table *dma_buf_map_attachment(struct dma_buf_attachment *attach,
					enum dma_data_direction direction)
{
	struct sg_table *sgt;

	dma_buf_may_sleep();

	if (dma_buf_misuse(!attach || !attach->dmabuf,
			   DMA_BUF_BREACH_ARGUMENT, NULL, attach))
		return ERR_PTR(-EINVAL);

	dma_resv_assert_held(attach->dmabuf->resv);
	dma_buf_check_locked(attach->dmabuf, attach);

	if (attach->sgt)
		sgt = dma_buf_map_cached(attach, direction);
	else
		sgt = dma_buf_map_new(attach, direction);
	if (IS_ERR(sgt))
		return sgt;

	attach->db_maps++;
	dma_buf_check_map(attach, sgt, direction);
	trace_dma_buf_map(attach->dmabuf, attach, direction);
	return sgt;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_map_attachment, DMA_BUF);

/**
 * dma_buf_map_attachment_unlocked - dma_buf_map_attachment() for those without the lock
 * @attach: the attachment
 * @direction: what the device will do
 *
 * Context: process context; takes &dma_buf.resv, so it must not be held.
 * Return: as dma_buf_map_attachment().
 */
struct sg_table *
dma_buf_map_attachment_unlocked(struct dma_buf_attachment *attach,
				enum dma_data_direction direction)
{
	struct sg_table *sgt;

	if (dma_buf_misuse(!attach || !attach->dmabuf,
			   DMA_BUF_BREACH_ARGUMENT, NULL, attach))
		return ERR_PTR(-EINVAL);

	dma_buf_lock(attach->dmabuf);
	dma_buf_check_section(attach->dmabuf);
	sgt = dma_buf_map_attachment(attach, direction);
	dma_resv_unlock(attach->dmabuf->resv);

	return sgt;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_map_attachment_unlocked, DMA_BUF);

/**
 * dma_buf_unmap_attachment - give addresses back
 * @attach: the attachment
 * @sgt: what dma_buf_map_attachment() returned
 * @direction: what it was mapped for
 *
 * The device must be done: all fences of its work have signalled.
 *
 * Context: process context, &dma_buf.resv held; sleeps.
 */
void dma_buf_unmap_attachment(struct dma_buf_attachment *attach,
			      struct sg_table *sgt,
			      enum dma_data_direction direction)
{
	dma_buf_may_sleep();

	if (dma_buf_misuse(!attach || !attach->dmabuf || !sgt,
			   DMA_BUF_BREACH_ARGUMENT, NULL, attach))
		return;

	dma_resv_assert_held(attach->dmabuf->resv);
	dma_buf_check_locked(attach->dmabuf, attach);

	if (!dma_buf_check_unmap(attach, sgt, direction))
		return;
	if (dma_buf_misuse(!attach->db_maps,
			   DMA_BUF_BREACH_UNMAP_UNMAPPED, attach->dmabuf, attach))
		return;

	trace_dma_buf_unmap(attach->dmabuf, attach, direction);
	attach->db_maps--;
	if (sgt != attach->sgt)
		dma_buf_unmap_last(attach, sgt, direction);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_unmap_attachment, DMA_BUF);

/**
 * dma_buf_unmap_attachment_unlocked - dma_buf_unmap_attachment() for those without the lock
 * @attach: the attachment
 * @sgt: what was mapped
 * @direction: what it was mapped for
 *
 * Context: process context; takes &dma_buf.resv, so it must not be held.
 */
void dma_buf_unmap_attachment_unlocked(struct dma_buf_attachment *attach,
				       struct sg_table *sgt,
				       enum dma_data_direction direction)
{
	if (dma_buf_misuse(!attach || !attach->dmabuf || !sgt,
			   DMA_BUF_BREACH_ARGUMENT, NULL, attach))
		return;

	dma_buf_lock(attach->dmabuf);
	dma_buf_check_section(attach->dmabuf);
	dma_buf_unmap_attachment(attach, sgt, direction);
	dma_resv_unlock(attach->dmabuf->resv);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_unmap_attachment_unlocked, DMA_BUF);
