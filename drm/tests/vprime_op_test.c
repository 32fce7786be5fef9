// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_op.c: what each command does to memory, and to nothing else.
 */
#include <kunit/test.h>

#include "vprime_kunit.h"
#include "vprime_kunit_rig.h"

/* No two words near each other are alike. */
static void rig_paint(struct vprime_kunit_rig *rig)
{
	u32 i;

	for (i = 0; i < VPRIME_KUNIT_RIG_WORDS; i++)
		rig->memory->words[i] = i * 2654435761u;
}

static void rig_expect_memory(struct kunit *test, struct vprime_kunit_rig *rig, const u32 *expected)
{
	size_t i;

	for (i = 0; i < VPRIME_KUNIT_RIG_WORDS && rig->memory->words[i] == expected[i]; i++)
		;
	KUNIT_EXPECT_EQ_MSG(test, i, VPRIME_KUNIT_RIG_WORDS, "word %zu is %#x instead of %#x", i,
			    rig->memory->words[i % VPRIME_KUNIT_RIG_WORDS],
			    expected[i % VPRIME_KUNIT_RIG_WORDS]);
}

static u32 *rig_copy_memory(struct kunit *test, struct vprime_kunit_rig *rig)
{
	u32 *copy = kunit_kmalloc(test, VPRIME_KUNIT_RIG_BYTES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, rig->memory->words, VPRIME_KUNIT_RIG_BYTES);
	return copy;
}

/**
 * struct rectangle_case - rectangles in the memory of the rig
 * @name: of the case
 * @dst_offset: as in struct vprime_op
 * @src_offset: as there
 * @dst_pitch: as there
 * @src_pitch: as there
 * @width: as there
 * @height: as there
 */
struct rectangle_case {
	const char *name;
	u64 dst_offset;
	u64 src_offset;
	u64 dst_pitch;
	u64 src_pitch;
	u64 width;
	u32 height;
};

static const struct rectangle_case rectangle_cases[] = {
	{
		.name = "one word",
		.dst_offset = 4,
		.src_offset = 4 * PAGE_SIZE - 4,
		.width = 4,
		.height = 1,
	},
	{
		.name = "one row over pages",
		.dst_offset = PAGE_SIZE - 8,
		.src_offset = 4 * PAGE_SIZE + 12,
		.width = 3 * PAGE_SIZE,
		.height = 1,
	},
	{
		.name = "rows without gaps",
		.dst_offset = 0,
		.src_offset = 4 * PAGE_SIZE,
		.dst_pitch = 256,
		.src_pitch = 256,
		.width = 256,
		.height = 64,
	},
	{
		.name = "rows with gaps",
		.dst_offset = 64,
		.src_offset = 4 * PAGE_SIZE + 32,
		.dst_pitch = 512,
		.src_pitch = 512,
		.width = 128,
		.height = 24,
	},
	{
		.name = "gaps in dst only",
		.dst_offset = 20,
		.src_offset = 5 * PAGE_SIZE,
		.dst_pitch = 400,
		.src_pitch = 100,
		.width = 100,
		.height = 40,
	},
	{
		.name = "gaps in src only",
		.dst_offset = 20,
		.src_offset = 4 * PAGE_SIZE,
		.dst_pitch = 100,
		.src_pitch = 400,
		.width = 100,
		.height = 40,
	},
	{
		.name = "rows over pages",
		.dst_offset = 2000,
		.src_offset = 4 * PAGE_SIZE + 2900,
		.dst_pitch = 5000,
		.src_pitch = 4500,
		.width = 4400,
		.height = 3,
	},
	{
		.name = "to the last byte",
		.dst_offset = VPRIME_KUNIT_RIG_BYTES - PAGE_SIZE,
		.src_offset = 0,
		.dst_pitch = 64,
		.src_pitch = 128,
		.width = 64,
		.height = 64,
	},
};

KUNIT_ARRAY_PARAM_DESC(rectangle, rectangle_cases, name);

