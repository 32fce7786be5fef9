// SPDX-License-Identifier: GPL-2.0-only

#include <linux/device.h>
#include <linux/jhash.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

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
 * not do: a driver may have to give up before it got so far, or find that there
 * is nothing to be looked at.
 */

/* Places in the kernel that call dma_buf_vmap(), by their stack. */
static struct dma_buf_check_book dma_buf_check_vmap_places = {
	.lock		= __SPIN_LOCK_UNLOCKED(dma_buf_check_vmap_places.lock),
	.excused	= DMA_BUF_CHECK_VMAPS_EXCUSED,
};

/* Drivers of devices that are attached to what is vmapped, by their name. */
static struct dma_buf_check_book dma_buf_check_vmap_drivers = {
	.lock		= __SPIN_LOCK_UNLOCKED(dma_buf_check_vmap_drivers.lock),
	.excused	= DMA_BUF_CHECK_VMAPS_EXCUSED,
};

/*
 * Where one device is attached, its driver is most probably the one that reads or
 * writes the buffer.  One driver has many places: a commit comes from many ioctls, and
 * those that never have damage, such as turning a screen off, never access.
 */
static u32 dma_buf_check_vmap_driver(struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach;
	const char *name;

	/* Without the lock, which is reported already, there is no list to look at. */
	if (!dma_buf_check_is_locked(dmabuf) || !list_is_singular(&dmabuf->attachments))
		return 0;

	attach = list_first_entry(&dmabuf->attachments, struct dma_buf_attachment, node);
	name = dev_driver_string(attach->dev);
	return jhash(name, strlen(name), 0) ?: 1;
}

/* Return: true if neither the place nor the driver ever uses brackets. */
static bool dma_buf_check_vmap_is_bare(struct dma_buf *dmabuf, depot_stack_handle_t stack,
				       bool bracketed)
{
	u32 driver = dma_buf_check_vmap_driver(dmabuf);
	bool place_is_bare, driver_is_bare;

	place_is_bare = dma_buf_check_book_note(&dma_buf_check_vmap_places, stack, bracketed);
	driver_is_bare = !driver ||
			 dma_buf_check_book_note(&dma_buf_check_vmap_drivers, driver, bracketed);
	return place_is_bare && driver_is_bare;
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
	/* Nobody calls this with the reservation lock held. */
	if (check->vmap_section.task == current)
		check->vmap_outlived = true;
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

/* Somebody keeps the buffer where it is, or will learn that it moves. */
static bool dma_buf_check_is_watched(struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach;

	if (!dma_buf_check_is_locked(dmabuf))
		return true;

	list_for_each_entry(attach, &dmabuf->attachments, node)
		if (attach->db_pins || dma_buf_attachment_is_dynamic(attach))
			return true;

	return false;
}

/**
 * dma_buf_check_vmap - the kernel gets an address
 * @dmabuf: the buffer, with &dma_buf.vmapping_counter counting this user
 *
 * Context: &dma_buf.resv held.
 */
void dma_buf_check_vmap(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;
	struct dma_buf_check_section section;
	depot_stack_handle_t stack;
	bool is_followed;

	if (!check || dmabuf->vmapping_counter != 1)
		return;

	stack = dma_buf_check_stack();
	section = dma_buf_check_section_now(dmabuf);
	is_followed = !dma_buf_is_dynamic(dmabuf) || dma_buf_check_is_watched(dmabuf);

	spin_lock(&check->lock);
	check->vmapped = stack;
	check->bracketed = dma_buf_check_open(check) != DMA_NONE;
	check->vmap_section = section;
	check->vmap_is_followed = is_followed;
	check->vmap_outlived = false;
	spin_unlock(&check->lock);
}

/**
 * dma_buf_check_vmap_unlocked - the kernel gets an address that outlives the lock
 * @dmabuf: the buffer
 *
 * Context: &dma_buf.resv held.
 */
void dma_buf_check_vmap_unlocked(struct dma_buf *dmabuf)
{
	struct dma_buf_check *check = dmabuf->db_check;

	if (!check || !dma_buf_is_dynamic(dmabuf) || dma_buf_check_is_watched(dmabuf))
		return;

	/* Not once more when it is given back. */
	spin_lock(&check->lock);
	check->vmap_is_followed = true;
	spin_unlock(&check->lock);

	dma_buf_breach(DMA_BUF_BREACH_VMAP_MOVABLE, dmabuf, NULL, 0);
}

/* The last address goes.  Was it good for as long as it was kept? */
static bool dma_buf_check_vmap_was_movable(struct dma_buf *dmabuf)
{
	struct dma_buf_check_section now = dma_buf_check_section_now(dmabuf);
	struct dma_buf_check *check = dmabuf->db_check;
	bool outlived, is_followed;

	spin_lock(&check->lock);
	outlived = check->vmap_outlived ||
		   dma_buf_check_section_is_other(&now, &check->vmap_section);
	is_followed = check->vmap_is_followed;
	check->vmap_section.task = NULL;
	spin_unlock(&check->lock);

	return outlived && !is_followed && !dma_buf_check_is_watched(dmabuf);
}

/**
 * dma_buf_check_vunmap - the kernel is about to give an address back
 * @dmabuf: the buffer, with &dma_buf.vmapping_counter still counting this user
 *
 * Context: &dma_buf.resv held.
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

	if (dma_buf_check_vmap_is_bare(dmabuf, stack, bracketed))
		dma_buf_breach(DMA_BUF_BREACH_VMAP_UNBRACKETED, dmabuf, NULL, stack);
	if (dma_buf_check_vmap_was_movable(dmabuf))
		dma_buf_breach(DMA_BUF_BREACH_VMAP_MOVABLE, dmabuf, NULL, stack);
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
