// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the engines do with memory against what the CPU does with as much of it: copies, fills and
 * moves, best of several rounds that take turns.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "check.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "submit.h"
#include "syncobj.h"
#include "vprime.h"

#define BYTES (16u << 20)
#define ROUNDS 12

static void keep_best(double *best, uint64_t since)
{
	double took = now_ns() - since;

	if (!*best || took < *best)
		*best = took;
}

static double rate(double ns)
{
	return BYTES / (ns / 1e9) / (1 << 20);
}

static void report_rate(const char *name, const char *other_name, const struct pair *best,
			struct bar bar)
{
	report(name, other_name, (struct pair){ rate(best->ours), rate(best->other) }, "MiB/s",
	       bar);
}

/* Else a compiler sees that nobody reads the copy. */
static void is_read(const void *memory)
{
	__asm__ volatile("" : : "r"(memory) : "memory");
}

static char *touched(int value)
{
	char *memory = aligned_alloc(4096, BYTES);

	check(memory);
	memset(memory, value, BYTES);
	return memory;
}

static void run_command(int gpu, const struct drm_vprime_command *command, uint32_t dst)
{
	submit_command(gpu, command);
	vprime_bo_wait(gpu, dst);
}

static uint32_t touched_bo(int gpu, uint32_t placement)
{
	uint32_t bo = vprime_bo_create(gpu, BYTES, placement);

	engine_fill(gpu, bo, BYTES, 1);
	vprime_bo_wait(gpu, bo);
	return bo;
}

void bench_copies(void)
{
	struct pair copy = {}, fill = {}, clear = {};
	char *from = touched(1), *to = touched(2);
	int gpu = gpu_open(RENDER);
	/* An emulated TLB thrashes if both are a power of two apart: 17 pages lie between. */
	uint32_t src = touched_bo(gpu, VRAM), between = vprime_bo_create(gpu, 17 * 4096, VRAM);
	uint32_t dst = touched_bo(gpu, VRAM);
	const struct drm_vprime_command commands[] = {
		command_copy(dst, src, BYTES),
		command_fill(dst, 0, BYTES, 0x01020304),
		command_fill(dst, 0, BYTES, 0),
	};
	struct pair *pairs[] = { &copy, &fill, &clear };
	uint64_t since;
	size_t i;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		since = now_ns();
		memcpy(to, from, BYTES);
		is_read(to);
		keep_best(&copy.other, since);
		since = now_ns();
		memset(to, round, BYTES);
		is_read(to);
		keep_best(&fill.other, since);
		clear.other = fill.other;
		for (i = 0; i < ARRAY_SIZE(commands); i++) {
			since = now_ns();
			run_command(gpu, &commands[i], dst);
			keep_best(&pairs[i]->ours, since);
		}
	}
	check(between);
	report_rate("copy", "memcpy", &copy, (struct bar){ .least = 0.85 });
	report_rate("fill", "memset", &fill, (struct bar){ .least = 0.85 });
	report_rate("clear", "memset", &clear, (struct bar){ .least = 0.85 });
	close_fd(gpu);
	free(from);
	free(to);
}

static void timed_move(int gpu, uint32_t bo, uint32_t placement, double *best)
{
	uint64_t since = now_ns();

	vprime_bo_move(gpu, bo, placement);
	vprime_bo_wait(gpu, bo);
	keep_best(best, since);
}

static void bench_moves_on(const char *gpu_name, const char *out_name, const char *in_name,
			   struct bar bar)
{
	char *from = touched(1), *to = touched(2);
	struct pair out = {}, in = {};
	int gpu = gpu_open(gpu_name);
	uint32_t bo = touched_bo(gpu, ANYWHERE);
	uint64_t since;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		since = now_ns();
		memcpy(to, from, BYTES);
		is_read(to);
		keep_best(&out.other, since);
		in.other = out.other;
		timed_move(gpu, bo, TT, &out.ours);
		timed_move(gpu, bo, VRAM, &in.ours);
	}
	report_rate(out_name, "memcpy", &out, bar);
	report_rate(in_name, "memcpy", &in, bar);
	close_fd(gpu);
	free(from);
	free(to);
}

void bench_moves(void)
{
	const struct gpu_setting settings[] = {
		{ "vram_size", "64M" },
		{ "poison", "0" },
		{ },
	};

	close_fd(gpu_create("bench", settings));
	bench_moves_on("bench", "move-to-system", "move-to-vram", (struct bar){ .least = 0.85 });
	gpu_destroy("bench");
	bench_moves_on(RENDER, "move-to-system/poison", "move-to-vram/poison", (struct bar){});
}

/* Nothing to do: what it costs to have it done. Against a system call that does nothing either. */
void bench_latency(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t syncobj = syncobj_create(gpu);
	struct drm_vprime_sync out = { .handle = syncobj };
	struct drm_vprime_submit job = submission(NULL, 0);
	struct pair best = {};
	uint64_t since;
	int round, i;

	job.out_syncs = (uintptr_t)&out;
	job.out_sync_count = 1;
	for (round = 0; round < ROUNDS; round++) {
		since = now_ns();
		for (i = 0; i < 100; i++) {
			submit(gpu, &job);
			syncobj_wait(gpu, syncobj);
		}
		keep_best(&best.ours, since);
		since = now_ns();
		for (i = 0; i < 100; i++)
			vprime_param(gpu, VPRIME_PARAM_P2P);
		keep_best(&best.other, since);
	}
	report("empty-job", "ioctl", (struct pair){ best.ours / 100, best.other / 100 }, "ns",
	       (struct bar){});
	close_fd(gpu);
}
