/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FABRIC_H_
#define _VPRIME_FABRIC_H_

#include <linux/atomic.h>
#include <linux/interval_tree.h>
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
 * struct vprime_window - consecutive bus addresses that a device may use, for a buffer
 * @node: the addresses; in the port's tree unless revoked
 * @offset: of the first of them in the buffer
 * @serial: grows from window to window on the whole bus
 */
struct vprime_window {
	struct interval_tree_node node;
	u64 offset;
	u64 serial;
};

void vprime_fabric_add_port(struct vprime_port *port, struct device *dev, bool p2p);
void vprime_fabric_remove_port(struct vprime_port *port);
void vprime_port_lock(struct vprime_port *port);
void vprime_port_unlock(struct vprime_port *port);
void vprime_port_open(struct vprime_port *port, struct vprime_window *windows, unsigned int count);
void vprime_port_close(struct vprime_port *port, struct vprime_window *windows, unsigned int count);
bool vprime_fabric_is_peer(struct device *dev, const struct vprime_aperture *aperture);

bool vprime_fabric_is_aperture(u64 addr);
bool vprime_fabric_bounces(struct device *dev, struct sg_table *sgt);
struct page *vprime_fabric_page(struct vprime_port *port, u64 addr);
u64 vprime_fabric_serial(void);
void vprime_fabric_revoke(struct vprime_port *owner, const struct vprime_window *windows,
			  unsigned int count, u64 retired);
void vprime_fabric_revoke_pages(struct vprime_port *owner, struct page **pages,
				unsigned long count);
int vprime_fabric_add_aperture(struct vprime_aperture *aperture);
void vprime_fabric_remove_aperture(struct vprime_aperture *aperture);

#endif
