// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_command.c: which commands make sense. The buffers have a size and nothing else.
 */
#include <kunit/test.h>

#include <linux/dma-buf.h>
#include <linux/limits.h>

#include "../vprime_bo.h"
#include "../vprime_command.h"

/* Of the buffers 1 and 2. */
#define SIZE SZ_64K

/* The largest that there could be, a buffer of its own number: sums of offsets wrap in it. */
#define HUGE_SIZE (U64_MAX - PAGE_SIZE + 1)
#define HUGE 3

/* Another handle of buffer 1, and two imports of one dma-buf. */
#define ALIAS 4
#define IMPORT 5
#define OTHER_IMPORT 6

/**
 * struct command_case - a command, and whether it makes sense
 * @name: of the case
 * @cmd: the command
 * @result: 0 or -EINVAL
 */
struct command_case {
	const char *name;
	struct drm_vprime_command cmd;
	int result;
};

#define FILL_OF(to, ...) { .op = VPRIME_OP_FILL, .dst = to, __VA_ARGS__ }
#define FILL(...) FILL_OF(1, __VA_ARGS__)
#define COPY_OF(from, ...) { .op = VPRIME_OP_COPY, .dst = 1, .src = from, __VA_ARGS__ }
#define COPY(...) COPY_OF(2, __VA_ARGS__)
#define SUM_OF(from, ...) { .op = VPRIME_OP_SUM, .dst = 1, .src = from, __VA_ARGS__ }
#define SUM(...) SUM_OF(2, __VA_ARGS__)

