// SPDX-License-Identifier: GPL-2.0-only

#include <kunit/visibility.h>

#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-check-private.h"

/**
 * DOC: Importers and time
 *
 * The part of the contract checker that knows when a mapping may be made, how
 * long it may be kept after the buffer has moved, and whether anybody minded the
 * KERNEL fences.
 *
 * Fences are looked at without the reservation lock and remembered by number
 * and not by reference, so that watching a fence does not keep its driver.
 */

/*
 * How long a stale mapping may be kept once nothing can use it any more.  The
 * work that unmaps it may be deferred, but not for this long.
 */
VISIBLE_IF_KUNIT unsigned long dma_buf_check_grace = 10 * HZ;
EXPORT_SYMBOL_IF_KUNIT(dma_buf_check_grace);

/* Mapped before the last move: no longer where the buffer is. */
static bool dma_buf_check_is_stale(const struct dma_buf_check *check,
				   const struct dma_buf_check_record *record)
{
	return record->moves != check->moves;
}

/* A stale mapping that nothing can use: has it been seen like that before? */
static bool dma_buf_check_is_overdue(struct dma_buf_check_record *record)
{
	if (record->is_idle)
		return time_after_eq(jiffies, record->seen_idle + dma_buf_check_grace);

	record->is_idle = true;
	record->seen_idle = jiffies;
	return false;
}

/*
 * An importer that maps or pins is awake, and about to use the new place.  Does
 * it still keep an old one?
 */
static void dma_buf_check_stale_kept(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;
	struct dma_buf_check *check = dmabuf->db_check;
	struct dma_buf_check_record *record;
	depot_stack_handle_t stack = 0;
	bool idle, overdue = false;

	if (!dma_buf_attachment_is_dynamic(attach))
		return;

	idle = dma_resv_test_signaled(dmabuf->resv, DMA_RESV_USAGE_BOOKKEEP);

	spin_lock(&check->lock);
	list_for_each_entry(record, &check->records[DMA_BUF_CHECK_MAPPED], node) {
		if (record->attach != attach || !dma_buf_check_is_stale(check, record) ||
		    !(idle || record->is_idle) || !dma_buf_check_is_overdue(record))
			continue;
		overdue = true;
		stack = record->stack;
		break;
	}
	spin_unlock(&check->lock);

	if (overdue)
		dma_buf_breach(DMA_BUF_BREACH_STALE_KEPT, dmabuf, attach, stack);
}

/* A table that the core keeps is good only as long as the buffer stays. */
static void dma_buf_check_stale_cached(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;
	struct dma_buf_check *check = dmabuf->db_check;
	struct dma_buf_check_record *record;
	depot_stack_handle_t stack = 0;
	bool stale;

	if (!dmabuf->ops->cache_sgt_mapping)
		return;

	spin_lock(&check->lock);
	record = dma_buf_check_record_of(check, DMA_BUF_CHECK_TABLE, attach);
	stale = record && dma_buf_check_is_stale(check, record);
	if (stale)
		stack = record->stack;
	spin_unlock(&check->lock);

	if (stale)
		dma_buf_breach(DMA_BUF_BREACH_STALE_CACHED, dmabuf, attach, stack);
}

/* There is no new place to map before move_notify has returned. */
static void dma_buf_check_map_in_notify(struct dma_buf_attachment *attach)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;

	/* Only we could have made it us, so no lock is needed to know. */
	dma_buf_misuse(READ_ONCE(check->notifier) == current,
		       DMA_BUF_BREACH_MAP_IN_NOTIFY, attach->dmabuf, attach);
}

static struct dma_buf_check_section dma_buf_check_section_now(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;
	struct dma_buf_check_section section = {
		.task = current,
		.ctx = dma_resv_locking_ctx(dmabuf->resv),
	};

	spin_lock(&check->lock);
	section.number = check->sections;
	spin_unlock(&check->lock);

	return section;
}

static bool dma_buf_check_section_is_other(const struct dma_buf_check_section *a,
					   const struct dma_buf_check_section *b)
{
	return a->task != b->task || a->ctx != b->ctx || a->number != b->number;
}

/* Remember which KERNEL fences the importer has to wait for. */
static void dma_buf_check_map_fences(struct dma_buf_check_record *record)
{
	struct dma_buf_attachment *attach = record->attach;
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	/* The core waits for static importers, the exporter at pin. */
	if (!dma_buf_attachment_is_dynamic(attach) || attach->db_pins)
		return;

	dma_resv_iter_begin(&cursor, attach->dmabuf->resv, DMA_RESV_USAGE_KERNEL);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		if (dma_resv_iter_is_restarted(&cursor))
			record->num_fences = 0;
		if (record->num_fences == DMA_BUF_CHECK_FENCES)
			break;
		record->fences[record->num_fences].context = fence->context;
		record->fences[record->num_fences].seqno = fence->seqno;
		record->num_fences++;
	}
	dma_resv_iter_end(&cursor);
}

static bool dma_buf_check_remembers(const struct dma_buf_check_record *record,
				    const struct dma_fence *fence)
{
	unsigned int i;

	for (i = 0; i < record->num_fences; i++)
		if (record->fences[i].context == fence->context &&
		    record->fences[i].seqno == fence->seqno)
			return true;

	return false;
}

/*
 * Is a KERNEL fence from the time of the map still pending, and no fence of any
 * job beside it?
 */
static bool dma_buf_check_nobody_waits(const struct dma_buf_check_record *record)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	bool pending = false;

	dma_resv_iter_begin(&cursor, record->attach->dmabuf->resv, DMA_RESV_USAGE_BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		if (dma_resv_iter_is_restarted(&cursor))
			pending = false;
		if (dma_resv_iter_usage(&cursor) != DMA_RESV_USAGE_KERNEL)
			break;
		pending |= dma_buf_check_remembers(record, fence);
	}
	dma_resv_iter_end(&cursor);

	/* The walk has ended early if it came to the fence of a job. */
	return pending && !fence;
}

/**
 * dma_buf_check_time_map - is this a time at which a mapping may be made?
 * @attach: the attachment that makes one
 */
void dma_buf_check_time_map(struct dma_buf_attachment *attach)
{
	dma_buf_check_map_in_notify(attach);
	dma_buf_check_stale_cached(attach);
	dma_buf_check_stale_kept(attach);
}

/**
 * dma_buf_check_time_pin - is there something left that has to be gone by now?
 * @attach: the attachment that has pinned
 */
void dma_buf_check_time_pin(struct dma_buf_attachment *attach)
{
	dma_buf_check_stale_kept(attach);
}

/**
 * dma_buf_check_time_remember - remember when a mapping is made
 * @record: the mapping's, not yet in the list
 */
void dma_buf_check_time_remember(struct dma_buf_check_record *record)
{
	record->section = dma_buf_check_section_now(record->attach->dmabuf);
	dma_buf_check_map_fences(record);
}

/**
 * dma_buf_check_time_unmap - did anybody mind the KERNEL fences?
 * @record: the mapping's, no longer in the list
 */
void dma_buf_check_time_unmap(struct dma_buf_check_record *record)
{
	struct dma_buf *dmabuf = record->attach->dmabuf;
	struct dma_buf_check_section now;

	if (!record->num_fences)
		return;

	/* In the same section it was a mapping made in vain. */
	now = dma_buf_check_section_now(dmabuf);
	if (dma_buf_check_section_is_other(&now, &record->section) &&
	    dma_buf_check_nobody_waits(record))
		dma_buf_breach(DMA_BUF_BREACH_MAP_UNWAITED, dmabuf, record->attach,
			       record->stack);
}
