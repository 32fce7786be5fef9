// SPDX-License-Identifier: GPL-2.0-only

#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "dma-buf-private.h"

/**
 * DOC: Statistics in sysfs
 *
 * A window, deprecated: /sys/kernel/dmabuf/buffers/INODE/ with the files
 * exporter_name and size.  Android reads it; everybody else does better with
 * the BPF iterator, since making a folder costs more than making a buffer.
 *
 * Tested by igt-tests/dmabuf_bufinfo.c.
 */

/**
 * struct dma_buf_sysfs_entry - a buffer's folder
 * @kobj: the folder; readers may keep it longer than the buffer lives
 * @exporter_name: what the file of that name shows
 * @size: what the file of that name shows, bytes
 */
struct dma_buf_sysfs_entry {
	struct kobject kobj;
	const char *exporter_name;
	size_t size;
};

static struct kset *dma_buf_sysfs_buffers;

static struct dma_buf_sysfs_entry *to_dma_buf_sysfs_entry(struct kobject *kobj)
{
	return container_of(kobj, struct dma_buf_sysfs_entry, kobj);
}

static ssize_t exporter_name_show(struct kobject *kobj, struct kobj_attribute *attr,
				  char *buf)
{
	return sysfs_emit(buf, "%s\n", to_dma_buf_sysfs_entry(kobj)->exporter_name);
}

static ssize_t size_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%zu\n", to_dma_buf_sysfs_entry(kobj)->size);
}

static struct kobj_attribute exporter_name_attr = __ATTR_RO(exporter_name);
static struct kobj_attribute size_attr = __ATTR_RO(size);

static struct attribute *dma_buf_sysfs_attrs[] = {
	&exporter_name_attr.attr,
	&size_attr.attr,
	NULL,
};
ATTRIBUTE_GROUPS(dma_buf_sysfs);

static void dma_buf_sysfs_entry_release(struct kobject *kobj)
{
	kfree(to_dma_buf_sysfs_entry(kobj));
}

static const struct kobj_type dma_buf_sysfs_ktype = {
	.sysfs_ops	= &kobj_sysfs_ops,
	.release	= dma_buf_sysfs_entry_release,
	.default_groups	= dma_buf_sysfs_groups,
};

/**
 * dma_buf_sysfs_add - create a buffer's folder
 * @dmabuf: the buffer
 *
 * Return: 0; -EINVAL if the exporter has no name; -ENOMEM.
 */
int dma_buf_sysfs_add(struct dma_buf *dmabuf)
{
	struct dma_buf_sysfs_entry *entry;
	int ret;

	if (!dmabuf->exp_name)
		return -EINVAL;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;

	entry->exporter_name = dmabuf->exp_name;
	entry->size = dmabuf->size;
	entry->kobj.kset = dma_buf_sysfs_buffers;
	ret = kobject_init_and_add(&entry->kobj, &dma_buf_sysfs_ktype, NULL, "%lu",
				   dma_buf_ino(dmabuf));
	if (ret) {
		kobject_put(&entry->kobj);
		return ret;
	}

	dmabuf->sysfs_entry = entry;
	return 0;
}

/**
 * dma_buf_sysfs_remove - remove a buffer's folder
 * @dmabuf: the buffer
 *
 * Waits for readers of its files, so that none of them sees the exporter's name
 * after the exporter's module has gone.
 */
void dma_buf_sysfs_remove(struct dma_buf *dmabuf)
{
	kobject_del(&dmabuf->sysfs_entry->kobj);
	kobject_put(&dmabuf->sysfs_entry->kobj);
}

/* Nobody wants an event in user space for every buffer. */
static int dma_buf_sysfs_filter(const struct kobject *kobj)
{
	return 0;
}

static const struct kset_uevent_ops dma_buf_sysfs_uevent_ops = {
	.filter	= dma_buf_sysfs_filter,
};

/**
 * dma_buf_sysfs_init - create /sys/kernel/dmabuf/buffers
 *
 * Return: 0 or -ENOMEM.
 */
int __init dma_buf_sysfs_init(void)
{
	struct kset *dmabuf = kset_create_and_add("dmabuf", &dma_buf_sysfs_uevent_ops,
						  kernel_kobj);

	if (!dmabuf)
		return -ENOMEM;

	dma_buf_sysfs_buffers = kset_create_and_add("buffers", &dma_buf_sysfs_uevent_ops,
						    &dmabuf->kobj);
	if (!dma_buf_sysfs_buffers) {
		kset_unregister(dmabuf);
		return -ENOMEM;
	}
	return 0;
}
