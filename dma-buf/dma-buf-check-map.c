// SPDX-License-Identifier: GPL-2.0-only

#include <linux/slab.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-check-private.h"

/**
 * DOC: What importers hold
 *
 * The part of the contract checker that keeps book of importers: which pins and
 * which mappings they have, and whether they give back what they took.
 */

/* The allocator has given an address out again: it is no longer the old table. */
static void dma_buf_check_past_forget(struct dma_buf_check *check, struct sg_table *sgt)
{
	unsigned int i;

	lockdep_assert_held(&check->lock);

	for (i = 0; i < DMA_BUF_CHECK_PAST; i++)
		if (check->past[i].sgt == sgt)
			check->past[i].sgt = NULL;
}

static void dma_buf_check_past_add(struct dma_buf_check *check, struct sg_table *sgt,
				   depot_stack_handle_t stack)
{
	struct dma_buf_check_past *past = &check->past[check->next_past];

	lockdep_assert_held(&check->lock);

	dma_buf_check_past_forget(check, sgt);
	past->sgt = sgt;
	past->stack = stack;
	check->next_past = (check->next_past + 1) % DMA_BUF_CHECK_PAST;
}

static void dma_buf_check_map_record(struct dma_buf_attachment *attach,
				     struct sg_table *sgt,
				     enum dma_data_direction direction)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;
	struct dma_buf_check_record *record;

	record = dma_buf_check_record_create(attach, DMA_BUF_CHECK_MAPPED);
	if (record) {
		record->sgt = sgt;
		record->direction = direction;
		dma_buf_check_time_remember(record);
	}

	spin_lock(&check->lock);
	dma_buf_check_past_forget(check, sgt);
	if (record)
		dma_buf_check_record_add(check, DMA_BUF_CHECK_MAPPED, record);
	spin_unlock(&check->lock);
}

/**
 * dma_buf_check_map - an importer is about to get a mapping
 * @attach: the attachment
 * @sgt: what it will see
 * @direction: what for
 */
void dma_buf_check_map(struct dma_buf_attachment *attach, struct sg_table *sgt,
		       enum dma_data_direction direction)
{
	if (!attach->dmabuf->db_check)
		return;

	dma_buf_check_ops(attach->dmabuf, attach);
	dma_buf_check_time_map(attach);
	dma_buf_check_map_record(attach, sgt, direction);
}

/* Take the mapping off the list; one in another direction if there is no better. */
static struct dma_buf_check_record *
dma_buf_check_map_take(struct dma_buf_attachment *attach, struct sg_table *sgt,
		       enum dma_data_direction direction)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;
	struct dma_buf_check_record *record, *found = NULL;
	depot_stack_handle_t stack = dma_buf_check_stack();

	spin_lock(&check->lock);
	list_for_each_entry(record, &check->records[DMA_BUF_CHECK_MAPPED], node) {
		if (record->attach != attach || record->sgt != sgt)
			continue;
		found = record;
		if (record->direction == direction)
			break;
	}
	if (found) {
		list_del(&found->node);
		dma_buf_check_past_add(check, sgt, stack);
	}
	spin_unlock(&check->lock);

	return found;
}

/**
 * struct dma_buf_check_verdict - what is wrong with an unmap
 * @rule: which rule it breaks
 * @stack: the other half, or 0
 */
struct dma_buf_check_verdict {
	enum dma_buf_breach_rule rule;
	depot_stack_handle_t stack;
};

static struct dma_buf_check_verdict
dma_buf_check_judge_unmap(struct dma_buf_check *check, struct sg_table *sgt)
{
	struct dma_buf_check_verdict verdict = { .rule = DMA_BUF_BREACH_UNMAP_UNMAPPED };
	struct dma_buf_check_record *record;
	unsigned int i;

	lockdep_assert_held(&check->lock);

	for (i = 0; i < DMA_BUF_CHECK_PAST; i++) {
		if (check->past[i].sgt != sgt)
			continue;
		verdict.rule = DMA_BUF_BREACH_UNMAP_TWICE;
		verdict.stack = check->past[i].stack;
	}

	list_for_each_entry(record, &check->records[DMA_BUF_CHECK_MAPPED], node) {
		if (record->sgt != sgt)
			continue;
		verdict.rule = DMA_BUF_BREACH_UNMAP_FOREIGN;
		verdict.stack = record->stack;
	}
	return verdict;
}

/* Return: true if it may be a mapping that there was no memory to remember. */
static bool dma_buf_check_unmap_unknown(struct dma_buf_attachment *attach,
					struct sg_table *sgt)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;
	struct dma_buf_check_verdict verdict;

	spin_lock(&check->lock);
	if (check->lost[DMA_BUF_CHECK_MAPPED]) {
		check->lost[DMA_BUF_CHECK_MAPPED]--;
		spin_unlock(&check->lock);
		return true;
	}
	verdict = dma_buf_check_judge_unmap(check, sgt);
	spin_unlock(&check->lock);

	dma_buf_breach(verdict.rule, attach->dmabuf, attach, verdict.stack);
	return false;
}

/**
 * dma_buf_check_unmap - an importer is about to give a mapping back
 * @attach: the attachment
 * @sgt: what it says it has
 * @direction: what it says it was mapped for
 *
 * Return: false if it has no such mapping, so that nothing must be unmapped.
 */
bool dma_buf_check_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			 enum dma_data_direction direction)
{
	struct dma_buf_check_record *record;

	if (!attach->dmabuf->db_check)
		return true;

	record = dma_buf_check_map_take(attach, sgt, direction);
	if (!record)
		return dma_buf_check_unmap_unknown(attach, sgt);

	if (record->direction != direction)
		dma_buf_breach(DMA_BUF_BREACH_UNMAP_DIRECTION, attach->dmabuf, attach,
			       record->stack);
	dma_buf_check_time_unmap(record);
	kfree(record);
	return true;
}

/**
 * dma_buf_check_pin - an importer has pinned
 * @attach: the attachment
 */
void dma_buf_check_pin(struct dma_buf_attachment *attach)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;
	struct dma_buf_check_record *record;

	if (!check)
		return;

	dma_buf_check_time_pin(attach);
	record = dma_buf_check_record_create(attach, DMA_BUF_CHECK_PINNED);
	if (!record)
		return;

	spin_lock(&check->lock);
	dma_buf_check_record_add(check, DMA_BUF_CHECK_PINNED, record);
	spin_unlock(&check->lock);
}

/**
 * dma_buf_check_unpin - an importer is about to unpin
 * @attach: the attachment
 *
 * Return: false if all the pins that there are belong to its mappings.
 */
bool dma_buf_check_unpin(struct dma_buf_attachment *attach)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;
	struct dma_buf_check_record *record;
	bool lost = false;

	if (!check)
		return true;

	spin_lock(&check->lock);
	record = dma_buf_check_record_of(check, DMA_BUF_CHECK_PINNED, attach);
	if (record) {
		list_del(&record->node);
	} else if (check->lost[DMA_BUF_CHECK_PINNED]) {
		check->lost[DMA_BUF_CHECK_PINNED]--;
		lost = true;
	}
	spin_unlock(&check->lock);

	kfree(record);
	return !dma_buf_misuse(!record && !lost, DMA_BUF_BREACH_UNPIN_UNPINNED,
			       attach->dmabuf, attach);
}
