// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_kunit_folder.h"

#include <kunit/test.h>

#include <linux/configfs.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include <drm/drm_connector.h>
#include <drm/drm_mode_config.h>

#include "../vprime_configfs.h"
#include "../vprime_gpu.h"

/* As rmdir does it. */
static void remove_action(void *folder)
{
	struct config_group *group = folder;

	vprime_configfs_drop_item(NULL, &group->cg_item);
}

struct config_group *vprime_kunit_folder(struct kunit *test)
{
	struct config_group *group = vprime_configfs_make_group(NULL, "kunit");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, remove_action, group), 0);
	return group;
}

void vprime_kunit_folder_remove(struct kunit *test, struct config_group *group)
{
	kunit_release_action(test, remove_action, group);
}

struct config_group *vprime_kunit_subfolder(struct kunit *test, struct config_group *group,
					    const char *name)
{
	struct config_group *child;

	list_for_each_entry(child, &group->default_groups, group_entry)
		if (!strcmp(config_item_name(&child->cg_item), name))
			return child;

	KUNIT_FAIL_AND_ABORT(test, "%s is missing", name);
	return NULL;
}

static void rmdir_action(void *child)
{
	struct config_group *group = child;
	struct config_item *parent = group->cg_item.ci_parent;

	parent->ci_type->ct_group_ops->drop_item(to_config_group(parent), &group->cg_item);
}

struct config_group *vprime_kunit_mkdir(struct kunit *test, struct config_group *parent,
					const char *name)
{
	struct config_group *group;

	group = parent->cg_item.ci_type->ct_group_ops->make_group(parent, name);
	if (IS_ERR(group))
		return group;

	/* As configfs does it; its last reference gives the parent's back. */
	group->cg_item.ci_parent = config_item_get(&parent->cg_item);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rmdir_action, group), 0);
	return group;
}

void vprime_kunit_rmdir(struct kunit *test, struct config_group *group)
{
	kunit_release_action(test, rmdir_action, group);
}

int vprime_kunit_link(struct config_group *from, struct config_group *to)
{
	return from->cg_item.ci_type->ct_item_ops->allow_link(&from->cg_item, &to->cg_item);
}

void vprime_kunit_unlink(struct config_group *from, struct config_group *to)
{
	from->cg_item.ci_type->ct_item_ops->drop_link(&from->cg_item, &to->cg_item);
}

const struct configfs_attribute *vprime_kunit_attribute(struct kunit *test,
							struct config_group *group,
							const char *name)
{
	struct configfs_attribute **attr;

	for (attr = group->cg_item.ci_type->ct_attrs; *attr; attr++)
		if (!strcmp((*attr)->ca_name, name))
			return *attr;

	KUNIT_FAIL_AND_ABORT(test, "%s is missing", name);
	return NULL;
}

ssize_t vprime_kunit_write(struct kunit *test, struct config_group *group, const char *name,
			   const char *text)
{
	const struct configfs_attribute *attr = vprime_kunit_attribute(test, group, name);

	return attr->store(&group->cg_item, text, strlen(text));
}

void vprime_kunit_write_all(struct kunit *test, struct config_group *group, const char *name,
			    const char *text)
{
	KUNIT_ASSERT_EQ_MSG(test, vprime_kunit_write(test, group, name, text), strlen(text),
			    "%s", name);
}

const char *vprime_kunit_read(struct kunit *test, struct config_group *group, const char *name)
{
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	ssize_t len;

	KUNIT_ASSERT_NOT_NULL(test, page);
	len = vprime_kunit_attribute(test, group, name)->show(&group->cg_item, page);
	KUNIT_ASSERT_EQ(test, len, strlen(page));
	return page;
}

void vprime_kunit_expect_values(struct kunit *test, struct config_group *group,
				const struct vprime_kunit_value *values)
{
	int i;

	for (i = 0; values[i].name; i++)
		KUNIT_EXPECT_STREQ_MSG(test, vprime_kunit_read(test, group, values[i].name),
				       values[i].value, "%s", values[i].name);
	KUNIT_EXPECT_NULL(test, group->cg_item.ci_type->ct_attrs[i]);
}

