// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_plug.c: what people plug in is what the connector finds, at any time.
 */

#include <kunit/test.h>

#include <linux/configfs.h>
#include <linux/device.h>
#include <linux/string.h>

#include <drm/drm_connector.h>
#include <drm/drm_mode.h>
#include <drm/drm_property.h>

#include "../display/vprime_edid.h"
#include "../vprime_gpu.h"
#include "vprime_kunit_folder.h"

static struct config_group *monitor_of(struct kunit *test, struct config_group *gpu,
				       const char *head)
{
	return vprime_kunit_subfolder(test, vprime_kunit_subfolder(test, gpu, "monitors"), head);
}

static struct config_group *make_connector(struct kunit *test, struct config_group *gpu,
					   const char *name)
{
	struct config_group *group;

	group = vprime_kunit_mkdir(test, vprime_kunit_subfolder(test, gpu, "connectors"), name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	return group;
}

/* The folder of a GPU with two heads. */
static struct config_group *make_heads(struct kunit *test)
{
	struct config_group *gpu = vprime_kunit_folder(test);

	vprime_kunit_write_all(test, gpu, "heads", "2");
	return gpu;
}

static enum drm_connector_status status_of(struct kunit *test, struct vprime_gpu *gpu,
					   unsigned int index)
{
	struct drm_connector *connector = vprime_kunit_connector(test, gpu, index);

	vprime_kunit_probe(connector);
	return connector->status;
}

static void expect_edid(struct kunit *test, struct vprime_gpu *gpu, unsigned int index,
			const u8 *edid, size_t len)
{
	struct drm_connector *connector = vprime_kunit_connector(test, gpu, index);

	vprime_kunit_probe(connector);
	KUNIT_ASSERT_NOT_NULL(test, connector->edid_blob_ptr);
	KUNIT_ASSERT_EQ(test, connector->edid_blob_ptr->length, len);
	KUNIT_EXPECT_MEMEQ(test, connector->edid_blob_ptr->data, edid, len);
}

/* One block long, and unlike the default in its serial number. */
static void init_own_edid(u8 edid[VPRIME_EDID_DEFAULT_SIZE])
{
	vprime_edid_init_default(edid, 0);
	edid[12] = 99;
	edid[126] = 0;
	/* The checksum: two bytes have become 98 more and 1 less. */
	edid[127] -= 98 - 1;
}

static const struct vprime_kunit_value monitor_values[] = {
	{ .name = "status", .value = "1\n" },
	{ .name = "link_status", .value = "0\n" },
	{ .name = "edid_enabled", .value = "1\n" },
	{ }
};

static const struct vprime_kunit_value connector_values[] = {
	{ .name = "status", .value = "1\n" },
	{ .name = "link_status", .value = "0\n" },
	{ .name = "edid_enabled", .value = "1\n" },
	{ .name = "type", .value = "15\n" },
	{ }
};

static void an_ordinary_monitor_is_plugged_in_at_first(struct kunit *test)
{
	struct config_group *gpu = vprime_kunit_folder(test);

	vprime_kunit_expect_values(test, monitor_of(test, gpu, "0"), monitor_values);
	vprime_kunit_expect_values(test, monitor_of(test, gpu, "15"), monitor_values);
	vprime_kunit_expect_values(test, make_connector(test, gpu, "a"), connector_values);
}

static const struct vprime_kunit_input inputs[] = {
	{ .name = "status", .text = "2\n", .reads = "2\n" },
	{ .name = "status", .text = "3\n", .reads = "3\n" },
	{ .name = "status", .text = "0\n", .ret = -EINVAL },
	{ .name = "status", .text = "4\n", .ret = -EINVAL },
	{ .name = "status", .text = "connected\n", .ret = -EINVAL },
	{ .name = "link_status", .text = "1\n", .reads = "1\n" },
	{ .name = "link_status", .text = "2\n", .ret = -EINVAL },
	{ .name = "edid_enabled", .text = "0\n", .reads = "0\n" },
	{ .name = "edid_enabled", .text = "2\n", .ret = -EINVAL },
	{ .name = "type", .text = "11\n", .reads = "11\n" },
	{ .name = "type", .text = "18\n", .ret = -EINVAL },
	{ .name = "type", .text = "21\n", .ret = -EINVAL },
	{ .name = "type", .text = "256\n", .ret = -ERANGE },
};

KUNIT_ARRAY_PARAM(inputs, inputs, vprime_kunit_input_name);

static void a_connector_takes_what_makes_sense(struct kunit *test)
{
	struct config_group *connector = make_connector(test, vprime_kunit_folder(test), "a");

	vprime_kunit_expect_input(test, connector, test->param_value);
}

static void a_monitor_comes_and_goes(struct kunit *test)
{
	struct config_group *group = make_heads(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);
	struct config_group *monitor = monitor_of(test, group, "1");

	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 1), connector_status_connected);
	vprime_kunit_write_all(test, monitor, "status", "2");
	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 1), connector_status_disconnected);
	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 0), connector_status_connected);
	vprime_kunit_write_all(test, monitor, "status", "3");
	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 1), connector_status_unknown);
	vprime_kunit_write_all(test, monitor, "status", "1");
	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 1), connector_status_connected);
}

