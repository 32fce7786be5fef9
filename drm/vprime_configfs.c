// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_configfs.h"

#include <kunit/visibility.h>

#include <linux/bug.h>
#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/string.h>

#include "vprime_config.h"
#include "vprime_folder.h"

/**
 * DOC: The tree in which people make GPUs
 *
 * This room owns /sys/kernel/config/vprime, where each GPU has a folder. mkdir makes a folder whose
 * GPU is disabled, rmdir takes the GPU away too. The folders of the pair that everybody gets are
 * the kernel's own: they cannot be removed, but all else can be done to them.
 *
 * A folder that a user made holds on to the module. So the tree is shown when nothing of loading
 * the module can fail any more, with the pair already in it.
 *
 * Tested by tests/vprime_configfs_test.c.
 */

/* mkdir: the GPU is like "render" until it is told otherwise, and disabled. */
VISIBLE_IF_KUNIT struct config_group *vprime_configfs_make_group(struct config_group *parent,
								 const char *name)
{
	struct vprime_folder *folder;
	struct vprime_config config;

	vprime_config_init_render(&config);
	if (strscpy(config.name, name) < 0)
		return ERR_PTR(-ENAMETOOLONG);

	folder = vprime_folder_create(&config);
	return IS_ERR(folder) ? ERR_CAST(folder) : &folder->group;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_configfs_make_group);

/* rmdir: the GPU's name is free for another from now on, even if a file of the folder is open. */
VISIBLE_IF_KUNIT void vprime_configfs_drop_item(struct config_group *parent,
						struct config_item *item)
{
	struct vprime_folder *folder = to_folder(item);

	scoped_guard(mutex, &folder->lock)
		vprime_folder_disable(folder);
	config_item_put(item);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_configfs_drop_item);

static struct configfs_group_operations vprime_tree_group_ops = {
	.make_group = vprime_configfs_make_group,
	.drop_item = vprime_configfs_drop_item,
};

static const struct config_item_type vprime_tree_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &vprime_tree_group_ops,
};

/* Complete from the start, so that the pair can be put in before anybody sees it. */
static struct configfs_subsystem vprime_tree = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "vprime",
			.ci_kref = KREF_INIT(1),
			.ci_entry = LIST_HEAD_INIT(vprime_tree.su_group.cg_item.ci_entry),
			.ci_type = &vprime_tree_type,
		},
		.cg_children = LIST_HEAD_INIT(vprime_tree.su_group.cg_children),
		.default_groups = LIST_HEAD_INIT(vprime_tree.su_group.default_groups),
	},
	.su_mutex = __MUTEX_INITIALIZER(vprime_tree.su_mutex),
};

static bool vprime_tree_registered;

/**
 * vprime_configfs_add - make a GPU that everybody gets
 * @config: what it is made like
 *
 * It is enabled, and its folder will be in the tree. Not after vprime_configfs_init().
 *
 * Context: Process context, sleeps.
 * Return: 0; -EINVAL as from vprime_config_check(); -EBUSY after vprime_configfs_init(); -ENOMEM
 * or another error of vprime_device_create(). vprime_configfs_exit() takes away what was added.
 */
int vprime_configfs_add(const struct vprime_config *config)
{
	struct vprime_folder *folder;

	if (WARN_ON_ONCE(vprime_tree_registered))
		return -EBUSY;

	folder = vprime_folder_create(config);
	if (IS_ERR(folder))
		return PTR_ERR(folder);

	configfs_add_default_group(&folder->group, &vprime_tree.su_group);
	guard(mutex)(&folder->lock);
	return vprime_folder_enable(folder);
}

/**
 * vprime_configfs_init - let people see the tree
 *
 * The last step of loading the module: from here on a user can hold on to it with mkdir.
 *
 * Context: Process context, sleeps.
 * Return: 0, or an error of configfs_register_subsystem().
 */
int vprime_configfs_init(void)
{
	int ret = configfs_register_subsystem(&vprime_tree);

	vprime_tree_registered = !ret;
	return ret;
}

/**
 * vprime_configfs_exit - take away the tree and the GPUs that everybody gets
 *
 * For unloading the module, and when one of the other two has failed. Other GPUs are gone
 * already, as their folders hold on to the module.
 *
 * Context: Process context, sleeps.
 */
void vprime_configfs_exit(void)
{
	if (vprime_tree_registered)
		configfs_unregister_subsystem(&vprime_tree);
	configfs_remove_default_groups(&vprime_tree.su_group);
}
