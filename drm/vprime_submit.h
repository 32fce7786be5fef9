/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_SUBMIT_H_
#define _VPRIME_SUBMIT_H_

#include <drm/vprime_drm.h>

struct drm_file;
struct vprime_gpu;

#define VPRIME_MAX_COMMANDS	4096
#define VPRIME_MAX_SYNCS	256

int vprime_submit(struct vprime_gpu *gpu, struct drm_file *file,
		  const struct drm_vprime_submit *args);

#endif
