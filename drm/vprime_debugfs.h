/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_DEBUGFS_H_
#define _VPRIME_DEBUGFS_H_

struct vprime_gpu;

#ifdef CONFIG_DEBUG_FS
void vprime_debugfs_init(struct vprime_gpu *gpu);
#else
static inline void vprime_debugfs_init(struct vprime_gpu *gpu)
{
}
#endif

#endif
