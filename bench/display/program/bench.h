/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_DISPLAY_BENCH_H
#define BENCH_DISPLAY_BENCH_H

#include "report.h"

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

void bench_console(const struct rival *ours, const struct rival *vkms);
void bench_compose(const struct rival *ours, const struct rival *vkms);
void bench_writeback(const struct rival *ours, const struct rival *vkms);
void bench_cursor(const struct rival *ours, const struct rival *vkms);
void bench_flip(const struct rival *ours, const struct rival *vkms);
void bench_idle(const struct rival *ours, const struct rival *vkms);

#endif
