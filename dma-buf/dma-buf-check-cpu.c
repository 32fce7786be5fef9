// SPDX-License-Identifier: GPL-2.0-only

#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/spinlock.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-check-private.h"

/**
 * DOC: What the CPU does
 *
 * The part of the contract checker that watches the kernel's own access: its
 * brackets and its addresses.  Brackets of user space (DMA_BUF_IOCTL_SYNC) do
 * not come here, they are no driver's fault.
 *
 * The checker cannot see accesses.  It sees that an address was taken and given
 * back with no bracket open at any time in between, and if that is what a place
 * in the kernel does each time, then it accesses without brackets.  Once would
 * not do: a driver may have to give up before it got so far.
 */

#define DMA_BUF_CHECK_PLACES_BITS	8
#define DMA_BUF_CHECK_PLACES		BIT(DMA_BUF_CHECK_PLACES_BITS)

/* How often a place may give an address back without a bracket. */
#define DMA_BUF_CHECK_EXCUSED		1

/**
 * struct dma_buf_check_place - a place in the kernel that calls dma_buf_vmap()
 * @stack: which one
 * @bare: how often it gave the address back without any bracket
 * @uses_brackets: it has done better at least once
 */
struct dma_buf_check_place {
	depot_stack_handle_t stack;
	unsigned int bare;
	bool uses_brackets;
};

static struct dma_buf_check_place dma_buf_check_places[DMA_BUF_CHECK_PLACES];
static DEFINE_SPINLOCK(dma_buf_check_places_lock); /* protects the table above */

/* Return: the entry, which may be a new one, or NULL if the table is full. */
static struct dma_buf_check_place *dma_buf_check_place_get(depot_stack_handle_t stack)
{
	u32 start = hash_32(stack, DMA_BUF_CHECK_PLACES_BITS);
	struct dma_buf_check_place *place;
	unsigned int i;

	lockdep_assert_held(&dma_buf_check_places_lock);

	for (i = 0; i < DMA_BUF_CHECK_PLACES; i++) {
		place = &dma_buf_check_places[(start + i) % DMA_BUF_CHECK_PLACES];
		if (!place->stack)
			place->stack = stack;
		if (place->stack == stack)
			return place;
	}
	return NULL;
}

/* Return: true if the place never uses brackets, as far as one can tell. */
static bool dma_buf_check_place_note(depot_stack_handle_t stack, bool bracketed)
{
	struct dma_buf_check_place *place;
	bool guilty = false;

	if (!stack)
		return false;

	spin_lock(&dma_buf_check_places_lock);
	place = dma_buf_check_place_get(stack);
	if (place && bracketed)
		place->uses_brackets = true;
	else if (place && !place->uses_brackets)
		guilty = ++place->bare > DMA_BUF_CHECK_EXCUSED;
	spin_unlock(&dma_buf_check_places_lock);

	return guilty;
}

/* Any direction in which a bracket is open, else DMA_NONE. */
static enum dma_data_direction dma_buf_check_open(struct dma_buf_check *check)
{
	enum dma_data_direction direction = DMA_BIDIRECTIONAL;

	lockdep_assert_held(&check->lock);

	while (direction != DMA_NONE && !check->open[direction])
		direction++;

	return direction;
}

/**
 * dma_buf_check_begin_cpu_access - the kernel has opened a bracket
 * @dmabuf: the buffer
 * @direction: what it is going to do
 */
void dma_buf_check_begin_cpu_access(struct dma_buf *dmabuf,
				    enum dma_data_direction direction)
{
	struct dma_buf_check *check = dmabuf->db_check;
	depot_stack_handle_t stack;

	if (!check || direction >= DMA_NONE)
		return;

	stack = dma_buf_check_stack();

	spin_lock(&check->lock);
	check->open[direction]++;
	check->begun[direction] = stack;
	check->bracketed = true;
	spin_unlock(&check->lock);
}

/**
 * dma_buf_check_end_cpu_access - the kernel has closed a bracket
 * @dmabuf: the buffer
 * @direction: what it says it did
 * @ret: what the exporter said; after an error the kernel may try again
 */
