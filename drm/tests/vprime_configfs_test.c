// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_configfs.c, vprime_folder.c and vprime_faults.c: a folder as mkdir makes it,
 * whose attributes are read and written like configfs does it. The folder is in no tree.
 */

#include <kunit/test.h>

#include <linux/configfs.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include "../vprime_config.h"
#include "../vprime_configfs.h"
#include "../vprime_gpu.h"

static void put_action(void *group)
{
	config_group_put(group);
}

static struct config_group *folder_create(struct kunit *test)
{
	struct config_group *group = vprime_configfs_make_group(NULL, "kunit");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_action, group), 0);
	return group;
}

/* As rmdir does it. */
static void folder_remove(struct kunit *test, struct config_group *group)
{
	kunit_release_action(test, put_action, group);
}

static struct config_group *faults_of(struct config_group *group)
{
	return list_first_entry(&group->default_groups, struct config_group, group_entry);
}

static const struct configfs_attribute *attribute(struct kunit *test, struct config_group *group,
						  const char *name)
{
	struct configfs_attribute **attr;

	for (attr = group->cg_item.ci_type->ct_attrs; *attr; attr++)
		if (!strcmp((*attr)->ca_name, name))
			return *attr;

	KUNIT_FAIL_AND_ABORT(test, "%s is missing", name);
	return NULL;
}

static ssize_t write(struct kunit *test, struct config_group *group, const char *name,
		     const char *text)
{
	return attribute(test, group, name)->store(&group->cg_item, text, strlen(text));
}

static void write_all(struct kunit *test, struct config_group *group, const char *name,
		      const char *text)
{
	KUNIT_ASSERT_EQ_MSG(test, write(test, group, name, text), strlen(text), "%s", name);
}

static const char *read(struct kunit *test, struct config_group *group, const char *name)
{
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	ssize_t len;

	KUNIT_ASSERT_NOT_NULL(test, page);
	len = attribute(test, group, name)->show(&group->cg_item, page);
	KUNIT_ASSERT_EQ(test, len, strlen(page));
	return page;
}

static struct device *device_find(const char *name)
{
	return bus_find_device_by_name(&platform_bus_type, NULL, name);
}

static bool device_exists(const char *name)
{
	struct device *dev = device_find(name);

	put_device(dev);
	return dev;
}

/* The name without the line end. */
static const char *device_of(struct kunit *test, struct config_group *group)
{
	char *name = kunit_kstrdup(test, read(test, group, "device"), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, name);
	return strim(name);
}

static void put_device_action(void *dev)
{
	put_device(dev);
}

static struct vprime_gpu *gpu_enable(struct kunit *test, struct config_group *group)
{
	struct device *dev;

	write_all(test, group, "enabled", "1");
	dev = device_find(device_of(test, group));
	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_device_action, dev), 0);
	return dev_get_drvdata(dev);
}

struct value {
	const char *name;
	const char *value;
};

static const struct value folder_values[] = {
	{ .name = "enabled", .value = "0\n" },
	{ .name = "device", .value = "" },
	{ .name = "vram_size", .value = "268435456\n" },
	{ .name = "pin_limit", .value = "134217728\n" },
	{ .name = "heads", .value = "0\n" },
	{ .name = "render_node", .value = "1\n" },
	{ .name = "fbdev_peer", .value = "\n" },
	{ .name = "p2p", .value = "1\n" },
	{ .name = "dma_mask", .value = "64\n" },
	{ .name = "engine_speed", .value = "0\n" },
	{ .name = "engine_latency_us", .value = "0\n" },
	{ .name = "job_timeout_ms", .value = "10000\n" },
	{ .name = "poison", .value = "1\n" },
	{ }
};

