/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_MIGRATE_H_
#define _VPRIME_MIGRATE_H_

#include <linux/types.h>

struct ttm_resource;
struct vprime_bo;
struct vprime_gpu;

int vprime_migrate_init(struct vprime_gpu *gpu);
void vprime_migrate_fini(struct vprime_gpu *gpu);
int vprime_migrate_clear(struct vprime_bo *bo, struct ttm_resource *mem);
int vprime_migrate_copy(struct vprime_bo *bo, bool evict, struct ttm_resource *new_mem);

#endif
