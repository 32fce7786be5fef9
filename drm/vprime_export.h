/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_EXPORT_H_
#define _VPRIME_EXPORT_H_

#include <linux/types.h>

struct dma_buf;
struct drm_gem_object;
struct vprime_bo;

struct dma_buf *vprime_gem_export(struct drm_gem_object *obj, int flags);
struct vprime_bo *vprime_export_to_bo(struct dma_buf *dmabuf);
u32 vprime_export_reachable(struct vprime_bo *bo);
void vprime_export_notify(struct vprime_bo *bo);
u32 vprime_export_importers(struct vprime_bo *bo);

#endif
