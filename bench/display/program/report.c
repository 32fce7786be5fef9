// SPDX-License-Identifier: GPL-2.0-only
/* Lines, bars, time and the middle of many values. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int bars, failed;

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

	if (describe(&bar, text, sizeof(text))) {
		bars++;
		failed += !held;
		verdict = held ? " holds" : " BROKEN";
	}
	if (pair.other)
		snprintf(quotient, sizeof(quotient), "%.3f", ratio);
	printf("bench display/%s ours=%.4g %s=%.4g ratio=%s bar=%s%s %s\n", name, pair.ours,
	       other_name, pair.other, quotient, text, verdict, unit);
	fflush(stdout);
}

bool all_bars_hold(void)
{
	printf("%d of %d bars hold\n", bars - failed, bars);
	return !failed;
}
