/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FRAMEBUFFER_H_
#define _VPRIME_FRAMEBUFFER_H_

#include <linux/types.h>

struct drm_device;
struct drm_file;
struct drm_format_info;
struct drm_framebuffer;
struct drm_mode_fb_cmd2;

u64 vprime_framebuffer_row_bytes(const struct drm_format_info *format, unsigned int plane,
				 u32 width);
struct drm_framebuffer *vprime_framebuffer_create(struct drm_device *drm, struct drm_file *file,
						  const struct drm_mode_fb_cmd2 *cmd);

#endif
