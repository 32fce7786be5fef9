// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_fabric.h"

#include <kunit/visibility.h>

#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

/**
 * DOC: The fabric
 *
 * The bus between GPUs and memory. An engine sends a bus address and gets memory or a fault;
 * nothing else is known here of buffers, and nothing of DRM. Behind an address is a page of the
 * system that was mapped for the device, a page of the device's own aperture, or one of a peer's.
 *
 * A device may use an address only while it has a window onto it: that is what stands in for an
 * IOMMU. When memory is given up, the windows that other devices still have onto it are revoked, so
 * an importer that kept on using an old mapping faults instead of reading what is there now.
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

/**
 * vprime_fabric_bounces - whether a device would work on a copy of what was mapped for it
 * @dev: the device
 * @sgt: mapped for it
 *
 * The DMA API maps pages that a device cannot address to a bounce buffer, and copies when it is
 * told who accesses the memory next. Buffers are mapped for long here, and the CPU and the engines
 * of several devices use them at any time, so that nobody could tell: results would be lost.
 *
 * Context: any.
 * Return: true if any address is that of a bounce buffer.
 */
bool vprime_fabric_bounces(struct device *dev, struct sg_table *sgt)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		u64 addr = sg_dma_address(sg);

		if (!vprime_fabric_is_aperture(addr) && dma_need_sync(dev, addr))
			return true;
	}
	return false;
}

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

/**
 * vprime_fabric_page - what is behind an address
 * @port: of the device that uses it, locked with vprime_port_lock(); it has a window there
 * @addr: on the bus
 *
 * Context: does not sleep.
 * Return: a page, or NULL if nothing is there.
 */
struct page *vprime_fabric_page(struct vprime_port *port, u64 addr)
{
	return vprime_fabric_is_aperture(addr) ? aperture_page(addr) : system_page(port, addr);
}

/**
 * vprime_port_open - let a device use addresses
 * @port: of the device
 * @windows: onto the addresses; kept until vprime_port_close()
 * @count: of @windows
 *
 * Context: may sleep, does not allocate.
 */
void vprime_port_open(struct vprime_port *port, struct vprime_window *windows, unsigned int count)
{
	unsigned int i;

	down_write(&port->lock);
	for (i = 0; i < count; i++) {
		windows[i].serial = atomic64_inc_return(&fabric_serial);
		interval_tree_insert(&windows[i].node, &port->windows);
	}
	up_write(&port->lock);
}

static void window_remove(struct vprime_port *port, struct vprime_window *window)
{
	lockdep_assert_held_write(&port->lock);

	if (RB_EMPTY_NODE(&window->node.rb))
		return;
	interval_tree_remove(&window->node, &port->windows);
	RB_CLEAR_NODE(&window->node.rb);
}

/**
 * vprime_port_close - let a device use addresses no more
 * @port: of the device
 * @windows: onto the addresses; some may have been revoked
 * @count: of @windows
 *
 * Context: may sleep, does not allocate.
 */
void vprime_port_close(struct vprime_port *port, struct vprime_window *windows, unsigned int count)
{
	unsigned int i;

	down_write(&port->lock);
	for (i = 0; i < count; i++)
		window_remove(port, &windows[i]);
	up_write(&port->lock);
}

/**
 * vprime_fabric_serial - of the window that was opened last
 *
 * Context: any.
 * Return: a number; windows that are opened later have higher ones.
 */
u64 vprime_fabric_serial(void)
{
	return atomic64_read(&fabric_serial);
}

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
 * vprime_fabric_revoke - take the windows that other devices have onto memory given up
 * @owner: the owner's port
 * @windows: the owner's own onto it
 * @count: of @windows
 * @retired: what vprime_fabric_serial() said when it was given up
 *
 * An importer that was told of the move has no use for its windows any more: all its jobs are done.
 * One that was told and did not listen faults from now on. Windows that are younger belong to the
 * memory's next owner.
 *
 * Context: may sleep, does not allocate; the engine calls it while fences wait for it.
 */
void vprime_fabric_revoke(struct vprime_port *owner, const struct vprime_window *windows,
			  unsigned int count, u64 retired)
{
	struct vprime_port *port;
	unsigned int i;

	down_read(&fabric_lock);
	list_for_each_entry(port, &fabric_ports, link) {
		if (port == owner)
			continue;
		down_write(&port->lock);
		for (i = 0; i < count; i++)
			port_revoke(port, windows[i].node.start, windows[i].node.last, retired);
		up_write(&port->lock);
	}
	up_read(&fabric_lock);
}

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
	u64 retired = vprime_fabric_serial();
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
