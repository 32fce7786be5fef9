// SPDX-License-Identifier: GPL-2.0-only
/*
 * 100,000 buffers at once: what they take, and what it takes to look at all.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>

#include "bench.h"

#define BUFINFO "/sys/kernel/debug/dma_buf/bufinfo"
#define BUFFERS BENCH_POPULATION_MAX

/* A line of /proc/meminfo, in bytes. */
static int64_t meminfo(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	int64_t value = -1;
	char line[128];

	if (!file)
		die("/proc/meminfo");
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), ": %" SCNd64, &value);
	fclose(file);
	if (value < 0)
		die("/proc/meminfo lacks a line");
	return value * 1024;
}

static void measure_bytes(void)
{
	int64_t free_before = meminfo("MemFree"), slab_before = meminfo("Slab");

	populate(BUFFERS);
	report("bytes-per-buffer", "bytes", (double)(free_before - meminfo("MemFree")) / BUFFERS);
	report("bytes-per-buffer/slab", "bytes", (double)(meminfo("Slab") - slab_before) / BUFFERS);
}

static void measure_bufinfo(void)
{
	uint64_t start = ticks();

	if (read_whole(BUFINFO) < 40ull * BUFFERS)
		die(BUFINFO " is too short");
	report("walk/bufinfo-per-buffer", "instructions", (double)(ticks() - start) / BUFFERS);
}

/* Only our core lets drivers walk; the other one has no result here. */
static void measure_walk(void)
{
	struct bench_run run = { .which = BENCH_WALK, .count = 1, .fd = new_buffer(BENCH_STATIC) };

	if (!ioctl(bench_device(), BENCH_IOCTL_RUN, &run)) {
		if (run.visited < BUFFERS)
			die("the walk missed buffers");
		report("walk/iterator-per-buffer", "instructions", (double)run.ticks / run.visited);
	} else if (errno != EOPNOTSUPP) {
		die("BENCH_IOCTL_RUN");
	}
	close_buffer(run.fd);
}

void measure_many(void)
{
	measure_bytes();
	measure_bufinfo();
	measure_walk();
	populate(0);
}
