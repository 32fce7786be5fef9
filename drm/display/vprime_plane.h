/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_PLANE_H_
#define _VPRIME_PLANE_H_

struct drm_plane;
struct vprime_gpu;
struct vprime_plane_config;

struct drm_plane *vprime_plane_create(struct vprime_gpu *gpu, unsigned int index,
				      const struct vprime_plane_config *config);

#endif
