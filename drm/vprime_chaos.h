/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CHAOS_H_
#define _VPRIME_CHAOS_H_

struct vprime_gpu;

void vprime_chaos_init(struct vprime_gpu *gpu);
void vprime_chaos_start(struct vprime_gpu *gpu);
void vprime_chaos_stop(struct vprime_gpu *gpu);

#endif
