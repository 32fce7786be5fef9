// SPDX-License-Identifier: MIT
/*
 * The words of a pattern: a multiplicative hash of position and seed, so that
 * neither a shift nor another buffer's pattern looks like it.
 */
#include "pattern.h"

#include "check.h"

static uint32_t word_at(size_t i, uint32_t seed)
{
	uint32_t word = (uint32_t)i * 2654435761u ^ seed * 2246822519u;

	return word ^ word >> 15;
}

void pattern_write(void *at, size_t bytes, uint32_t seed)
{
	volatile uint32_t *words = at;
	size_t i;

	for (i = 0; i < bytes / 4; i++)
		words[i] = word_at(i, seed);
}

void pattern_check(const void *at, size_t bytes, uint32_t seed)
{
	const volatile uint32_t *words = at;
	size_t i;

	for (i = 0; i < bytes / 4; i++) {
		uint32_t word = words[i];

		check_msg(word == word_at(i, seed),
			  "byte %#zx of %#zx holds %#x, expected %#x of seed %u", i * 4,
			  bytes, word, word_at(i, seed), seed);
	}
}

uint64_t pattern_sum(size_t bytes, uint32_t seed)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < bytes / 4; i++)
		sum += word_at(i, seed);
	return sum;
}

void pattern_check_fill(const void *at, size_t bytes, uint32_t value)
{
	const volatile uint32_t *words = at;
	size_t i;

	for (i = 0; i < bytes / 4; i++) {
		uint32_t word = words[i];

		check_msg(word == value, "byte %#zx of %#zx holds %#x, expected %#x", i * 4,
			  bytes, word, value);
	}
}