static const struct value faults_values[] = {
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

static void expect_values(struct kunit *test, struct config_group *group,
			  const struct value *values)
{
	int i;

	for (i = 0; values[i].name; i++)
		KUNIT_EXPECT_STREQ_MSG(test, read(test, group, values[i].name), values[i].value,
				       "%s", values[i].name);
	/* Every attribute is in the table. */
	KUNIT_EXPECT_NULL(test, group->cg_item.ci_type->ct_attrs[i]);
}

static void a_new_gpu_is_disabled_and_like_render(struct kunit *test)
{
	expect_values(test, folder_create(test), folder_values);
}

static void a_new_gpu_has_no_faults(struct kunit *test)
{
	struct config_group *faults = faults_of(folder_create(test));

	KUNIT_EXPECT_STREQ(test, config_item_name(&faults->cg_item), "faults");
	expect_values(test, faults, faults_values);
}

static void a_folder_needs_a_good_name(struct kunit *test)
{
	struct config_group *group;

	group = vprime_configfs_make_group(NULL, "my gpu");
	KUNIT_EXPECT_PTR_EQ(test, group, ERR_PTR(-EINVAL));
	group = vprime_configfs_make_group(NULL, "a234567890123456789012345678901z");
	KUNIT_EXPECT_PTR_EQ(test, group, ERR_PTR(-ENAMETOOLONG));
}

static void what_is_found_out_cannot_be_written(struct kunit *test)
{
	struct config_group *group = folder_create(test);

	KUNIT_EXPECT_NULL(test, attribute(test, group, "device")->store);
}

/**
 * struct input - what somebody writes into an attribute
 * @name: the attribute
 * @text: what is written
 * @reads: what it reads afterwards; NULL if it has to be the same as before
 * @ret: the error, or 0
 */
struct input {
	const char *name;
	const char *text;
	const char *reads;
	int ret;
};

static const struct input folder_inputs[] = {
	{ .name = "vram_size", .text = "8388608\n", .reads = "8388608\n" },
	{ .name = "vram_size", .text = "0x800000\n", .reads = "8388608\n" },
	{ .name = "vram_size", .text = "8192k", .reads = "8388608\n" },
	{ .name = "vram_size", .text = "8M\n", .reads = "8388608\n" },
	{ .name = "vram_size", .text = "2g\n", .reads = "2147483648\n" },
	{ .name = "vram_size", .text = "64G\n", .reads = "68719476736\n" },
	{ .name = "vram_size", .text = "65G\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "1023k\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "0\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "", .ret = -EINVAL },
	{ .name = "vram_size", .text = "\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "M\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "-8M\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "8MB\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "8 M\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "8T\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "000000000000000000008388608\n", .ret = -EINVAL },
	{ .name = "vram_size", .text = "18446744073709551616\n", .ret = -ERANGE },
	{ .name = "vram_size", .text = "17179869184G\n", .ret = -ERANGE },

	{ .name = "pin_limit", .text = "0\n", .reads = "0\n" },
	{ .name = "pin_limit", .text = "256M\n", .reads = "268435456\n" },
	{ .name = "pin_limit", .text = "257M\n", .ret = -EINVAL },

	{ .name = "heads", .text = "16\n", .reads = "16\n" },
	{ .name = "heads", .text = "17\n", .ret = -EINVAL },

	{ .name = "render_node", .text = "0\n", .reads = "0\n" },
	{ .name = "render_node", .text = "2\n", .ret = -EINVAL },
	{ .name = "fbdev_peer", .text = "other\n", .reads = "other\n" },
	{ .name = "fbdev_peer", .text = "other", .reads = "other\n" },
	{ .name = "fbdev_peer", .text = "\n", .reads = "\n" },
	{ .name = "fbdev_peer", .text = "kunit\n", .ret = -EINVAL },
	{ .name = "fbdev_peer", .text = "an other\n", .ret = -EINVAL },
	{ .name = "fbdev_peer", .text = "one\ntwo\n", .ret = -EINVAL },
	{ .name = "fbdev_peer", .text = "a23456789012345678901234567890z\n",
	  .reads = "a23456789012345678901234567890z\n" },
	{ .name = "fbdev_peer", .text = "a23456789012345678901234567890z1\n", .ret = -EINVAL },
	{ .name = "p2p", .text = "0\n", .reads = "0\n" },
	{ .name = "p2p", .text = "maybe\n", .ret = -EINVAL },
	{ .name = "poison", .text = "0\n", .reads = "0\n" },
	{ .name = "poison", .text = "\n", .ret = -EINVAL },

	{ .name = "dma_mask", .text = "32\n", .reads = "32\n" },
	{ .name = "dma_mask", .text = "31\n", .ret = -EINVAL },
	{ .name = "dma_mask", .text = "4294967296\n", .ret = -ERANGE },
	{ .name = "dma_mask", .text = "32M\n", .ret = -EINVAL },

	{ .name = "engine_speed", .text = "100M\n", .reads = "104857600\n" },
	{ .name = "engine_speed", .text = "fast\n", .ret = -EINVAL },
	{ .name = "engine_latency_us", .text = "50\n", .reads = "50\n" },
	{ .name = "engine_latency_us", .text = "10000000\n", .ret = -EINVAL },
	{ .name = "job_timeout_ms", .text = "200\n", .reads = "200\n" },
	{ .name = "job_timeout_ms", .text = "0\n", .ret = -EINVAL },

	{ .name = "enabled", .text = "0\n", .reads = "0\n" },
	{ .name = "enabled", .text = "y\n", .reads = "1\n" },
	{ .name = "enabled", .text = "2\n", .ret = -EINVAL },
};

static const struct input faults_inputs[] = {
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

static void input_name(const struct input *input, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %*pE", input->name, (int)strlen(input->text),
		 input->text);
}

KUNIT_ARRAY_PARAM(folder_inputs, folder_inputs, input_name);
KUNIT_ARRAY_PARAM(faults_inputs, faults_inputs, input_name);

static void expect_input(struct kunit *test, struct config_group *group, const struct input *input)
{
	const char *before = read(test, group, input->name);
	ssize_t ret = write(test, group, input->name, input->text);

	KUNIT_EXPECT_EQ(test, ret, input->ret ?: (ssize_t)strlen(input->text));
	KUNIT_EXPECT_STREQ(test, read(test, group, input->name), input->reads ?: before);
}

static void the_folder_takes_what_makes_sense(struct kunit *test)
{
	expect_input(test, folder_create(test), test->param_value);
}

static void faults_take_what_makes_sense(struct kunit *test)
{
	expect_input(test, faults_of(folder_create(test)), test->param_value);
}

static void the_pin_limit_goes_with_the_size(struct kunit *test)
{
	struct config_group *group = folder_create(test);

	write_all(test, group, "pin_limit", "256M");
	write_all(test, group, "vram_size", "4M");
	KUNIT_EXPECT_STREQ(test, read(test, group, "pin_limit"), "2097152\n");
}

static void a_refused_size_leaves_the_pin_limit(struct kunit *test)
{
	struct config_group *group = folder_create(test);

	KUNIT_EXPECT_EQ(test, write(test, group, "vram_size", "1"), -EINVAL);
	KUNIT_EXPECT_STREQ(test, read(test, group, "pin_limit"), "134217728\n");
}

static void enabling_makes_a_device_and_disabling_takes_it_away(struct kunit *test)
{
	struct config_group *group = folder_create(test);
	const char *device;

	write_all(test, group, "enabled", "1");
	device = device_of(test, group);
	KUNIT_EXPECT_TRUE(test, device_exists(device));

	write_all(test, group, "enabled", "0");
	KUNIT_EXPECT_STREQ(test, read(test, group, "device"), "");
	KUNIT_EXPECT_FALSE(test, device_exists(device));
}

static void enabling_twice_keeps_the_device(struct kunit *test)
{
	struct config_group *group = folder_create(test);
	const char *device;

	write_all(test, group, "enabled", "1");
	device = device_of(test, group);
	write_all(test, group, "enabled", "1");
	KUNIT_EXPECT_STREQ(test, device_of(test, group), device);
	KUNIT_EXPECT_TRUE(test, device_exists(device));
}

static void a_gpu_can_be_enabled_again_with_another_size(struct kunit *test)
{
	struct config_group *group = folder_create(test);

	write_all(test, group, "enabled", "1");
	write_all(test, group, "enabled", "0");
	write_all(test, group, "vram_size", "1M");
	write_all(test, group, "enabled", "1");
	KUNIT_EXPECT_TRUE(test, device_exists(device_of(test, group)));
}

static void removing_the_folder_takes_the_device_away(struct kunit *test)
{
	struct config_group *group = folder_create(test);
	const char *device;

	write_all(test, group, "enabled", "1");
	device = device_of(test, group);
	folder_remove(test, group);
	KUNIT_EXPECT_FALSE(test, device_exists(device));
}

static void the_configuration_is_fixed_while_enabled(struct kunit *test)
{
	struct config_group *group = folder_create(test);
	int i;

	write_all(test, group, "enabled", "1");
	for (i = 0; folder_values[i].name; i++) {
		const char *name = folder_values[i].name;

		if (!strcmp(name, "enabled") || !attribute(test, group, name)->store)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, write(test, group, name, folder_values[i].value), -EBUSY,
				    "%s", name);
	}
}

static void the_gpu_is_made_like_the_folder_says(struct kunit *test)
{
	struct config_group *group = folder_create(test);
	const struct vprime_config *config;

	write_all(test, group, "vram_size", "8M");
	write_all(test, group, "pin_limit", "1M");
	write_all(test, group, "render_node", "0");
	write_all(test, group, "fbdev_peer", "other");
	write_all(test, group, "p2p", "0");
	write_all(test, group, "dma_mask", "40");
	write_all(test, group, "engine_speed", "1G");
	write_all(test, group, "engine_latency_us", "50");
	write_all(test, group, "job_timeout_ms", "200");
	write_all(test, group, "poison", "0");
	config = &gpu_enable(test, group)->config;

	KUNIT_EXPECT_STREQ(test, config->name, "kunit");
	KUNIT_EXPECT_EQ(test, config->vram_size, SZ_8M);
	KUNIT_EXPECT_EQ(test, config->pin_limit, SZ_1M);
	KUNIT_EXPECT_EQ(test, config->heads, 0);
	KUNIT_EXPECT_FALSE(test, config->render_node);
	KUNIT_EXPECT_STREQ(test, config->fbdev_peer, "other");
	KUNIT_EXPECT_FALSE(test, config->p2p);
	KUNIT_EXPECT_EQ(test, config->dma_bits, 40);
	KUNIT_EXPECT_EQ(test, config->engine_speed, SZ_1G);
	KUNIT_EXPECT_EQ(test, config->engine_latency_us, 50);
	KUNIT_EXPECT_EQ(test, config->job_timeout_ms, 200);
	KUNIT_EXPECT_FALSE(test, config->poison);
	KUNIT_EXPECT_EQ(test, config->clock, VPRIME_CLOCK_TIMED);
}

static void write_faults(struct kunit *test, struct config_group *faults)
{
	write_all(test, faults, "refuse_attach", "1");
	write_all(test, faults, "refuse_import", "1");
	write_all(test, faults, "fence_delay_ms", "7");
	write_all(test, faults, "hang", "2");
	write_all(test, faults, "chaos_ms", "100");
}

static void expect_faults(struct kunit *test, const struct vprime_gpu *gpu)
{
	KUNIT_EXPECT_TRUE(test, gpu->faults.refuse_attach);
	KUNIT_EXPECT_TRUE(test, gpu->faults.refuse_import);
	KUNIT_EXPECT_EQ(test, atomic_read(&gpu->render.engine.delay_ms), 7);
	KUNIT_EXPECT_EQ(test, atomic_read(&gpu->render.engine.hangs), 2);
	KUNIT_EXPECT_EQ(test, gpu->faults.chaos_ms, 100);
}

static void faults_reach_the_gpu_that_is_there(struct kunit *test)
{
	struct config_group *group = folder_create(test);
	struct vprime_gpu *gpu = gpu_enable(test, group);

	write_faults(test, faults_of(group));
	expect_faults(test, gpu);
}

static void faults_reach_every_gpu_that_comes(struct kunit *test)
{
	struct config_group *group = folder_create(test);

	write_faults(test, faults_of(group));
	expect_faults(test, gpu_enable(test, group));
	write_all(test, group, "enabled", "0");
	expect_faults(test, gpu_enable(test, group));
}

static void faults_go_away(struct kunit *test)
{
	struct config_group *group = folder_create(test);
	struct vprime_gpu *gpu = gpu_enable(test, group);
	struct config_group *faults = faults_of(group);
	int i;

	write_faults(test, faults);
	for (i = 0; faults_values[i].name; i++)
		write_all(test, faults, faults_values[i].name, "0");

	KUNIT_EXPECT_FALSE(test, gpu->faults.refuse_attach);
	KUNIT_EXPECT_FALSE(test, gpu->faults.refuse_import);
	KUNIT_EXPECT_EQ(test, atomic_read(&gpu->render.engine.delay_ms), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&gpu->render.engine.hangs), 0);
	KUNIT_EXPECT_EQ(test, gpu->faults.chaos_ms, 0);
}

