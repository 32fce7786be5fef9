/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_GPU_BENCH_H
#define BENCH_GPU_BENCH_H

#include "report.h"

void bench_copies(void);
void bench_moves(void);
void bench_latency(void);
void bench_handles(void);
void bench_importers(void);
void bench_pressure(void);

#endif
