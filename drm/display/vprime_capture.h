/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CAPTURE_H_
#define _VPRIME_CAPTURE_H_

struct drm_file;
struct drm_vprime_capture;
struct vprime_gpu;

int vprime_capture(struct vprime_gpu *gpu, struct drm_file *file, struct drm_vprime_capture *args);

#endif