static const struct command_case nop_cases[] = {
	{ .name = "nothing", .cmd = { .op = VPRIME_OP_NOP } },
	{ .name = "a width", .cmd = { .op = VPRIME_OP_NOP, .width = 4 }, .result = -EINVAL },
	{ .name = "a height", .cmd = { .op = VPRIME_OP_NOP, .height = 1 }, .result = -EINVAL },
	{ .name = "a dst", .cmd = { .op = VPRIME_OP_NOP, .dst = 1 }, .result = -EINVAL },
	{ .name = "a src", .cmd = { .op = VPRIME_OP_NOP, .src = 1 }, .result = -EINVAL },
	{ .name = "a value", .cmd = { .op = VPRIME_OP_NOP, .value = 1 }, .result = -EINVAL },
	{ .name = "a flag", .cmd = { .op = VPRIME_OP_NOP, .flags = 1 }, .result = -EINVAL },
	{ .name = "padding", .cmd = { .op = VPRIME_OP_NOP, .pad = 1 }, .result = -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(nop, nop_cases, name);

static const struct command_case fill_cases[] = {
	{
		.name = "a word",
		.cmd = FILL(.width = 4, .height = 1),
	}, {
		.name = "the last word",
		.cmd = FILL(.dst_offset = SIZE - 4, .width = 4, .height = 1),
	}, {
		.name = "a word behind the end",
		.cmd = FILL(.dst_offset = SIZE, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "all of it in a row",
		.cmd = FILL(.dst_pitch = SIZE, .width = SIZE, .height = 1),
	}, {
		.name = "a row that is a word too long",
		.cmd = FILL(.width = SIZE + 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "all of it in rows",
		.cmd = FILL(.dst_pitch = 256, .width = 256, .height = SIZE / 256),
	}, {
		.name = "a row too many",
		.cmd = FILL(.dst_pitch = 256, .width = 256, .height = SIZE / 256 + 1),
		.result = -EINVAL,
	}, {
		.name = "a gap behind the end",
		.cmd = FILL(.dst_offset = 128, .dst_pitch = 256, .width = 128,
			    .height = SIZE / 256),
	}, {
		.name = "a word behind the end in the last row",
		.cmd = FILL(.dst_offset = 132, .dst_pitch = 256, .width = 128,
			    .height = SIZE / 256),
		.result = -EINVAL,
	}, {
		.name = "rows as wide as their pitch",
		.cmd = FILL(.dst_pitch = 64, .width = 64, .height = 2),
	}, {
		.name = "rows wider than their pitch",
		.cmd = FILL(.dst_pitch = 60, .width = 64, .height = 2),
		.result = -EINVAL,
	}, {
		.name = "rows without a pitch",
		.cmd = FILL(.width = 64, .height = 2),
		.result = -EINVAL,
	}, {
		.name = "one row without a pitch",
		.cmd = FILL(.width = 64, .height = 1),
	}, {
		.name = "no width",
		.cmd = FILL(.dst_pitch = 64, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "no height",
		.cmd = FILL(.dst_pitch = 64, .width = 64),
		.result = -EINVAL,
	}, {
		.name = "half a word of width",
		.cmd = FILL(.width = 6, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "half a word of pitch",
		.cmd = FILL(.dst_pitch = 66, .width = 64, .height = 2),
		.result = -EINVAL,
	}, {
		.name = "half a word of offset",
		.cmd = FILL(.dst_offset = 2, .width = 64, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a value",
		.cmd = FILL(.width = 4, .height = 1, .value = U32_MAX),
	}, {
		.name = "a src",
		.cmd = FILL(.src = 2, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "an offset in src",
		.cmd = FILL(.src_offset = 4, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a pitch of src",
		.cmd = FILL(.src_pitch = 4, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a flag",
		.cmd = FILL(.flags = BIT(31), .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "padding",
		.cmd = FILL(.pad = 1, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "the last offset of all",
		.cmd = FILL(.dst_offset = U64_MAX - 3, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "an offset that wraps to the start",
		.cmd = FILL(.dst_offset = U64_MAX - 63, .dst_pitch = 64, .width = 64, .height = 2),
		.result = -EINVAL,
	}, {
		.name = "the longest pitch and the most rows",
		.cmd = FILL(.dst_pitch = U32_MAX - 3, .width = 4, .height = U32_MAX),
		.result = -EINVAL,
	}, {
		.name = "the widest row",
		.cmd = FILL(.width = U32_MAX - 3, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "the widest row of a huge buffer",
		.cmd = FILL_OF(HUGE, .width = U32_MAX - 3, .height = 1),
	}, {
		.name = "the most of a huge buffer",
		.cmd = FILL_OF(HUGE, .dst_pitch = U32_MAX - 3, .width = U32_MAX - 3,
			    .height = U32_MAX),
	}, {
		.name = "the last word of a huge buffer",
		.cmd = FILL_OF(HUGE, .dst_offset = HUGE_SIZE - 4, .width = 4, .height = 1),
	}, {
		.name = "rows that wrap in a huge buffer",
		.cmd = FILL_OF(HUGE, .dst_offset = HUGE_SIZE - SZ_4G, .dst_pitch = SZ_1G,
			    .width = 4, .height = 6),
		.result = -EINVAL,
	}, {
		.name = "a width that wraps in a huge buffer",
		.cmd = FILL_OF(HUGE, .dst_offset = HUGE_SIZE - 4, .width = SZ_1M, .height = 1),
		.result = -EINVAL,
	},
};

KUNIT_ARRAY_PARAM_DESC(fill, fill_cases, name);

static const struct command_case copy_cases[] = {
	{
		.name = "a word",
		.cmd = COPY(.width = 4, .height = 1),
	}, {
		.name = "all in one row",
		.cmd = COPY(.width = SIZE, .height = 1),
	}, {
		.name = "other pitches",
		.cmd = COPY(.dst_pitch = 128, .src_pitch = 256, .width = 128, .height = 256),
	}, {
		.name = "a row of dst too many",
		.cmd = COPY(.dst_offset = 4, .dst_pitch = 256, .src_pitch = 128, .width = 128,
			    .height = SIZE / 256 + 1),
		.result = -EINVAL,
	}, {
		.name = "a row of src too many",
		.cmd = COPY(.src_offset = 4, .dst_pitch = 128, .src_pitch = 256, .width = 128,
			    .height = SIZE / 256 + 1),
		.result = -EINVAL,
	}, {
		.name = "a word behind the end of src",
		.cmd = COPY(.src_offset = SIZE, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "an offset of src that wraps",
		.cmd = COPY(.src_offset = U64_MAX - 3, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "half a word of src",
		.cmd = COPY(.src_offset = 2, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "src wider than its pitch",
		.cmd = COPY(.dst_pitch = 64, .src_pitch = 60, .width = 64, .height = 2),
		.result = -EINVAL,
	}, {
		.name = "a value",
		.cmd = COPY(.width = 4, .height = 1, .value = 1),
		.result = -EINVAL,
	}, {
		.name = "a row onto itself",
		.cmd = COPY_OF(1, .width = 64, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a row next to itself",
		.cmd = COPY_OF(1, .dst_offset = 64, .width = 64, .height = 1),
	}, {
		.name = "a row over the last word of itself",
		.cmd = COPY_OF(1, .dst_offset = 60, .width = 64, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "the left half to the right",
		.cmd = COPY_OF(1, .dst_offset = 128, .dst_pitch = 256, .src_pitch = 256,
			    .width = 128, .height = 8),
	}, {
		.name = "a word more than the left half to the right",
		.cmd = COPY_OF(1, .dst_offset = 128, .dst_pitch = 256, .src_pitch = 256,
			    .width = 132, .height = 8),
		.result = -EINVAL,
	}, {
		.name = "side by side with other pitches",
		.cmd = COPY_OF(1, .dst_offset = 128, .dst_pitch = 512, .src_pitch = 256,
			    .width = 128, .height = 8),
		.result = -EINVAL,
	}, {
		.name = "below with other pitches",
		.cmd = COPY_OF(1, .dst_offset = 8 * 256, .dst_pitch = 512, .src_pitch = 256,
			    .width = 128, .height = 8),
	}, {
		.name = "a row next to itself by another handle",
		.cmd = COPY_OF(ALIAS, .dst_offset = 64, .width = 64, .height = 1),
	}, {
		.name = "a row over the last word of itself by another handle",
		.cmd = COPY_OF(ALIAS, .dst_offset = 60, .width = 64, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a row of an import over itself by another import",
		.cmd = { .op = VPRIME_OP_COPY, .dst = IMPORT, .src = OTHER_IMPORT,
			 .dst_offset = 60, .width = 64, .height = 1 },
		.result = -EINVAL,
	}, {
		.name = "a row of an import to the same place of a buffer",
		.cmd = COPY_OF(IMPORT, .width = 64, .height = 1),
	},
};

KUNIT_ARRAY_PARAM_DESC(copy, copy_cases, name);

static const struct command_case sum_cases[] = {
	{
		.name = "a word",
		.cmd = SUM(.width = 4, .height = 1),
	}, {
		.name = "all of it",
		.cmd = SUM(.src_pitch = 256, .width = 256, .height = SIZE / 256),
	}, {
		.name = "into what is summed up",
		.cmd = SUM_OF(1, .width = SIZE, .height = 1),
	}, {
		.name = "into the last 8 bytes",
		.cmd = SUM(.dst_offset = SIZE - 8, .width = 4, .height = 1),
	}, {
		.name = "into the last 4 bytes",
		.cmd = SUM(.dst_offset = SIZE - 4, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "behind the end",
		.cmd = SUM(.dst_offset = SIZE, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a result that wraps",
		.cmd = SUM(.dst_offset = U64_MAX - 7, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a result that is not aligned",
		.cmd = SUM(.dst_offset = 4, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a pitch of dst",
		.cmd = SUM(.dst_pitch = 8, .width = 4, .height = 1),
		.result = -EINVAL,
	}, {
		.name = "a value",
		.cmd = SUM(.width = 4, .height = 1, .value = 1),
		.result = -EINVAL,
	}, {
		.name = "a row too many",
		.cmd = SUM(.src_pitch = 256, .width = 256, .height = SIZE / 256 + 1),
		.result = -EINVAL,
	}, {
		.name = "no height",
		.cmd = SUM(.width = 4),
		.result = -EINVAL,
	},
};

KUNIT_ARRAY_PARAM_DESC(sum, sum_cases, name);

/* The two imports are the same dma-buf, of which nothing is needed but where it is. */
static void import_one_dmabuf(struct kunit *test, struct vprime_commands *commands)
{
	struct dma_buf_attachment *attach = kunit_kzalloc(test, sizeof(*attach), GFP_KERNEL);
	struct dma_buf *dmabuf = kunit_kzalloc(test, sizeof(*dmabuf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, attach);
	KUNIT_ASSERT_NOT_NULL(test, dmabuf);
	attach->dmabuf = dmabuf;
	commands->bos[IMPORT - 1].bo->tbo.base.import_attach = attach;
	commands->bos[OTHER_IMPORT - 1].bo->tbo.base.import_attach = attach;
}

/* As vprime_commands_get() leaves them, sorted. */
static struct vprime_commands *buffers(struct kunit *test)
{
	static const u64 sizes[] = { SIZE, SIZE, HUGE_SIZE, SIZE, SIZE, SIZE };
	struct vprime_commands *commands = kunit_kzalloc(test, sizeof(*commands), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, commands);
	commands->bo_count = ARRAY_SIZE(sizes);
	commands->bos = kunit_kcalloc(test, commands->bo_count, sizeof(*commands->bos), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, commands->bos);
	for (i = 0; i < commands->bo_count; i++) {
		commands->bos[i].handle = i + 1;
		commands->bos[i].bo = kunit_kzalloc(test, sizeof(struct vprime_bo), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, commands->bos[i].bo);
		commands->bos[i].bo->tbo.base.size = sizes[i];
	}
	commands->bos[ALIAS - 1].bo = commands->bos[0].bo;
	import_one_dmabuf(test, commands);
	return commands;
}

static void expect_result(struct kunit *test, const struct command_case *param)
{
	KUNIT_EXPECT_EQ(test, vprime_command_check(buffers(test), &param->cmd), param->result);
}

static void nop_is_checked(struct kunit *test)
{
	expect_result(test, test->param_value);
}

static void fill_is_checked(struct kunit *test)
{
	expect_result(test, test->param_value);
}

static void copy_is_checked(struct kunit *test)
{
	expect_result(test, test->param_value);
}

static void sum_is_checked(struct kunit *test)
{
	expect_result(test, test->param_value);
}

/* Byte by byte, what the predicate works out in no time. */
static bool rows_touch(const struct drm_vprime_command *cmd)
{
	u64 dst_row, src_row, dst, src;

	for (dst_row = 0; dst_row < cmd->height; dst_row++) {
		for (src_row = 0; src_row < cmd->height; src_row++) {
			dst = cmd->dst_offset + dst_row * cmd->dst_pitch;
			src = cmd->src_offset + src_row * cmd->src_pitch;
			if (dst < src + cmd->width && src < dst + cmd->width)
				return true;
		}
	}
	return false;
}

static void expect_overlap_is_found(struct kunit *test, const struct vprime_commands *commands,
				    struct drm_vprime_command cmd)
{
	int result = rows_touch(&cmd) ? -EINVAL : 0;

	KUNIT_EXPECT_EQ_MSG(test, vprime_command_check(commands, &cmd), result,
			    "%u x %u, pitch %u, from %llu to %llu", cmd.width, cmd.height,
			    cmd.dst_pitch, cmd.src_offset, cmd.dst_offset);
}

static void overlap_of_rows_with_one_pitch_is_exact(struct kunit *test)
{
	const struct vprime_commands *commands = buffers(test);
	struct drm_vprime_command cmd = COPY_OF(1, .dst_pitch = 24, .src_pitch = 24);

	for (cmd.width = 4; cmd.width <= 24; cmd.width += 4)
		for (cmd.height = 1; cmd.height <= 4; cmd.height++)
			for (cmd.src_offset = 0; cmd.src_offset <= 32; cmd.src_offset += 4)
				for (cmd.dst_offset = 0; cmd.dst_offset <= 128; cmd.dst_offset += 4)
					expect_overlap_is_found(test, commands, cmd);
}

static struct kunit_case command_test_cases[] = {
	KUNIT_CASE_PARAM(nop_is_checked, nop_gen_params),
	KUNIT_CASE_PARAM(fill_is_checked, fill_gen_params),
	KUNIT_CASE_PARAM(copy_is_checked, copy_gen_params),
	KUNIT_CASE_PARAM(sum_is_checked, sum_gen_params),
	KUNIT_CASE(overlap_of_rows_with_one_pitch_is_exact),
	{}
};

static struct kunit_suite command_test_suite = {
	.name = "vprime-command",
	.test_cases = command_test_cases,
};

kunit_test_suite(command_test_suite);