static struct vprime_op rectangle_op(struct vprime_kunit_rig *rig, enum vprime_op_code code,
				     const struct rectangle_case *param)
{
	return (struct vprime_op){
		.code = code,
		.dst = rig->binding,
		.src = code == VPRIME_ENGINE_FILL ? NULL : rig->binding,
		.dst_offset = param->dst_offset,
		.src_offset = param->src_offset,
		.dst_pitch = param->dst_pitch,
		.src_pitch = param->src_pitch,
		.width = param->width,
		.height = param->height,
	};
}

/* The words of a rectangle, one after the other. */
static size_t rectangle_word(u64 offset, u64 pitch, u64 width, u64 i)
{
	u64 per_row = width / sizeof(u32);

	return (offset + i / per_row * pitch) / sizeof(u32) + i % per_row;
}

static u64 rectangle_words(const struct rectangle_case *param)
{
	return param->width / sizeof(u32) * param->height;
}

static void fill_writes_its_rectangle_and_nothing_else(struct kunit *test)
{
	const struct rectangle_case *param = test->param_value;
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	struct vprime_op op = rectangle_op(rig, VPRIME_ENGINE_FILL, param);
	u32 *expected;
	u64 i;

	rig_paint(rig);
	expected = rig_copy_memory(test, rig);
	op.value = 0x12345678;
	for (i = 0; i < rectangle_words(param); i++)
		expected[rectangle_word(param->dst_offset, param->dst_pitch, param->width, i)] =
			op.value;

	vprime_kunit_rig_run(test, rig, &op, 1);
	rig_expect_memory(test, rig, expected);
}

static void copy_writes_its_rectangle_and_nothing_else(struct kunit *test)
{
	const struct rectangle_case *param = test->param_value;
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	struct vprime_op op = rectangle_op(rig, VPRIME_ENGINE_COPY, param);
	u32 *expected;
	u64 i;

	rig_paint(rig);
	expected = rig_copy_memory(test, rig);
	for (i = 0; i < rectangle_words(param); i++)
		expected[rectangle_word(param->dst_offset, param->dst_pitch, param->width, i)] =
			rig->memory->words[rectangle_word(param->src_offset, param->src_pitch,
							  param->width, i)];

	vprime_kunit_rig_run(test, rig, &op, 1);
	rig_expect_memory(test, rig, expected);
}

static void sum_adds_the_words_of_its_rectangle(struct kunit *test)
{
	const struct rectangle_case *param = test->param_value;
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	struct vprime_op op = rectangle_op(rig, VPRIME_ENGINE_SUM, param);
	u64 i, expected = 0;

	rig_paint(rig);
	for (i = 0; i < rectangle_words(param); i++)
		expected += rig->memory->words[rectangle_word(param->src_offset, param->src_pitch,
							      param->width, i)];

	op.dst_offset = 3 * PAGE_SIZE - sizeof(u64);
	op.dst_pitch = 0;
	vprime_kunit_rig_run(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, *(u64 *)&rig->memory->words[op.dst_offset / sizeof(u32)], expected);
}

static void fill_with_zero_clears(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	struct vprime_op op = vprime_kunit_fill_word(rig, 8, 0);
	u32 *expected;

	rig_paint(rig);
	expected = rig_copy_memory(test, rig);
	expected[2] = 0;
	vprime_kunit_rig_run(test, rig, &op, 1);
	rig_expect_memory(test, rig, expected);
}

static void verify_counts_a_range_once_that_is_not_poison(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	struct vprime_op op = {
		.code = VPRIME_ENGINE_VERIFY,
		.dst = rig->binding,
		.width = VPRIME_KUNIT_RIG_BYTES,
		.height = 1,
	};

	memset32(rig->memory->words, VPRIME_POISON, VPRIME_KUNIT_RIG_WORDS);
	vprime_kunit_rig_run(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->engine.stale_writes), 0);

	/* The last byte of all, and another one. */
	((u8 *)rig->memory->words)[VPRIME_KUNIT_RIG_BYTES - 1] = 0;
	rig->memory->words[PAGE_SIZE / sizeof(u32)] = 0;
	vprime_kunit_rig_run(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->engine.stale_writes), 1);
}

