/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_TT_H_
#define _VPRIME_TT_H_

#include <linux/types.h>

struct ttm_buffer_object;
struct ttm_device;
struct ttm_operation_ctx;
struct ttm_tt;
struct vprime_binding;
struct vprime_gpu;

struct ttm_tt *vprime_tt_create(struct ttm_buffer_object *tbo, u32 page_flags);
int vprime_tt_populate(struct ttm_device *bdev, struct ttm_tt *ttm, struct ttm_operation_ctx *ctx);
void vprime_tt_unpopulate(struct ttm_device *bdev, struct ttm_tt *ttm);
void vprime_tt_destroy(struct ttm_device *bdev, struct ttm_tt *ttm);

int vprime_tt_bind(struct ttm_tt *ttm, struct vprime_binding **binding);
void vprime_tt_unbind(struct ttm_tt *ttm);

void vprime_tt_init(struct vprime_gpu *gpu);
void vprime_tt_close_all(struct vprime_gpu *gpu);

#endif