/* One of two jobs has hung. */
static void hangs_count_anew_only_when_they_are_written(struct kunit *test)
{
	struct config_group *group = folder_create(test);
	struct vprime_gpu *gpu = gpu_enable(test, group);
	struct config_group *faults = faults_of(group);
	atomic_t *hangs = &gpu->render.engine.hangs;

	write_all(test, faults, "hang", "2");
	atomic_dec(hangs);

	write_all(test, faults, "fence_delay_ms", "1");
	KUNIT_EXPECT_EQ(test, atomic_read(hangs), 1);
	write_all(test, faults, "hang", "2");
	KUNIT_EXPECT_EQ(test, atomic_read(hangs), 2);
}

static struct kunit_case vprime_configfs_cases[] = {
	KUNIT_CASE(a_new_gpu_is_disabled_and_like_render),
	KUNIT_CASE(a_new_gpu_has_no_faults),
	KUNIT_CASE(a_folder_needs_a_good_name),
	KUNIT_CASE(what_is_found_out_cannot_be_written),
	KUNIT_CASE_PARAM(the_folder_takes_what_makes_sense, folder_inputs_gen_params),
	KUNIT_CASE_PARAM(faults_take_what_makes_sense, faults_inputs_gen_params),
	KUNIT_CASE(the_pin_limit_goes_with_the_size),
	KUNIT_CASE(a_refused_size_leaves_the_pin_limit),
	KUNIT_CASE(enabling_makes_a_device_and_disabling_takes_it_away),
	KUNIT_CASE(enabling_twice_keeps_the_device),
	KUNIT_CASE(a_gpu_can_be_enabled_again_with_another_size),
	KUNIT_CASE(removing_the_folder_takes_the_device_away),
	KUNIT_CASE(the_configuration_is_fixed_while_enabled),
	KUNIT_CASE(the_gpu_is_made_like_the_folder_says),
	KUNIT_CASE(faults_reach_the_gpu_that_is_there),
	KUNIT_CASE(faults_reach_every_gpu_that_comes),
	KUNIT_CASE(faults_go_away),
	KUNIT_CASE(hangs_count_anew_only_when_they_are_written),
	{}
};

static struct kunit_suite vprime_configfs_suite = {
	.name = "vprime-configfs",
	.test_cases = vprime_configfs_cases,
};

kunit_test_suite(vprime_configfs_suite);
