/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two requests that vgem knows, by their numbers: its header is not among
 * the packages that a host has.
 */
#ifndef VGEM_H
#define VGEM_H

#include <drm.h>

#define VGEM_FENCE_WRITE	0x1

struct vgem_fence_attach {
	__u32 handle;
	__u32 flags;
	__u32 out_fence;
	__u32 pad;
};

struct vgem_fence_signal {
	__u32 fence;
	__u32 flags;
};

#define VGEM_IOCTL_FENCE_ATTACH \
	DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach)
#define VGEM_IOCTL_FENCE_SIGNAL \
	DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal)

#endif
