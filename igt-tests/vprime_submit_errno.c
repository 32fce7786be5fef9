// SPDX-License-Identifier: MIT
/*
 * What of a submission is refused: every field of every command out of range,
 * every array that is too long or is not there, handles of others.
 */
#include <stdlib.h>

#include "bench.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "memory.h"
#include "pattern.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"

#define SIZE BENCH_BYTES
#define NO_HANDLE 4711

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

	bench_init(&bench, RENDER);
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

	bench_init(&bench, RENDER);
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

static const struct subtest subtests[] = {
	{
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
	},
};

TEST_MAIN("vprime's submissions: what is refused.", subtests)
