// SPDX-License-Identifier: GPL-2.0-only

#include <linux/bitops.h>
#include <linux/kstrtox.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include <drm/drm_blend.h>
#include <drm/drm_plane.h>

#include "vprime_folder.h"
#include "vprime_tree.h"

/**
 * DOC: Planes, CRTCs and encoders as people see them
 *
 * This room owns what is in the folder of a plane, a CRTC and an encoder, and the links from all
 * objects to those that they go with. None of it may change while the GPU is enabled.
 *
 * Tested by tests/vprime_tree_test.c.
 */

#define ALL_ROTATIONS (DRM_MODE_ROTATE_MASK | DRM_MODE_REFLECT_MASK)

/* @value is one of the object's. Returns @len or an error. */
static ssize_t commit_value(struct vprime_object *object, u8 *value, u8 to, size_t len)
{
	guard(mutex)(&object->folder->lock);
	if (object->folder->vdev)
		return -EBUSY;

	*value = to;
	return len;
}

static u8 read_value(struct vprime_object *object, const u8 *value)
{
	guard(mutex)(&object->folder->lock);
	return *value;
}

static ssize_t vprime_plane_type_show(struct config_item *item, char *page)
{
	struct vprime_object *object = to_object(item);

	return sysfs_emit(page, "%u\n", read_value(object, &object->type));
}

static ssize_t vprime_plane_type_store(struct config_item *item, const char *text, size_t len)
{
	struct vprime_object *object = to_object(item);
	u8 type;
	int ret;

	ret = kstrtou8(text, 0, &type);
	if (ret)
		return ret;
	if (type > DRM_PLANE_TYPE_CURSOR)
		return -EINVAL;

	return commit_value(object, &object->type, type, len);
}

static ssize_t vprime_plane_supported_rotations_show(struct config_item *item, char *page)
{
	struct vprime_object *object = to_object(item);

	return sysfs_emit(page, "%u\n", read_value(object, &object->rotations));
}

static ssize_t vprime_plane_supported_rotations_store(struct config_item *item, const char *text,
						      size_t len)
{
	struct vprime_object *object = to_object(item);
	u8 rotations;
	int ret;

	ret = kstrtou8(text, 0, &rotations);
	if (ret)
		return ret;
	if (!(rotations & DRM_MODE_ROTATE_0) || rotations & ~ALL_ROTATIONS)
		return -EINVAL;

	return commit_value(object, &object->rotations, rotations, len);
}

static ssize_t vprime_crtc_writeback_show(struct config_item *item, char *page)
{
	struct vprime_object *object = to_object(item);

	guard(mutex)(&object->folder->lock);
	return sysfs_emit(page, "%d\n", object->writeback);
}

static ssize_t vprime_crtc_writeback_store(struct config_item *item, const char *text, size_t len)
{
	struct vprime_object *object = to_object(item);
	bool writeback;
	int ret;

	ret = kstrtobool(text, &writeback);
	if (ret)
		return ret;

	guard(mutex)(&object->folder->lock);
	if (object->folder->vdev)
		return -EBUSY;

	object->writeback = writeback;
	return len;
}

static struct vprime_object *links_to_object(struct config_item *item)
{
	return container_of(to_config_group(item), struct vprime_object, links_group);
}

/* A bit for the slot that @item is in, if it is something of this GPU that @object can link to. */
static u32 find_target(const struct vprime_object *object, const struct config_item *item)
{
	enum vprime_kind kind = object->kind == VPRIME_CONNECTOR ? VPRIME_ENCODER : VPRIME_CRTC;
	const struct vprime_shelf *shelf = &object->folder->tree.shelves[kind];
	unsigned int slot;

	lockdep_assert_held(&object->folder->lock);
	for (slot = 0; slot < VPRIME_PLANES_MAX; slot++) {
		const struct vprime_object *target = shelf->objects[slot];

		if (target && &target->group.cg_item == item)
			return BIT(slot);
	}

	return 0;
}

/* ln -s */
static int vprime_links_allow_link(struct config_item *item, struct config_item *to)
{
	struct vprime_object *object = links_to_object(item);
	u32 target;

	guard(mutex)(&object->folder->lock);
	if (object->folder->vdev)
		return -EBUSY;

	target = find_target(object, to);
	if (!target)
		return -EINVAL;
	/* Under another name; the first of the two to go would take both away. */
	if (object->links & target)
		return -EEXIST;

	object->links |= target;
	return 0;
}

/* rm */
static void vprime_links_drop_link(struct config_item *item, struct config_item *to)
{
	struct vprime_object *object = links_to_object(item);

	guard(mutex)(&object->folder->lock);
	object->links &= ~find_target(object, to);
}

CONFIGFS_ATTR(vprime_plane_, type);
CONFIGFS_ATTR(vprime_plane_, supported_rotations);
CONFIGFS_ATTR(vprime_crtc_, writeback);

static struct configfs_attribute *vprime_plane_attrs[] = {
	&vprime_plane_attr_type,
	&vprime_plane_attr_supported_rotations,
	NULL
};

static struct configfs_attribute *vprime_crtc_attrs[] = {
	&vprime_crtc_attr_writeback,
	NULL
};

static struct configfs_item_operations vprime_links_item_ops = {
	.allow_link = vprime_links_allow_link,
	.drop_link = vprime_links_drop_link,
};

const struct config_item_type vprime_plane_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &vprime_object_item_ops,
	.ct_attrs = vprime_plane_attrs,
};

const struct config_item_type vprime_crtc_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &vprime_object_item_ops,
	.ct_attrs = vprime_crtc_attrs,
};

const struct config_item_type vprime_encoder_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &vprime_object_item_ops,
};

const struct config_item_type vprime_links_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &vprime_links_item_ops,
};
