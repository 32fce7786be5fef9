/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_COLOR_H_
#define _VPRIME_COLOR_H_

#include <linux/types.h>

#include <drm/drm_color_mgmt.h>

struct vprime_pipe;

/* A pixel of the narrow intermediate is DRM_FORMAT_ARGB8888, one of the wide is ARGB16161616. */
#define VPRIME_WIDE(a, r, g, b) ((u64)(a) << 48 | (u64)(r) << 32 | (u64)(g) << 16 | (u64)(b))
#define VPRIME_WIDE_OPAQUE 0xffff000000000000ull

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

/**
 * struct vprime_chroma - what U and V add to each channel, in the same steps
 * @r: to red
 * @g: to green
 * @b: to blue
 */
struct vprime_chroma {
	s64 r;
	s64 g;
	s64 b;
};

/**
 * struct vprime_rgb - a colour on its way
 * @r: red
 * @g: green
 * @b: blue
 */
struct vprime_rgb {
	u16 r;
	u16 g;
	u16 b;
};

void vprime_yuv_init(struct vprime_yuv *yuv, enum drm_color_encoding encoding,
		     enum drm_color_range range, unsigned int bits, u32 max);
struct vprime_chroma vprime_yuv_chroma(const struct vprime_yuv *yuv, s32 u, s32 v);
struct vprime_rgb vprime_yuv_to_rgb(const struct vprime_yuv *yuv, s32 y,
				    struct vprime_chroma chroma);

bool vprime_pipe_is_plain(const struct vprime_pipe *pipe);
void vprime_pipe_apply(const struct vprime_pipe *pipe, u64 *line, u32 count);
void vprime_pipe_tabulate(const struct vprime_pipe *pipe, u32 tables[3][256]);

void vprime_widen(u64 *wide, const u32 *narrow, u32 count);
void vprime_narrow(u32 *narrow, const u64 *wide, u32 count);

#endif