static void a_gpu_comes_with_its_monitors(struct kunit *test)
{
	struct config_group *group = make_heads(test);

	vprime_kunit_write_all(test, monitor_of(test, group, "1"), "status", "2");
	KUNIT_EXPECT_EQ(test, status_of(test, vprime_kunit_enable(test, group), 1),
			connector_status_disconnected);
	vprime_kunit_write_all(test, group, "enabled", "0");
	KUNIT_EXPECT_EQ(test, status_of(test, vprime_kunit_enable(test, group), 1),
			connector_status_disconnected);
}

static void monitors_outlive_the_driver(struct kunit *test)
{
	struct config_group *group = make_heads(test);
	struct device *dev = vprime_kunit_enable(test, group)->drm.dev;
	u8 edid[VPRIME_EDID_DEFAULT_SIZE];

	init_own_edid(edid);
	vprime_kunit_write_all(test, monitor_of(test, group, "0"), "status", "2");
	vprime_kunit_write_bin(test, monitor_of(test, group, "1"), "edid", edid,
			       VPRIME_EDID_BLOCK);
	device_release_driver(dev);
	/* Nobody is there to take it now. */
	vprime_kunit_write_all(test, monitor_of(test, group, "0"), "status", "3");
	KUNIT_ASSERT_EQ(test, device_attach(dev), 1);

	KUNIT_EXPECT_EQ(test, status_of(test, dev_get_drvdata(dev), 0), connector_status_unknown);
	expect_edid(test, dev_get_drvdata(dev), 1, edid, VPRIME_EDID_BLOCK);
}

static void a_head_that_is_not_there_can_have_a_monitor(struct kunit *test)
{
	struct config_group *group = make_heads(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);

	vprime_kunit_write_all(test, monitor_of(test, group, "2"), "status", "2");
	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 0), connector_status_connected);
	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 1), connector_status_connected);
}

static void a_connector_is_found_by_its_name(struct kunit *test)
{
	struct config_group *group = vprime_kunit_folder(test);
	struct config_group *first = make_connector(test, group, "first");
	struct config_group *last = make_connector(test, group, "last");
	struct config_group *plane, *crtc, *encoder;
	struct vprime_gpu *gpu;

	plane = vprime_kunit_mkdir(test, vprime_kunit_subfolder(test, group, "planes"), "a");
	crtc = vprime_kunit_mkdir(test, vprime_kunit_subfolder(test, group, "crtcs"), "a");
	encoder = vprime_kunit_mkdir(test, vprime_kunit_subfolder(test, group, "encoders"), "a");
	vprime_kunit_write_all(test, plane, "type", "1");
	vprime_kunit_link(vprime_kunit_subfolder(test, plane, "possible_crtcs"), crtc);
	vprime_kunit_link(vprime_kunit_subfolder(test, encoder, "possible_crtcs"), crtc);
	vprime_kunit_link(vprime_kunit_subfolder(test, last, "possible_encoders"), encoder);
	vprime_kunit_rmdir(test, first);
	gpu = vprime_kunit_enable(test, group);

	vprime_kunit_write_all(test, last, "status", "2");
	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 0), connector_status_disconnected);
	/* It has no head. */
	vprime_kunit_write_all(test, monitor_of(test, group, "0"), "status", "3");
	KUNIT_EXPECT_EQ(test, status_of(test, gpu, 0), connector_status_disconnected);
}

static void the_connector_reads_the_default_edid(struct kunit *test)
{
	struct config_group *group = make_heads(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);
	u8 edid[VPRIME_EDID_DEFAULT_SIZE];
	const u8 *told;
	size_t len;

	vprime_edid_init_default(edid, 1);
	told = vprime_kunit_read_bin(test, monitor_of(test, group, "1"), "edid", &len);
	KUNIT_ASSERT_EQ(test, len, sizeof(edid));
	KUNIT_EXPECT_MEMEQ(test, told, edid, len);
	expect_edid(test, gpu, 1, edid, sizeof(edid));
}

