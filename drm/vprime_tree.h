/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_TREE_H_
#define _VPRIME_TREE_H_

#include <linux/configfs.h>

#include "vprime_config.h"
#include "vprime_monitor.h"

struct vprime_folder;

/**
 * enum vprime_kind - of the objects of a display
 * @VPRIME_PLANE: a plane
 * @VPRIME_CRTC: a CRTC
 * @VPRIME_ENCODER: an encoder
 * @VPRIME_CONNECTOR: a connector
 * @VPRIME_KINDS: how many kinds there are
 */
enum vprime_kind {
	VPRIME_PLANE,
	VPRIME_CRTC,
	VPRIME_ENCODER,
	VPRIME_CONNECTOR,
	VPRIME_KINDS,
};

/**
 * struct vprime_object - an object of a display as people see it, or the monitor of a head
 * @group: its folder
 * @links_group: the folder in it for links to the objects that it goes with; not of a CRTC
 * @folder: of its GPU, which is there as long as anybody finds this one
 * @kind: of the object; VPRIME_CONNECTOR for the monitor of a head
 * @slot: where it is among its kind
 *
 * Under the folder's lock:
 * @links: slots of the objects that it goes with
 * @type: of a plane or connector
 * @rotations: of a plane
 * @writeback: of a CRTC
 * @monitor: what is plugged into the connector
 * @connector: of the GPU, while that is enabled; -1 if it has none like this
 */
struct vprime_object {
	struct config_group group;
	struct config_group links_group;
	struct vprime_folder *folder;
	enum vprime_kind kind;
	unsigned int slot;

	u32 links;
	u8 type;
	u8 rotations;
	bool writeback;
	struct vprime_monitor monitor;
	int connector;
};

/**
 * struct vprime_shelf - all objects of a kind
 * @group: their folder
 * @folder: of the GPU
 * @kind: of the objects
 * @objects: those that people made, by slot; under the folder's lock
 */
struct vprime_shelf {
	struct config_group group;
	struct vprime_folder *folder;
	enum vprime_kind kind;
	struct vprime_object *objects[VPRIME_PLANES_MAX];
};

/**
 * struct vprime_tree - the display of a GPU as people see it
 * @shelves: the objects, by kind
 * @monitors_group: the folder of monitors
 * @heads: what is plugged into each head; used if there are no objects
 */
struct vprime_tree {
	struct vprime_shelf shelves[VPRIME_KINDS];
	struct config_group monitors_group;
	struct vprime_object heads[VPRIME_HEADS_MAX];
};

static inline struct vprime_object *to_object(struct config_item *item)
{
	return container_of(to_config_group(item), struct vprime_object, group);
}

void vprime_tree_init(struct vprime_folder *folder);
void vprime_tree_fini(struct vprime_tree *tree);
void vprime_tree_read(struct vprime_folder *folder, struct vprime_topology *topology,
		      struct vprime_monitor monitors[VPRIME_CONNECTORS_MAX]);
unsigned int vprime_tree_index(const struct vprime_object *object);

/* Of the folders of objects that people made. */
extern struct configfs_item_operations vprime_object_item_ops;

/* The types of folders, by room. */
extern const struct config_item_type vprime_plane_type;
extern const struct config_item_type vprime_crtc_type;
extern const struct config_item_type vprime_encoder_type;
extern const struct config_item_type vprime_links_type;
extern const struct config_item_type vprime_connector_type;
extern const struct config_item_type vprime_monitor_type;

#endif
