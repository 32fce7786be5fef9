/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_COLOR_H_
#define _VPRIME_COLOR_H_

#include <linux/types.h>

struct vprime_pipe;

/* A pixel of the narrow intermediate is DRM_FORMAT_ARGB8888, one of the wide is ARGB16161616. */
#define VPRIME_WIDE(a, r, g, b) ((u64)(a) << 48 | (u64)(r) << 32 | (u64)(g) << 16 | (u64)(b))
#define VPRIME_WIDE_OPAQUE 0xffff000000000000ull

bool vprime_pipe_is_plain(const struct vprime_pipe *pipe);
void vprime_pipe_apply(const struct vprime_pipe *pipe, u64 *line, u32 count);
void vprime_pipe_tabulate(const struct vprime_pipe *pipe, u32 tables[3][256]);

void vprime_widen(u64 *wide, const u32 *narrow, u32 count);
void vprime_narrow(u32 *narrow, const u64 *wide, u32 count);

#endif
