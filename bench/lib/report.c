// SPDX-License-Identifier: GPL-2.0-only
/* Questions, lines, bars, time and the middle of many values. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *benchmark;
static char **asked;
static int asked_count, lines, bars, failed;

void report_begin(const char *name, int argc, char **argv)
{
	benchmark = name;
	asked = argv + 1;
	asked_count = argc - 1;
}

bool is_asked(const char *question)
{
	int i;

	for (i = 0; i < asked_count; i++) {
		if (!strcmp(asked[i], question))
			return true;
	}
	return !asked_count;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static bool holds(const struct bar *bar, double ours, double ratio)
{
	if (bar->ours_exactly_0)
		return ours == 0;
	if (bar->ours_most)
		return ours <= bar->ours_most;
	return (!bar->least || ratio >= bar->least) && (!bar->most || ratio <= bar->most);
}

/* Returns false for no bar. */
static bool describe(const struct bar *bar, char *text, size_t size)
{
	if (bar->ours_exactly_0)
		snprintf(text, size, "ours=0");
	else if (bar->ours_most)
		snprintf(text, size, "ours<=%g", bar->ours_most);
	else if (bar->least)
		snprintf(text, size, ">=%g", bar->least);
	else if (bar->most)
		snprintf(text, size, "<=%g", bar->most);
	else
		snprintf(text, size, "none");
	return bar->ours_exactly_0 || bar->ours_most || bar->least || bar->most;
}

void report(const char *name, const char *other_name, struct pair pair, const char *unit,
	    struct bar bar)
{
	double ratio = pair.other ? pair.ours / pair.other : 0;
	bool held = holds(&bar, pair.ours, ratio);
	const char *verdict = "";
	char text[32], quotient[32] = "-";

	lines++;
	if (describe(&bar, text, sizeof(text))) {
		bars++;
		failed += !held;
		verdict = held ? " holds" : " BROKEN";
	}
	if (pair.other)
		snprintf(quotient, sizeof(quotient), "%.3f", ratio);
	printf("bench %s/%s ours=%.4g %s=%.4g ratio=%s bar=%s%s %s\n", benchmark, name, pair.ours,
	       other_name, pair.other, quotient, text, verdict, unit);
	fflush(stdout);
}

bool all_bars_hold(void)
{
	if (!lines)
		printf("there is no such question\n");
	printf("%d of %d bars hold\n", bars - failed, bars);
	return lines && !failed;
}
