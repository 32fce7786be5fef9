// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_tree.h"

#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <drm/drm_blend.h>
#include <drm/drm_mode.h>
#include <drm/drm_plane.h>

#include "vprime_folder.h"

/**
 * DOC: The display as people see it
 *
 * This room owns the folders of a GPU in which people make the objects of its display: planes,
 * crtcs, encoders and connectors, with the names that vkms has for them. When the GPU is enabled,
 * it reads from them which objects there are and what is plugged into them. It looks for no sense
 * in that, as a tree that is half done makes none: vprime_topology_check() does, when all is there.
 *
 * Each object has a slot among its kind, the first one that was free, and is given to DRM in the
 * order of slots. Links are kept as masks of slots. An object that is removed while the GPU is
 * enabled is missing only when it is enabled the next time, as folders cannot refuse to go.
 *
 * Who does not care has heads instead, and no objects. The folder monitors is for them.
 *
 * Tested by tests/vprime_tree_test.c.
 */

struct kind {
	const char *folder;
	unsigned int max;
	const struct config_item_type *type;
	const char *links;
};

static const struct kind kinds[VPRIME_KINDS] = {
	[VPRIME_PLANE] = {
		"planes", VPRIME_PLANES_MAX, &vprime_plane_type, "possible_crtcs",
	},
	[VPRIME_CRTC] = {
		"crtcs", VPRIME_CRTCS_MAX, &vprime_crtc_type, NULL,
	},
	[VPRIME_ENCODER] = {
		"encoders", VPRIME_ENCODERS_MAX, &vprime_encoder_type, "possible_crtcs",
	},
	[VPRIME_CONNECTOR] = {
		"connectors", VPRIME_CONNECTORS_MAX, &vprime_connector_type, "possible_encoders",
	},
};

static int find_free_slot(const struct vprime_shelf *shelf)
{
	int slot;

	for (slot = 0; slot < kinds[shelf->kind].max; slot++)
		if (!shelf->objects[slot])
			return slot;

	return -ENOSPC;
}

static void init_object(struct vprime_object *object, struct vprime_folder *folder,
			enum vprime_kind kind)
{
	object->folder = folder;
	object->kind = kind;
	object->type = kind == VPRIME_PLANE ? DRM_PLANE_TYPE_OVERLAY : DRM_MODE_CONNECTOR_VIRTUAL;
	object->rotations = DRM_MODE_ROTATE_MASK | DRM_MODE_REFLECT_MASK;
	object->monitor = VPRIME_MONITOR_DEFAULT;
	object->connector = -1;
}

static struct vprime_object *alloc_object(struct vprime_folder *folder, enum vprime_kind kind,
					  const char *name)
{
	struct vprime_object *object = kzalloc(sizeof(*object), GFP_KERNEL);

	if (!object)
		return NULL;

	init_object(object, folder, kind);
	config_group_init_type_name(&object->group, name, kinds[kind].type);
	if (kinds[kind].links) {
		config_group_init_type_name(&object->links_group, kinds[kind].links,
					    &vprime_links_type);
		configfs_add_default_group(&object->links_group, &object->group);
	}
	return object;
}

/* mkdir */
static struct config_group *vprime_shelf_make_group(struct config_group *parent, const char *name)
{
	struct vprime_shelf *shelf = container_of(parent, struct vprime_shelf, group);
	struct vprime_object *object;
	int slot;

	guard(mutex)(&shelf->folder->lock);
	if (shelf->folder->vdev)
		return ERR_PTR(-EBUSY);
	slot = find_free_slot(shelf);
	if (slot < 0)
		return ERR_PTR(slot);

	object = alloc_object(shelf->folder, shelf->kind, name);
	if (!object)
		return ERR_PTR(-ENOMEM);

	object->slot = slot;
	shelf->objects[slot] = object;
	return &object->group;
}

/* rmdir: links to it are gone already. It may live on for a while, but nobody finds it. */
static void vprime_shelf_drop_item(struct config_group *parent, struct config_item *item)
{
	struct vprime_shelf *shelf = container_of(parent, struct vprime_shelf, group);

	scoped_guard(mutex, &shelf->folder->lock)
		shelf->objects[to_object(item)->slot] = NULL;
	config_item_put(item);
}

/* Frees an object that people made. */
static void vprime_object_release(struct config_item *item)
{
	struct vprime_object *object = to_object(item);

	vprime_monitor_fini(&object->monitor);
	kfree(object);
}

struct configfs_item_operations vprime_object_item_ops = {
	.release = vprime_object_release,
};

static struct configfs_group_operations vprime_shelf_group_ops = {
	.make_group = vprime_shelf_make_group,
	.drop_item = vprime_shelf_drop_item,
};

static const struct config_item_type shelf_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &vprime_shelf_group_ops,
};

static const struct config_item_type monitors_type = {
	.ct_owner = THIS_MODULE,
};

static void init_monitors(struct vprime_folder *folder)
{
	struct vprime_tree *tree = &folder->tree;
	unsigned int head;
	char name[4];

	config_group_init_type_name(&tree->monitors_group, "monitors", &monitors_type);
	configfs_add_default_group(&tree->monitors_group, &folder->group);
	for (head = 0; head < VPRIME_HEADS_MAX; head++) {
		struct vprime_object *object = &tree->heads[head];

		init_object(object, folder, VPRIME_CONNECTOR);
		object->slot = head;
		snprintf(name, sizeof(name), "%u", head);
		config_group_init_type_name(&object->group, name, &vprime_monitor_type);
		configfs_add_default_group(&object->group, &tree->monitors_group);
	}
}

