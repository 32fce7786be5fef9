// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_sample.h"

#include <linux/math64.h>
#include <linux/minmax.h>

#include "vprime_compose.h"
#include "vprime_format.h"

/**
 * DOC: Places of pixels
 *
 * Where the pixels of a line are in a buffer that is shown scaled, turned or mirrored, and fetching
 * them from there, as they are. What they mean is vprime_read.c's business.
 *
 * Scaling takes the nearest pixel whatever filter is asked for: the one under the centre of the
 * screen's pixel. Chroma that several pixels share is taken as it is by each of them.
 */

/* Pixel by pixel, whatever fraction the part starts with. */
static bool axis_is_unscaled(const struct vprime_axis *axis)
{
	return axis->length == (u64)axis->count << 16;
}

static bool axis_is_inside(const struct vprime_axis *axis)
{
	return axis->start >= 0 && axis->start + axis->length <= (u64)axis->limit << 16;
}

/**
 * vprime_axis_is_running - does each pixel lie behind the one before it?
 * @axis: to ask
 *
 * Return: true if so, all along.
 */
bool vprime_axis_is_running(const struct vprime_axis *axis)
{
	return !axis->flip && axis_is_unscaled(axis) && axis_is_inside(axis);
}

/* Callers make mistakes, but none shall make us read beside the buffer. */
static u32 axis_clamp(const struct vprime_axis *axis, s64 at)
{
	return clamp_t(s64, at >> 16, 0, axis->limit - 1);
}

/**
 * vprime_axis_place - which of the buffer's columns, or rows, is here
 * @axis: to ask
 * @index: pixel on the screen, from where the axis begins there
 *
 * Return: its number.
 */
u32 vprime_axis_place(const struct vprime_axis *axis, u32 index)
{
	u32 at;

	vprime_axis_fill(axis, index, &at, 1);

	return at;
}

/**
 * vprime_axis_fill - which of the buffer's columns, or rows, are here
 * @axis: to ask
 * @first: pixel on the screen, from where the axis begins there
 * @at: number of each
 * @count: so many
 */
void vprime_axis_fill(const struct vprime_axis *axis, u32 first, u32 *at, u32 count)
{
	const u64 whole = 2ull * axis->count;
	const u64 step = div_u64(axis->length, axis->count);
	const u64 step_rest = 2 * (axis->length - step * axis->count);
	const u32 lowest = axis->flip ? axis->count - first - count : first;
	const int turn = axis->flip ? -1 : 1;
	u64 rest, along = div64_u64_rem((2ull * lowest + 1) * axis->length, whole, &rest);
	u32 i;

	if (axis->flip)
		at += count - 1;
	for (i = 0; i < count; i++, at += turn) {
		*at = axis_clamp(axis, axis->start + along);
		along += step;
		rest += step_rest;
		if (rest >= whole) {
			rest -= whole;
			along++;
		}
	}
}

/* Samples at the same distance from each other, each of them for 2^shift pixels. */
static void gather_running_bytes(const u8 *from, size_t stride, unsigned int shift,
				 const struct vprime_walk *walk, u8 *samples)
{
	const u32 share = BIT(shift), first = walk->at[0] & (share - 1);
	u32 i, left = share - first;

	from += (walk->at[0] >> shift) * stride;
	for (i = 0; i < walk->count; i++) {
		samples[i] = *from;
		if (--left)
			continue;
		left = share;
		from += stride;
	}
}

static void gather_running_words(const u8 *from, size_t stride, unsigned int shift,
				 const struct vprime_walk *walk, u16 *samples)
{
	const u32 share = BIT(shift), first = walk->at[0] & (share - 1);
	u32 i, left = share - first;

	from += (walk->at[0] >> shift) * stride;
	for (i = 0; i < walk->count; i++) {
		samples[i] = *(const u16 *)from;
		if (--left)
			continue;
		left = share;
		from += stride;
	}
}

