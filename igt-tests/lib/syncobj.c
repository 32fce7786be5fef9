// SPDX-License-Identifier: MIT
/*
 * DRM syncobjs as functions.
 */
#include "syncobj.h"

#include <libdrm/drm.h>
#include <linux/sync_file.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "check.h"
#include "dmabuf.h"

static int __ioctl(int drm, unsigned long request, void *arg)
{
	return neg_errno(ioctl(drm, request, arg));
}

uint32_t syncobj_create(int drm)
{
	struct drm_syncobj_create arg = { .flags = 0 };

	check_ret(__ioctl(drm, DRM_IOCTL_SYNCOBJ_CREATE, &arg), 0);
	return arg.handle;
}

void syncobj_destroy(int drm, uint32_t handle)
{
	struct drm_syncobj_destroy arg = { .handle = handle };

	check_ret(__ioctl(drm, DRM_IOCTL_SYNCOBJ_DESTROY, &arg), 0);
}

void syncobj_import_sync_file(int drm, uint32_t handle, int sync_file)
{
	struct drm_syncobj_handle arg = {
		.handle = handle,
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
		.fd = sync_file,
	};

	check_ret(__ioctl(drm, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &arg), 0);
}

int __syncobj_export_sync_file(int drm, uint32_t handle)
{
	struct drm_syncobj_handle arg = {
		.handle = handle,
		.flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE,
		.fd = -1,
	};
	int ret = __ioctl(drm, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &arg);

	return ret ? ret : arg.fd;
}

int syncobj_export_sync_file(int drm, uint32_t handle)
{
	return check_ok(__syncobj_export_sync_file(drm, handle));
}

static int __wait(int drm, uint32_t handle, int64_t until)
{
	struct drm_syncobj_wait arg = {
		.handles = (uintptr_t)&handle,
		.count_handles = 1,
		.timeout_nsec = until,
	};

	return __ioctl(drm, DRM_IOCTL_SYNCOBJ_WAIT, &arg);
}

void syncobj_wait(int drm, uint32_t handle)
{
	check_ret(__wait(drm, handle, INT64_MAX), 0);
}

static bool no_timeout(int ret)
{
	if (ret)
		check_ret(ret, -ETIME);
	return !ret;
}

bool syncobj_signalled(int drm, uint32_t handle)
{
	return no_timeout(__wait(drm, handle, 0));
}

bool syncobj_empty(int drm, uint32_t handle)
{
	return __wait(drm, handle, 0) == -EINVAL;
}

int sync_file_result(int sync_file)
{
	struct sync_file_info info = { .num_fences = 0 };
	struct pollfd pfd = { .fd = sync_file, .events = POLLIN };

	check_eq(check_ok(neg_errno(poll(&pfd, 1, -1))), 1);
	check_ret(__ioctl(sync_file, SYNC_IOC_FILE_INFO, &info), 0);
	/* 1 is signalled, and 0 active. */
	check_ne(info.status, 0);
	return info.status > 0 ? 0 : info.status;
}

int syncobj_result(int drm, uint32_t handle)
{
	int sync_file = syncobj_export_sync_file(drm, handle);
	int result = sync_file_result(sync_file);

	close_fd(sync_file);
	return result;
}

static int __timeline_wait(int drm, uint32_t handle, uint64_t point, int64_t until)
{
	struct drm_syncobj_timeline_wait arg = {
		.handles = (uintptr_t)&handle,
		.points = (uintptr_t)&point,
		.timeout_nsec = until,
		.count_handles = 1,
	};

	return __ioctl(drm, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &arg);
}

void syncobj_timeline_wait(int drm, uint32_t handle, uint64_t point)
{
	check_ret(__timeline_wait(drm, handle, point, INT64_MAX), 0);
}

bool syncobj_timeline_signalled(int drm, uint32_t handle, uint64_t point)
{
	return no_timeout(__timeline_wait(drm, handle, point, 0));
}

void syncobj_timeline_signal(int drm, uint32_t handle, uint64_t point)
{
	struct drm_syncobj_timeline_array arg = {
		.handles = (uintptr_t)&handle,
		.points = (uintptr_t)&point,
		.count_handles = 1,
	};

	check_ret(__ioctl(drm, DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, &arg), 0);
}

uint64_t syncobj_timeline_query(int drm, uint32_t handle)
{
	uint64_t point = UINT64_MAX;
	struct drm_syncobj_timeline_array arg = {
		.handles = (uintptr_t)&handle,
		.points = (uintptr_t)&point,
		.count_handles = 1,
	};

	check_ret(__ioctl(drm, DRM_IOCTL_SYNCOBJ_QUERY, &arg), 0);
	return point;
}
