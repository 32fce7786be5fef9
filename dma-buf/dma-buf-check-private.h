/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the contract checker remembers, for the files of the checker alone.
 */
#ifndef _DMA_BUF_CHECK_PRIVATE_H_
#define _DMA_BUF_CHECK_PRIVATE_H_

#include <linux/bits.h>
#include <linux/dma-direction.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/stackdepot.h>
#include <linux/types.h>

#include "dma-buf-breach.h"

struct dma_buf;
struct dma_buf_attachment;
struct dma_buf_ops;
struct sg_table;
struct task_struct;

/* KERNEL fences that a mapping remembers; any of them will do as a witness. */
#define DMA_BUF_CHECK_FENCES	4

/* Unmapped tables that a buffer remembers, to tell twice from never. */
#define DMA_BUF_CHECK_PAST	8

/**
 * enum dma_buf_check_kind - what can be held
 * @DMA_BUF_CHECK_ATTACHED: a device is attached
 * @DMA_BUF_CHECK_PINNED: an importer has called dma_buf_pin()
 * @DMA_BUF_CHECK_MAPPED: an importer has a mapping
 * @DMA_BUF_CHECK_TABLE: the exporter has handed out a table
 * @DMA_BUF_CHECK_KINDS: how many kinds there are
 *
 * Mappings and tables are two things: a table that is kept serves many mappings.
 */
enum dma_buf_check_kind {
	DMA_BUF_CHECK_ATTACHED,
	DMA_BUF_CHECK_PINNED,
	DMA_BUF_CHECK_MAPPED,
	DMA_BUF_CHECK_TABLE,
	DMA_BUF_CHECK_KINDS
};

/**
 * struct dma_buf_check_section - how to tell one critical section from another
 * @task: who held &dma_buf.resv
 * @ctx: with which ticket
 * @number: how often the core itself had taken the lock by then
 *
 * Two equal ones may be the same section; two that differ are not.
 */
struct dma_buf_check_section {
	struct task_struct *task;
	struct ww_acquire_ctx *ctx;
	unsigned long number;
};

/**
 * struct dma_buf_check_fence - a fence that is remembered without a reference
 * @context: &dma_fence.context
 * @seqno: &dma_fence.seqno
 */
struct dma_buf_check_fence {
	u64 context;
	u64 seqno;
};

#define DMA_BUF_CHECK_BOOK_BITS	8
#define DMA_BUF_CHECK_BOOK_SIZE	BIT(DMA_BUF_CHECK_BOOK_BITS)

/**
 * struct dma_buf_check_entry - what a place or a driver has done so far
 * @key: which; 0 if the entry is free
 * @broken: how often it did not keep to the rule
 * @has_kept: it has kept to the rule at least once
 */
struct dma_buf_check_entry {
	u32 key;
	unsigned int broken;
	bool has_kept;
};

/**
 * struct dma_buf_check_book - who keeps to a rule that one case cannot tell
 * @lock: protects @entries
 * @excused: how often the rule may be broken before that is a breach
 * @entries: a hash table with open addressing; nothing is ever removed
 */
struct dma_buf_check_book {
	spinlock_t lock; /* protects @entries */
	unsigned int excused;
	struct dma_buf_check_entry entries[DMA_BUF_CHECK_BOOK_SIZE];
};

/**
 * struct dma_buf_check_record - one thing that is held, and since when
 * @node: link in &dma_buf_check.records
 * @attach: by which attachment
 * @stack: where it was taken
 * @moves: &dma_buf_check.moves at that time
 * @sgt: table: the exporter's; mapping: what the importer sees
 * @direction: mapping: for what
 * @section: mapping: in which critical section it was made
 * @fences: mapping: KERNEL fences that were pending then
 * @num_fences: mapping: how many
 * @seen_idle: mapping: when it was first seen to be stale without any fence left
 * @is_idle: mapping: @seen_idle is valid
 *
 * Constant while in the list, but for the last two: &dma_buf_check.lock.
 */
struct dma_buf_check_record {
	struct list_head node;
	struct dma_buf_attachment *attach;
	depot_stack_handle_t stack;
	unsigned long moves;

	struct sg_table *sgt;
	enum dma_data_direction direction;
	struct dma_buf_check_section section;
	struct dma_buf_check_fence fences[DMA_BUF_CHECK_FENCES];
	unsigned int num_fences;

