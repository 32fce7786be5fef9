// SPDX-License-Identifier: GPL-2.0-only

#define pr_fmt(fmt) "vprime: " fmt

#include <linux/kstrtox.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <drm/drm_connector.h>
#include <drm/drm_mode.h>

#include "display/vprime_edid.h"
#include "vprime_device.h"
#include "vprime_folder.h"
#include "vprime_tree.h"

/**
 * DOC: Connectors as people see them, and what they plug in
 *
 * This room owns what is in the folder of a connector, and of the monitor of a head, which is the
 * same but for what says how the connector is built. What is plugged in may change at any time, and
 * is kept while the GPU is disabled.
 *
 * Tested by tests/vprime_plug_test.c.
 */

/* The connector of a GPU that is there gets @monitor first, as only that can refuse. */
static int plug_in(struct vprime_object *object, const struct vprime_monitor *monitor)
{
	struct vprime_folder *folder = object->folder;
	struct vprime_monitor copy = {};
	int ret;

	lockdep_assert_held(&folder->lock);
	ret = vprime_monitor_copy(&copy, monitor);
	if (ret)
		return ret;

	if (folder->vdev && object->connector >= 0)
		ret = vprime_device_set_monitor(folder->vdev, object->connector, monitor);
	if (ret) {
		vprime_monitor_fini(&copy);
		return ret;
	}

	vprime_monitor_fini(&object->monitor);
	object->monitor = copy;
	return 0;
}

/* A number that is neither less than @least nor more than @most. */
static int parse_number(const char *text, u32 least, u32 most, u32 *number)
{
	int ret = kstrtou32(text, 0, number);

	if (ret)
		return ret;

	return *number < least || *number > most ? -EINVAL : 0;
}

static ssize_t vprime_connector_status_show(struct config_item *item, char *page)
{
	struct vprime_object *object = to_object(item);

	guard(mutex)(&object->folder->lock);
	return sysfs_emit(page, "%u\n", object->monitor.status);
}

static ssize_t vprime_connector_status_store(struct config_item *item, const char *text,
					     size_t len)
{
	struct vprime_object *object = to_object(item);
	struct vprime_monitor monitor;
	u32 status;
	int ret;

	ret = parse_number(text, connector_status_connected, connector_status_unknown, &status);
	if (ret)
		return ret;

	guard(mutex)(&object->folder->lock);
	monitor = object->monitor;
	monitor.status = status;
	monitor.bad_link = false;
	return plug_in(object, &monitor) ?: len;
}

static ssize_t vprime_connector_link_status_show(struct config_item *item, char *page)
{
	struct vprime_object *object = to_object(item);

	guard(mutex)(&object->folder->lock);
	return sysfs_emit(page, "%u\n", object->monitor.bad_link ? DRM_MODE_LINK_STATUS_BAD :
								   DRM_MODE_LINK_STATUS_GOOD);
}

static ssize_t vprime_connector_link_status_store(struct config_item *item, const char *text,
						  size_t len)
{
	struct vprime_object *object = to_object(item);
	struct vprime_monitor monitor;
	u32 status;
	int ret;

	ret = parse_number(text, DRM_MODE_LINK_STATUS_GOOD, DRM_MODE_LINK_STATUS_BAD, &status);
	if (ret)
		return ret;

	guard(mutex)(&object->folder->lock);
	monitor = object->monitor;
	monitor.bad_link = status == DRM_MODE_LINK_STATUS_BAD;
	return plug_in(object, &monitor) ?: len;
}

static ssize_t vprime_connector_edid_enabled_show(struct config_item *item, char *page)
{
	struct vprime_object *object = to_object(item);

	guard(mutex)(&object->folder->lock);
	return sysfs_emit(page, "%d\n", !object->monitor.no_edid);
}

