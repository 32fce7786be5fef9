// SPDX-License-Identifier: MIT
/*
 * DRM_VPRIME_SUBMIT: what the commands do, and what of a submission is
 * refused.  Who waits for whom is in vprime_sync.c.
 */
#include <stdlib.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "memory.h"
#include "pattern.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE (16 * PAGE_BYTES)
#define NO_HANDLE 4711
#define UNTOUCHED 0x11111111u

/* A picture in a buffer: rows of a pitch that is wider than they are. */
struct rect {
	uint64_t offset;
	uint32_t pitch, width, height;
};

/* Two buffers on one GPU, mapped. */
struct bench {
	int gpu;
	uint32_t a, b;
	uint32_t *at_a, *at_b;
};

static void bench_init(struct bench *bench, const char *gpu, uint32_t placements)
{
	bench->gpu = gpu_open(gpu);
	bench->a = vprime_bo_create(bench->gpu, SIZE, placements);
	bench->b = vprime_bo_create(bench->gpu, SIZE, placements);
	bench->at_a = vprime_bo_mmap(bench->gpu, bench->a, SIZE);
	bench->at_b = vprime_bo_mmap(bench->gpu, bench->b, SIZE);
}

static void bench_fini(struct bench *bench)
{
	dmabuf_munmap(bench->at_b, SIZE);
	dmabuf_munmap(bench->at_a, SIZE);
	drm_close_handle(bench->gpu, bench->b);
	drm_close_handle(bench->gpu, bench->a);
	close_fd(bench->gpu);
}

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

	bench_init(&bench, RENDER, ANYWHERE);
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

	bench_init(&bench, RENDER, ANYWHERE);
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

	bench_init(&bench, RENDER, ANYWHERE);
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

	bench_init(&bench, RENDER, ANYWHERE);
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

	bench_init(&bench, RENDER, ANYWHERE);
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

	bench_init(&bench, RENDER, ANYWHERE);
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

static void too_many_commands(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t max = vprime_param(gpu, VPRIME_PARAM_MAX_COMMANDS);
	struct drm_vprime_command *commands = calloc(max + 1, sizeof(*commands));
	struct drm_vprime_submit arg = submission(commands, max + 1);

	check(commands);
	check_ret(__submit(gpu, &arg), -EINVAL);
	arg = submission(commands, UINT32_MAX);
	check_ret(__submit(gpu, &arg), -EINVAL);
	arg = submission(commands, max);
	submit(gpu, &arg);
	free(commands);
	close_fd(gpu);
}

/* A correct command of each kind, and one field of it gone wrong. */
struct wrong_command {
	const char *name;
	struct drm_vprime_command command;
	int expected;
};

/* Handles that stand for the two buffers there are. */
enum { A = 1, B = 2 };

#define FILL_OK .op = VPRIME_OP_FILL, .dst = A, .dst_pitch = 64, .width = 64, .height = 2
#define COPY_OK .op = VPRIME_OP_COPY, .dst = A, .src = B, .dst_pitch = 64, .src_pitch = 64, \
	.width = 64, .height = 2
#define SUM_OK .op = VPRIME_OP_SUM, .dst = A, .src = B, .src_pitch = 64, .width = 64, .height = 2
#define NOP_OK .op = VPRIME_OP_NOP
#define EXCEPT(...) __VA_ARGS__ }, -EINVAL
#define MISSING(...) __VA_ARGS__ }, -ENOENT

/* The later of two initialisers of one field is the one that is meant. */
#pragma GCC diagnostic ignored "-Woverride-init"

