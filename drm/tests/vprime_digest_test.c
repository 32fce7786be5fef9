// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_digest.c: what a check sum depends on, and what not.
 */
#include <kunit/test.h>

#include "../display/vprime_digest.h"

/* Some are taken in by eights, and some are left over. */
#define DIGEST_PIXELS 21

static u32 digest_of(const u32 *pixels, u32 width, u32 height)
{
	struct vprime_digest digest;
	u32 y;

	vprime_digest_begin(&digest, width, height);
	for (y = 0; y < height; y++)
		vprime_digest_line(&digest, pixels + y * width, width);

	return vprime_digest_end(&digest);
}

static void fill_with_gray(u32 *pixels)
{
	unsigned int i;

	for (i = 0; i < DIGEST_PIXELS; i++)
		pixels[i] = 0x808080;
}

static void each_bit_of_a_color_counts(struct kunit *test)
{
	u32 pixels[DIGEST_PIXELS], sum;
	unsigned int i, bit;

	fill_with_gray(pixels);
	sum = digest_of(pixels, DIGEST_PIXELS, 1);
	for (i = 0; i < DIGEST_PIXELS; i++) {
		for (bit = 0; bit < 24; bit++) {
			pixels[i] ^= BIT(bit);
			KUNIT_EXPECT_NE_MSG(test, digest_of(pixels, DIGEST_PIXELS, 1), sum,
					    "bit %u of pixel %u", bit, i);
			pixels[i] ^= BIT(bit);
		}
	}
}

static void what_is_beside_the_color_does_not_count(struct kunit *test)
{
	u32 pixels[DIGEST_PIXELS], sum;
	unsigned int i;

	fill_with_gray(pixels);
	sum = digest_of(pixels, DIGEST_PIXELS, 1);
	for (i = 0; i < DIGEST_PIXELS; i++) {
		pixels[i] |= 0xa5000000;
		KUNIT_EXPECT_EQ(test, digest_of(pixels, DIGEST_PIXELS, 1), sum);
	}
}

/* A cursor that moves is the same pixels at another place. */
static void each_place_has_its_own_sum(struct kunit *test)
{
	u32 pixels[DIGEST_PIXELS], sums[DIGEST_PIXELS];
	unsigned int i, j;

	fill_with_gray(pixels);
	for (i = 0; i < DIGEST_PIXELS; i++) {
		pixels[i] = 0xffffff;
		sums[i] = digest_of(pixels, DIGEST_PIXELS, 1);
		pixels[i] = 0x808080;
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE_MSG(test, sums[i], sums[j], "at %u and %u", i, j);
	}
}

/* Two pixels, one the other's opposite in the highest bit, which is the last to be carried on. */
static void changes_do_not_cancel_out(struct kunit *test)
{
	u32 pixels[DIGEST_PIXELS], sum;
	unsigned int i, j;

	fill_with_gray(pixels);
	sum = digest_of(pixels, DIGEST_PIXELS, 1);
	for (i = 0; i < DIGEST_PIXELS; i++) {
		for (j = 0; j < i; j++) {
			pixels[i] ^= 0x800000;
			pixels[j] ^= 0x800000;
			KUNIT_EXPECT_NE_MSG(test, digest_of(pixels, DIGEST_PIXELS, 1), sum,
					    "at %u and %u", i, j);
			pixels[i] ^= 0x800000;
			pixels[j] ^= 0x800000;
		}
	}
}

static void the_size_counts(struct kunit *test)
{
	u32 pixels[DIGEST_PIXELS];

	fill_with_gray(pixels);
	KUNIT_EXPECT_NE(test, digest_of(pixels, 7, 3), digest_of(pixels, 3, 7));
	KUNIT_EXPECT_NE(test, digest_of(pixels, 21, 1), digest_of(pixels, 1, 21));
	KUNIT_EXPECT_NE(test, digest_of(pixels, 20, 1), digest_of(pixels, 21, 1));
}

static struct kunit_case vprime_digest_cases[] = {
	KUNIT_CASE(each_bit_of_a_color_counts),
	KUNIT_CASE(what_is_beside_the_color_does_not_count),
	KUNIT_CASE(each_place_has_its_own_sum),
	KUNIT_CASE(changes_do_not_cancel_out),
	KUNIT_CASE(the_size_counts),
	{}
};

static struct kunit_suite vprime_digest_suite = {
	.name = "vprime-digest",
	.test_cases = vprime_digest_cases,
};

kunit_test_suite(vprime_digest_suite);
