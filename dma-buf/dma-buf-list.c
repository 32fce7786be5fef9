// SPDX-License-Identifier: GPL-2.0-only

#include <kunit/visibility.h>

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "dma-buf-private.h"

/**
 * DOC: All live buffers
 *
 * Step 3 of a buffer's life: it can be found by whoever walks all buffers, that
 * is bufinfo, the BPF iterator and the callers of dma_buf_iter_begin().  This
 * room owns the lists and the way to walk them.
 *
 * There is one list per CPU, so that creating and closing buffers on several
 * CPUs does not meet on a lock.  Walkers take no lock at all: RCU keeps the
 * links and the buffers readable, and a reference, which can be had only while
 * the buffer lives, keeps a walker's place in the list.  A buffer created while
 * somebody walks may be missed; one that lives all the time is met once.
 *
 * A reader of a file may pause for as long as it likes, and must not keep a
 * buffer alive for that.  Its place is kept by a mark of its own in the list.
 *
 * Tested by tests/dma-buf-list-test.c.
 */

/**
 * struct dma_buf_home - the buffers that were created on one CPU
 * @lock: serialises additions and removals; walkers do not take it
 * @buffers: &dma_buf.list_node
 */
struct dma_buf_home {
	spinlock_t lock; /* protects the links of @buffers against other writers */
	struct list_head buffers;
};

static DEFINE_PER_CPU(struct dma_buf_home, dma_buf_homes);

/**
 * struct dma_buf_mark - a place in the list that is kept without a reference
 * @place: linked like a buffer; it has no file, so walkers pass it over
 * @rcu: for walkers that are just passing it when it goes
 */
struct dma_buf_mark {
	struct dma_buf place;
	struct rcu_head rcu;
};

/**
 * dma_buf_list_add - let walkers find a buffer
 * @dmabuf: a complete buffer
 */
void dma_buf_list_add(struct dma_buf *dmabuf)
{
	/* Which CPU matters only for speed, so migrating here is fine. */
	int cpu = raw_smp_processor_id();
	struct dma_buf_home *home = per_cpu_ptr(&dma_buf_homes, cpu);

	dmabuf->db_home = cpu;
	spin_lock(&home->lock);
	list_add_tail_rcu(&dmabuf->list_node, &home->buffers);
	spin_unlock(&home->lock);
}

/**
 * dma_buf_list_del - hide a buffer from walkers
 * @dmabuf: a buffer whose last reference is gone
 *
 * A walker that found it earlier can no longer get a reference.  @dmabuf must
 * stay allocated for an RCU grace period.
 */
void dma_buf_list_del(struct dma_buf *dmabuf)
{
	struct dma_buf_home *home = per_cpu_ptr(&dma_buf_homes, dmabuf->db_home);

	/* Pairs with dma_buf_list_get(). */
	WRITE_ONCE(dmabuf->db_dying, true);

	spin_lock(&home->lock);
	list_del_rcu(&dmabuf->list_node);
	spin_unlock(&home->lock);
}

/* Get a reference on a buffer that may be dying. */
static bool dma_buf_list_get(struct dma_buf *dmabuf)
{
	struct file *file = dmabuf->file;

	if (!file)
		return false; /* a mark */
	if (!atomic_long_inc_not_zero(&file->f_count))
		return false;

	/*
	 * Files are freed without waiting for RCU and may serve somebody else
	 * by now.  dma_buf_list_del() ran before that; the atomic operation
	 * above orders our look at its mark.
	 */
	if (READ_ONCE(dmabuf->db_dying)) {
		fput(file);
		return false;
	}
	return true;
}

/* Find the first live buffer behind @node, which is in the list of @cpu. */
static struct dma_buf *dma_buf_list_walk(int cpu, struct list_head *node)
{
	struct dma_buf *dmabuf, *found = NULL;

	rcu_read_lock();
	while (!found) {
		struct dma_buf_home *home = per_cpu_ptr(&dma_buf_homes, cpu);

		node = rcu_dereference(list_next_rcu(node));
		if (node == &home->buffers) {
			cpu = cpumask_next(cpu, cpu_possible_mask);
			if (cpu >= nr_cpu_ids)
				break;
			node = &per_cpu_ptr(&dma_buf_homes, cpu)->buffers;
			continue;
		}

		dmabuf = list_entry(node, struct dma_buf, list_node);
		if (dma_buf_list_get(dmabuf))
			found = dmabuf;
	}
	rcu_read_unlock();

	return found;
}

/**
 * dma_buf_iter_begin - start to walk all buffers
 *
 * Context: process context; takes no lock and stalls nobody.
 * Return: a buffer with a reference for the caller, who gives it to
 * dma_buf_iter_next() or dma_buf_put(); NULL if there is none.
 */
struct dma_buf *dma_buf_iter_begin(void)
{
	int cpu = cpumask_first(cpu_possible_mask);

	return dma_buf_list_walk(cpu, &per_cpu_ptr(&dma_buf_homes, cpu)->buffers);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_iter_begin, DMA_BUF);