static void gather_bytes(const u8 *from, size_t stride, unsigned int shift,
			 const struct vprime_walk *walk, u8 *samples)
{
	u32 i;

	for (i = 0; i < walk->count; i++)
		samples[i] = from[(walk->at[i] >> shift) * stride];
}

static void gather_words(const u8 *from, size_t stride, unsigned int shift,
			 const struct vprime_walk *walk, u16 *samples)
{
	u32 i;

	for (i = 0; i < walk->count; i++)
		samples[i] = *(const u16 *)(from + (walk->at[i] >> shift) * stride);
}

static void gather_triples(const u8 *from, size_t stride, const struct vprime_walk *walk,
			   u8 *samples)
{
	const u8 *pixel;
	u32 i;

	for (i = 0; i < walk->count; i++, samples += 3) {
		pixel = from + walk->at[i] * stride;
		samples[0] = pixel[0];
		samples[1] = pixel[1];
		samples[2] = pixel[2];
	}
}

static void gather_longs(const u8 *from, size_t stride, const struct vprime_walk *walk,
			 u32 *samples)
{
	u32 i;

	for (i = 0; i < walk->count; i++)
		samples[i] = *(const u32 *)(from + walk->at[i] * stride);
}

static void gather_quads(const u8 *from, size_t stride, const struct vprime_walk *walk,
			 u64 *samples)
{
	u32 i;

	for (i = 0; i < walk->count; i++)
		samples[i] = *(const u64 *)(from + walk->at[i] * stride);
}

/**
 * vprime_gather - fetch what lies at the places of a walk
 * @walk: the places
 * @sample: which plane of the buffer, and how it is laid out
 * @bytes: of each sample
 * @samples: has room for all, and is used if they do not lie side by side in the buffer
 *
 * Return: where they are, side by side.
 */
const void *vprime_gather(const struct vprime_walk *walk, const struct vprime_sample *sample,
			  unsigned int bytes, void *samples)
{
	const size_t pitch = walk->layer->pitches[sample->plane];
	const u8 *from = walk->layer->vaddr[sample->plane] + sample->offset;
	const unsigned int shift = walk->turned ? sample->vshift : sample->hshift;
	const size_t stride = walk->turned ? pitch : sample->step;

	if (walk->turned)
		from += (size_t)(walk->fixed >> sample->hshift) * sample->step;
	else
		from += (walk->fixed >> sample->vshift) * pitch;
	if (walk->running && !shift && stride == bytes)
		return from + walk->at[0] * stride;

	switch (bytes) {
	case 1:
		if (walk->running)
			gather_running_bytes(from, stride, shift, walk, samples);
		else
			gather_bytes(from, stride, shift, walk, samples);
		break;
	case 2:
		if (walk->running)
			gather_running_words(from, stride, shift, walk, samples);
		else
			gather_words(from, stride, shift, walk, samples);
		break;
	case 3:
		gather_triples(from, stride, walk, samples);
		break;
	case 4:
		gather_longs(from, stride, walk, samples);
		break;
	default:
		gather_quads(from, stride, walk, samples);
		break;
	}

	return samples;
}

/**
 * vprime_gather_bits - fetch pixels that share bytes, the leftmost in a byte's highest bits
 * @walk: the places
 * @bits: of a pixel: 1, 2, 4 or 8
 * @samples: one for each
 */
void vprime_gather_bits(const struct vprime_walk *walk, unsigned int bits, u8 *samples)
{
	const u8 *buffer = walk->layer->vaddr[0];
	const size_t pitch = walk->layer->pitches[0];
	u32 i, at, x, y, bit;

	for (i = 0; i < walk->count; i++) {
		at = walk->running ? walk->at[0] + i : walk->at[i];
		x = walk->turned ? walk->fixed : at;
		y = walk->turned ? at : walk->fixed;
		bit = x * bits;
		samples[i] = (u8)(buffer[y * pitch + bit / 8] << (bit % 8)) >> (8 - bits);
	}
}
