/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CONFIGFS_H_
#define _VPRIME_CONFIGFS_H_

#include <linux/kconfig.h>

struct config_group;
struct config_item;
struct vprime_config;

/* In this order: once the tree is there, users can hold on to the module. */
int vprime_configfs_add(const struct vprime_config *config);
int vprime_configfs_init(void);
void vprime_configfs_exit(void);

#if IS_ENABLED(CONFIG_KUNIT)
struct config_group *vprime_configfs_make_group(struct config_group *parent, const char *name);
void vprime_configfs_drop_item(struct config_group *parent, struct config_item *item);
#endif

#endif