/**
 * dma_buf_iter_next - go on to the next buffer
 * @dmabuf: from dma_buf_iter_begin() or this; its reference is dropped
 *
 * Context: process context; takes no lock.  Dropping the last reference runs
 * the exporter's &dma_buf_ops.release, so hold nothing that it may take.
 * Return: the next live buffer with a reference for the caller, NULL at the end.
 */
struct dma_buf *dma_buf_iter_next(struct dma_buf *dmabuf)
{
	struct dma_buf *next;

	next = dma_buf_list_walk(dmabuf->db_home, &dmabuf->list_node);
	dma_buf_put(dmabuf);
	return next;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_iter_next, DMA_BUF);

/* Mark the place of a buffer that is in the list, as the caller has a reference. */
static struct dma_buf_mark *dma_buf_mark_create(struct dma_buf *dmabuf)
{
	struct dma_buf_home *home = per_cpu_ptr(&dma_buf_homes, dmabuf->db_home);
	struct dma_buf_mark *mark = kzalloc(sizeof(*mark), GFP_KERNEL);

	if (!mark)
		return NULL;

	mark->place.db_home = dmabuf->db_home;
	spin_lock(&home->lock);
	list_add_tail_rcu(&mark->place.list_node, &dmabuf->list_node);
	spin_unlock(&home->lock);
	return mark;
}

static void dma_buf_mark_destroy(struct dma_buf_mark *mark)
{
	struct dma_buf_home *home = per_cpu_ptr(&dma_buf_homes, mark->place.db_home);

	spin_lock(&home->lock);
	list_del_rcu(&mark->place.list_node);
	spin_unlock(&home->lock);
	kfree_rcu(mark, rcu);
}

/* Go on after a pause, at the same buffer or, if that is gone, at the next one. */
static struct dma_buf *dma_buf_cursor_resume(struct dma_buf_cursor *cursor)
{
	struct dma_buf_mark *mark = cursor->mark;

	if (!mark)
		return cursor->dmabuf;

	cursor->dmabuf = dma_buf_list_walk(mark->place.db_home, &mark->place.list_node);
	cursor->mark = NULL;
	dma_buf_mark_destroy(mark);
	return cursor->dmabuf;
}

/**
 * dma_buf_cursor_seek - find the buffer at a position
 * @cursor: the reader's place
 * @pos: how many buffers come before the one wanted
 *
 * Costs next to nothing when @pos is where the cursor stands or has paused, or
 * when the cursor stands at the end and @pos is behind it.  0 starts anew.
 *
 * Return: the buffer, whose reference the cursor holds, or NULL past the end.
 */
struct dma_buf *dma_buf_cursor_seek(struct dma_buf_cursor *cursor, loff_t pos)
{
	bool at_end = cursor->pos && !cursor->dmabuf && !cursor->mark;

	if (pos && (pos == cursor->pos || (at_end && pos > cursor->pos)))
		return dma_buf_cursor_resume(cursor);

	dma_buf_cursor_fini(cursor);
	cursor->dmabuf = dma_buf_iter_begin();
	while (cursor->dmabuf && cursor->pos < pos)
		dma_buf_cursor_next(cursor);

	return cursor->dmabuf;
}
EXPORT_SYMBOL_IF_KUNIT(dma_buf_cursor_seek);

/**
 * dma_buf_cursor_next - go on to the next buffer
 * @cursor: the reader's place, which is at a buffer
 *
 * Return: the buffer, whose reference the cursor holds, or NULL at the end.
 */
struct dma_buf *dma_buf_cursor_next(struct dma_buf_cursor *cursor)
{
	cursor->dmabuf = dma_buf_iter_next(cursor->dmabuf);
	cursor->pos++;
	return cursor->dmabuf;
}
EXPORT_SYMBOL_IF_KUNIT(dma_buf_cursor_next);

/**
 * dma_buf_cursor_pause - keep the place, but not the buffer
 * @cursor: the reader's place; dma_buf_cursor_seek() goes on there
 *
 * Without memory for that the buffer is kept, too.
 *
 * Context: process context; may sleep.
 */
void dma_buf_cursor_pause(struct dma_buf_cursor *cursor)
{
	if (!cursor->dmabuf)
		return;

	cursor->mark = dma_buf_mark_create(cursor->dmabuf);
	if (!cursor->mark)
		return;

	dma_buf_put(cursor->dmabuf);
	cursor->dmabuf = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(dma_buf_cursor_pause);

/**
 * dma_buf_cursor_fini - leave the place
 * @cursor: the reader's place; ready to be used again afterwards
 */
void dma_buf_cursor_fini(struct dma_buf_cursor *cursor)
{
	if (cursor->dmabuf)
		dma_buf_put(cursor->dmabuf);
	if (cursor->mark)
		dma_buf_mark_destroy(cursor->mark);
	*cursor = (struct dma_buf_cursor){ };
}
EXPORT_SYMBOL_IF_KUNIT(dma_buf_cursor_fini);

/**
 * dma_buf_list_init - make the lists, all empty
 */
void __init dma_buf_list_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct dma_buf_home *home = per_cpu_ptr(&dma_buf_homes, cpu);

		spin_lock_init(&home->lock);
		INIT_LIST_HEAD(&home->buffers);
	}
}
