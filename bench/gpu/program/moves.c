// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a move costs those who share the buffer, and what a GPU does that is asked for twice its
 * memory.
 */
#include <sched.h>
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
 * What one round cost: the call that moves, the next submission of all importers, one after the
 * other, and the same with its job.
 */
struct cost {
	double notify;
	double remap;
	double use;
};

static void schedule_as(int policy, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	check_ok(neg_errno(sched_setscheduler(0, policy, &param)));
}

/* What the call takes: no worker is let in before it has ended, or its work would be in it. */
static double timed_use(struct importer *importer)
{
	uint64_t since;
	double took;

	schedule_as(SCHED_FIFO, 1);
	since = now_ns();
	importer_use(importer);
	took = now_ns() - since;
	schedule_as(SCHED_OTHER, 0);
	return took;
}

static void keep_least(double *least, double took)
{
	if (!*least || took < *least)
		*least = took;
}

static struct cost round_of(int display, uint32_t bo, uint32_t placement,
			    struct importer *importers, int count)
{
	struct cost cost = {};
	uint64_t since = now_ns();
	int i;

	vprime_bo_move(display, bo, placement);
	cost.notify = now_ns() - since;
	for (i = 0; i < count; i++) {
		double call = timed_use(&importers[i]);

		since = now_ns();
		vprime_bo_wait(importers[i].gpu, importers[i].own);
		cost.remap += call;
		cost.use += call + (now_ns() - since);
	}
	vprime_bo_wait(display, bo);
	return cost;
}

static struct cost best_round(int display, uint32_t bo, struct importer *importers, int count)
{
	struct cost best = {}, cost;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		cost = round_of(display, bo, round % 2 ? VRAM : TT, importers, count);
		keep_least(&best.notify, cost.notify);
		keep_least(&best.remap, cost.remap);
		keep_least(&best.use, cost.use);
	}
	return best;
}

static void allow_many_files(void)
{
	struct rlimit limit = { 4096, 4096 };

	check_ok(neg_errno(setrlimit(RLIMIT_NOFILE, &limit)));
}

/* For each importer, against what ten cost: linear if it stays. */
static void report_per_importer(const char *what, int count, double ns, double *ten,
				struct bar linear)
{
	double each = ns / count;
	char name[64];

	if (count == 10)
		*ten = each;
	snprintf(name, sizeof(name), "%s/%d-importers", what, count);
	report(name, "ten", (struct pair){ each, *ten ?: each }, "ns",
	       count > 10 ? linear : (struct bar){});
}

void bench_importers(void)
{
	static struct importer importers[MOST_IMPORTERS];
	static const int counts[] = { 1, 10, 100, 1000 };
	int display = gpu_open(DISPLAY), dmabuf, ready = 0;
	uint32_t bo = vprime_bo_create(display, BYTES, ANYWHERE);
	struct cost ten = {};
	size_t i;

	allow_many_files();
	dmabuf = vprime_export(display, bo);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		struct cost cost;

		for (; ready < counts[i]; ready++)
			importer_init(&importers[ready], dmabuf);
		cost = best_round(display, bo, importers, ready);
		report_per_importer("notify", ready, cost.notify, &ten.notify,
				    (struct bar){ .most = 1.5 });
		report_per_importer("remap", ready, cost.remap, &ten.remap,
				    (struct bar){ .most = 1.5 });
		report_per_importer("use", ready, cost.use, &ten.use, (struct bar){});
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
		report(name, "first", (struct pair){ pass_over(gpu, bos, i), first }, "buffers/s",
		       (struct bar){ .least = 0.5 });
	}
	close_fd(gpu);
	gpu_destroy("bench");
	free(bos);
}