static const struct wrong_command wrong_commands[] = {
	{ "unknown op", { EXCEPT(.op = 4) },
	{ "last op", { EXCEPT(.op = UINT32_MAX) },
	{ "nop flags", { NOP_OK, EXCEPT(.flags = 1) },
	{ "nop dst", { NOP_OK, EXCEPT(.dst = A) },
	{ "nop src", { NOP_OK, EXCEPT(.src = A) },
	{ "nop dst_offset", { NOP_OK, EXCEPT(.dst_offset = 8) },
	{ "nop src_offset", { NOP_OK, EXCEPT(.src_offset = 8) },
	{ "nop dst_pitch", { NOP_OK, EXCEPT(.dst_pitch = 4) },
	{ "nop src_pitch", { NOP_OK, EXCEPT(.src_pitch = 4) },
	{ "nop width", { NOP_OK, EXCEPT(.width = 4) },
	{ "nop height", { NOP_OK, EXCEPT(.height = 1) },
	{ "nop value", { NOP_OK, EXCEPT(.value = 1) },
	{ "nop pad", { NOP_OK, EXCEPT(.pad = 1) },
	{ "fill flags", { FILL_OK, EXCEPT(.flags = 1u << 31) },
	{ "fill no dst", { FILL_OK, MISSING(.dst = 0) },
	{ "fill dst that is none", { FILL_OK, MISSING(.dst = NO_HANDLE) },
	{ "fill src", { FILL_OK, EXCEPT(.src = B) },
	{ "fill src_offset", { FILL_OK, EXCEPT(.src_offset = 4) },
	{ "fill src_pitch", { FILL_OK, EXCEPT(.src_pitch = 64) },
	{ "fill pad", { FILL_OK, EXCEPT(.pad = 1) },
	{ "fill odd offset", { FILL_OK, EXCEPT(.dst_offset = 2) },
	{ "fill odd pitch", { FILL_OK, EXCEPT(.dst_pitch = 66) },
	{ "fill odd width", { FILL_OK, EXCEPT(.width = 62) },
	{ "fill no width", { FILL_OK, EXCEPT(.width = 0) },
	{ "fill no height", { FILL_OK, EXCEPT(.height = 0) },
	{ "fill no pitch", { FILL_OK, EXCEPT(.dst_pitch = 0) },
	{ "fill narrow pitch", { FILL_OK, EXCEPT(.dst_pitch = 60) },
	{ "fill at the end", { FILL_OK, EXCEPT(.dst_offset = SIZE) },
	{ "fill over the end", { FILL_OK, EXCEPT(.dst_offset = SIZE - 124) },
	{ "fill far behind the end", { FILL_OK, EXCEPT(.dst_offset = 1ull << 63) },
	{ "fill offset 2^64-4", { FILL_OK, EXCEPT(.dst_offset = -4ull) },
	{ "fill too wide", { FILL_OK, .dst_pitch = SIZE + 4, EXCEPT(.width = SIZE + 4) },
	{ "fill too high", { FILL_OK, EXCEPT(.height = SIZE / 64 + 1) },
	{ "fill 2^32 rows", { FILL_OK, EXCEPT(.height = UINT32_MAX) },
	{ "fill 2^64 bytes", { FILL_OK, .dst_pitch = -4u, .width = -4u,
	  EXCEPT(.height = UINT32_MAX) },
	{ "copy flags", { COPY_OK, EXCEPT(.flags = 2) },
	{ "copy value", { COPY_OK, EXCEPT(.value = 1) },
	{ "copy pad", { COPY_OK, EXCEPT(.pad = 1) },
	{ "copy no src", { COPY_OK, MISSING(.src = 0) },
	{ "copy src that is none", { COPY_OK, MISSING(.src = NO_HANDLE) },
	{ "copy dst that is none", { COPY_OK, MISSING(.dst = NO_HANDLE) },
	{ "copy odd src_offset", { COPY_OK, EXCEPT(.src_offset = 1) },
	{ "copy odd src_pitch", { COPY_OK, EXCEPT(.src_pitch = 65) },
	{ "copy narrow src_pitch", { COPY_OK, EXCEPT(.src_pitch = 60) },
	{ "copy src over the end", { COPY_OK, EXCEPT(.src_offset = SIZE - 64) },
	{ "copy src offset 2^64-64", { COPY_OK, EXCEPT(.src_offset = -64ull) },
	{ "copy src pitch over the end", { COPY_OK, EXCEPT(.src_pitch = SIZE) },
	{ "copy dst pitch over the end", { COPY_OK, EXCEPT(.dst_pitch = SIZE) },
	{ "copy 2^32 rows", { COPY_OK, EXCEPT(.height = UINT32_MAX) },
	{ "sum flags", { SUM_OK, EXCEPT(.flags = 4) },
	{ "sum value", { SUM_OK, EXCEPT(.value = 1) },
	{ "sum pad", { SUM_OK, EXCEPT(.pad = 1) },
	{ "sum dst_pitch", { SUM_OK, EXCEPT(.dst_pitch = 64) },
	{ "sum odd dst_offset", { SUM_OK, EXCEPT(.dst_offset = 4) },
	{ "sum dst over the end", { SUM_OK, EXCEPT(.dst_offset = SIZE) },
	{ "sum dst offset 2^64-8", { SUM_OK, EXCEPT(.dst_offset = -8ull) },
	{ "sum odd src_offset", { SUM_OK, EXCEPT(.src_offset = 2) },
	{ "sum no width", { SUM_OK, EXCEPT(.width = 0) },
	{ "sum narrow src_pitch", { SUM_OK, EXCEPT(.src_pitch = 32) },
	{ "sum src over the end", { SUM_OK, EXCEPT(.src_offset = SIZE - 4) },
	{ "sum src that is none", { SUM_OK, MISSING(.src = NO_HANDLE) },
};

/* What is refused was refused as a whole: the right command before it has not run. */
static void field_errnos(void)
{
	struct drm_vprime_command pair[2];
	struct drm_vprime_submit arg;
	struct bench bench;
	size_t i;

	bench_init(&bench, RENDER, ANYWHERE);
	check_eq(bench.a, A);
	check_eq(bench.b, B);
	pattern_write(bench.at_a, SIZE, 8);
	pair[0] = command_fill(A, 0, SIZE, 1);
	for (i = 0; i < ARRAY_SIZE(wrong_commands); i++) {
		const struct wrong_command *wrong = &wrong_commands[i];
		int ret;

		pair[1] = wrong->command;
		arg = submission(pair, 2);
		ret = __submit(bench.gpu, &arg);
		check_msg(ret == wrong->expected, "%s gave %s, expected %s", wrong->name,
			  ret ? strerrorname_np(-ret) : "success",
			  strerrorname_np(-wrong->expected));
	}
	vprime_bo_wait(bench.gpu, bench.a);
	pattern_check(bench.at_a, SIZE, 8);
	bench_fini(&bench);
}

/* The commands that the wrong ones differ from are right. */
static void rightful_commands(void)
{
	const struct drm_vprime_command commands[] = {
		{ NOP_OK }, { FILL_OK }, { COPY_OK }, { SUM_OK },
		{ FILL_OK, .dst_offset = SIZE - 128 },
		{ FILL_OK, .dst_offset = SIZE - 64, .height = 1, .dst_pitch = 1u << 31 },
		{ SUM_OK, .dst_offset = SIZE - 8 },
	};
	struct drm_vprime_submit arg = submission(commands, ARRAY_SIZE(commands));
	struct bench bench;

	bench_init(&bench, RENDER, ANYWHERE);
	submit(bench.gpu, &arg);
	vprime_bo_wait(bench.gpu, bench.a);
	bench_fini(&bench);
}

static void submission_errnos(void)
{
	static const struct {
		const char *name;
		struct drm_vprime_submit arg;
		int expected;
	} rows[] = {
		{ "pad", { .pad = 1 }, -EINVAL },
		{ "flag", { .flags = 2 }, -EINVAL },
		{ "last flag", { .flags = 1u << 31 }, -EINVAL },
		{ "priority", { .priority = 3 }, -EINVAL },
		{ "last priority", { .priority = UINT32_MAX }, -EINVAL },
		{ "commands nowhere", { .command_count = 1, .commands = 8 }, -EFAULT },
		{ "commands at NULL", { .command_count = 1 }, -EFAULT },
		{ "in_syncs at NULL", { .in_sync_count = 1 }, -EFAULT },
		{ "out_syncs at NULL", { .out_sync_count = 1 }, -EFAULT },
		{ "in_syncs nowhere", { .in_sync_count = 1, .in_syncs = -8ull }, -EFAULT },
		{ "out_syncs nowhere", { .out_sync_count = 1, .out_syncs = 16 }, -EFAULT },
		{ "2^32 in_syncs", { .in_sync_count = UINT32_MAX }, -EINVAL },
		{ "2^32 out_syncs", { .out_sync_count = UINT32_MAX }, -EINVAL },
		{ "nothing at all", { .commands = 0 }, 0 },
	};
	int gpu = gpu_open(RENDER);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drm_vprime_submit arg = rows[i].arg;
		int ret = __submit(gpu, &arg);

		check_msg(ret == rows[i].expected, "%s gave %s", rows[i].name,
			  ret ? strerrorname_np(-ret) : "success");
	}
	close_fd(gpu);
}

static void commands_at_edge(void)
{
	struct drm_vprime_command *edge = memory_at_edge(sizeof(*edge));
	struct drm_vprime_submit arg = submission(edge, 1);
	int gpu = gpu_open(RENDER);

	*edge = (struct drm_vprime_command){ .op = VPRIME_OP_NOP };
	submit(gpu, &arg);
	arg = submission(edge, 2);
	check_ret(__submit(gpu, &arg), -EFAULT);
	close_fd(gpu);
}

static void foreign_handles(void)
{
	int gpu = gpu_open(RENDER), other = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	struct drm_vprime_command command = command_fill(handle, 0, SIZE, 1);
	uint32_t syncobj = syncobj_create(gpu);
	struct drm_vprime_sync sync = { .handle = syncobj };
	struct drm_vprime_submit arg = submission(NULL, 0);

	check_ret(__submit_command(other, &command), -ENOENT);
	arg.out_syncs = (uintptr_t)&sync;
	arg.out_sync_count = 1;
	check_ret(__submit(other, &arg), -ENOENT);
	check_eq(engine_sum(gpu, handle, SIZE), 0);
	syncobj_destroy(gpu, syncobj);
	drm_close_handle(gpu, handle);
	check_ret(__submit_command(gpu, &command), -ENOENT);
	close_fd(other);
	close_fd(gpu);
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
		.name = "too-many-commands",
		.describe = "One command more is refused.",
		.run = too_many_commands,
	}, {
		.name = "field-errnos",
		.describe = "Every field of a command out of range has its errno, and nothing is run.",
		.run = field_errnos,
	}, {
		.name = "rightful-commands",
		.describe = "What those differ from is accepted, up to the last byte of a buffer.",
		.run = rightful_commands,
	}, {
		.name = "submission-errnos",
		.describe = "Every field of a submission out of range has its errno.",
		.run = submission_errnos,
	}, {
		.name = "commands-at-edge",
		.describe = "No byte behind the commands is read.",
		.run = commands_at_edge,
	}, {
		.name = "foreign-handles",
		.describe = "Handles of another client, and closed ones, are none.",
		.run = foreign_handles,
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

TEST_MAIN("vprime's submissions: what commands do, and what is refused.", subtests)