static void commands_of_a_job_run_in_order(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	const struct vprime_op ops[] = {
		vprime_kunit_fill_word(rig, 0, 1),
		vprime_kunit_fill_word(rig, 4, 2),
		vprime_kunit_fill_word(rig, 0, 3),
	};

	vprime_kunit_rig_run(test, rig, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 3);
	KUNIT_EXPECT_EQ(test, rig->memory->words[1], 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->engine.bytes), 3 * sizeof(u32));
}

static void bus_fault_ends_a_job_and_not_the_next(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	struct vprime_binding *gone =
		vprime_kunit_window(test, rig->engine.port, rig->memory->aperture.base, PAGE_SIZE);
	struct vprime_op ops[] = { vprime_kunit_fill_word(rig, 0, 1),
				   vprime_kunit_fill_word(rig, 4, 1) };
	struct vprime_op good = vprime_kunit_fill_word(rig, 8, 1);
	struct vprime_kunit_job *faulty, *next;

	vprime_binding_disable(gone);
	ops[0].dst = gone;
	faulty = vprime_kunit_rig_queue(test, rig, ops, ARRAY_SIZE(ops));
	next = vprime_kunit_rig_queue(test, rig, &good, 1);
	while (vprime_engine_advance(&rig->engine))
		;

	vprime_kunit_expect_end(test, faulty, -EFAULT);
	vprime_kunit_expect_end(test, next, 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[1], 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[2], 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->engine.port->faults), 1);
}

static void copy_faults_on_either_side(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	struct vprime_binding *gone =
		vprime_kunit_window(test, rig->engine.port, rig->memory->aperture.base, PAGE_SIZE);
	const struct vprime_op from = {
		.code = VPRIME_ENGINE_COPY,
		.dst = rig->binding,
		.src = gone,
		.width = 4,
		.height = 1,
	};
	const struct vprime_op to = {
		.code = VPRIME_ENGINE_COPY,
		.dst = gone,
		.src = rig->binding,
		.width = 4,
		.height = 1,
	};
	const struct vprime_op sum_to = {
		.code = VPRIME_ENGINE_SUM,
		.dst = gone,
		.src = rig->binding,
		.width = 4,
		.height = 1,
	};
	struct vprime_kunit_job *jobs[3];
	int i;

	vprime_binding_disable(gone);
	jobs[0] = vprime_kunit_rig_queue(test, rig, &from, 1);
	jobs[1] = vprime_kunit_rig_queue(test, rig, &to, 1);
	jobs[2] = vprime_kunit_rig_queue(test, rig, &sum_to, 1);
	while (vprime_engine_advance(&rig->engine))
		;
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		vprime_kunit_expect_end(test, jobs[i], -EFAULT);
}

static void revoke_takes_the_windows_of_others(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	struct vprime_port *peer = vprime_kunit_port(test, "peer", 64, true);
	struct vprime_op op = { .code = VPRIME_ENGINE_REVOKE, .src = rig->binding };
	struct vprime_op own = vprime_kunit_fill_word(rig, 0, 5);

	vprime_kunit_window(test, peer, rig->memory->aperture.base, PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, RB_EMPTY_ROOT(&peer->windows.rb_root));
	vprime_binding_retire(rig->binding);
	vprime_kunit_rig_run(test, rig, &op, 1);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&peer->windows.rb_root));
	vprime_kunit_rig_run(test, rig, &own, 1);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 5);
}

static struct kunit_case op_test_cases[] = {
	KUNIT_CASE_PARAM(fill_writes_its_rectangle_and_nothing_else, rectangle_gen_params),
	KUNIT_CASE_PARAM(copy_writes_its_rectangle_and_nothing_else, rectangle_gen_params),
	KUNIT_CASE_PARAM(sum_adds_the_words_of_its_rectangle, rectangle_gen_params),
	KUNIT_CASE(fill_with_zero_clears),
	KUNIT_CASE(verify_counts_a_range_once_that_is_not_poison),
	KUNIT_CASE(commands_of_a_job_run_in_order),
	KUNIT_CASE(bus_fault_ends_a_job_and_not_the_next),
	KUNIT_CASE(copy_faults_on_either_side),
	KUNIT_CASE(revoke_takes_the_windows_of_others),
	{}
};

static struct kunit_suite op_test_suite = {
	.name = "vprime-op",
	.test_cases = op_test_cases,
};

kunit_test_suite(op_test_suite);
