// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_digest.h"

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/swab.h>
#include <linux/unaligned.h>
#include <kunit/visibility.h>

/**
 * DOC: Check sums of pictures
 *
 * The check sum of a picture: 32 bits that depend on each of its colours, on where they are and on
 * its size, and on nothing else.
 *
 * It is made in one pass over lines of XRGB8888 as they lie in a program's buffer, where X is
 * anything. crc32() and xxh64() would want a copy without it, which costs more than the sum.
 */

/* Odd, with as many ones as zeros and no pattern: the golden ratio's and pi's digits. */
#define DIGEST_FACTOR	0x9e3779b97f4a7c15ull
#define DIGEST_START	0x243f6a8885a308d3ull
#define DIGEST_COLORS	0x00ffffff00ffffffull
#define DIGEST_COLOR 0x00ffffffu

/* Multiplying carries a change upwards, swapping brings it down again. */
static u64 digest_mix(u64 state, u64 value)
{
	return swab64((state ^ value) * DIGEST_FACTOR);
}

static u64 digest_pair(const u32 *pixels)
{
	return get_unaligned((const u64 *)pixels) & DIGEST_COLORS;
}

/**
 * vprime_digest_begin - start the sum of a picture
 * @digest: to fill
 * @width: of the picture
 * @height: of the picture
 */
void vprime_digest_begin(struct vprime_digest *digest, u32 width, u32 height)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(digest->state); i++)
		digest->state[i] = digest_mix(DIGEST_START + i, (u64)height << 32 | width);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_digest_begin);

/**
 * vprime_digest_line - take in the next line
 * @digest: the sum
 * @line: XRGB8888, X does not count
 * @count: its pixels, the picture's width
 */
void vprime_digest_line(struct vprime_digest *digest, const u32 *line, u32 count)
{
	u64 a = digest->state[0], b = digest->state[1], c = digest->state[2], d = digest->state[3];
	const u32 *end = line + count;

	for (; end - line >= 8; line += 8) {
		a = digest_mix(a, digest_pair(line));
		b = digest_mix(b, digest_pair(line + 2));
		c = digest_mix(c, digest_pair(line + 4));
		d = digest_mix(d, digest_pair(line + 6));
	}
	for (; line < end; line++)
		a = digest_mix(a, *line & DIGEST_COLOR);

	digest->state[0] = a;
	digest->state[1] = b;
	digest->state[2] = c;
	digest->state[3] = d;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_digest_line);

/**
 * vprime_digest_end - what came out
 * @digest: the sum of all lines
 *
 * Return: 32 bits of it.
 */
u32 vprime_digest_end(const struct vprime_digest *digest)
{
	u64 sum = DIGEST_START;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(digest->state); i++)
		sum = digest_mix(sum, digest->state[i]);
	sum = digest_mix(sum, sum >> 32);

	return sum >> 32 ^ sum;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_digest_end);
