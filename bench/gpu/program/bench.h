/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_GPU_BENCH_H
#define BENCH_GPU_BENCH_H

#include <stdbool.h>
#include <stdint.h>

/* What a ratio has to be; 0 for no bar. */
struct bar {
	double least;
	double most;
};

uint64_t now_ns(void);

/* Prints one line, and remembers a bar that does not hold. */
void report(const char *name, double ours, double other, const char *unit, struct bar bar);
bool all_bars_hold(void);

void bench_copies(void);
void bench_moves(void);
void bench_latency(void);
void bench_handles(void);
void bench_notify(void);
void bench_pressure(void);

#endif
