/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GPU as user space meets it: a folder in configfs, and while it is switched
 * on a platform device with its nodes.
 */
#ifndef VPRIMECTL_GPU_H
#define VPRIMECTL_GPU_H

#include <stdbool.h>

#include "path.h"
#include "vprimectl.h"

#define GPU_TREE "/sys/kernel/config/vprime"
#define GPU_NAME_BYTES 64
#define GPU_VALUE_BYTES 256

/**
 * struct gpu - what is known of one without asking its driver
 * @name: of its folder
 * @enabled: it is switched on
 * @device: name of the platform device, "" where there is none
 * @card: number of its primary node, -1 where there is none
 * @render: number of its render node, -1 where there is none
 */
struct gpu {
	char name[GPU_NAME_BYTES];
	bool enabled;
	char device[GPU_NAME_BYTES];
	int card;
	int render;
};

/* A name that can be a folder's, and lies nowhere else. */
bool gpu_name_valid(const char *name);

/* Each complains where it does not return STATUS_OK. */
enum status gpu_tree_check(void);
enum status gpu_find(const char *name, struct gpu *gpu);
enum status gpu_find_enabled(const char *name, struct gpu *gpu);

/* The named one, or all of them where @name is NULL, until a visit fails. */
enum status gpu_for_each(const char *name,
			 enum status (*visit)(const struct gpu *gpu, void *context),
			 void *context);

/*
 * Where a key of the command line is: in the GPU's folder, or in its faults/.
 * -ENOENT if in neither.
 */
int gpu_key_path(const char *name, const char *key, char path[static PATH_BYTES]);
int gpu_write(const char *name, const char *key, const char *value);

#endif
