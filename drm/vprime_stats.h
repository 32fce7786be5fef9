/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_STATS_H_
#define _VPRIME_STATS_H_

struct drm_vprime_stats;
struct vprime_gpu;

void vprime_stats_get(struct vprime_gpu *gpu, struct drm_vprime_stats *out);

#endif
