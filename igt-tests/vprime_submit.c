// SPDX-License-Identifier: MIT
/*
 * DRM_VPRIME_SUBMIT: what the commands do.  What is refused is in
 * vprime_submit_errno.c, who waits for whom in vprime_sync.c.
 */
#include <stdlib.h>

#include "bench.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "pattern.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define SIZE BENCH_BYTES
#define UNTOUCHED 0x11111111u

/* A picture in a buffer: rows of a pitch that is wider than they are. */
struct rect {
	uint64_t offset;
	uint32_t pitch, width, height;
};

static void run(struct bench *bench, const struct drm_vprime_command *command)
{
	submit_command(bench->gpu, command);
	vprime_bo_wait(bench->gpu, bench->a);
	vprime_bo_wait(bench->gpu, bench->b);
}

static bool inside(const struct rect *rect, uint64_t byte)
{
	if (byte < rect->offset)
		return false;
	byte -= rect->offset;
	return byte / rect->pitch < rect->height && byte % rect->pitch < rect->width;
}

static const struct test_case rects[] = {
	{ "whole", &(const struct rect){ 0, SIZE, SIZE, 1 } },
	{ "word", &(const struct rect){ 8, 4, 4, 1 } },
	{ "last-word", &(const struct rect){ SIZE - 4, 4, 4, 1 } },
	{ "row-over-pages", &(const struct rect){ 4092, 8192, 8192, 1 } },
	{ "column", &(const struct rect){ 252, 256, 4, 256 } },
	{ "picture", &(const struct rect){ 1024, 512, 100, 77 } },
	{ "to-the-end", &(const struct rect){ SIZE - 15 * 4096 - 400, 4096, 400, 16 } },
	{ "wide-pitch", &(const struct rect){ 16, 30000, 1234 * 4, 3 } },
	{ }
};

static void fill(const struct test_case *row)
{
	const struct rect *rect = row->arg;
	struct drm_vprime_command command = {
		.op = VPRIME_OP_FILL,
		.dst_offset = rect->offset,
		.dst_pitch = rect->pitch,
		.width = rect->width,
		.height = rect->height,
		.value = 0xc0ffee11,
	};
	struct bench bench;
	uint64_t i;

	bench_init(&bench, RENDER);
	engine_fill(bench.gpu, bench.a, SIZE, UNTOUCHED);
	command.dst = bench.a;
	run(&bench, &command);
	for (i = 0; i < SIZE / 4; i++)
		check_eq(bench.at_a[i], inside(rect, i * 4) ? 0xc0ffee11u : UNTOUCHED);
	bench_fini(&bench);
}

struct copy_case {
	struct rect src;
	uint64_t dst_offset;
	uint32_t dst_pitch;
};

static const struct test_case copies[] = {
	{ "whole", &(const struct copy_case){ { 0, SIZE, SIZE, 1 }, 0, SIZE } },
	{ "same-pitch", &(const struct copy_case){ { 512, 512, 300, 60 }, 512, 512 } },
	{ "to-wider", &(const struct copy_case){ { 0, 256, 256, 50 }, 4, 1024 } },
	{ "to-narrower", &(const struct copy_case){ { 40, 2048, 64, 31 }, 4096, 64 } },
	{ "odd-words", &(const struct copy_case){ { 4, 1028, 1020, 20 }, 12, 1044 } },
	{ "last-word", &(const struct copy_case){ { SIZE - 4, 4, 4, 1 }, SIZE - 4, 4 } },
	{ }
};

static void copy(const struct test_case *row)
{
	const struct copy_case *arg = row->arg;
	const struct rect dst = {
		arg->dst_offset, arg->dst_pitch, arg->src.width, arg->src.height,
	};
	struct drm_vprime_command command = {
		.op = VPRIME_OP_COPY,
		.src_offset = arg->src.offset,
		.src_pitch = arg->src.pitch,
		.dst_offset = dst.offset,
		.dst_pitch = dst.pitch,
		.width = dst.width,
		.height = dst.height,
	};
	struct bench bench;
	uint64_t i;

	bench_init(&bench, RENDER);
	pattern_write(bench.at_a, SIZE, 1);
	engine_fill(bench.gpu, bench.b, SIZE, UNTOUCHED);
	command.src = bench.a;
	command.dst = bench.b;
	run(&bench, &command);
	pattern_check(bench.at_a, SIZE, 1);
	for (i = 0; i < SIZE; i += 4) {
		uint64_t at = i - dst.offset, from;

		if (!inside(&dst, i)) {
			check_eq(bench.at_b[i / 4], UNTOUCHED);
			continue;
		}
		from = arg->src.offset + at / dst.pitch * arg->src.pitch + at % dst.pitch;
		check_eq(bench.at_b[i / 4], bench.at_a[from / 4]);
	}
	bench_fini(&bench);
}

static void sum(const struct test_case *row)
{
	const struct rect *rect = row->arg;
	struct drm_vprime_command command = {
		.op = VPRIME_OP_SUM,
		.src_offset = rect->offset,
		.src_pitch = rect->pitch,
		.dst_offset = 24,
		.width = rect->width,
		.height = rect->height,
	};
	uint64_t expected = 0, i;
	struct bench bench;

	bench_init(&bench, RENDER);
	pattern_write(bench.at_a, SIZE, 9);
	engine_fill(bench.gpu, bench.b, SIZE, UNTOUCHED);
	command.src = bench.a;
	command.dst = bench.b;
	run(&bench, &command);
	for (i = 0; i < SIZE / 4; i++)
		if (inside(rect, i * 4))
			expected += bench.at_a[i];
	check_eq(((uint64_t *)bench.at_b)[3], expected);
	check_eq(bench.at_b[5], UNTOUCHED);
	check_eq(bench.at_b[8], UNTOUCHED);
	bench_fini(&bench);
}

