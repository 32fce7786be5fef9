/* SPDX-License-Identifier: MIT */
/*
 * Running one subtest, between the command line (subtest.c) and the checks.
 */
#ifndef IGT_TESTS_RUN_H
#define IGT_TESTS_RUN_H

#include "subtest.h"

/* Exit statuses that igt_runner knows. */
enum {
	EXIT_STATUS_SUCCESS = 0,
	EXIT_STATUS_SKIP = 77,
	EXIT_STATUS_INVALID = 79,
	EXIT_STATUS_FAIL = 98,
	EXIT_STATUS_BROKEN = 99,	/* a subtest crashed or hung */
};

enum result {
	RESULT_SKIP,
	RESULT_SUCCESS,
	RESULT_FAIL,
	RESULT_CRASH,
	RESULT_TIMEOUT,
};

/**
 * run_subtest() - run one subtest and report it
 * @subtest: which
 * @dynamic: pattern its dynamic subtests have to match, NULL for all of them
 *
 * Return: the worst result of its parts; a skip counts only where nothing ran.
 */
enum result run_subtest(const struct subtest *subtest, const char *dynamic);

/* "a,!b*,c": the last of the comma-separated patterns that matches decides. */
bool pattern_matches(const char *patterns, const char *name);

void kernel_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
