/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_COMMAND_H_
#define _VPRIME_COMMAND_H_

#include <linux/types.h>

struct drm_file;
struct drm_vprime_command;
struct drm_vprime_submit;
struct vprime_binding;
struct vprime_bo;
struct vprime_job;

/**
 * struct vprime_command_bo - a buffer that commands use
 * @bo: it, with a reference
 * @handle: its name in the commands
 * @written: by any of them
 * @binding: where the engine finds it; filled in by whoever holds its lock
 */
struct vprime_command_bo {
	struct vprime_bo *bo;
	u32 handle;
	bool written;
	struct vprime_binding *binding;
};

/**
 * struct vprime_commands - the commands of a submission
 * @array: copied from user space, and checked
 * @count: of @array
 * @bos: each buffer once
 * @bo_count: of @bos
 */
struct vprime_commands {
	struct drm_vprime_command *array;
	u32 count;
	struct vprime_command_bo *bos;
	u32 bo_count;
};

int vprime_commands_get(struct vprime_commands *commands, struct drm_file *file,
			const struct drm_vprime_submit *args);
void vprime_commands_emit(struct vprime_commands *commands, struct vprime_job *job);
void vprime_commands_put(struct vprime_commands *commands);

#if IS_ENABLED(CONFIG_KUNIT)
int vprime_command_check(const struct vprime_commands *commands,
			 const struct drm_vprime_command *cmd);
#endif

#endif
