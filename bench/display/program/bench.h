/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_DISPLAY_BENCH_H
#define BENCH_DISPLAY_BENCH_H

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

/**
 * struct rival - who is measured
 * @name: its driver
 * @card: a node of it, opened
 * @work: the function that composes its pictures, as the kernel calls it
 * @timer: the function that its vblanks are
 */
struct rival {
	const char *name;
	int card;
	const char *work;
	const char *timer;
};

/* What two rivals did, ours first. */
struct pair {
	double ours;
	double other;
};

uint64_t now_ns(void);
double median(double *values, size_t count);

/* Prints one line, and remembers a bar that does not hold. */
void report(const char *name, const char *other_name, struct pair pair, const char *unit,
	    struct bar bar);
bool all_bars_hold(void);

void bench_console(const struct rival *ours, const struct rival *vkms);
void bench_compose(const struct rival *ours, const struct rival *vkms);
void bench_writeback(const struct rival *ours, const struct rival *vkms);
void bench_cursor(const struct rival *ours, const struct rival *vkms);
void bench_flip(const struct rival *ours, const struct rival *vkms);
void bench_idle(const struct rival *ours, const struct rival *vkms);

#endif
