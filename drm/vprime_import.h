/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_IMPORT_H_
#define _VPRIME_IMPORT_H_

#include <linux/types.h>

struct dma_buf;
struct drm_device;
struct drm_gem_object;
struct vprime_binding;
struct vprime_bo;
struct vprime_gpu;

struct drm_gem_object *vprime_gem_prime_import(struct drm_device *drm, struct dma_buf *dmabuf);
int vprime_import_bind(struct vprime_bo *bo, struct vprime_binding **binding);
void vprime_import_unplug(struct vprime_bo *bo);
void vprime_import_destroy(struct vprime_bo *bo);
struct vprime_bo *vprime_import_origin(const struct vprime_bo *bo);
bool vprime_import_is_peer(const struct vprime_bo *bo);

int vprime_import_init(struct vprime_gpu *gpu);
void vprime_import_flush(struct vprime_gpu *gpu);

#endif
