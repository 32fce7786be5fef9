// SPDX-License-Identifier: GPL-2.0-only

#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-check-private.h"

/**
 * DOC: What exporters hand out
 *
 * The part of the contract checker that watches exporters: the tables they
 * return, and whether they move what they have promised to keep in place.
 */

static bool dma_buf_check_is_misaligned(struct sg_table *full)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(full, sg, i)
		if (!PAGE_ALIGNED(sg_dma_address(sg)) || !PAGE_ALIGNED(sg_dma_len(sg)))
			return true;

	return false;
}

static bool dma_buf_check_is_short(struct sg_table *full, size_t size)
{
	struct scatterlist *sg;
	size_t sum = 0;
	int i;

	for_each_sgtable_dma_sg(full, sg, i)
		sum += sg_dma_len(sg);

	return sum < size;
}

/*
 * The memory of a device, for an importer that did not say that it reaches that.
 * An exporter that cannot move its buffers may also have system memory without
 * pages, which a firmware has set aside: every device reaches it.
 */
static bool dma_buf_check_is_pageless(struct dma_buf_attachment *attach, struct sg_table *full)
{
	struct scatterlist *sg;
	int i;

	if (attach->peer2peer || !dma_buf_is_dynamic(attach->dmabuf))
		return false;

	for_each_sgtable_sg(full, sg, i)
		if (!sg_page(sg))
			return true;

	return false;
}

static void dma_buf_check_table_shape(struct dma_buf_attachment *attach,
				      struct sg_table *full)
{
	struct dma_buf *dmabuf = attach->dmabuf;

	/* No entries at all is how virtio-gpu describes what cannot be mapped. */
	if (!full->orig_nents)
		return;

	dma_buf_misuse(dma_buf_check_is_misaligned(full),
		       DMA_BUF_BREACH_TABLE_MISALIGNED, dmabuf, attach);
	dma_buf_misuse(dma_buf_check_is_short(full, dmabuf->size),
		       DMA_BUF_BREACH_TABLE_SHORT, dmabuf, attach);
	dma_buf_misuse(dma_buf_check_is_pageless(attach, full),
		       DMA_BUF_BREACH_TABLE_PAGELESS, dmabuf, attach);
}

/* Find the record of a table; &dma_buf_check.lock is held. */
static struct dma_buf_check_record *
dma_buf_check_table_find(struct dma_buf_check *check, struct sg_table *full)
{
	struct dma_buf_check_record *record;

	lockdep_assert_held(&check->lock);

	list_for_each_entry(record, &check->records[DMA_BUF_CHECK_TABLE], node)
		if (record->sgt == full)
			return record;

	return NULL;
}

static void dma_buf_check_table_record(struct dma_buf_attachment *attach,
				       struct sg_table *full)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;
	struct dma_buf_check_record *record, *other;
	depot_stack_handle_t stack = 0;

	record = dma_buf_check_record_create(attach, DMA_BUF_CHECK_TABLE);
	if (record)
		record->sgt = full;

	spin_lock(&check->lock);
	other = dma_buf_check_table_find(check, full);
	if (other)
		stack = other->stack;
	if (record)
		dma_buf_check_record_add(check, DMA_BUF_CHECK_TABLE, record);
	spin_unlock(&check->lock);

	if (other)
		dma_buf_breach(DMA_BUF_BREACH_TABLE_REUSED, attach->dmabuf, attach, stack);
}

/**
 * dma_buf_check_table - the exporter has returned a table
 * @attach: for whom
 * @full: the table, an ERR_PTR, or NULL, which is a breach
 */
void dma_buf_check_table(struct dma_buf_attachment *attach, struct sg_table *full)
{
	if (!attach->dmabuf->db_check || IS_ERR(full))
		return;

	if (dma_buf_misuse(!full, DMA_BUF_BREACH_TABLE_NULL, attach->dmabuf, attach))
		return;

	dma_buf_check_table_record(attach, full);
	dma_buf_check_table_shape(attach, full);
}

/**
 * dma_buf_check_table_gone - the exporter gets a table back
 * @attach: from whom
 * @full: the table
 */
void dma_buf_check_table_gone(struct dma_buf_attachment *attach, struct sg_table *full)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;
	struct dma_buf_check_record *record;

	if (!check)
		return;

	spin_lock(&check->lock);
	record = dma_buf_check_table_find(check, full);
	if (record)
		list_del(&record->node);
	spin_unlock(&check->lock);

	kfree(record);
}

/* A static importer's mapping holds the buffer even if the exporter has no pin. */
static bool dma_buf_check_is_held(struct dma_buf_attachment *attach)
{
	return attach->db_pins ||
	       (attach->db_maps && !dma_buf_attachment_is_dynamic(attach));
}

static void dma_buf_check_move_held(struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach;

	list_for_each_entry(attach, &dmabuf->attachments, node) {
		if (!dma_buf_check_is_held(attach))
			continue;

		dma_buf_breach(DMA_BUF_BREACH_MOVE_PINNED, dmabuf, attach,
			       dma_buf_check_pinned_at(attach) ?:
			       dma_buf_check_mapped_at(attach));
		return;
	}
}

/* With nobody to be told, whoever has the address will go on to use it. */
static void dma_buf_check_move_vmapped(struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach;

	if (!dmabuf->vmapping_counter)
		return;

	list_for_each_entry(attach, &dmabuf->attachments, node)
		if (dma_buf_attachment_is_dynamic(attach))
			return;

	dma_buf_breach(DMA_BUF_BREACH_MOVE_VMAPPED, dmabuf, NULL,
		       dma_buf_check_vmapped_at(dmabuf));
}

/**
 * dma_buf_check_move - the exporter is about to move the buffer
 * @dmabuf: the buffer; its importers are not yet told
 */
void dma_buf_check_move(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;

	if (!check)
		return;

	spin_lock(&check->lock);
	check->moves++;
	WRITE_ONCE(check->notifier, current);
	spin_unlock(&check->lock);

	/* Without the lock, which is reported already, there is no list to walk. */
	if (!dma_buf_check_is_locked(dmabuf))
		return;

	dma_buf_check_move_held(dmabuf);
	dma_buf_check_move_vmapped(dmabuf);
}

/**
 * dma_buf_check_moved - all importers know that the buffer moves
 * @dmabuf: the buffer
 */
void dma_buf_check_moved(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;

	if (!check)
		return;

	spin_lock(&check->lock);
	WRITE_ONCE(check->notifier, NULL);
	spin_unlock(&check->lock);

	if (dma_buf_check_is_locked(dmabuf))
		dma_buf_check_time_moved(dmabuf);
}
