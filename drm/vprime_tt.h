/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_TT_H_
#define _VPRIME_TT_H_

#include <linux/dma-direction.h>
#include <linux/types.h>

struct device;
struct sg_table;
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

struct sg_table *vprime_tt_map(struct ttm_tt *ttm, struct device *dev, enum dma_data_direction dir);
void vprime_tt_unmap(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir);

int vprime_tt_bind(struct ttm_tt *ttm, struct vprime_binding **binding);
void vprime_tt_unbind(struct ttm_tt *ttm);

void vprime_tt_init(struct vprime_gpu *gpu);
void vprime_tt_close_all(struct vprime_gpu *gpu);

#endif
