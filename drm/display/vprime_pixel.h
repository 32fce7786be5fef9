/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_PIXEL_H_
#define _VPRIME_PIXEL_H_

#include <linux/types.h>

struct vprime_format;

bool vprime_pixels_are_native(const struct vprime_format *format);
void vprime_pixels_narrow(const struct vprime_format *format, const void *from, u32 *to, u32 count);
void vprime_pixels_wide(const struct vprime_format *format, const void *from, u64 *to, u32 count);

#endif
