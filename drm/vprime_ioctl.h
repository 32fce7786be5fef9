/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_IOCTL_H_
#define _VPRIME_IOCTL_H_

#include <drm/drm_ioctl.h>

#include <drm/vprime_drm.h>

#define VPRIME_IOCTL_COUNT (DRM_VPRIME_CAPTURE + 1)

extern const struct drm_ioctl_desc vprime_ioctls[VPRIME_IOCTL_COUNT];

#endif
