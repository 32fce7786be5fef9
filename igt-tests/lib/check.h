/* SPDX-License-Identifier: MIT */
/*
 * Assertions and requirements of a subtest.
 *
 * A failed check_*() prints both values and ends the subtest as FAIL, a
 * require() that is not met ends it as SKIP.  A subtest runs in a process of
 * its own, so that neither has to undo anything, and both may be used from
 * any of its threads.
 */
#ifndef IGT_TESTS_CHECK_H
#define IGT_TESTS_CHECK_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct check_site {
	const char *file;
	const char *function;
	int line;
};

#define CHECK_SITE (&(const struct check_site){ __FILE__, __func__, __LINE__ })

void subtest_fail(const struct check_site *site, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
void subtest_skip(const struct check_site *site, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
const char *check_errno_name(long long value, char *buf, size_t size);
void check_long(const struct check_site *site, const char *expression,
		long long value, const char *relation, bool holds,
		const char *other_expression, long long other);
long long check_success(const struct check_site *site, const char *expression,
			long long value);
void check_result(const struct check_site *site, const char *expression,
		  long long value, long long expected);
void check_string(const struct check_site *site, const char *expression,
		  const char *value, const char *expected);

/* The condition holds. */
#define check(condition) \
	do { \
		if (!(condition)) \
			subtest_fail(CHECK_SITE, "%s does not hold", #condition); \
	} while (0)

/* The condition holds; the message says in which case it did not. */
#define check_msg(condition, ...) \
	do { \
		if (!(condition)) \
			subtest_fail(CHECK_SITE, __VA_ARGS__); \
	} while (0)

#define CHECK_RELATION(a, relation, b) \
	do { \
		long long a_ = (long long)(a), b_ = (long long)(b); \
		\
		check_long(CHECK_SITE, #a, a_, #relation, a_ relation b_, #b, b_); \
	} while (0)

#define check_eq(a, b) CHECK_RELATION(a, ==, b)
#define check_ne(a, b) CHECK_RELATION(a, !=, b)
#define check_lt(a, b) CHECK_RELATION(a, <, b)
#define check_le(a, b) CHECK_RELATION(a, <=, b)
#define check_ge(a, b) CHECK_RELATION(a, >=, b)

/* The call did not return -errno; its value is handed on. */
#define check_ok(call) check_success(CHECK_SITE, #call, (call))

/* The call returned exactly this: 0, or one -errno. */
#define check_ret(call, expected) \
	check_result(CHECK_SITE, #call, (call), (expected))

#define check_str(value, expected) \
	check_string(CHECK_SITE, #value, (value), (expected))

/* What the machine has to offer for the subtest to mean anything. */
#define require(condition, ...) \
	do { \
		if (!(condition)) \
			subtest_skip(CHECK_SITE, __VA_ARGS__); \
	} while (0)

/* A system call's result in the kernel's form: the value, or -errno. */
static inline long long neg_errno(long long ret)
{
	return ret < 0 ? -errno : ret;
}

#endif