/**
 * vprime_tree_init - put the folders of the display into that of its GPU
 * @folder: of the GPU, in no tree yet
 *
 * Context: Process context, sleeps.
 */
void vprime_tree_init(struct vprime_folder *folder)
{
	enum vprime_kind kind;

	for (kind = 0; kind < VPRIME_KINDS; kind++) {
		struct vprime_shelf *shelf = &folder->tree.shelves[kind];

		shelf->folder = folder;
		shelf->kind = kind;
		config_group_init_type_name(&shelf->group, kinds[kind].folder, &shelf_type);
		configfs_add_default_group(&shelf->group, &folder->group);
	}
	init_monitors(folder);
}

/**
 * vprime_tree_fini - the counterpart of vprime_tree_init()
 * @tree: whose folders nobody finds any more
 *
 * Context: Process context, sleeps.
 */
void vprime_tree_fini(struct vprime_tree *tree)
{
	unsigned int head;

	for (head = 0; head < VPRIME_HEADS_MAX; head++)
		vprime_monitor_fini(&tree->heads[head].monitor);
}

static u32 slots_taken(const struct vprime_shelf *shelf)
{
	unsigned int slot;
	u32 slots = 0;

	for (slot = 0; slot < kinds[shelf->kind].max; slot++)
		if (shelf->objects[slot])
			slots |= BIT(slot);

	return slots;
}

/* DRM numbers objects without gaps. */
static u32 slots_to_indexes(const struct vprime_shelf *shelf, u32 slots)
{
	u32 taken = slots_taken(shelf);
	u32 indexes = 0;
	unsigned int index;

	for (index = 0; taken; index++, taken &= taken - 1)
		if (slots & BIT(__ffs(taken)))
			indexes |= BIT(index);

	return indexes;
}

static void read_object(const struct vprime_tree *tree, const struct vprime_object *object,
			struct vprime_topology *topology)
{
	u32 crtcs = slots_to_indexes(&tree->shelves[VPRIME_CRTC], object->links);
	u32 encoders = slots_to_indexes(&tree->shelves[VPRIME_ENCODER], object->links);

	switch (object->kind) {
	case VPRIME_PLANE:
		topology->planes[topology->num_planes++] = (struct vprime_plane_config) {
			.crtcs = crtcs,
			.type = object->type,
			.rotations = object->rotations,
		};
		break;
	case VPRIME_CRTC:
		topology->crtcs[topology->num_crtcs++].writeback = object->writeback;
		break;
	case VPRIME_ENCODER:
		topology->encoders[topology->num_encoders++].crtcs = crtcs;
		break;
	default:
		topology->connectors[topology->num_connectors++] =
			(struct vprime_connector_config) {
				.encoders = encoders,
				.type = object->type,
			};
	}
}

static void read_objects(const struct vprime_tree *tree, struct vprime_topology *topology)
{
	enum vprime_kind kind;
	unsigned int slot;

	*topology = (struct vprime_topology) {};
	for (kind = 0; kind < VPRIME_KINDS; kind++) {
		const struct vprime_shelf *shelf = &tree->shelves[kind];

		for (slot = 0; slot < kinds[kind].max; slot++)
			if (shelf->objects[slot])
				read_object(tree, shelf->objects[slot], topology);
	}
}

/**
 * vprime_tree_index - which connector is this one going to be?
 * @object: a connector, or the monitor of a head
 *
 * Context: Process context. The folder's lock is held.
 * Return: its number among the GPU's connectors when that is enabled.
 */
unsigned int vprime_tree_index(const struct vprime_object *object)
{
	const struct vprime_tree *tree = &object->folder->tree;

	lockdep_assert_held(&object->folder->lock);
	if (object == &tree->heads[object->slot])
		return object->slot;

	return hweight32(slots_taken(&tree->shelves[VPRIME_CONNECTOR]) & (BIT(object->slot) - 1));
}

/**
 * vprime_tree_read - see what people have made
 * @folder: of the GPU, about to be enabled
 * @topology: to be filled in with the objects
 * @monitors: to be filled in with what is plugged into each connector, of those objects or, if
 *	there are none, of the folder's heads; they point to what the folder owns
 *
 * From here on each connector knows its number.
 *
 * Context: Process context. The folder's lock is held.
 */
void vprime_tree_read(struct vprime_folder *folder, struct vprime_topology *topology,
		      struct vprime_monitor monitors[VPRIME_CONNECTORS_MAX])
{
	struct vprime_tree *tree = &folder->tree;
	unsigned int i;
	bool of_heads;

	lockdep_assert_held(&folder->lock);
	read_objects(tree, topology);
	of_heads = vprime_topology_is_empty(topology);

	for (i = 0; i < VPRIME_HEADS_MAX; i++) {
		tree->heads[i].connector = of_heads && i < folder->config.heads ? i : -1;
		monitors[i] = tree->heads[i].monitor;
	}
	for (i = 0; i < VPRIME_CONNECTORS_MAX; i++) {
		struct vprime_object *object = tree->shelves[VPRIME_CONNECTOR].objects[i];

		if (!object)
			continue;
		object->connector = vprime_tree_index(object);
		monitors[object->connector] = object->monitor;
	}
}
