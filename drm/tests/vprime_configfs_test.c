// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_configfs.c and vprime_folder.c: a folder and its device come and go.
 */

#include <kunit/test.h>

#include <linux/configfs.h>
#include <linux/err.h>

#include "../vprime_configfs.h"
#include "vprime_kunit_folder.h"

static void a_folder_needs_a_good_name(struct kunit *test)
{
	struct config_group *group;

	group = vprime_configfs_make_group(NULL, "my gpu");
	KUNIT_EXPECT_PTR_EQ(test, group, ERR_PTR(-EINVAL));
	group = vprime_configfs_make_group(NULL, "a234567890123456789012345678901z");
	KUNIT_EXPECT_PTR_EQ(test, group, ERR_PTR(-ENAMETOOLONG));
}

static void enabling_makes_a_device_and_disabling_takes_it_away(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	const char *device;

	vprime_kunit_write_all(test, group, "enabled", "1");
	device = vprime_kunit_device_of(test, group);
	KUNIT_EXPECT_TRUE(test, vprime_kunit_device_exists(device));

	vprime_kunit_write_all(test, group, "enabled", "0");
	KUNIT_EXPECT_STREQ(test, vprime_kunit_read(test, group, "device"), "");
	KUNIT_EXPECT_FALSE(test, vprime_kunit_device_exists(device));
}

static void enabling_twice_keeps_the_device(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	const char *device;

	vprime_kunit_write_all(test, group, "enabled", "1");
	device = vprime_kunit_device_of(test, group);
	vprime_kunit_write_all(test, group, "enabled", "1");
	KUNIT_EXPECT_STREQ(test, vprime_kunit_device_of(test, group), device);
	KUNIT_EXPECT_TRUE(test, vprime_kunit_device_exists(device));
}

static void a_gpu_can_be_enabled_again_with_another_size(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);

	vprime_kunit_write_all(test, group, "enabled", "1");
	vprime_kunit_write_all(test, group, "enabled", "0");
	vprime_kunit_write_all(test, group, "vram_size", "1M");
	vprime_kunit_write_all(test, group, "enabled", "1");
	KUNIT_EXPECT_TRUE(test, vprime_kunit_device_exists(vprime_kunit_device_of(test, group)));
}

static void removing_the_folder_takes_the_device_away(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	const char *device;

	vprime_kunit_write_all(test, group, "enabled", "1");
	device = vprime_kunit_device_of(test, group);
	vprime_kunit_folder_remove(test, group);
	KUNIT_EXPECT_FALSE(test, vprime_kunit_device_exists(device));
}

static void a_file_that_is_open_keeps_no_device(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	const char *device;

	vprime_kunit_write_all(test, group, "enabled", "1");
	device = vprime_kunit_device_of(test, group);
	config_group_get(group);
	vprime_kunit_folder_remove(test, group);
	KUNIT_EXPECT_FALSE(test, vprime_kunit_device_exists(device));
	config_group_put(group);
}

static void a_device_is_called_like_its_gpu(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);

	vprime_kunit_write_all(test, group, "enabled", "1");
	KUNIT_EXPECT_STREQ(test, vprime_kunit_device_of(test, group), "vprime.kunit");
}

static struct kunit_case vprime_configfs_cases[] = {
	KUNIT_CASE(a_folder_needs_a_good_name),
	KUNIT_CASE(enabling_makes_a_device_and_disabling_takes_it_away),
	KUNIT_CASE(enabling_twice_keeps_the_device),
	KUNIT_CASE(a_gpu_can_be_enabled_again_with_another_size),
	KUNIT_CASE(removing_the_folder_takes_the_device_away),
	KUNIT_CASE(a_file_that_is_open_keeps_no_device),
	KUNIT_CASE(a_device_is_called_like_its_gpu),
	{}
};

static struct kunit_suite vprime_configfs_suite = {
	.name = "vprime-configfs",
	.test_cases = vprime_configfs_cases,
};

kunit_test_suite(vprime_configfs_suite);
