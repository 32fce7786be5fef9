// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dma-resv.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-check-private.h"

/**
 * DOC: The contract checker
 *
 * What lockdep is for locks, this is for the sharing of buffers.  The rooms of
 * the core call it at every step; it remembers who holds what and since where,
 * and gives what breaks a rule to dma_buf_breach(), together with the stack of
 * the other half of the breach.
 *
 * This file owns what is remembered of a buffer and of its attachments.
 * dma-buf-check-map.c keeps book of importers, dma-buf-check-time.c knows when
 * they may do what, dma-buf-check-exporter.c watches exporters, and
 * dma-buf-check-cpu.c the CPU.  docs/checker.rst has every rule and the exact
 * criterion for it.
 *
 * A checker must do no harm: it never fails a call.  What there was no memory
 * to remember it does not judge, so that a lost record is a breach missed and
 * never one invented.
 *
 * Tested by tests/dma-buf-check-test.c.
 */

#define DMA_BUF_CHECK_FRAMES	24

/**
 * dma_buf_check_stack - remember where we are
 *
 * Return: the stack of the caller, or 0 if there was no memory.
 */
depot_stack_handle_t dma_buf_check_stack(void)
{
	unsigned long frames[DMA_BUF_CHECK_FRAMES];
	unsigned int count;

	/* No waiting for memory: some callers are in the middle of eviction. */
	count = stack_trace_save(frames, ARRAY_SIZE(frames), 1);
	return stack_depot_save(frames, count, GFP_NOWAIT | __GFP_NOWARN);
}

static void dma_buf_check_lose(struct dma_buf_check *check, enum dma_buf_check_kind kind)
{
	spin_lock(&check->lock);
	check->lost[kind]++;
	spin_unlock(&check->lock);

	pr_notice_once("dma-buf: no memory to watch everything; breaches may be missed\n");
}

/**
 * dma_buf_check_record_create - prepare to remember
 * @attach: the attachment
 * @kind: what it holds
 *
 * Context: process context; may sleep.
 * Return: the record, for dma_buf_check_record_add(), or NULL: then the loss is
 * noted already.
 */
struct dma_buf_check_record *
dma_buf_check_record_create(struct dma_buf_attachment *attach,
			    enum dma_buf_check_kind kind)
{
	struct dma_buf_check_record *record;

	record = kzalloc(sizeof(*record), GFP_KERNEL | __GFP_NOWARN);
	if (!record) {
		dma_buf_check_lose(attach->dmabuf->db_check, kind);
		return NULL;
	}

	record->attach = attach;
	record->stack = dma_buf_check_stack();
	return record;
}

/**
 * dma_buf_check_record_add - remember from now on
 * @check: the buffer's
 * @kind: what is held
 * @record: from dma_buf_check_record_create()
 *
 * Context: &dma_buf_check.lock held.
 */
void dma_buf_check_record_add(struct dma_buf_check *check, enum dma_buf_check_kind kind,
			      struct dma_buf_check_record *record)
{
	lockdep_assert_held(&check->lock);

	record->moves = check->moves;
	list_add_tail(&record->node, &check->records[kind]);
}

/**
 * dma_buf_check_record_of - find the oldest thing that an attachment holds
 * @check: the buffer's
 * @kind: what kind of thing
 * @attach: the attachment, or NULL for any
 *
 * Context: &dma_buf_check.lock held.
 * Return: the record or NULL.
 */
struct dma_buf_check_record *
dma_buf_check_record_of(struct dma_buf_check *check, enum dma_buf_check_kind kind,
			struct dma_buf_attachment *attach)
{
	struct dma_buf_check_record *record;

	lockdep_assert_held(&check->lock);

	list_for_each_entry(record, &check->records[kind], node)
		if (!attach || record->attach == attach)
			return record;

	return NULL;
}

static depot_stack_handle_t dma_buf_check_oldest(struct dma_buf *dmabuf,
						 enum dma_buf_check_kind kind,
						 struct dma_buf_attachment *attach)
{
	struct dma_buf_check *check = dmabuf->db_check;
	struct dma_buf_check_record *record;
	depot_stack_handle_t stack;

	if (!check)
		return 0;

	spin_lock(&check->lock);
	record = dma_buf_check_record_of(check, kind, attach);
	stack = record ? record->stack : 0;
	spin_unlock(&check->lock);

	return stack;
}

/**
 * dma_buf_check_attached_at - where did the first device attach?
 * @dmabuf: the buffer
 *
 * Return: the stack, or 0 if that is not known.
 */
depot_stack_handle_t dma_buf_check_attached_at(struct dma_buf *dmabuf)
{
	return dma_buf_check_oldest(dmabuf, DMA_BUF_CHECK_ATTACHED, NULL);
}

/**
 * dma_buf_check_mapped_at - where was the oldest mapping made?
 * @attach: the attachment
 *
 * Return: the stack, or 0 if that is not known.
 */
