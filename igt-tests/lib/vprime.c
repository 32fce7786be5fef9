// SPDX-License-Identifier: MIT
/*
 * vprime's ioctls as functions.  What a submission is made of is in submit.c,
 * GPUs as such are in gpu.c.
 */
#include "vprime.h"

#include <sys/ioctl.h>
#include <sys/mman.h>

#include "check.h"
#include "deadline.h"
#include "drm.h"

#define REGIONS_MAX 8

int __vprime_ioctl(int gpu, unsigned long request, void *arg)
{
	return neg_errno(ioctl(gpu, request, arg));
}

uint64_t vprime_param(int gpu, uint32_t param)
{
	struct drm_vprime_get_param arg = { .param = param };

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_GET_PARAM, &arg), 0);
	return arg.value;
}

static uint32_t query(int gpu, uint32_t what, void *answer, uint32_t size)
{
	struct drm_vprime_query arg = {
		.query = what,
		.size = size,
		.data = (uintptr_t)answer,
	};

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_QUERY, &arg), 0);
	return arg.size;
}

void vprime_stats(int gpu, struct drm_vprime_stats *stats)
{
	check_eq(query(gpu, VPRIME_QUERY_STATS, stats, sizeof(*stats)), sizeof(*stats));
}

void vprime_region(int gpu, uint32_t placement, struct drm_vprime_region *region)
{
	struct drm_vprime_region regions[REGIONS_MAX];
	uint32_t size = query(gpu, VPRIME_QUERY_REGIONS, regions, sizeof(regions));
	size_t i;

	check_le(size, sizeof(regions));
	for (i = 0; i < size / sizeof(regions[0]); i++) {
		if (regions[i].placement != placement)
			continue;
		*region = regions[i];
		return;
	}
	check_msg(false, "the GPU lists no region for placement %#x", placement);
}

bool vprime_region_empties(int gpu, uint32_t placement)
{
	time_t deadline = deadline_soon();
	struct drm_vprime_region region;

	do {
		vprime_region(gpu, placement, &region);
		if (!region.used)
			return true;
	} while (deadline_pause(deadline));
	return false;
}

int __vprime_bo_create(int gpu, uint64_t size, uint32_t placements, uint32_t *handle)
{
	struct drm_vprime_bo_create arg = { .size = size, .placements = placements };
	int ret = __vprime_ioctl(gpu, DRM_IOCTL_VPRIME_BO_CREATE, &arg);

	if (!ret)
		*handle = arg.handle;
	return ret;
}

uint32_t vprime_bo_create(int gpu, uint64_t size, uint32_t placements)
{
	uint32_t handle = 0;

	check_ret(__vprime_bo_create(gpu, size, placements, &handle), 0);
	check_ne(handle, 0);
	return handle;
}

int __vprime_bo_mmap_offset(int gpu, uint32_t handle, uint64_t *offset)
{
	struct drm_vprime_bo_mmap_offset arg = { .handle = handle };
	int ret = __vprime_ioctl(gpu, DRM_IOCTL_VPRIME_BO_MMAP_OFFSET, &arg);

	if (!ret)
		*offset = arg.offset;
	return ret;
}

void *__vprime_bo_mmap(int gpu, uint32_t handle, size_t size, int prot)
{
	uint64_t offset = 0;

	check_ret(__vprime_bo_mmap_offset(gpu, handle, &offset), 0);
	return mmap(NULL, size, prot, MAP_SHARED, gpu, offset);
}

void *vprime_bo_mmap(int gpu, uint32_t handle, size_t size)
{
	void *at = __vprime_bo_mmap(gpu, handle, size, PROT_READ | PROT_WRITE);

	check_msg(at != MAP_FAILED, "mmap of %zu bytes of a buffer: %m", size);
	return at;
}

int __vprime_bo_info(int gpu, uint32_t handle, struct drm_vprime_bo_info *info)
{
	*info = (struct drm_vprime_bo_info){ .handle = handle };
	return __vprime_ioctl(gpu, DRM_IOCTL_VPRIME_BO_INFO, info);
}

void vprime_bo_info(int gpu, uint32_t handle, struct drm_vprime_bo_info *info)
{
	check_ret(__vprime_bo_info(gpu, handle, info), 0);
}

uint32_t vprime_bo_placement(int gpu, uint32_t handle)
{
	struct drm_vprime_bo_info info;

	vprime_bo_info(gpu, handle, &info);
	return info.placement;
}

uint32_t vprime_bo_flags(int gpu, uint32_t handle)
{
	struct drm_vprime_bo_info info;

	vprime_bo_info(gpu, handle, &info);
	return info.flags;
}

uint32_t vprime_bo_pins(int gpu, uint32_t handle)
{
	struct drm_vprime_bo_info info;

	vprime_bo_info(gpu, handle, &info);
	return info.pins;
}

int __vprime_bo_move(int gpu, uint32_t handle, uint32_t placement)
{
	struct drm_vprime_bo_move arg = { .handle = handle, .placement = placement };

	return __vprime_ioctl(gpu, DRM_IOCTL_VPRIME_BO_MOVE, &arg);
}

void vprime_bo_move(int gpu, uint32_t handle, uint32_t placement)
{
	check_ret(__vprime_bo_move(gpu, handle, placement), 0);
	vprime_bo_wait(gpu, handle);
	check_eq(vprime_bo_placement(gpu, handle), placement);
}

int __vprime_bo_wait(int gpu, uint32_t handle, uint32_t flags, int64_t until)
{
	struct drm_vprime_bo_wait arg = {
		.handle = handle,
		.flags = flags,
		.timeout_ns = until,
	};

	return __vprime_ioctl(gpu, DRM_IOCTL_VPRIME_BO_WAIT, &arg);
}

void vprime_bo_wait(int gpu, uint32_t handle)
{
	check_ret(__vprime_bo_wait(gpu, handle, VPRIME_WAIT_WRITE, VPRIME_NEVER), 0);
}

bool vprime_bo_idle(int gpu, uint32_t handle, uint32_t flags)
{
	int ret = __vprime_bo_wait(gpu, handle, flags, VPRIME_NOW);

	if (ret)
		check_ret(ret, -ETIME);
	return !ret;
}

int vprime_export(int gpu, uint32_t handle)
{
	return drm_handle_to_fd(gpu, handle, DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG);
}

int __vprime_import(int gpu, int dmabuf, uint32_t *handle)
{
	return __drm_fd_to_handle(gpu, dmabuf, handle);
}

uint32_t vprime_import(int gpu, int dmabuf)
{
	return drm_fd_to_handle(gpu, dmabuf);
}
