/* SPDX-License-Identifier: MIT */
/*
 * Content that can be told from any other: every word depends on where it is
 * and on a seed.
 */
#ifndef IGT_TESTS_PATTERN_H
#define IGT_TESTS_PATTERN_H

#include <stddef.h>
#include <stdint.h>

void pattern_write(void *at, size_t bytes, uint32_t seed);
/* Fails the subtest at the first word that is another. */
void pattern_check(const void *at, size_t bytes, uint32_t seed);
/* What the engine's sum of it has to be. */
uint64_t pattern_sum(size_t bytes, uint32_t seed);
/* All words are this one. */
void pattern_check_fill(const void *at, size_t bytes, uint32_t value);

#endif