void vprime_kunit_input_name(const struct vprime_kunit_input *input, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %*pE", input->name, (int)strlen(input->text),
		 input->text);
}

void vprime_kunit_expect_input(struct kunit *test, struct config_group *group,
			       const struct vprime_kunit_input *input)
{
	const char *before = vprime_kunit_read(test, group, input->name);
	ssize_t ret = vprime_kunit_write(test, group, input->name, input->text);

	KUNIT_EXPECT_EQ(test, ret, input->ret ?: (ssize_t)strlen(input->text));
	KUNIT_EXPECT_STREQ(test, vprime_kunit_read(test, group, input->name),
			   input->reads ?: before);
}

static const struct configfs_bin_attribute *bin_attribute(struct kunit *test,
							  struct config_group *group,
							  const char *name)
{
	struct configfs_bin_attribute **attr;

	for (attr = group->cg_item.ci_type->ct_bin_attrs; *attr; attr++)
		if (!strcmp((*attr)->cb_attr.ca_name, name))
			return *attr;

	KUNIT_FAIL_AND_ABORT(test, "%s is missing", name);
	return NULL;
}

ssize_t vprime_kunit_write_bin(struct kunit *test, struct config_group *group, const char *name,
			       const void *bytes, size_t len)
{
	return bin_attribute(test, group, name)->write(&group->cg_item, bytes, len);
}

const void *vprime_kunit_read_bin(struct kunit *test, struct config_group *group,
				  const char *name, size_t *len)
{
	const struct configfs_bin_attribute *attr = bin_attribute(test, group, name);
	void *bytes;

	*len = attr->read(&group->cg_item, NULL, 0);
	KUNIT_ASSERT_LE(test, *len, attr->cb_max_size);
	bytes = kunit_kzalloc(test, *len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bytes);
	KUNIT_ASSERT_EQ(test, attr->read(&group->cg_item, bytes, *len), *len);
	return bytes;
}

static struct device *device_find(const char *name)
{
	return bus_find_device_by_name(&platform_bus_type, NULL, name);
}

bool vprime_kunit_device_exists(const char *name)
{
	struct device *dev = device_find(name);

	put_device(dev);
	return dev;
}

const char *vprime_kunit_device_of(struct kunit *test, struct config_group *group)
{
	char *name = kunit_kstrdup(test, vprime_kunit_read(test, group, "device"), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, name);
	return strim(name);
}

static void put_device_action(void *dev)
{
	put_device(dev);
}

struct vprime_gpu *vprime_kunit_enable(struct kunit *test, struct config_group *group)
{
	struct device *dev;

	vprime_kunit_write_all(test, group, "enabled", "1");
	dev = device_find(vprime_kunit_device_of(test, group));
	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_device_action, dev), 0);
	return dev_get_drvdata(dev);
}

struct drm_connector *vprime_kunit_connector(struct kunit *test, struct vprime_gpu *gpu,
					     unsigned int index)
{
	struct drm_connector *found = NULL;
	struct drm_connector_list_iter iter;
	struct drm_connector *connector;

	drm_connector_list_iter_begin(&gpu->drm, &iter);
	drm_for_each_connector_iter(connector, &iter) {
		if (connector->connector_type == DRM_MODE_CONNECTOR_WRITEBACK || index--)
			continue;
		found = connector;
		break;
	}
	drm_connector_list_iter_end(&iter);

	KUNIT_ASSERT_NOT_NULL(test, found);
	return found;
}

void vprime_kunit_probe(struct drm_connector *connector)
{
	struct drm_mode_config *config = &connector->dev->mode_config;

	guard(mutex)(&config->mutex);
	connector->funcs->fill_modes(connector, config->max_width, config->max_height);
}
