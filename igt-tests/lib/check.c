// SPDX-License-Identifier: MIT
/*
 * What a failed check says: the expression, both values, and for errno its
 * name.
 */
#include "check.h"

#include <stdio.h>

const char *check_errno_name(long long value, char *buf, size_t size)
{
	const char *name = NULL;

	if (value < 0 && value > -4096)
		name = strerrorname_np((int)-value);

	if (name)
		snprintf(buf, size, "-%s", name);
	else
		snprintf(buf, size, "%lld", value);
	return buf;
}

void check_long(const struct check_site *site, const char *expression,
		long long value, const char *relation, bool holds,
		const char *other_expression, long long other)
{
	if (!holds)
		subtest_fail(site, "%s %s %s does not hold: %lld against %lld",
			     expression, relation, other_expression, value, other);
}

long long check_success(const struct check_site *site, const char *expression,
			long long value)
{
	char got[32];

	if (value < 0)
		subtest_fail(site, "%s gave %s", expression,
			     check_errno_name(value, got, sizeof(got)));
	return value;
}

void check_result(const struct check_site *site, const char *expression,
		  long long value, long long expected)
{
	char got[32], want[32];

	if (value != expected)
		subtest_fail(site, "%s gave %s, expected %s", expression,
			     check_errno_name(value, got, sizeof(got)),
			     check_errno_name(expected, want, sizeof(want)));
}

void check_string(const struct check_site *site, const char *expression,
		  const char *value, const char *expected)
{
	if (strcmp(value, expected))
		subtest_fail(site, "%s is \"%s\", expected \"%s\"", expression,
			     value, expected);
}
