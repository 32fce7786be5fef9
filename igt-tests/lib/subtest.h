/* SPDX-License-Identifier: MIT */
/*
 * A test program: a table of subtests, and a main() that speaks the protocol
 * igt_runner expects of one.
 */
#ifndef IGT_TESTS_SUBTEST_H
#define IGT_TESTS_SUBTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "check.h"

struct exporter;

/* One row of a subtest that has a dynamic subtest per row. */
struct test_case {
	const char *name;
	const void *arg;
};

/**
 * struct subtest - one subtest, of which exactly one run callback is set
 * @name: how --run-subtest calls it; letters, digits, '-' and '_'
 * @describe: what it is there to protect, in a sentence or two
 * @beyond_stock: why the kernel's own core fails it, NULL if it passes there
 * @run: the plain form
 * @run_on: a dynamic subtest for every exporter this machine has
 * @needs: EXPORTER_* abilities an exporter must have for @run_on
 * @run_case: a dynamic subtest for every one of @cases
 * @cases: ended by a row without a name
 * @seconds: when the watchdog ends it, 0 for the usual
 * @keeps_fds: it exits with descriptors open on purpose
 */
struct subtest {
	const char *name;
	const char *describe;
	const char *beyond_stock;
	void (*run)(void);
	void (*run_on)(const struct exporter *exp);
	unsigned int needs;
	void (*run_case)(const struct test_case *row);
	const struct test_case *cases;
	unsigned int seconds;
	bool keeps_fds;
};

int subtest_main(int argc, char **argv, const char *describe,
		 const struct subtest *subtests, size_t count);

/* Print a line that belongs to the running subtest, at once. */
void subtest_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The long form of the tests was asked for (FULL=1 in the environment). */
bool subtest_full(void);

#define TEST_MAIN(describe, subtests) \
	int main(int argc, char **argv) \
	{ \
		return subtest_main(argc, argv, describe, subtests, \
				    ARRAY_SIZE(subtests)); \
	}

#endif
