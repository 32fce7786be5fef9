/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_TTM_H_
#define _VPRIME_TTM_H_

struct ttm_buffer_object;
struct ttm_resource;
struct vprime_binding;
struct vprime_gpu;

int vprime_ttm_init(struct vprime_gpu *gpu);
void vprime_ttm_fini(struct vprime_gpu *gpu);
void vprime_ttm_evacuate(struct vprime_gpu *gpu);
int vprime_ttm_empty_vram(struct vprime_gpu *gpu);
void vprime_ttm_stay(struct ttm_buffer_object *tbo);
int vprime_ttm_bind(struct ttm_buffer_object *tbo, struct ttm_resource *res,
		    struct vprime_binding **binding);

#endif
