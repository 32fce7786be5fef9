/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FOLDER_H_
#define _VPRIME_FOLDER_H_

#include <linux/cleanup.h>
#include <linux/configfs.h>
#include <linux/mutex.h>

#include "vprime_config.h"
#include "vprime_tree.h"

struct vprime_device;

/**
 * struct vprime_folder - a GPU as people see it
 * @group: the folder
 * @faults_group: the folder "faults" in it
 * @tree: the folders of its display
 * @lock: protects what follows, and what people have written in @tree; held while the device comes
 *	and goes
 * @config: what the GPU is, or is going to be, made like, but for the objects in @tree
 * @faults: what is to go wrong, kept while it is disabled
 * @vdev: the GPU while it is enabled, then NULL
 */
struct vprime_folder {
	struct config_group group;
	struct config_group faults_group;
	struct vprime_tree tree;

	struct mutex lock; /* protects the rest, and @tree */
	struct vprime_config config;
	struct vprime_faults faults;
	struct vprime_device *vdev;
};

static inline struct vprime_folder *to_folder(struct config_item *item)
{
	return container_of(to_config_group(item), struct vprime_folder, group);
}

/**
 * struct vprime_edit - a change of a folder, whose lock is held as long as this is in scope
 * @folder: the folder
 * @config: its configuration, to be changed and committed
 * @faults: its faults, to be changed and committed
 */
struct vprime_edit {
	struct vprime_folder *folder;
	struct vprime_config config;
	struct vprime_faults faults;
};

static inline struct vprime_edit vprime_edit_begin(struct vprime_folder *folder)
{
	mutex_lock(&folder->lock);
	return (struct vprime_edit) {
		.folder = folder,
		.config = folder->config,
		.faults = folder->faults,
	};
}

DEFINE_CLASS(vprime_edit, struct vprime_edit, mutex_unlock(&_T.folder->lock),
	     vprime_edit_begin(folder), struct vprime_folder *folder)

struct vprime_folder *vprime_folder_create(const struct vprime_config *config);
int vprime_folder_enable(struct vprime_folder *folder);
void vprime_folder_disable(struct vprime_folder *folder);

extern struct configfs_attribute *vprime_attributes[];
extern const struct config_item_type vprime_faults_type;

#endif