/* More than 32 bits hold. */
static void sum_is_wide(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	engine_fill(gpu, handle, SIZE, UINT32_MAX);
	check_eq(engine_sum(gpu, handle, SIZE), SIZE / 4 * (uint64_t)UINT32_MAX);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void in_one_buffer(void)
{
	struct drm_vprime_command command;
	struct bench bench;

	bench_init(&bench, RENDER);
	pattern_write(bench.at_a, SIZE / 2, 4);
	command = command_copy(bench.a, bench.a, SIZE / 2);
	command.dst_offset = SIZE / 2;
	run(&bench, &command);
	pattern_check(bench.at_a, SIZE / 2, 4);
	pattern_check((char *)bench.at_a + SIZE / 2, SIZE / 2, 4);

	/* Beside one another in the same rows: their bytes mingle, they do not. */
	command = (struct drm_vprime_command){
		.op = VPRIME_OP_COPY,
		.dst = bench.a,
		.src = bench.a,
		.dst_offset = 128,
		.dst_pitch = 256,
		.src_pitch = 256,
		.width = 128,
		.height = 16,
	};
	run(&bench, &command);
	check(!memcmp(bench.at_a, bench.at_a + 32, 128));
	check(!memcmp(bench.at_a + 15 * 64, bench.at_a + 15 * 64 + 32, 128));
	bench_fini(&bench);
}

static void overlap_refused(void)
{
	static const struct {
		uint64_t dst_offset;
		uint32_t pitch, width, height;
	} rows[] = {
		{ 0, 256, 256, 4 },
		{ 4, 256, 256, 4 },
		{ 1020, 256, 256, 4 },
		{ 124, 256, 128, 4 },
		{ 256, 256, 4, 2 },
		{ 260, 256, 8, 2 },
	};
	struct drm_vprime_command command = { .op = VPRIME_OP_COPY };
	struct bench bench;
	size_t i;

	bench_init(&bench, RENDER);
	pattern_write(bench.at_a, SIZE, 2);
	command.dst = bench.a;
	command.src = bench.a;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		command.dst_offset = rows[i].dst_offset;
		command.dst_pitch = rows[i].pitch;
		command.src_pitch = rows[i].pitch;
		command.width = rows[i].width;
		command.height = rows[i].height;
		check_msg(__submit_command(bench.gpu, &command) == -EINVAL,
			  "overlap %zu is not refused with EINVAL", i);
	}
	vprime_bo_wait(bench.gpu, bench.a);
	pattern_check(bench.at_a, SIZE, 2);
	bench_fini(&bench);
}

static void commands_run_in_order(void)
{
	struct drm_vprime_command *commands;
	struct drm_vprime_submit arg;
	struct bench bench;
	uint32_t max, i;

	bench_init(&bench, RENDER);
	max = vprime_param(bench.gpu, VPRIME_PARAM_MAX_COMMANDS);
	commands = calloc(max, sizeof(*commands));
	check(commands && max >= 4);
	for (i = 0; i < max - 2; i++)
		commands[i] = command_fill(bench.a, i % (SIZE / 4) * 4, 4, i + 1);
	commands[max - 2] = command_fill(bench.a, 0, SIZE, 3);
	commands[max - 1] = command_sum(bench.b, 0, bench.a, SIZE);
	arg = submission(commands, max);
	submit(bench.gpu, &arg);
	vprime_bo_wait(bench.gpu, bench.b);
	check_eq(*(uint64_t *)bench.at_b, SIZE / 4 * 3);
	bench_fini(&bench);
	free(commands);
}

/* The display's engine is no other. */
static void display_engine(void)
{
	int gpu = gpu_open(DISPLAY);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	engine_fill(gpu, handle, SIZE, 77);
	check_eq(engine_sum(gpu, handle, SIZE), SIZE / 4 * 77);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* A closed buffer is kept by the jobs on it, and by nothing longer. */
static void close_while_running(void)
{
	int gpu = gpu_create_small(OWN, 4 << 20), i;

	for (i = 0; i < 64; i++) {
		uint32_t handle = vprime_bo_create(gpu, 1 << 20, VRAM);
		struct drm_vprime_command command = command_fill(handle, 0, 1 << 20, i);

		submit_command(gpu, &command);
		drm_close_handle(gpu, handle);
	}
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "fill",
		.describe = "A fill changes its rectangle and nothing beside it.",
		.run_case = fill,
		.cases = rects,
	}, {
		.name = "copy",
		.describe = "A copy brings a rectangle from one pitch to another.",
		.run_case = copy,
		.cases = copies,
	}, {
		.name = "sum",
		.describe = "A sum is that of the rectangle's words, and one 64-bit word is written.",
		.run_case = sum,
		.cases = rects,
	}, {
		.name = "sum-is-wide",
		.describe = "A sum does not wrap at 32 bits.",
		.run = sum_is_wide,
	}, {
		.name = "in-one-buffer",
		.describe = "Source and destination may be one buffer if they do not overlap.",
		.run = in_one_buffer,
	}, {
		.name = "overlap-refused",
		.describe = "If they do, it is EINVAL and nothing is copied.",
		.run = overlap_refused,
	}, {
		.name = "commands-run-in-order",
		.describe = "As many commands as there may be run one after another.",
		.run = commands_run_in_order,
	}, {
		.name = "display-engine",
		.describe = "The display GPU has an engine as well.",
		.run = display_engine,
	}, {
		.name = "close-while-running",
		.describe = "Closing a handle does not disturb the job, and frees the memory after it.",
		.run = close_while_running,
	},
};

TEST_MAIN("vprime's submissions: what commands do.", subtests)
