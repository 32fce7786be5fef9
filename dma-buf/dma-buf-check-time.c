// SPDX-License-Identifier: GPL-2.0-only

#include <kunit/visibility.h>

#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

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
 * Look for a mapping that was made before move number @moves and is overdue, of
 * @attach or, if that is NULL, of anybody.  Return: whose it is, or NULL.
 */
static struct dma_buf_attachment *
dma_buf_check_find_overdue(struct dma_buf *dmabuf, struct dma_buf_attachment *attach,
			   unsigned long moves, depot_stack_handle_t *stack)
{
	bool idle = dma_resv_test_signaled(dmabuf->resv, DMA_RESV_USAGE_BOOKKEEP);
	struct dma_buf_check *check = dmabuf->db_check;
	struct dma_buf_attachment *found = NULL;
	struct dma_buf_check_record *record;

	spin_lock(&check->lock);
	list_for_each_entry(record, &check->records[DMA_BUF_CHECK_MAPPED], node) {
		if (attach && record->attach != attach)
			continue;
		if (!dma_buf_attachment_is_dynamic(record->attach) || record->moves >= moves ||
		    !(idle || record->is_idle) || !dma_buf_check_is_overdue(record))
			continue;
		found = record->attach;
		*stack = record->stack;
		break;
	}
	spin_unlock(&check->lock);

	return found;
}

/*
 * An importer that maps or pins is awake, and about to use the new place.  Does
 * it still keep an old one?
 */
static void dma_buf_check_stale_kept(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;
	depot_stack_handle_t stack = 0;

	if (dma_buf_check_find_overdue(dmabuf, attach, dmabuf->db_check->moves, &stack))
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

/**
 * dma_buf_check_section_now - in which critical section are we?
 * @dmabuf: the buffer
 *
 * Context: &dma_buf.resv held, unless the caller is in breach of that.
 * Return: the section.
 */
struct dma_buf_check_section dma_buf_check_section_now(struct dma_buf *dmabuf)
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

/**
 * dma_buf_check_section_is_other - are two critical sections certain to differ?
 * @a: one
 * @b: the other
 *
 * Return: true if the reservation lock was given up between them.
 */
bool dma_buf_check_section_is_other(const struct dma_buf_check_section *a,
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

/**
 * enum dma_buf_check_wait - what became of the KERNEL fences that a mapping met
 * @DMA_BUF_CHECK_WAIT_OVER: they have signalled
 * @DMA_BUF_CHECK_WAIT_JOB: one is pending, and so is the fence of a job, which waits
 * @DMA_BUF_CHECK_WAIT_NOBODY: one is pending, and nobody waits for it
 */
enum dma_buf_check_wait {
	DMA_BUF_CHECK_WAIT_OVER,
	DMA_BUF_CHECK_WAIT_JOB,
	DMA_BUF_CHECK_WAIT_NOBODY,
};

static enum dma_buf_check_wait dma_buf_check_who_waits(const struct dma_buf_check_record *record)
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

	if (!pending)
		return DMA_BUF_CHECK_WAIT_OVER;
	/* The walk has ended early if it came to the fence of a job. */
	return fence ? DMA_BUF_CHECK_WAIT_JOB : DMA_BUF_CHECK_WAIT_NOBODY;
}

/* Places in the kernel that call dma_buf_map_attachment(), by their stack. */
static struct dma_buf_check_book dma_buf_check_map_places = {
	.lock		= __SPIN_LOCK_UNLOCKED(dma_buf_check_map_places.lock),
	.excused	= DMA_BUF_CHECK_MAPS_EXCUSED,
};

/*
 * A mapping that nobody can have used.  One made in vain is undone in the same
 * critical section, or after a signal.  Or it is kept for the next job, and
 * given back when the buffer moves before there is one.
 */
static bool dma_buf_check_is_unused(const struct dma_buf_check_record *record)
{
	struct dma_buf *dmabuf = record->attach->dmabuf;
	struct dma_buf_check_section now = dma_buf_check_section_now(dmabuf);

	return READ_ONCE(dmabuf->db_check->notifier) == current || signal_pending(current) ||
	       !dma_buf_check_section_is_other(&now, &record->section);
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
 * dma_buf_check_time_moved - who keeps a mapping across one move after the other?
 * @dmabuf: the buffer, whose importers have just been told that it moves
 *
 * An importer that never maps again is asked here: it has been told of more than
 * one move by now.
 */
void dma_buf_check_time_moved(struct dma_buf *dmabuf)
{
	unsigned long before_this = dmabuf->db_check->moves - 1;
	struct dma_buf_attachment *attach;
	depot_stack_handle_t stack = 0;

	attach = dma_buf_check_find_overdue(dmabuf, NULL, before_this, &stack);
	if (attach)
		dma_buf_breach(DMA_BUF_BREACH_STALE_KEPT, dmabuf, attach, stack);
}

/**
 * dma_buf_check_time_unmap - did anybody mind the KERNEL fences?
 * @record: the mapping's, no longer in the list
 */
void dma_buf_check_time_unmap(struct dma_buf_check_record *record)
{
	enum dma_buf_check_wait wait;

	if (!record->num_fences || dma_buf_check_is_unused(record))
		return;

	wait = dma_buf_check_who_waits(record);
	if (wait == DMA_BUF_CHECK_WAIT_OVER)
		return;

	if (dma_buf_check_book_note(&dma_buf_check_map_places, record->stack,
				    wait == DMA_BUF_CHECK_WAIT_JOB))
		dma_buf_breach(DMA_BUF_BREACH_MAP_UNWAITED, record->attach->dmabuf,
			       record->attach, record->stack);
}
