// SPDX-License-Identifier: MIT
/*
 * sw_sync lives in debugfs and has no public header; its two ioctls are stated
 * here.
 */
#include "sw_sync.h"

#include <fcntl.h>
#include <linux/sync_file.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"

#define SW_SYNC_PATH "/sys/kernel/debug/sync/sw_sync"

struct sw_sync_create_fence_abi {
	uint32_t value;
	char name[32];
	int32_t fence;
};

#define SW_SYNC_CREATE_FENCE _IOWR('W', 0, struct sw_sync_create_fence_abi)
#define SW_SYNC_INC _IOW('W', 1, uint32_t)

int sw_sync_timeline(void)
{
	int timeline = open(SW_SYNC_PATH, O_RDWR | O_CLOEXEC);

	require(timeline >= 0, "no %s: %m", SW_SYNC_PATH);
	return timeline;
}

int sw_sync_fence(int timeline, uint32_t point)
{
	struct sw_sync_create_fence_abi arg = { .value = point };

	snprintf(arg.name, sizeof(arg.name), "point %u", point);
	check_ok(neg_errno(ioctl(timeline, SW_SYNC_CREATE_FENCE, &arg)));
	/* It comes without O_CLOEXEC. */
	check_ok(neg_errno(fcntl(arg.fence, F_SETFD, FD_CLOEXEC)));
	return arg.fence;
}

void sw_sync_advance(int timeline, uint32_t steps)
{
	check_ok(neg_errno(ioctl(timeline, SW_SYNC_INC, &steps)));
}

bool sync_file_signalled(int sync_file)
{
	struct pollfd pfd = { .fd = sync_file, .events = POLLIN };

	return check_ok(neg_errno(poll(&pfd, 1, 0))) == 1;
}

int __sync_file_fences(int sync_file)
{
	struct sync_file_info info = { .num_fences = 0 };

	return ioctl(sync_file, SYNC_IOC_FILE_INFO, &info) ? -errno :
		(int)info.num_fences;
}

int sync_file_fences(int sync_file)
{
	return check_ok(__sync_file_fences(sync_file));
}

int sync_file_merge(int a, int b)
{
	struct sync_merge_data data = { .name = "merged", .fd2 = b };

	check_ok(neg_errno(ioctl(a, SYNC_IOC_MERGE, &data)));
	check_ok(neg_errno(fcntl(data.fence, F_SETFD, FD_CLOEXEC)));
	return data.fence;
}

void sw_sync_attach(int dmabuf, int timeline, uint32_t point, uint32_t flags)
{
	int fence = sw_sync_fence(timeline, point);

	dmabuf_import_sync_file(dmabuf, flags, fence);
	close_fd(fence);
}
