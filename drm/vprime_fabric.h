/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FABRIC_H_
#define _VPRIME_FABRIC_H_

#include <linux/atomic.h>
#include <linux/interval_tree.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/types.h>

struct device;
struct page;
struct sg_table;

/**
 * struct vprime_port - a device's connection to the bus
 *
 * Constant once added:
 * @dev: the device
 * @p2p: it reaches the apertures of others, and they reach its own
 *
 * @link: in the fabric's list; under the fabric's lock
 * @lock: protects @windows. A second lock beside the fabric's, as engines read it for every
 *	piece they copy
 * @windows: bus addresses that the device may use now
 * @faults: accesses to any other
 */
struct vprime_port {
	struct device *dev;
	bool p2p;

	struct list_head link;

	struct rw_semaphore lock;
	struct rb_root_cached windows;

	atomic64_t faults;
};

/**
 * struct vprime_aperture - bus addresses behind which is a GPU's own memory
 * @link: in the fabric's list; under the fabric's lock
 * @base: first address
 * @size: bytes
 * @pages: what is behind each page of it; an entry is NULL until it is first needed
 */
struct vprime_aperture {
	struct list_head link;
	u64 base;
	u64 size;
	struct page **pages;
};

/**
 * struct vprime_window - consecutive bus addresses of a binding
 * @node: the addresses; in the port's tree unless revoked
 * @offset: of the first of them in the buffer
 * @serial: grows from window to window on the whole bus
 */
struct vprime_window {
	struct interval_tree_node node;
	u64 offset;
	u64 serial;
};

/**
 * struct vprime_binding - a buffer as a device sees it: what a GPU's page table holds
 * @kref: of its owner, which is the memory, and of the jobs that use it
 * @port: whose addresses these are
 * @size: bytes
 * @retired: last serial that was given out before its owner gave the memory up
 * @count: of @windows
 * @windows: in order of their offsets
 */
struct vprime_binding {
	struct kref kref;
	struct vprime_port *port;
	u64 size;
	u64 retired;
	unsigned int count;
	struct vprime_window windows[] __counted_by(count);
};

void vprime_fabric_add_port(struct vprime_port *port, struct device *dev, bool p2p);
void vprime_fabric_remove_port(struct vprime_port *port);
void vprime_port_lock(struct vprime_port *port);
void vprime_port_unlock(struct vprime_port *port);
bool vprime_fabric_is_peer(struct device *dev, const struct vprime_aperture *aperture);

bool vprime_fabric_is_aperture(u64 addr);
void vprime_fabric_revoke_pages(struct vprime_port *owner, struct page **pages,
				unsigned long count);
int vprime_fabric_add_aperture(struct vprime_aperture *aperture);
void vprime_fabric_remove_aperture(struct vprime_aperture *aperture);

struct vprime_binding *vprime_binding_create(struct vprime_port *port, struct sg_table *sgt);
struct vprime_binding *vprime_binding_create_linear(struct vprime_port *port, u64 addr, u64 size);
struct vprime_binding *vprime_binding_get(struct vprime_binding *binding);
void vprime_binding_put(struct vprime_binding *binding);
void vprime_binding_disable(struct vprime_binding *binding);
void vprime_binding_retire(struct vprime_binding *binding);
void vprime_binding_revoke_others(struct vprime_binding *binding);

/**
 * struct vprime_piece - consecutive bytes of a binding that the CPU can reach now
 * @vaddr: where; kmapped
 * @length: bytes, to the end of the page at most
 */
struct vprime_piece {
	void *vaddr;
	size_t length;
};

int vprime_binding_map_piece(struct vprime_binding *binding, u64 offset,
			     struct vprime_piece *piece);
void vprime_binding_unmap_piece(struct vprime_piece *piece);

#endif