void dma_buf_check_end_cpu_access(struct dma_buf *dmabuf,
				  enum dma_data_direction direction, int ret)
{
	struct dma_buf_check *check = dmabuf->db_check;
	enum dma_data_direction open;
	depot_stack_handle_t stack = 0;
	bool again = false;

	if (!check || direction >= DMA_NONE)
		return;

	spin_lock(&check->lock);
	open = check->open[direction] ? direction : dma_buf_check_open(check);
	if (open != DMA_NONE) {
		check->open[open]--;
		check->failed_ends += !!ret;
		stack = check->begun[open];
	} else if (check->failed_ends) {
		check->failed_ends--;
		again = true;
	}
	spin_unlock(&check->lock);

	if (open == direction || again)
		return;

	dma_buf_breach(open == DMA_NONE ? DMA_BUF_BREACH_CPU_END_UNBEGUN :
		       DMA_BUF_BREACH_CPU_DIRECTION, dmabuf, NULL, stack);
}

/**
 * dma_buf_check_cpu_release - is there a bracket that nobody will close any more?
 * @dmabuf: a buffer that nobody can reach any more
 */
void dma_buf_check_cpu_release(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;
	enum dma_data_direction open;

	spin_lock(&check->lock);
	open = dma_buf_check_open(check);
	spin_unlock(&check->lock);

	if (open != DMA_NONE)
		dma_buf_breach(DMA_BUF_BREACH_CPU_LEFT_OPEN, dmabuf, NULL,
			       check->begun[open]);
}

/**
 * dma_buf_check_vmap - the kernel gets an address
 * @dmabuf: the buffer, with &dma_buf.vmapping_counter counting this user
 */
void dma_buf_check_vmap(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;
	depot_stack_handle_t stack;

	if (!check || dmabuf->vmapping_counter != 1)
		return;

	stack = dma_buf_check_stack();

	spin_lock(&check->lock);
	check->vmapped = stack;
	check->bracketed = dma_buf_check_open(check) != DMA_NONE;
	spin_unlock(&check->lock);
}

/* Somebody keeps the buffer where it is, or will learn that it moves. */
static bool dma_buf_check_is_watched(struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach;

	list_for_each_entry(attach, &dmabuf->attachments, node)
		if (attach->db_pins || dma_buf_attachment_is_dynamic(attach))
			return true;

	return false;
}

/**
 * dma_buf_check_vmap_unlocked - the kernel gets an address that outlives the lock
 * @dmabuf: the buffer
 *
 * Context: &dma_buf.resv held.
 */
void dma_buf_check_vmap_unlocked(struct dma_buf *dmabuf)
{
	if (!dmabuf->db_check || !dma_buf_is_dynamic(dmabuf))
		return;

	dma_buf_misuse(!dma_buf_check_is_watched(dmabuf), DMA_BUF_BREACH_VMAP_MOVABLE,
		       dmabuf, NULL);
}

/**
 * dma_buf_check_vunmap - the kernel is about to give an address back
 * @dmabuf: the buffer, with &dma_buf.vmapping_counter still counting this user
 */
void dma_buf_check_vunmap(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;
	depot_stack_handle_t stack;
	bool bracketed;

	if (!check || dmabuf->vmapping_counter != 1)
		return;

	spin_lock(&check->lock);
	stack = check->vmapped;
	bracketed = check->bracketed;
	spin_unlock(&check->lock);

	if (dma_buf_check_place_note(stack, bracketed))
		dma_buf_breach(DMA_BUF_BREACH_VMAP_UNBRACKETED, dmabuf, NULL, stack);
}

/**
 * dma_buf_check_vmapped_at - where was the present vmap made?
 * @dmabuf: the buffer
 *
 * Return: the stack, or 0 if that is not known.
 */
depot_stack_handle_t dma_buf_check_vmapped_at(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;
	depot_stack_handle_t stack;

	if (!check)
		return 0;

	spin_lock(&check->lock);
	stack = check->vmapped;
	spin_unlock(&check->lock);

	return stack;
}
