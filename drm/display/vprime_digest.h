/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_DIGEST_H_
#define _VPRIME_DIGEST_H_

#include <linux/types.h>

/**
 * struct vprime_digest - a check sum in the making
 * @state: of four pixels out of eight, in turn
 */
struct vprime_digest {
	u64 state[4];
};

void vprime_digest_begin(struct vprime_digest *digest, u32 width, u32 height);
void vprime_digest_line(struct vprime_digest *digest, const u32 *line, u32 count);
u32 vprime_digest_end(const struct vprime_digest *digest);

#endif
