/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_YUV_H_
#define _VPRIME_YUV_H_

#include <linux/types.h>

#include <drm/drm_color_mgmt.h>

/**
 * struct vprime_yuv - the way from YUV to RGB, in steps of 2^-44
 * @y_all: what a step of Y adds to each channel
 * @v_red: what a step of V adds to red
 * @u_green: what a step of U adds to green
 * @v_green: what a step of V adds to green
 * @u_blue: what a step of U adds to blue
 * @y_zero: Y of black
 * @c_zero: U and V of gray
 * @max: of an RGB channel
 */
struct vprime_yuv {
	s64 y_all;
	s64 v_red;
	s64 u_green;
	s64 v_green;
	s64 u_blue;
	s32 y_zero;
	s32 c_zero;
	s32 max;
};

void vprime_yuv_init(struct vprime_yuv *yuv, enum drm_color_encoding encoding,
		     enum drm_color_range range, unsigned int bits, u32 max);
void vprime_yuv_narrow(const struct vprime_yuv *yuv, const u8 *y, const u8 *u, const u8 *v,
		       u32 *to, u32 count);
void vprime_yuv_wide(const struct vprime_yuv *yuv, const u16 *y, const u16 *u, const u16 *v,
		     unsigned int drop, u64 *to, u32 count);

#endif
