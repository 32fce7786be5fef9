// SPDX-License-Identifier: GPL-2.0-only
/* Runs all questions in order. Each line is a ratio within this run. */
#include <stdio.h>
#include <time.h>

#include "bench.h"

static int bars, failed;

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

void report(const char *name, double ours, double other, const char *unit, struct bar bar)
{
	double ratio = ours / other;
	bool holds = (!bar.least || ratio >= bar.least) && (!bar.most || ratio <= bar.most);
	const char *verdict = "";

	if (bar.least || bar.most) {
		bars++;
		failed += !holds;
		verdict = holds ? " bar holds" : " BAR BROKEN";
	}
	printf("bench gpu/%s ours=%.4g other=%.4g ratio=%.3f %s%s\n", name, ours, other, ratio,
	       unit, verdict);
	fflush(stdout);
}

bool all_bars_hold(void)
{
	printf("%d of %d bars hold\n", bars - failed, bars);
	return !failed;
}

int main(void)
{
	bench_copies();
	bench_moves();
	bench_latency();
	bench_handles();
	bench_notify();
	bench_pressure();
	return all_bars_hold() ? 0 : 1;
}
