// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_attributes.c: what a folder tells and takes, and that the GPU becomes like it.
 */

#include <kunit/test.h>

#include <linux/configfs.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../vprime_config.h"
#include "../vprime_gpu.h"
#include "vprime_kunit_folder.h"

static const struct vprime_kunit_value folder_values[] = {
	{ .name = "enabled", .value = "0\n" },
	{ .name = "device", .value = "" },
	{ .name = "vram_size", .value = "268435456\n" },
	{ .name = "pin_limit", .value = "134217728\n" },
	{ .name = "heads", .value = "0\n" },
	{ .name = "cursor_hotspot", .value = "0\n" },
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

static void a_new_gpu_is_disabled_and_like_render(struct kunit *test)
{
	vprime_kunit_expect_values(test, vprime_kunit_folder(test), folder_values);
}

static void what_is_found_out_cannot_be_written(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);

	KUNIT_EXPECT_NULL(test, vprime_kunit_attribute(test, group, "device")->store);
}

static const struct vprime_kunit_input folder_inputs[] = {
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

	{ .name = "cursor_hotspot", .text = "1\n", .reads = "1\n" },
	{ .name = "cursor_hotspot", .text = "2\n", .ret = -EINVAL },
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

KUNIT_ARRAY_PARAM(folder_inputs, folder_inputs, vprime_kunit_input_name);

static void the_folder_takes_what_makes_sense(struct kunit *test)
{
	vprime_kunit_expect_input(test, vprime_kunit_folder(test), test->param_value);
}

static void the_pin_limit_goes_with_the_size(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);

	vprime_kunit_write_all(test, group, "pin_limit", "256M");
	vprime_kunit_write_all(test, group, "vram_size", "4M");
	KUNIT_EXPECT_STREQ(test, vprime_kunit_read(test, group, "pin_limit"), "2097152\n");
}

static void a_refused_size_leaves_the_pin_limit(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);

	KUNIT_EXPECT_EQ(test, vprime_kunit_write(test, group, "vram_size", "1"), -EINVAL);
	KUNIT_EXPECT_STREQ(test, vprime_kunit_read(test, group, "pin_limit"), "134217728\n");
}

static void the_configuration_is_fixed_while_enabled(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	int i;

	vprime_kunit_write_all(test, group, "enabled", "1");
	for (i = 0; folder_values[i].name; i++) {
		const char *name = folder_values[i].name;

		if (!strcmp(name, "enabled") || !vprime_kunit_attribute(test, group, name)->store)
			continue;
		KUNIT_EXPECT_EQ_MSG(test,
				    vprime_kunit_write(test, group, name, folder_values[i].value),
				    -EBUSY, "%s", name);
	}
}

static void the_gpu_is_made_like_the_folder_says(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	const struct vprime_config *config;

	vprime_kunit_write_all(test, group, "vram_size", "8M");
	vprime_kunit_write_all(test, group, "pin_limit", "1M");
	vprime_kunit_write_all(test, group, "render_node", "0");
	vprime_kunit_write_all(test, group, "fbdev_peer", "other");
	vprime_kunit_write_all(test, group, "p2p", "0");
	vprime_kunit_write_all(test, group, "dma_mask", "40");
	vprime_kunit_write_all(test, group, "engine_speed", "1G");
	vprime_kunit_write_all(test, group, "engine_latency_us", "50");
	vprime_kunit_write_all(test, group, "job_timeout_ms", "200");
	vprime_kunit_write_all(test, group, "poison", "0");
	config = &vprime_kunit_enable(test, group)->config;

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

static struct kunit_case vprime_attributes_cases[] = {
	KUNIT_CASE(a_new_gpu_is_disabled_and_like_render),
	KUNIT_CASE(what_is_found_out_cannot_be_written),
	KUNIT_CASE_PARAM(the_folder_takes_what_makes_sense, folder_inputs_gen_params),
	KUNIT_CASE(the_pin_limit_goes_with_the_size),
	KUNIT_CASE(a_refused_size_leaves_the_pin_limit),
	KUNIT_CASE(the_configuration_is_fixed_while_enabled),
	KUNIT_CASE(the_gpu_is_made_like_the_folder_says),
	{}
};

static struct kunit_suite vprime_attributes_suite = {
	.name = "vprime-attributes",
	.test_cases = vprime_attributes_cases,
};

kunit_test_suite(vprime_attributes_suite);
