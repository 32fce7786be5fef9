/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_MAP_H_
#define _VPRIME_MAP_H_

#include <linux/mm_types.h>
#include <linux/types.h>

struct drm_device;
struct drm_file;
struct drm_gem_object;
struct iosys_map;
struct vm_area_struct;
struct vprime_bo;

extern const struct vm_operations_struct vprime_map_vm_ops;

int vprime_gem_vmap(struct drm_gem_object *obj, struct iosys_map *map);
void vprime_gem_vunmap(struct drm_gem_object *obj, struct iosys_map *map);
int vprime_gem_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma);
void vprime_map_forget(struct vprime_bo *bo);
int vprime_map_offset(struct drm_file *file, struct drm_device *drm, u32 handle, u64 *offset);

#endif
