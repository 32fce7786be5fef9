// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_binding.h"

#include <kunit/visibility.h>

#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

/**
 * DOC: Bindings
 *
 * A buffer as a device sees it: windows onto the bus, one behind the other, as many as its memory
 * has pieces there. Whoever has a binding finds the bytes of the buffer by their offsets, or gets a
 * fault for a window that is gone.
 */

static struct vprime_binding *binding_alloc(struct vprime_port *port, unsigned int count)
{
	struct vprime_binding *binding;

	binding = kvzalloc(struct_size(binding, windows, count), GFP_KERNEL_ACCOUNT);
	if (!binding)
		return ERR_PTR(-ENOMEM);

	kref_init(&binding->kref);
	binding->port = port;
	binding->count = count;
	return binding;
}

static void binding_add_window(struct vprime_binding *binding, unsigned int i, u64 addr, u64 length)
{
	struct vprime_window *window = &binding->windows[i];

	window->node.start = addr;
	window->node.last = addr + length - 1;
	window->offset = binding->size;
	binding->size += length;
}

/**
 * vprime_binding_create - let a device use what was mapped for it
 * @port: of the device
 * @sgt: mapped for the device; its pages, if it has any, are not looked at
 *
 * Context: may sleep and allocate.
 * Return: a binding with one reference, to be given back with vprime_binding_put();
 * ERR_PTR(-EIO) if the device would only reach a copy; ERR_PTR(-ENOMEM).
 */
struct vprime_binding *vprime_binding_create(struct vprime_port *port, struct sg_table *sgt)
{
	struct vprime_binding *binding;
	struct scatterlist *sg;
	unsigned int i;

	if (vprime_fabric_bounces(port->dev, sgt))
		return ERR_PTR(-EIO);
	binding = binding_alloc(port, sgt->nents);
	if (IS_ERR(binding))
		return binding;

	for_each_sgtable_dma_sg(sgt, sg, i)
		binding_add_window(binding, i, sg_dma_address(sg), sg_dma_len(sg));
	vprime_port_open(port, binding->windows, binding->count);
	return binding;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_create);

/**
 * vprime_binding_create_linear - let a device use consecutive addresses
 * @port: of the device
 * @addr: the first
 * @size: bytes
 *
 * Context: may sleep and allocate.
 * Return: a binding with one reference, to be given back with vprime_binding_put(), or
 * ERR_PTR(-ENOMEM).
 */
struct vprime_binding *vprime_binding_create_linear(struct vprime_port *port, u64 addr, u64 size)
{
	struct vprime_binding *binding = binding_alloc(port, 1);

	if (IS_ERR(binding))
		return binding;

	binding_add_window(binding, 0, addr, size);
	vprime_port_open(port, binding->windows, binding->count);
	return binding;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_create_linear);

/**
 * vprime_binding_get - take a reference
 * @binding: a binding
 *
 * Context: any.
 * Return: @binding.
 */
struct vprime_binding *vprime_binding_get(struct vprime_binding *binding)
{
	kref_get(&binding->kref);
	return binding;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_get);

/**
 * vprime_binding_disable - let every access fault from now on
 * @binding: a binding
 *
 * Context: may sleep, does not allocate.
 */
void vprime_binding_disable(struct vprime_binding *binding)
{
	vprime_port_close(binding->port, binding->windows, binding->count);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_disable);

static void binding_release(struct kref *kref)
{
	struct vprime_binding *binding = container_of(kref, struct vprime_binding, kref);

	vprime_binding_disable(binding);
	kvfree(binding);
}

/**
 * vprime_binding_put - give a reference back; with the last one the device loses its windows
 * @binding: a binding, or NULL
 *
 * Context: may sleep.
 */
void vprime_binding_put(struct vprime_binding *binding)
{
	if (binding)
		kref_put(&binding->kref, binding_release);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_put);

/**
 * vprime_binding_retire - the memory is going to be given up
 * @binding: the owner's own
 *
 * All who share it have been told, so that nobody gets a window onto it any more until it has
 * another owner. That may be soon, and long before the last user of today's is done.
 *
 * Context: any.
 */
void vprime_binding_retire(struct vprime_binding *binding)
{
	binding->retired = vprime_fabric_serial();
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_retire);

/**
 * vprime_binding_revoke_others - take the windows that other devices have onto memory given up
 * @binding: the owner's own, retired
 *
 * Context: as for vprime_fabric_revoke().
 */
void vprime_binding_revoke_others(struct vprime_binding *binding)
{
	vprime_fabric_revoke(binding->port, binding->windows, binding->count, binding->retired);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_revoke_others);

/* The window that holds a byte of the buffer, as a page table walk finds it. */
static struct vprime_window *binding_find(struct vprime_binding *binding, u64 offset)
{
	unsigned int low = 0, high = binding->count;

	while (low + 1 < high) {
		unsigned int middle = low + (high - low) / 2;

		if (binding->windows[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return &binding->windows[low];
}

/**
 * vprime_binding_map_piece - reach a byte of a buffer, and what follows it, over the bus
 * @binding: its port is locked with vprime_port_lock()
 * @offset: of the byte
 * @piece: gets the bytes; to be given back with vprime_binding_unmap_piece(), last one first
 *
 * Context: does not sleep.
 * Return: 0, or -EFAULT, which is counted, if the device has no window there or nothing is behind
 * it.
 */
int vprime_binding_map_piece(struct vprime_binding *binding, u64 offset, struct vprime_piece *piece)
{
	struct vprime_port *port = binding->port;
	struct vprime_window *window;
	struct page *page;
	u64 addr;

	if (WARN_ON_ONCE(offset >= binding->size))
		return -EFAULT;

	window = binding_find(binding, offset);
	addr = window->node.start + (offset - window->offset);
	if (RB_EMPTY_NODE(&window->node.rb))
		goto fault;

	page = vprime_fabric_page(port, addr);
	if (!page)
		goto fault;

	piece->length = min_t(u64, PAGE_SIZE - offset_in_page(addr), window->node.last - addr + 1);
	piece->vaddr = kmap_local_page(page) + offset_in_page(addr);
	return 0;

fault:
	atomic64_inc(&port->faults);
	return -EFAULT;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_map_piece);

/**
 * vprime_binding_unmap_piece - the counterpart of vprime_binding_map_piece()
 * @piece: what it filled in
 *
 * Context: does not sleep.
 */
void vprime_binding_unmap_piece(struct vprime_piece *piece)
{
	kunmap_local(piece->vaddr);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_unmap_piece);
