/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs that compare have in common. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the ratio has to be, or our own figure where a ratio means nothing; all 0 for no bar. */
struct bar {
	double least;
	double most;
	bool ours_exactly_0;
	double ours_most;
};

/* What two rivals did, ours first. */
struct pair {
	double ours;
	double other;
};

/* First of all. The program's arguments are the questions that are asked; without any, all are. */
void report_begin(const char *name, int argc, char **argv);
bool is_asked(const char *question);

uint64_t now_ns(void);
double median(double *values, size_t count);

/* Prints one line, and remembers a bar that does not hold. */
void report(const char *name, const char *other_name, struct pair pair, const char *unit,
	    struct bar bar);
bool all_bars_hold(void);

#endif
