/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_BINDING_H_
#define _VPRIME_BINDING_H_

#include <linux/kref.h>
#include <linux/types.h>

#include "vprime_fabric.h"

struct sg_table;

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
