/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_PIN_H_
#define _VPRIME_PIN_H_

#include <linux/types.h>

struct drm_gem_object;
struct ttm_operation_ctx;
struct vprime_bo;

int vprime_bo_pin(struct vprime_bo *bo, u32 placements, struct ttm_operation_ctx *ctx);
int vprime_bo_pin_shared(struct vprime_bo *bo, struct ttm_operation_ctx *ctx);
int vprime_bo_pin_for_cpu(struct vprime_bo *bo, struct ttm_operation_ctx *ctx);
void vprime_bo_unpin(struct vprime_bo *bo);
int vprime_gem_pin(struct drm_gem_object *obj);
void vprime_gem_unpin(struct drm_gem_object *obj);

#endif
