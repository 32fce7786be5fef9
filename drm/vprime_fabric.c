// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_fabric.h"

#include <kunit/visibility.h>

#include <linux/dma-direct.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

/**
 * DOC: The fabric
 *
 * The bus between GPUs and memory. An engine sends a bus address and gets memory or a fault;
 * nothing else is known here of buffers, and nothing of DRM. Behind an address is a page of the
 * system that was mapped for the device, a page of the device's own aperture, or one of a peer's.
 *
 * A device may use an address only while it has a window onto it: that is what stands in for an
 * IOMMU. Windows come in bindings, one for each place that a buffer has for a device. When memory
 * is given up, the windows that other devices still have onto it are revoked, so an importer that
 * kept on using an old mapping faults instead of reading what is there now.
 *
 * Apertures lie far above all memory. The engines are the only users of their addresses.
 */

#define VPRIME_APERTURES_BASE	BIT_ULL(46)
#define VPRIME_APERTURES_END	BIT_ULL(47)

/* Protects both lists. Taken inside dma-resv locks, outside of a port's lock. */
static DECLARE_RWSEM(fabric_lock);
static LIST_HEAD(fabric_ports);
static LIST_HEAD(fabric_apertures);

/* Of the window that was made last. */
static atomic64_t fabric_serial;

/**
 * vprime_fabric_add_port - connect a device to the bus
 * @port: to fill in
 * @dev: the device; outlives the port
 * @p2p: it takes part in peer to peer
 *
 * Context: may sleep.
 */
void vprime_fabric_add_port(struct vprime_port *port, struct device *dev, bool p2p)
{
	port->dev = dev;
	port->p2p = p2p;
	init_rwsem(&port->lock);
	port->windows = RB_ROOT_CACHED;
	atomic64_set(&port->faults, 0);

	down_write(&fabric_lock);
	list_add_tail(&port->link, &fabric_ports);
	up_write(&fabric_lock);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_fabric_add_port);

/**
 * vprime_fabric_remove_port - take a device off the bus
 * @port: has no bindings any more
 *
 * Context: may sleep.
 */
void vprime_fabric_remove_port(struct vprime_port *port)
{
	WARN_ON_ONCE(!RB_EMPTY_ROOT(&port->windows.rb_root));

	down_write(&fabric_lock);
	list_del(&port->link);
	up_write(&fabric_lock);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_fabric_remove_port);

/**
 * vprime_fabric_is_peer - whether a device could read and write an aperture in place
 * @dev: any device
 * @aperture: of another one
 *
 * Context: may sleep.
 * Return: true if @dev is on the bus, takes part in peer to peer and can send addresses as high as
 * these.
 */
bool vprime_fabric_is_peer(struct device *dev, const struct vprime_aperture *aperture)
{
	struct vprime_port *port;
	bool peer = false;

	down_read(&fabric_lock);
	list_for_each_entry(port, &fabric_ports, link) {
		if (port->dev == dev)
			peer = port->p2p &&
			       dma_get_mask(dev) >= aperture->base + aperture->size - 1;
	}
	up_read(&fabric_lock);
	return peer;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_fabric_is_peer);

/**
 * vprime_fabric_add_aperture - give a GPU's memory its bus addresses
 * @aperture: with @size and @pages; gets its @base
 *
 * Context: may sleep.
 * Return: 0, or -ENOSPC if there are too many addresses in use.
 */
int vprime_fabric_add_aperture(struct vprime_aperture *aperture)
{
	u64 base = VPRIME_APERTURES_BASE;
	struct list_head *before = &fabric_apertures;
	struct vprime_aperture *other;
	int ret = 0;

	down_write(&fabric_lock);
	/* The list is in order of addresses: take the first gap. */
	list_for_each_entry(other, &fabric_apertures, link) {
		if (base + aperture->size <= other->base) {
			before = &other->link;
			break;
		}
		base = other->base + other->size;
	}

	if (base + aperture->size <= VPRIME_APERTURES_END) {
		aperture->base = base;
		list_add_tail(&aperture->link, before);
	} else {
		ret = -ENOSPC;
	}
	up_write(&fabric_lock);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_fabric_add_aperture);

/**
 * vprime_fabric_remove_aperture - take a GPU's memory off the bus
 * @aperture: nobody has a window onto it
 *
 * Context: may sleep.
 */
void vprime_fabric_remove_aperture(struct vprime_aperture *aperture)
{
	down_write(&fabric_lock);
	list_del(&aperture->link);
	up_write(&fabric_lock);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_fabric_remove_aperture);

/**
 * vprime_fabric_is_aperture - whether a bus address is that of a GPU's memory
 * @addr: any
 *
 * Context: any.
 * Return: true if it could be one of an aperture, false if it is one of the system's memory.
 */
bool vprime_fabric_is_aperture(u64 addr)
{
	return addr >= VPRIME_APERTURES_BASE && addr < VPRIME_APERTURES_END;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_fabric_is_aperture);

static struct page *aperture_page(u64 addr)
{
	struct vprime_aperture *aperture;

	lockdep_assert_held(&fabric_lock);

	list_for_each_entry(aperture, &fabric_apertures, link) {
		if (addr >= aperture->base && addr - aperture->base < aperture->size)
			return aperture->pages[(addr - aperture->base) >> PAGE_SHIFT];
	}
	return NULL;
}

static struct page *system_page(struct vprime_port *port, u64 addr)
{
	unsigned long pfn = PHYS_PFN(dma_to_phys(port->dev, addr));

