/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the benchmark's user half share.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>

#include "bench-uapi.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* common.c: results, time, and calls that end the program when they fail */
void die(const char *what) __attribute__((noreturn));
void report(const char *name, const char *unit, double value);
uint64_t now_ns(void);
int bench_device(void);
int new_buffer(enum bench_exporter exporter);
void close_buffer(int fd);
void set_fences(int fd, unsigned int count, int signalled);
void populate(unsigned int count);
int poll_now(int fd, short events);
uint64_t read_whole(const char *path);

/* one file per way to measure; each is the main() of its name */
void measure_instructions(void);
void measure_many(void);
void measure_held_lock(void);
void measure_two_cpus(void);

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#endif
