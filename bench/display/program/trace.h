/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's own tracepoints say: how often a function of a driver ran as work or as a
 * timer, and for how long.
 */
#ifndef BENCH_DISPLAY_TRACE_H
#define BENCH_DISPLAY_TRACE_H

#include <stddef.h>

#define RUNS_MAX 4096

/**
 * struct runs - what a function did while it was traced
 * @us: microseconds of each run
 * @count: how many that were
 */
struct runs {
	double us[RUNS_MAX];
	size_t count;
};

/* Once, before the rest. */
void trace_init(void);
void trace_start(void);
void trace_stop(void);
/* What was traced, of a function that ran as a work, or as a timer. */
void trace_read_work(const char *function, struct runs *runs);
void trace_read_timer(const char *function, struct runs *runs);
/* How many works of a module began. */
size_t trace_count_works_of(const char *module);

#endif
