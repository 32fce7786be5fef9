// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts: printing them and remembering whether all were good. */
#include "verdict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool failed;

static void print(const char *word, const char *format, va_list args)
{
	printf("%s\t", word);
	vprintf(format, args);
}

bool verdict(bool ok, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(ok ? "ok" : "FAIL", format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);

	if (!ok)
		failed = true;
	return ok;
}

void must(bool ok, const char *format, ...)
{
	int error = errno;
	va_list args;

	if (ok)
		return;

	va_start(args, format);
	print("FAIL", format, args);
	va_end(args);
	printf(": %s\n", strerror(error));
	exit(1);
}

int verdict_status(void)
{
	return failed;
}