	unsigned long seen_idle;
	bool is_idle;
};

/**
 * struct dma_buf_check_past - a mapping that is gone
 * @sgt: what it was; NULL if the address has come back since
 * @stack: where it was unmapped
 */
struct dma_buf_check_past {
	struct sg_table *sgt;
	depot_stack_handle_t stack;
};

/**
 * struct dma_buf_check - what the checker knows of a buffer
 *
 * &dma_buf.resv would protect nearly all of this, but a checker must not rely
 * on the rules that it checks, and brackets of CPU access have no lock at all.
 */
struct dma_buf_check {
	/** @exported: Where; constant. */
	depot_stack_handle_t exported;

	/** @lock: Protects all that follows; nothing is called under it. */
	spinlock_t lock;

	/** @ops: The exporter's operations when they were last looked at. */
	const struct dma_buf_ops *ops;
	/** @records: &dma_buf_check_record.node, oldest first. */
	struct list_head records[DMA_BUF_CHECK_KINDS];
	/** @lost: Records that there was no memory for. */
	unsigned int lost[DMA_BUF_CHECK_KINDS];
	/** @past: The mappings that went last. */
	struct dma_buf_check_past past[DMA_BUF_CHECK_PAST];
	/** @next_past: The oldest of @past. */
	unsigned int next_past;

	/** @sections: Critical sections that the core itself opened. */
	unsigned long sections;
	/** @moves: Calls of dma_buf_move_notify(). */
	unsigned long moves;
	/** @notifier: Who is in one of them now, or NULL. */
	struct task_struct *notifier;

	/** @open: Brackets of CPU access by the kernel, by direction. */
	unsigned int open[DMA_NONE];
	/** @begun: Where the last one of each was opened. */
	depot_stack_handle_t begun[DMA_NONE];
	/** @failed_ends: Brackets whose end failed, so that it may be repeated. */
	unsigned int failed_ends;

	/** @vmapped: Where the present vmap was made, or the last one. */
	depot_stack_handle_t vmapped;
	/** @bracketed: A bracket was open at some time of the present vmap. */
	bool bracketed;
	/** @vmap_section: In which critical section the present vmap was made. */
	struct dma_buf_check_section vmap_section;
	/** @vmap_is_followed: The buffer was kept in place, or its moves were followed. */
	bool vmap_is_followed;
	/** @vmap_outlived: The present vmap is known to have outlived its section. */
	bool vmap_outlived;
};

depot_stack_handle_t dma_buf_check_stack(void);
struct dma_buf_check_record *
dma_buf_check_record_create(struct dma_buf_attachment *attach,
			    enum dma_buf_check_kind kind);
void dma_buf_check_record_add(struct dma_buf_check *check, enum dma_buf_check_kind kind,
			      struct dma_buf_check_record *record);
struct dma_buf_check_record *
dma_buf_check_record_of(struct dma_buf_check *check, enum dma_buf_check_kind kind,
			struct dma_buf_attachment *attach);
void dma_buf_check_ops(struct dma_buf *dmabuf, struct dma_buf_attachment *attach);
bool dma_buf_check_is_locked(struct dma_buf *dmabuf);
bool dma_buf_check_book_note(struct dma_buf_check_book *book, u32 key, bool kept);
struct dma_buf_check_section dma_buf_check_section_now(struct dma_buf *dmabuf);
bool dma_buf_check_section_is_other(const struct dma_buf_check_section *a,
				    const struct dma_buf_check_section *b);
void dma_buf_check_time_moved(struct dma_buf *dmabuf);
void dma_buf_check_time_map(struct dma_buf_attachment *attach);
void dma_buf_check_time_pin(struct dma_buf_attachment *attach);
void dma_buf_check_time_remember(struct dma_buf_check_record *record);
void dma_buf_check_time_unmap(struct dma_buf_check_record *record);
void dma_buf_check_cpu_release(struct dma_buf *dmabuf);

/*
 * How often a place may give an address back without a bracket, and a mapping
 * without having waited.
 */
#define DMA_BUF_CHECK_VMAPS_EXCUSED	7
#define DMA_BUF_CHECK_MAPS_EXCUSED	1

/* dma-buf-check-time.c; tests do not want to wait. */
#if IS_ENABLED(CONFIG_KUNIT)
extern unsigned long dma_buf_check_grace;
#endif

#endif /* _DMA_BUF_CHECK_PRIVATE_H_ */
