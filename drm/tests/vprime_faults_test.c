// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_faults.c: what is to go wrong is written, kept, and reaches the GPU.
 */

#include <kunit/test.h>

#include <linux/atomic.h>
#include <linux/configfs.h>

#include "../vprime_gpu.h"
#include "vprime_kunit_folder.h"

static struct config_group *faults_of(struct kunit *test, struct config_group *group)
{
	return vprime_kunit_subfolder(test, group, "faults");
}

static const struct vprime_kunit_value faults_values[] = {
	{ .name = "refuse_attach", .value = "0\n" },
	{ .name = "refuse_import", .value = "0\n" },
	{ .name = "fence_delay_ms", .value = "0\n" },
	{ .name = "hang", .value = "0\n" },
	{ .name = "chaos_ms", .value = "0\n" },
	{ .name = "fail_commit", .value = "0\n" },
	{ .name = "late_flip_ms", .value = "0\n" },
	{ .name = "lost_hotplug", .value = "0\n" },
	{ }
};

static void a_new_gpu_has_no_faults(struct kunit *test)
{
	struct config_group *faults = faults_of(test, vprime_kunit_folder(test));

	vprime_kunit_expect_values(test, faults, faults_values);
}

static const struct vprime_kunit_input faults_inputs[] = {
	{ .name = "refuse_attach", .text = "1\n", .reads = "1\n" },
	{ .name = "refuse_attach", .text = "2\n", .ret = -EINVAL },
	{ .name = "refuse_import", .text = "1\n", .reads = "1\n" },
	{ .name = "refuse_import", .text = "-1\n", .ret = -EINVAL },
	{ .name = "fence_delay_ms", .text = "20\n", .reads = "20\n" },
	{ .name = "fence_delay_ms", .text = "-20\n", .ret = -EINVAL },
	{ .name = "hang", .text = "3\n", .reads = "3\n" },
	{ .name = "hang", .text = "always\n", .ret = -EINVAL },
	{ .name = "chaos_ms", .text = "5\n", .reads = "5\n" },
	{ .name = "chaos_ms", .text = "4294967296\n", .ret = -ERANGE },
	{ .name = "fail_commit", .text = "2\n", .reads = "2\n" },
	{ .name = "fail_commit", .text = "-1\n", .ret = -EINVAL },
	{ .name = "late_flip_ms", .text = "50\n", .reads = "50\n" },
	{ .name = "late_flip_ms", .text = "late\n", .ret = -EINVAL },
	{ .name = "lost_hotplug", .text = "1\n", .reads = "1\n" },
	{ .name = "lost_hotplug", .text = "2\n", .ret = -EINVAL },
};

KUNIT_ARRAY_PARAM(faults_inputs, faults_inputs, vprime_kunit_input_name);

static void faults_take_what_makes_sense(struct kunit *test)
{
	struct config_group *faults = faults_of(test, vprime_kunit_folder(test));

	vprime_kunit_expect_input(test, faults, test->param_value);
}

static void write_faults(struct kunit *test, struct config_group *faults)
{
	vprime_kunit_write_all(test, faults, "refuse_attach", "1");
	vprime_kunit_write_all(test, faults, "refuse_import", "1");
	vprime_kunit_write_all(test, faults, "fence_delay_ms", "7");
	vprime_kunit_write_all(test, faults, "hang", "2");
	vprime_kunit_write_all(test, faults, "chaos_ms", "100");
	vprime_kunit_write_all(test, faults, "fail_commit", "3");
	vprime_kunit_write_all(test, faults, "late_flip_ms", "50");
	vprime_kunit_write_all(test, faults, "lost_hotplug", "1");
}

static const struct vprime_faults written_faults = {
	.refuse_attach = true,
	.refuse_import = true,
	.fence_delay_ms = 7,
	.hang = 2,
	.chaos_ms = 100,
	.fail_commit = 3,
	.late_flip_ms = 50,
	.lost_hotplug = true,
};

/* Those that count are where they count. */
static void expect_faults(struct kunit *test, const struct vprime_gpu *gpu,
			  const struct vprime_faults *faults)
{
	KUNIT_EXPECT_EQ(test, gpu->faults.refuse_attach, faults->refuse_attach);
	KUNIT_EXPECT_EQ(test, gpu->faults.refuse_import, faults->refuse_import);
	KUNIT_EXPECT_EQ(test, atomic_read(&gpu->render.engine.delay_ms), faults->fence_delay_ms);
	KUNIT_EXPECT_EQ(test, atomic_read(&gpu->render.engine.hangs), faults->hang);
	KUNIT_EXPECT_EQ(test, gpu->faults.chaos_ms, faults->chaos_ms);
	KUNIT_EXPECT_EQ(test, atomic_read(&gpu->failing_commits), faults->fail_commit);
	KUNIT_EXPECT_EQ(test, gpu->faults.late_flip_ms, faults->late_flip_ms);
	KUNIT_EXPECT_EQ(test, gpu->faults.lost_hotplug, faults->lost_hotplug);
}

static void faults_reach_the_gpu_that_is_there(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);

	write_faults(test, faults_of(test, group));
	expect_faults(test, gpu, &written_faults);
}

static void faults_reach_every_gpu_that_comes(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);

	write_faults(test, faults_of(test, group));
	expect_faults(test, vprime_kunit_enable(test, group), &written_faults);
	vprime_kunit_write_all(test, group, "enabled", "0");
	expect_faults(test, vprime_kunit_enable(test, group), &written_faults);
}

static void faults_go_away(struct kunit *test)
{
	static const struct vprime_faults none;
	struct config_group *group = vprime_kunit_folder(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);
	struct config_group *faults = faults_of(test, group);
	int i;

	write_faults(test, faults);
	for (i = 0; faults_values[i].name; i++)
		vprime_kunit_write_all(test, faults, faults_values[i].name, "0");
	expect_faults(test, gpu, &none);
}

/* One has failed of those that were to. */
static void expect_to_count_anew(struct kunit *test, struct config_group *faults, const char *name,
				 atomic_t *left)
{
	vprime_kunit_write_all(test, faults, name, "3");
	atomic_dec(left);

	vprime_kunit_write_all(test, faults, "refuse_import", "1");
	KUNIT_EXPECT_EQ(test, atomic_read(left), 2);
	vprime_kunit_write_all(test, faults, name, "3");
	KUNIT_EXPECT_EQ(test, atomic_read(left), 3);
}

static void failing_commits_count_anew_only_when_they_are_written(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);

	expect_to_count_anew(test, faults_of(test, group), "fail_commit", &gpu->failing_commits);
}

static void hangs_count_anew_only_when_they_are_written(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);

	expect_to_count_anew(test, faults_of(test, group), "hang", &gpu->render.engine.hangs);
}

static struct kunit_case vprime_faults_cases[] = {
	KUNIT_CASE(a_new_gpu_has_no_faults),
	KUNIT_CASE_PARAM(faults_take_what_makes_sense, faults_inputs_gen_params),
	KUNIT_CASE(faults_reach_the_gpu_that_is_there),
	KUNIT_CASE(faults_reach_every_gpu_that_comes),
	KUNIT_CASE(faults_go_away),
	KUNIT_CASE(failing_commits_count_anew_only_when_they_are_written),
	KUNIT_CASE(hangs_count_anew_only_when_they_are_written),
	{}
};

static struct kunit_suite vprime_faults_suite = {
	.name = "vprime-faults",
	.test_cases = vprime_faults_cases,
};

kunit_test_suite(vprime_faults_suite);