static ssize_t vprime_connector_edid_enabled_store(struct config_item *item, const char *text,
						   size_t len)
{
	struct vprime_object *object = to_object(item);
	struct vprime_monitor monitor;
	bool enabled;
	int ret;

	ret = kstrtobool(text, &enabled);
	if (ret)
		return ret;

	guard(mutex)(&object->folder->lock);
	monitor = object->monitor;
	monitor.no_edid = !enabled;
	monitor.bad_link = false;
	return plug_in(object, &monitor) ?: len;
}

/* configfs asks for the length first, without @data. */
static ssize_t vprime_connector_edid_read(struct config_item *item, void *data, size_t len)
{
	struct vprime_object *object = to_object(item);
	struct vprime_monitor *monitor = &object->monitor;
	size_t edid_len;

	guard(mutex)(&object->folder->lock);
	edid_len = monitor->edid ? monitor->edid_len : VPRIME_EDID_DEFAULT_SIZE;
	if (!data)
		return edid_len;
	/* It has become another one since. */
	if (len != edid_len)
		return -EAGAIN;

	if (monitor->edid)
		memcpy(data, monitor->edid, edid_len);
	else
		vprime_edid_init_default(data, vprime_tree_index(object));
	return edid_len;
}

/* A newline alone brings the default back. Nobody but the log hears of what is refused here. */
static ssize_t vprime_connector_edid_write(struct config_item *item, const void *data, size_t len)
{
	struct vprime_object *object = to_object(item);
	bool is_default = len == 1 && *(const char *)data == '\n';
	struct vprime_monitor monitor;

	guard(mutex)(&object->folder->lock);
	if (!is_default && vprime_edid_check(data, len)) {
		pr_info("%s: connector %s keeps the EDID that it has\n",
			object->folder->config.name, config_item_name(item));
		return -EINVAL;
	}

	monitor = object->monitor;
	monitor.edid = is_default ? NULL : data;
	monitor.edid_len = is_default ? 0 : len;
	monitor.bad_link = false;
	return plug_in(object, &monitor) ?: len;
}

static ssize_t vprime_connector_type_show(struct config_item *item, char *page)
{
	struct vprime_object *object = to_object(item);

	guard(mutex)(&object->folder->lock);
	return sysfs_emit(page, "%u\n", object->type);
}

static ssize_t vprime_connector_type_store(struct config_item *item, const char *text, size_t len)
{
	struct vprime_object *object = to_object(item);
	u8 type;
	int ret;

	ret = kstrtou8(text, 0, &type);
	if (ret)
		return ret;
	if (!vprime_topology_has_connector_type(type))
		return -EINVAL;

	guard(mutex)(&object->folder->lock);
	if (object->folder->vdev)
		return -EBUSY;

	object->type = type;
	return len;
}

CONFIGFS_ATTR(vprime_connector_, status);
CONFIGFS_ATTR(vprime_connector_, link_status);
CONFIGFS_ATTR(vprime_connector_, edid_enabled);
CONFIGFS_ATTR(vprime_connector_, type);
CONFIGFS_BIN_ATTR(vprime_connector_, edid, NULL, VPRIME_EDID_MAX);

static struct configfs_attribute *vprime_monitor_attrs[] = {
	&vprime_connector_attr_status,
	&vprime_connector_attr_link_status,
	&vprime_connector_attr_edid_enabled,
	NULL
};

static struct configfs_attribute *vprime_connector_attrs[] = {
	&vprime_connector_attr_status,
	&vprime_connector_attr_link_status,
	&vprime_connector_attr_edid_enabled,
	&vprime_connector_attr_type,
	NULL
};

static struct configfs_bin_attribute *vprime_connector_bin_attrs[] = {
	&vprime_connector_attr_edid,
	NULL
};

const struct config_item_type vprime_connector_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &vprime_object_item_ops,
	.ct_attrs = vprime_connector_attrs,
	.ct_bin_attrs = vprime_connector_bin_attrs,
};

/* A part of the GPU's own folder, and gone with that. */
const struct config_item_type vprime_monitor_type = {
	.ct_owner = THIS_MODULE,
	.ct_attrs = vprime_monitor_attrs,
	.ct_bin_attrs = vprime_connector_bin_attrs,
};