	return pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;
}

static struct vprime_binding *binding_alloc(struct vprime_port *port, unsigned int count)
{
	struct vprime_binding *binding;

	binding = kvzalloc(struct_size(binding, windows, count), GFP_KERNEL);
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

/* From here on, the device can use the addresses. */
static void binding_publish(struct vprime_binding *binding)
{
	struct vprime_port *port = binding->port;
	unsigned int i;

	down_write(&port->lock);
	for (i = 0; i < binding->count; i++) {
		binding->windows[i].serial = atomic64_inc_return(&fabric_serial);
		interval_tree_insert(&binding->windows[i].node, &port->windows);
	}
	up_write(&port->lock);
}

/**
 * vprime_binding_create - let a device use what was mapped for it
 * @port: of the device
 * @sgt: mapped for the device; its pages, if it has any, are not looked at
 *
 * Context: may sleep and allocate.
 * Return: a binding with one reference, to be given back with vprime_binding_put(), or
 * ERR_PTR(-ENOMEM).
 */
struct vprime_binding *vprime_binding_create(struct vprime_port *port, struct sg_table *sgt)
{
	struct vprime_binding *binding = binding_alloc(port, sgt->nents);
	struct scatterlist *sg;
	unsigned int i;

	if (IS_ERR(binding))
		return binding;

	for_each_sgtable_dma_sg(sgt, sg, i)
		binding_add_window(binding, i, sg_dma_address(sg), sg_dma_len(sg));
	binding_publish(binding);
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
	binding_publish(binding);
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

static void window_remove(struct vprime_port *port, struct vprime_window *window)
{
	lockdep_assert_held_write(&port->lock);

	if (RB_EMPTY_NODE(&window->node.rb))
		return;
	interval_tree_remove(&window->node, &port->windows);
	RB_CLEAR_NODE(&window->node.rb);
}

/**
 * vprime_binding_disable - let every access fault from now on
 * @binding: a binding
 *
 * Context: may sleep, does not allocate.
 */
void vprime_binding_disable(struct vprime_binding *binding)
{
	unsigned int i;

	down_write(&binding->port->lock);
	for (i = 0; i < binding->count; i++)
		window_remove(binding->port, &binding->windows[i]);
	up_write(&binding->port->lock);
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

/* Windows that are younger than @retired belong to the memory's next owner. */
static void port_revoke(struct vprime_port *port, unsigned long start, unsigned long last,
			u64 retired)
{
	struct interval_tree_node *node, *next;

	lockdep_assert_held_write(&port->lock);

	for (node = interval_tree_iter_first(&port->windows, start, last); node; node = next) {
		struct vprime_window *other = container_of(node, struct vprime_window, node);

		next = interval_tree_iter_next(node, start, last);
		if (other->serial <= retired)
			window_remove(port, other);
	}
}

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
	binding->retired = atomic64_read(&fabric_serial);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_retire);

/**
 * vprime_binding_revoke_others - take the windows that other devices have onto memory given up
 * @binding: the owner's own, retired
 *
 * An importer that was told of the move has no use for its windows any more: all its jobs are done.
 * One that was told and did not listen faults from now on. Windows that are younger belong to the
 * memory's next owner.
 *
 * Context: may sleep, does not allocate; the engine calls it while fences wait for it.
 */
void vprime_binding_revoke_others(struct vprime_binding *binding)
{
	struct vprime_port *port;
	unsigned int i;

	down_read(&fabric_lock);
	list_for_each_entry(port, &fabric_ports, link) {
		if (port == binding->port)
			continue;
		down_write(&port->lock);
		for (i = 0; i < binding->count; i++) {
			const struct interval_tree_node *node = &binding->windows[i].node;

			port_revoke(port, node->start, node->last, binding->retired);
		}
		up_write(&port->lock);
	}
	up_read(&fabric_lock);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_binding_revoke_others);

/**
 * vprime_fabric_revoke_pages - the same for pages that their owner's engines have no windows onto
 * @owner: the owner's port
 * @pages: of the system, given up now, and nobody's until this returns
 * @count: of @pages
 *
 * Context: may sleep, does not allocate.
 */
void vprime_fabric_revoke_pages(struct vprime_port *owner, struct page **pages, unsigned long count)
{
	u64 retired = atomic64_read(&fabric_serial);
	struct vprime_port *port;
	unsigned long i;

	down_read(&fabric_lock);
	list_for_each_entry(port, &fabric_ports, link) {
		if (port == owner)
			continue;
		down_write(&port->lock);
		for (i = 0; i < count; i++) {
			u64 addr = phys_to_dma(port->dev, page_to_phys(pages[i]));

			port_revoke(port, addr, addr + PAGE_SIZE - 1, retired);
		}
		up_write(&port->lock);
	}
	up_read(&fabric_lock);
}

/**
 * vprime_port_lock - keep all that a device reaches where it is
 * @port: of the device
 *
 * Held for short: whoever gives memory up waits for it.
 *
 * Context: may sleep.
 */
void vprime_port_lock(struct vprime_port *port)
{
	down_read(&fabric_lock);
	down_read(&port->lock);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_port_lock);

/**
 * vprime_port_unlock - the counterpart of vprime_port_lock()
 * @port: as there
 *
 * Context: any.
 */
void vprime_port_unlock(struct vprime_port *port)
{
	up_read(&port->lock);
	up_read(&fabric_lock);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_port_unlock);

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

	page = vprime_fabric_is_aperture(addr) ? aperture_page(addr) : system_page(port, addr);
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
