// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a move costs those who share the buffer, and what a GPU does that is asked for twice its
 * memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"
#include "check.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "submit.h"
#include "vprime.h"

#define BYTES 4096
#define MOST_IMPORTERS 1000
#define ROUNDS 8

/* An importer is a client of its own, as one client has only one handle of a buffer. */
struct importer {
	int gpu;
	uint32_t import;
	uint32_t own;
};

static void importer_use(struct importer *importer)
{
	const struct drm_vprime_command sum =
		command_sum(importer->own, 0, importer->import, BYTES);

	submit_command(importer->gpu, &sum);
}

static void importer_init(struct importer *importer, int dmabuf)
{
	importer->gpu = gpu_open(RENDER);
	importer->import = vprime_import(importer->gpu, dmabuf);
	importer->own = vprime_bo_create(importer->gpu, BYTES, VRAM);
	importer_use(importer);
}

/*
 * What one round cost: the call that moves, and the next use by all importers, one after the other.
 */
struct cost {
	uint64_t notify;
	uint64_t remap;
};

static void keep_least(uint64_t *least, uint64_t since)
{
	uint64_t took = now_ns() - since;

	if (!*least || took < *least)
		*least = took;
}

static struct cost best_round(int display, uint32_t bo, struct importer *importers, int count)
{
	struct cost best = {};
	uint64_t since;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		since = now_ns();
		vprime_bo_move(display, bo, round % 2 ? VRAM : TT);
		keep_least(&best.notify, since);
		since = now_ns();
		for (i = 0; i < count; i++) {
			importer_use(&importers[i]);
			vprime_bo_wait(importers[i].gpu, importers[i].own);
		}
		keep_least(&best.remap, since);
		vprime_bo_wait(display, bo);
	}
	return best;
}

static void allow_many_files(void)
{
	struct rlimit limit = { 4096, 4096 };

	check_ok(neg_errno(setrlimit(RLIMIT_NOFILE, &limit)));
}

/* For each importer, against what ten cost: linear if it stays. */
static void report_per_importer(const char *what, int count, uint64_t ns, double *ten)
{
	double each = (double)ns / count;
	char name[64];

	if (count == 10)
		*ten = each;
	snprintf(name, sizeof(name), "%s/%d-importers", what, count);
	report(name, each, *ten ?: each, "ns", (struct bar){ .most = count > 10 ? 1.5 : 0 });
}

void bench_notify(void)
{
	static struct importer importers[MOST_IMPORTERS];
	static const int counts[] = { 1, 10, 100, 1000 };
	int display = gpu_open(DISPLAY), dmabuf, ready = 0;
	uint32_t bo = vprime_bo_create(display, BYTES, ANYWHERE);
	double ten[2] = {};
	size_t i;

	allow_many_files();
	dmabuf = vprime_export(display, bo);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		struct cost cost;

		for (; ready < counts[i]; ready++)
			importer_init(&importers[ready], dmabuf);
		cost = best_round(display, bo, importers, ready);
		report_per_importer("notify", ready, cost.notify, &ten[0]);
		report_per_importer("remap", ready, cost.remap, &ten[1]);
	}
	while (ready--)
		close_fd(importers[ready].gpu);
	close_fd(dmabuf);
	close_fd(display);
}

#define BOS 10000
#define BO_BYTES (12 * 1024)

static double pass_over(int gpu, const uint32_t *bos, uint32_t value)
{
	uint64_t since = now_ns();
	int i;

	for (i = 0; i < BOS; i++) {
		const struct drm_vprime_command fill = command_fill(bos[i], 0, BO_BYTES, value);

		submit_command(gpu, &fill);
	}
	vprime_bo_wait(gpu, bos[BOS - 1]);
	return BOS / ((now_ns() - since) / 1e9);
}

/*
 * 10,000 buffers of twice the VRAM in turn: each pass evicts all there is, and each is as fast as
 * the one before.
 */
void bench_pressure(void)
{
	const struct gpu_setting settings[] = {
		{ "vram_size", "58M" },
		{ },
	};
	uint32_t *bos = calloc(BOS, sizeof(*bos));
	int gpu = gpu_create("bench", settings), i;
	double first;

	check(bos);
	for (i = 0; i < BOS; i++)
		bos[i] = vprime_bo_create(gpu, BO_BYTES, VRAM | TT);
	first = pass_over(gpu, bos, 1);
	for (i = 2; i < 6; i++) {
		char name[32];

		snprintf(name, sizeof(name), "pressure/pass-%d", i);
		report(name, pass_over(gpu, bos, i), first, "buffers/s",
		       (struct bar){ .least = 0.5 });
	}
	close_fd(gpu);
	gpu_destroy("bench");
	free(bos);
}
