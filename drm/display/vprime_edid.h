/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_EDID_H_
#define _VPRIME_EDID_H_

#include <linux/types.h>

#define VPRIME_EDID_BLOCK 128
#define VPRIME_EDID_DEFAULT_SIZE (2 * VPRIME_EDID_BLOCK)
/* As many extensions as can be counted. */
#define VPRIME_EDID_MAX (256 * VPRIME_EDID_BLOCK)

void vprime_edid_init_default(u8 edid[VPRIME_EDID_DEFAULT_SIZE], unsigned int connector);
int vprime_edid_check(const u8 *edid, size_t len);

#endif
