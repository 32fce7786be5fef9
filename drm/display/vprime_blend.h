/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_BLEND_H_
#define _VPRIME_BLEND_H_

#include <linux/types.h>

/**
 * struct vprime_mix - how a layer goes over what is below
 * @mode: DRM_MODE_BLEND_*
 * @alpha: of the plane, 0 to 0xffff
 */
struct vprime_mix {
	unsigned int mode;
	u16 alpha;
};

void vprime_blend_narrow(const struct vprime_mix *mix, u32 *line, const u32 *layer, u32 count);
void vprime_blend_wide(const struct vprime_mix *mix, u64 *line, const u64 *layer, u32 count);

#endif
