// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_color.h"

#include <linux/math64.h>
#include <linux/minmax.h>

#include <uapi/drm/drm_mode.h>

#include "vprime_compose.h"

/**
 * DOC: Colours of a pipe
 *
 * Arithmetic on colours: through the tables and the matrix of a pipe, and from the narrow
 * intermediate to the wide one and back. Every result is the nearest to the exact one, so that a
 * colour comes out the same however it came in.
 */

/**
 * struct pipe_rgb - a colour on its way
 * @r: red
 * @g: green
 * @b: blue
 */
struct pipe_rgb {
	u16 r;
	u16 g;
	u16 b;
};

/* The tables hold three channels beside each other; this is one of them. */
static u16 lut_entry(const struct drm_color_lut *lut, u32 index, unsigned int channel)
{
	const u16 *entry = &lut[index].red;

	return entry[channel];
}

static u16 lut_value(const struct drm_color_lut *lut, u32 size, u16 value, unsigned int channel)
{
	const u32 at = value * (size - 1);
	const u32 index = at / 0xffff, part = at % 0xffff;
	u32 sum;

	if (!part)
		return lut_entry(lut, index, channel);

	/* Neither product is above 0xffff times a weight, and the weights are 0xffff together. */
	sum = lut_entry(lut, index, channel) * (0xffff - part);
	sum += lut_entry(lut, index + 1, channel) * part;

	return (sum + 0x7fff) / 0xffff;
}

static struct pipe_rgb lut_apply(const struct drm_color_lut *lut, u32 size, struct pipe_rgb in)
{
	if (!lut || !size)
		return in;

	return (struct pipe_rgb) {
		.r = lut_value(lut, size, in.r, 0),
		.g = lut_value(lut, size, in.g, 1),
		.b = lut_value(lut, size, in.b, 2),
	};
}

/* Sign and magnitude, 32 bits behind the point. Beyond 4096.0 nothing is left to be told apart. */
static s64 ctm_factor(u64 entry)
{
	const s64 size = min_t(u64, entry & ~BIT_ULL(63), BIT_ULL(44));

	return entry & BIT_ULL(63) ? -size : size;
}

static u16 ctm_row(const __u64 *row, struct pipe_rgb in)
{
	s64 sum = ctm_factor(row[0]) * in.r + ctm_factor(row[1]) * in.g + ctm_factor(row[2]) * in.b;

	sum += BIT_ULL(31);

	return clamp_t(s64, sum >> 32, 0, 0xffff);
}

static struct pipe_rgb ctm_apply(const struct drm_color_ctm *ctm, struct pipe_rgb in)
{
	if (!ctm)
		return in;

	return (struct pipe_rgb) {
		.r = ctm_row(&ctm->matrix[0], in),
		.g = ctm_row(&ctm->matrix[3], in),
		.b = ctm_row(&ctm->matrix[6], in),
	};
}

static struct pipe_rgb pipe_color(const struct vprime_pipe *pipe, struct pipe_rgb color)
{
	color = lut_apply(pipe->degamma, pipe->degamma_size, color);
	color = ctm_apply(pipe->ctm, color);

	return lut_apply(pipe->gamma, pipe->gamma_size, color);
}

/**
 * vprime_pipe_is_plain - does the pipe leave all colours as they are?
 * @pipe: to ask
 *
 * Return: true if none of its steps is there.
 */
bool vprime_pipe_is_plain(const struct vprime_pipe *pipe)
{
	return !(pipe->degamma && pipe->degamma_size) && !pipe->ctm &&
	       !(pipe->gamma && pipe->gamma_size);
}

/**
 * vprime_pipe_apply - send a line through a pipe
 * @pipe: degamma, matrix and gamma
 * @line: of wide pixels, changed in place; alpha is lost
 * @count: so many
 *
 * Neighbours are often equal, and then the second costs next to nothing.
 */
void vprime_pipe_apply(const struct vprime_pipe *pipe, u64 *line, u32 count)
{
	u64 last_in = line[0] + 1, last_out = 0;
	struct pipe_rgb color;
	u32 i;

	for (i = 0; i < count; i++) {
		if (line[i] != last_in) {
			last_in = line[i];
			color.r = last_in >> 32;
			color.g = last_in >> 16;
			color.b = last_in;
			color = pipe_color(pipe, color);
			last_out = VPRIME_WIDE(0xffff, color.r, color.g, color.b);
		}
		line[i] = last_out;
	}
}

/* Nearest of 0 to 255 to one of 0 to 0xffff, exact for each; in lanes of 32 bits. */
static u64 narrow_lanes(u64 lanes)
{
	return (lanes * 255 + 0x0000807f0000807full) >> 16 & 0x000000ff000000ffull;
}

/**
 * vprime_pipe_tabulate - what a pipe makes of each value of a narrow picture
 * @pipe: one without a matrix
 * @tables: for red, green and blue, what a value adds to the pixel
 */
void vprime_pipe_tabulate(const struct vprime_pipe *pipe, u32 tables[3][256])
{
	struct pipe_rgb color;
	unsigned int i;

	for (i = 0; i < 256; i++) {
		color = (struct pipe_rgb) { i * 257, i * 257, i * 257 };
		color = pipe_color(pipe, color);
		tables[0][i] = narrow_lanes(color.r) << 16;
		tables[1][i] = narrow_lanes(color.g) << 8;
		tables[2][i] = narrow_lanes(color.b);
	}
}

/**
 * vprime_widen - make narrow pixels wide
 * @wide: to fill
 * @narrow: to read
 * @count: so many
 */
void vprime_widen(u64 *wide, const u32 *narrow, u32 count)
{
	u64 spread;
	u32 i;

	for (i = 0; i < count; i++) {
		spread = narrow[i];
		spread = (spread & 0xffff) | (spread & 0xffff0000) << 16;
		spread = (spread & 0x000000ff000000ffull) | (spread & 0x0000ff000000ff00ull) << 8;
		wide[i] = spread * 257;
	}
}

/**
 * vprime_narrow - round wide pixels
 * @narrow: to fill
 * @wide: to read
 * @count: so many
 */
void vprime_narrow(u32 *narrow, const u64 *wide, u32 count)
{
	u64 red_blue, green;
	u32 i;

	for (i = 0; i < count; i++) {
		red_blue = narrow_lanes(wide[i] & 0x0000ffff0000ffffull);
		green = narrow_lanes(wide[i] >> 16 & 0xffff);
		narrow[i] = red_blue >> 16 | green << 8 | red_blue;
	}
}
