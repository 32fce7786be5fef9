// SPDX-License-Identifier: GPL-2.0-only

#include <linux/kstrtox.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include "vprime_device.h"
#include "vprime_folder.h"

/**
 * DOC: What is to go wrong
 *
 * This room owns the attributes in the folder "faults" of a GPU. They may change at any time, and
 * are kept while the GPU is disabled.
 *
 * Tested by tests/vprime_configfs_test.c.
 */

static struct vprime_folder *faults_to_folder(struct config_item *item)
{
	return container_of(to_config_group(item), struct vprime_folder, faults_group);
}

/* What goes wrong may change at any time, so the device takes it too. Returns @len. */
static ssize_t edit_commit_faults(const struct vprime_edit *edit, size_t len)
{
	struct vprime_folder *folder = edit->folder;

	lockdep_assert_held(&folder->lock);
	folder->faults = edit->faults;
	if (folder->vdev)
		vprime_device_set_faults(folder->vdev, &folder->faults);
	return len;
}

/*
 * A number that is written once more counts anew, and devices look for changes. @counter is one of
 * @edit's faults. Returns @len or an error.
 */
static ssize_t edit_commit_counter(const struct vprime_edit *edit, u32 *counter, const char *text,
				   size_t len)
{
	u32 count;
	int ret;

	ret = kstrtou32(text, 0, &count);
	if (ret)
		return ret;

	*counter = 0;
	edit_commit_faults(edit, len);
	*counter = count;
	return edit_commit_faults(edit, len);
}

static struct vprime_faults read_faults(struct config_item *item)
{
	struct vprime_folder *folder = faults_to_folder(item);

	guard(mutex)(&folder->lock);
	return folder->faults;
}

static ssize_t vprime_faults_refuse_attach_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", read_faults(item).refuse_attach);
}

static ssize_t vprime_faults_refuse_attach_store(struct config_item *item, const char *text,
						 size_t len)
{
	CLASS(vprime_edit, edit)(faults_to_folder(item));

	return kstrtobool(text, &edit.faults.refuse_attach) ?: edit_commit_faults(&edit, len);
}

static ssize_t vprime_faults_refuse_import_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", read_faults(item).refuse_import);
}

static ssize_t vprime_faults_refuse_import_store(struct config_item *item, const char *text,
						 size_t len)
{
	CLASS(vprime_edit, edit)(faults_to_folder(item));

	return kstrtobool(text, &edit.faults.refuse_import) ?: edit_commit_faults(&edit, len);
}

static ssize_t vprime_faults_fence_delay_ms_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_faults(item).fence_delay_ms);
}

static ssize_t vprime_faults_fence_delay_ms_store(struct config_item *item, const char *text,
						  size_t len)
{
	CLASS(vprime_edit, edit)(faults_to_folder(item));

	return kstrtou32(text, 0, &edit.faults.fence_delay_ms) ?: edit_commit_faults(&edit, len);
}

static ssize_t vprime_faults_hang_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_faults(item).hang);
}

static ssize_t vprime_faults_hang_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(faults_to_folder(item));

	return edit_commit_counter(&edit, &edit.faults.hang, text, len);
}

static ssize_t vprime_faults_chaos_ms_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_faults(item).chaos_ms);
}

static ssize_t vprime_faults_chaos_ms_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(faults_to_folder(item));

	return kstrtou32(text, 0, &edit.faults.chaos_ms) ?: edit_commit_faults(&edit, len);
}

static ssize_t vprime_faults_fail_commit_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_faults(item).fail_commit);
}

static ssize_t vprime_faults_fail_commit_store(struct config_item *item, const char *text,
					       size_t len)
{
	CLASS(vprime_edit, edit)(faults_to_folder(item));

	return edit_commit_counter(&edit, &edit.faults.fail_commit, text, len);
}

static ssize_t vprime_faults_late_flip_ms_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_faults(item).late_flip_ms);
}

static ssize_t vprime_faults_late_flip_ms_store(struct config_item *item, const char *text,
						size_t len)
{
	CLASS(vprime_edit, edit)(faults_to_folder(item));

	return kstrtou32(text, 0, &edit.faults.late_flip_ms) ?: edit_commit_faults(&edit, len);
}

static ssize_t vprime_faults_lost_hotplug_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", read_faults(item).lost_hotplug);
}

static ssize_t vprime_faults_lost_hotplug_store(struct config_item *item, const char *text,
						size_t len)
{
	CLASS(vprime_edit, edit)(faults_to_folder(item));

	return kstrtobool(text, &edit.faults.lost_hotplug) ?: edit_commit_faults(&edit, len);
}

CONFIGFS_ATTR(vprime_faults_, refuse_attach);
CONFIGFS_ATTR(vprime_faults_, refuse_import);
CONFIGFS_ATTR(vprime_faults_, fence_delay_ms);
CONFIGFS_ATTR(vprime_faults_, hang);
CONFIGFS_ATTR(vprime_faults_, chaos_ms);
CONFIGFS_ATTR(vprime_faults_, fail_commit);
CONFIGFS_ATTR(vprime_faults_, late_flip_ms);
CONFIGFS_ATTR(vprime_faults_, lost_hotplug);

static struct configfs_attribute *vprime_faults_attrs[] = {
	&vprime_faults_attr_refuse_attach,
	&vprime_faults_attr_refuse_import,
	&vprime_faults_attr_fence_delay_ms,
	&vprime_faults_attr_hang,
	&vprime_faults_attr_chaos_ms,
	&vprime_faults_attr_fail_commit,
	&vprime_faults_attr_late_flip_ms,
	&vprime_faults_attr_lost_hotplug,
	NULL
};

const struct config_item_type vprime_faults_type = {
	.ct_owner = THIS_MODULE,
	.ct_attrs = vprime_faults_attrs,
};
