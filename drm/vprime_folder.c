// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_folder.h"

#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "vprime_device.h"

/**
 * DOC: A GPU as people see it
 *
 * This room owns the folder of a GPU: a configuration, which is always one that
 * vprime_config_check() accepts, and, while it is enabled, the device that was made from a copy of
 * it and of the objects that people made for its display. The device knows nothing of its folder.
 *
 * The folder's lock is held while its device comes and goes, so it comes before every lock of the
 * device.
 *
 * What else is in the folder has rooms of its own: vprime_attributes.c, vprime_faults.c and
 * vprime_tree.c.
 *
 * Tested by tests/vprime_configfs_test.c.
 */

/**
 * vprime_folder_enable - make the GPU
 * @folder: whose GPU; nothing happens if it is there already
 *
 * Context: Process context, sleeps. The folder's lock is held.
 * Return: 0; -EINVAL as from vprime_config_check() if the display makes no sense; or an error of
 * vprime_device_create().
 */
int vprime_folder_enable(struct vprime_folder *folder)
{
	struct vprime_monitor monitors[VPRIME_CONNECTORS_MAX];
	struct vprime_config config;
	struct vprime_device *vdev;
	int ret;

	lockdep_assert_held(&folder->lock);
	if (folder->vdev)
		return 0;

	config = folder->config;
	vprime_tree_read(folder, &config.topology, monitors);
	ret = vprime_config_check(&config);
	if (ret)
		return ret;

	vdev = vprime_device_create(&config, monitors);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);

	vprime_device_set_faults(vdev, &folder->faults);
	folder->vdev = vdev;
	return 0;
}

/**
 * vprime_folder_disable - take the GPU away, also from those who use it
 * @folder: whose GPU; nothing happens if there is none
 *
 * Context: Process context, sleeps. The folder's lock is held.
 */
void vprime_folder_disable(struct vprime_folder *folder)
{
	lockdep_assert_held(&folder->lock);
	if (!folder->vdev)
		return;

	vprime_device_destroy(folder->vdev);
	folder->vdev = NULL;
}

/* Nobody finds the folder any more, and no attribute is being read or written. */
static void vprime_folder_release(struct config_item *item)
{
	struct vprime_folder *folder = to_folder(item);

	scoped_guard(mutex, &folder->lock)
		vprime_folder_disable(folder);
	vprime_tree_fini(&folder->tree);
	mutex_destroy(&folder->lock);
	kfree(folder);
}

static struct configfs_item_operations vprime_folder_item_ops = {
	.release = vprime_folder_release,
};

static const struct config_item_type vprime_folder_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &vprime_folder_item_ops,
	.ct_attrs = vprime_attributes,
};

/**
 * vprime_folder_create - make a folder that is in no tree yet
 * @config: of its GPU, which is not enabled
 *
 * Context: Process context, sleeps.
 * Return: the folder, whose last reference disables and frees it; or ERR_PTR: -EINVAL as from
 * vprime_config_check(), -ENOMEM.
 */
struct vprime_folder *vprime_folder_create(const struct vprime_config *config)
{
	struct vprime_folder *folder;
	int ret;

	ret = vprime_config_check(config);
	if (ret)
		return ERR_PTR(ret);

	folder = kzalloc(sizeof(*folder), GFP_KERNEL);
	if (!folder)
		return ERR_PTR(-ENOMEM);

	mutex_init(&folder->lock);
	folder->config = *config;
	config_group_init_type_name(&folder->group, config->name, &vprime_folder_type);
	config_group_init_type_name(&folder->faults_group, "faults", &vprime_faults_type);
	configfs_add_default_group(&folder->faults_group, &folder->group);
	vprime_tree_init(folder);
	return folder;
}