static void the_connector_reads_the_edid_that_was_written(struct kunit *test)
{
	struct config_group *group = make_heads(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);
	struct config_group *monitor = monitor_of(test, group, "1");
	u8 edid[VPRIME_EDID_DEFAULT_SIZE];
	const u8 *told;
	size_t len;

	init_own_edid(edid);
	KUNIT_EXPECT_EQ(test, vprime_kunit_write_bin(test, monitor, "edid", edid,
						     VPRIME_EDID_BLOCK), VPRIME_EDID_BLOCK);
	told = vprime_kunit_read_bin(test, monitor, "edid", &len);
	KUNIT_ASSERT_EQ(test, len, VPRIME_EDID_BLOCK);
	KUNIT_EXPECT_MEMEQ(test, told, edid, len);
	expect_edid(test, gpu, 1, edid, VPRIME_EDID_BLOCK);

	/* What is broken is not taken; a newline alone means the default. */
	edid[12]++;
	KUNIT_EXPECT_EQ(test, vprime_kunit_write_bin(test, monitor, "edid", edid,
						     VPRIME_EDID_BLOCK), -EINVAL);
	edid[12]--;
	expect_edid(test, gpu, 1, edid, VPRIME_EDID_BLOCK);
	KUNIT_EXPECT_EQ(test, vprime_kunit_write_bin(test, monitor, "edid", "\n", 1), 1);
	vprime_edid_init_default(edid, 1);
	expect_edid(test, gpu, 1, edid, sizeof(edid));
}

static void a_monitor_without_edid_tells_nothing(struct kunit *test)
{
	struct config_group *group = make_heads(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);
	struct config_group *monitor = monitor_of(test, group, "0");
	struct drm_connector *connector = vprime_kunit_connector(test, gpu, 0);

	vprime_kunit_write_all(test, monitor, "edid_enabled", "0");
	vprime_kunit_probe(connector);
	KUNIT_EXPECT_NULL(test, connector->edid_blob_ptr);
	KUNIT_EXPECT_FALSE(test, list_empty(&connector->modes));
	vprime_kunit_write_all(test, monitor, "edid_enabled", "1");
	vprime_kunit_probe(connector);
	KUNIT_EXPECT_NOT_NULL(test, connector->edid_blob_ptr);
}

static void a_link_goes_bad_until_something_else_is_plugged_in(struct kunit *test)
{
	struct config_group *group = make_heads(test);
	struct vprime_gpu *gpu = vprime_kunit_enable(test, group);
	struct config_group *monitor = monitor_of(test, group, "1");

	vprime_kunit_write_all(test, monitor, "link_status", "1");
	KUNIT_EXPECT_EQ(test, vprime_kunit_connector(test, gpu, 1)->state->link_status,
			DRM_MODE_LINK_STATUS_BAD);
	KUNIT_EXPECT_EQ(test, vprime_kunit_connector(test, gpu, 0)->state->link_status,
			DRM_MODE_LINK_STATUS_GOOD);
	vprime_kunit_write_all(test, monitor, "status", "1");
	KUNIT_EXPECT_STREQ(test, vprime_kunit_read(test, monitor, "link_status"), "0\n");
}

static struct kunit_case vprime_plug_cases[] = {
	KUNIT_CASE(an_ordinary_monitor_is_plugged_in_at_first),
	KUNIT_CASE_PARAM(a_connector_takes_what_makes_sense, inputs_gen_params),
	KUNIT_CASE(a_monitor_comes_and_goes),
	KUNIT_CASE(a_gpu_comes_with_its_monitors),
	KUNIT_CASE(monitors_outlive_the_driver),
	KUNIT_CASE(a_head_that_is_not_there_can_have_a_monitor),
	KUNIT_CASE(a_connector_is_found_by_its_name),
	KUNIT_CASE(the_connector_reads_the_default_edid),
	KUNIT_CASE(the_connector_reads_the_edid_that_was_written),
	KUNIT_CASE(a_monitor_without_edid_tells_nothing),
	KUNIT_CASE(a_link_goes_bad_until_something_else_is_plugged_in),
	{}
};

static struct kunit_suite vprime_plug_suite = {
	.name = "vprime-plug",
	.test_cases = vprime_plug_cases,
};

kunit_test_suite(vprime_plug_suite);
