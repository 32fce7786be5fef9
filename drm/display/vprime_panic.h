/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_PANIC_H_
#define _VPRIME_PANIC_H_

#include <linux/kconfig.h>

struct drm_plane;
struct drm_scanout_buffer;

#if IS_ENABLED(CONFIG_DRM_PANIC)
#define VPRIME_PANIC_OPS .get_scanout_buffer = vprime_panic_get_scanout_buffer
#else
#define VPRIME_PANIC_OPS .get_scanout_buffer = NULL
#endif

int vprime_panic_get_scanout_buffer(struct drm_plane *plane, struct drm_scanout_buffer *sb);

#endif