depot_stack_handle_t dma_buf_check_mapped_at(struct dma_buf_attachment *attach)
{
	return dma_buf_check_oldest(attach->dmabuf, DMA_BUF_CHECK_MAPPED, attach);
}

/**
 * dma_buf_check_pinned_at - where was the oldest pin made?
 * @attach: the attachment
 *
 * Return: the stack, or 0 if that is not known.
 */
depot_stack_handle_t dma_buf_check_pinned_at(struct dma_buf_attachment *attach)
{
	return dma_buf_check_oldest(attach->dmabuf, DMA_BUF_CHECK_PINNED, attach);
}

/**
 * dma_buf_check_export - begin to watch a buffer
 * @dmabuf: complete, but not yet visible to anybody
 */
void dma_buf_check_export(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = kzalloc(sizeof(*check), GFP_KERNEL | __GFP_NOWARN);
	int kind;

	if (!check)
		return;

	check->exported = dma_buf_check_stack();
	check->ops = dmabuf->ops;
	spin_lock_init(&check->lock);
	for (kind = 0; kind < DMA_BUF_CHECK_KINDS; kind++)
		INIT_LIST_HEAD(&check->records[kind]);

	dmabuf->db_check = check;
}

/* Forget what @attach holds, or everything. */
static void dma_buf_check_forget(struct dma_buf_check *check,
				 struct dma_buf_attachment *attach)
{
	struct dma_buf_check_record *record, *next;
	LIST_HEAD(gone);
	int kind;

	spin_lock(&check->lock);
	for (kind = 0; kind < DMA_BUF_CHECK_KINDS; kind++)
		list_for_each_entry_safe(record, next, &check->records[kind], node)
			if (!attach || record->attach == attach)
				list_move(&record->node, &gone);
	spin_unlock(&check->lock);

	list_for_each_entry_safe(record, next, &gone, node)
		kfree(record);
}

/**
 * dma_buf_check_release - the exporter gets its buffer back
 * @dmabuf: a buffer that nobody can reach any more
 */
void dma_buf_check_release(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;

	if (!check)
		return;

	dma_buf_check_cpu_release(dmabuf);
	dma_buf_check_forget(check, NULL);
	dmabuf->db_check = NULL;
	kfree(check);
}

/**
 * dma_buf_check_attach - a device has been accepted by the exporter
 * @attach: its attachment, not yet in the buffer's list
 */
void dma_buf_check_attach(struct dma_buf_attachment *attach)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;
	struct dma_buf_check_record *record;

	if (!check)
		return;

	dma_buf_check_ops(attach->dmabuf, attach);
	record = dma_buf_check_record_create(attach, DMA_BUF_CHECK_ATTACHED);
	if (!record)
		return;

	spin_lock(&check->lock);
	dma_buf_check_record_add(check, DMA_BUF_CHECK_ATTACHED, record);
	spin_unlock(&check->lock);
}

/**
 * dma_buf_check_detach - a device is gone
 * @attach: its attachment, about to be freed
 */
void dma_buf_check_detach(struct dma_buf_attachment *attach)
{
	struct dma_buf_check *check = attach->dmabuf->db_check;

	if (check)
		dma_buf_check_forget(check, attach);
}

/**
 * dma_buf_check_ops - are the exporter's operations still the ones it exported?
 * @dmabuf: the buffer
 * @attach: the attachment that is about to use them
 *
 * Each change is reported once.
 */
void dma_buf_check_ops(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	struct dma_buf_check *check = dmabuf->db_check;
	bool changed;

	spin_lock(&check->lock);
	changed = check->ops != dmabuf->ops;
	check->ops = dmabuf->ops;
	spin_unlock(&check->lock);

	if (changed)
		dma_buf_breach(DMA_BUF_BREACH_OPS_CHANGED, dmabuf, attach, check->exported);
}

/**
 * dma_buf_check_is_locked - does the caller hold the reservation lock?
 * @dmabuf: the buffer
 *
 * Return: without lockdep, whether anybody holds it.
 */
bool dma_buf_check_is_locked(struct dma_buf *dmabuf)
{
	if (!dma_resv_is_locked(dmabuf->resv))
		return false;

	return !IS_ENABLED(CONFIG_LOCKDEP) || dma_resv_held(dmabuf->resv);
}

/**
 * dma_buf_check_locked - the caller has to hold the reservation lock
 * @dmabuf: the buffer
 * @attach: the attachment, or NULL
 *
 * lockdep says the same, if it is there and has not given up.
 */
void dma_buf_check_locked(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	dma_buf_misuse(!dma_buf_check_is_locked(dmabuf), DMA_BUF_BREACH_UNLOCKED,
		       dmabuf, attach);
}

/**
 * dma_buf_check_section - the core has taken the reservation lock itself
 * @dmabuf: the buffer
 */
void dma_buf_check_section(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;

	if (!check)
		return;

	spin_lock(&check->lock);
	check->sections++;
	spin_unlock(&check->lock);
}

/* Before the first driver can export anything. */
static int __init dma_buf_check_init(void)
{
	return stack_depot_init();
}
core_initcall(dma_buf_check_init);
