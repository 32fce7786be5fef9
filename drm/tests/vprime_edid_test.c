// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_edid.c: what DRM makes of the default EDID, and what is none.
 */

#include <kunit/test.h>

#include <linux/array_size.h>
#include <linux/configfs.h>
#include <linux/list.h>
#include <linux/string.h>

#include <drm/drm_connector.h>
#include <drm/drm_edid.h>
#include <drm/drm_modes.h>

#include "../display/vprime_edid.h"
#include "../vprime_config.h"
#include "vprime_kunit_folder.h"

static void the_default_is_valid_for_every_connector(struct kunit *test)
{
	u8 edid[VPRIME_EDID_DEFAULT_SIZE];
	int i;

	for (i = 0; i < VPRIME_CONNECTORS_MAX; i++) {
		const struct drm_edid *parsed;

		vprime_edid_init_default(edid, i);
		parsed = drm_edid_alloc(edid, sizeof(edid));
		KUNIT_EXPECT_TRUE_MSG(test, drm_edid_valid(parsed), "connector %d", i);
		drm_edid_free(parsed);
		KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, sizeof(edid)), 0);
	}
}

static void monitors_are_told_apart(struct kunit *test)
{
	u8 first[VPRIME_EDID_DEFAULT_SIZE];
	u8 second[VPRIME_EDID_DEFAULT_SIZE];

	vprime_edid_init_default(first, 0);
	vprime_edid_init_default(second, 1);
	KUNIT_EXPECT_MEMEQ(test, &first[8], &second[8], 4);	/* maker and product */
	KUNIT_EXPECT_MEMNEQ(test, &first[12], &second[12], 4);	/* serial number */
	KUNIT_EXPECT_MEMEQ(test, &first[95], "vprime\n      ", 13);
	KUNIT_EXPECT_MEMEQ(test, &first[113], "vprime-0\n    ", 13);
	KUNIT_EXPECT_MEMEQ(test, &second[113], "vprime-1\n    ", 13);
}

/* A connector that has read the default EDID. */
static struct drm_connector *probe_default(struct kunit *test)
{
	struct config_group *gpu = vprime_kunit_folder(test);
	struct drm_connector *connector;

	vprime_kunit_write_all(test, gpu, "heads", "1");
	connector = vprime_kunit_connector(test, vprime_kunit_enable(test, gpu), 0);
	vprime_kunit_probe(connector);
	return connector;
}

static void drm_reads_what_the_monitor_is_like(struct kunit *test)
{
	const struct drm_display_info *info = &probe_default(test)->display_info;

	KUNIT_EXPECT_EQ(test, info->width_mm, 320);
	KUNIT_EXPECT_EQ(test, info->height_mm, 240);
	KUNIT_EXPECT_EQ(test, info->bpc, 10);
	KUNIT_EXPECT_EQ(test, info->monitor_range.min_vfreq, 40);
	KUNIT_EXPECT_EQ(test, info->monitor_range.max_vfreq, 75);
	KUNIT_EXPECT_FALSE(test, info->non_desktop);
}

static void the_first_mode_is_a_small_one(struct kunit *test)
{
	const struct drm_display_mode *mode;

	mode = list_first_entry(&probe_default(test)->modes, struct drm_display_mode, head);
	KUNIT_EXPECT_TRUE(test, mode->type & DRM_MODE_TYPE_PREFERRED);
	KUNIT_EXPECT_EQ(test, mode->hdisplay, 1024);
	KUNIT_EXPECT_EQ(test, mode->vdisplay, 768);
	KUNIT_EXPECT_EQ(test, mode->clock, 65000);
	KUNIT_EXPECT_EQ(test, drm_mode_vrefresh(mode), 60);
}

static const struct mode {
	u16 width;
	u16 height;
	int rate;
} modes[] = {
	{ 640, 480, 60 },
	{ 800, 600, 60 },
	{ 800, 600, 75 },
	{ 1024, 768, 75 },
	{ 1280, 720, 60 },
	{ 1280, 800, 60 },
	{ 1280, 960, 60 },
	{ 1280, 1024, 60 },
	{ 1280, 1024, 75 },
	{ 1440, 900, 60 },
	{ 1600, 900, 60 },
	{ 1680, 1050, 60 },
	{ 1920, 1080, 60 },
	{ 2560, 1440, 60 },
};

static bool has_mode(const struct drm_connector *connector, const struct mode *wanted)
{
	const struct drm_display_mode *mode;

	list_for_each_entry(mode, &connector->modes, head)
		if (mode->hdisplay == wanted->width && mode->vdisplay == wanted->height &&
		    drm_mode_vrefresh(mode) == wanted->rate)
			return true;

	return false;
}

static void the_monitor_can_do_what_is_in_use(struct kunit *test)
{
	const struct drm_connector *connector = probe_default(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		KUNIT_EXPECT_TRUE_MSG(test, has_mode(connector, &modes[i]), "%ux%u at %d Hz",
				      modes[i].width, modes[i].height, modes[i].rate);
}

static void no_mode_is_out_of_range(struct kunit *test)
{
	const struct drm_connector *connector = probe_default(test);
	const struct drm_display_mode *mode;

	list_for_each_entry(mode, &connector->modes, head) {
		KUNIT_EXPECT_LE_MSG(test, mode->clock, 250000, "%s", mode->name);
		KUNIT_EXPECT_LE_MSG(test, drm_mode_vrefresh(mode), 75, "%s", mode->name);
		KUNIT_EXPECT_GE_MSG(test, drm_mode_vrefresh(mode), 40, "%s", mode->name);
	}
}

/**
 * struct edid_change - a way to spoil the default EDID
 * @name: what has happened to it
 * @at: offset of a byte
 * @add: to that byte
 * @len: how much of it there is
 */
struct edid_change {
	const char *name;
	size_t at;
	u8 add;
	size_t len;
};

static const struct edid_change edid_changes[] = {
	{ .name = "nothing of it", .len = 0 },
	{ .name = "less than a block", .len = 127 },
	{ .name = "fewer blocks than it says", .len = 128 },
	{ .name = "part of a block more", .len = 257 },
	{ .name = "more blocks than it says", .len = 384 },
	{ .name = "another first byte", .at = 0, .add = 1, .len = 256 },
	{ .name = "another header", .at = 7, .add = 1, .len = 256 },
	{ .name = "a wrong bit in the first block", .at = 60, .add = 4, .len = 256 },
	{ .name = "another checksum", .at = 127, .add = 1, .len = 256 },
	{ .name = "a wrong bit in the extension", .at = 140, .add = 128, .len = 256 },
};

static void edid_change_name(const struct edid_change *change, char *desc)
{
	strscpy(desc, change->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(edid_changes, edid_changes, edid_change_name);

static void what_is_spoilt_is_refused(struct kunit *test)
{
	const struct edid_change *change = test->param_value;
	u8 edid[3 * VPRIME_EDID_BLOCK] = {};

	vprime_edid_init_default(edid, 0);
	edid[change->at] += change->add;
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, change->len), -EINVAL);
}

/* The first data block of the first extension. */
#define EEODB_AT (VPRIME_EDID_BLOCK + 4)

static void mend_checksum(u8 *block)
{
	u8 sum = 0;
	int i;

	for (i = 0; i < VPRIME_EDID_BLOCK - 1; i++)
		sum += block[i];
	block[VPRIME_EDID_BLOCK - 1] = -sum;
}

/* One that admits to one extension, and tells of @extensions in that. */
static void init_overridden(u8 *edid, size_t size, u8 extensions)
{
	static const u8 head[] = { 0x02, 3, 4 + 3, 0, 7 << 5 | 2, 0x78 };
	u8 *block;

	memset(edid, 0, size);
	vprime_edid_init_default(edid, 0);
	for (block = edid + VPRIME_EDID_BLOCK; block < edid + size; block += VPRIME_EDID_BLOCK) {
		memset(block, 0, VPRIME_EDID_BLOCK);
		memcpy(block, head, 4);
	}
	memcpy(edid + VPRIME_EDID_BLOCK, head, sizeof(head));
	edid[EEODB_AT + 2] = extensions;
	for (block = edid + VPRIME_EDID_BLOCK; block < edid + size; block += VPRIME_EDID_BLOCK)
		mend_checksum(block);
}

static void an_extension_may_tell_of_more_extensions(struct kunit *test)
{
	u8 edid[4 * VPRIME_EDID_BLOCK];

	init_overridden(edid, sizeof(edid), 3);
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, sizeof(edid)), 0);
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, 2 * VPRIME_EDID_BLOCK), -EINVAL);
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, 3 * VPRIME_EDID_BLOCK), -EINVAL);
	edid[3 * VPRIME_EDID_BLOCK + 5]++;
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, sizeof(edid)), -EINVAL);
}

static void fewer_extensions_than_the_first_block_tells_of_do_not_count(struct kunit *test)
{
	u8 edid[4 * VPRIME_EDID_BLOCK];

	init_overridden(edid, sizeof(edid), 0);
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, 2 * VPRIME_EDID_BLOCK), 0);
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, VPRIME_EDID_BLOCK), -EINVAL);
}

/* Each of them makes the number of extensions a number of something else. */
static const struct edid_change override_changes[] = {
	{ .name = "in an extension of another kind", .at = VPRIME_EDID_BLOCK, .add = 0x40 },
	{ .name = "in an older revision", .at = VPRIME_EDID_BLOCK + 1, .add = (u8)-1 },
	{ .name = "behind the data blocks", .at = VPRIME_EDID_BLOCK + 2, .add = (u8)-1 },
	{ .name = "where data blocks cannot end", .at = VPRIME_EDID_BLOCK + 2, .add = 0x80 },
	{ .name = "in a block of another kind", .at = EEODB_AT, .add = (u8)-32 },
	{ .name = "in a block that is too short", .at = EEODB_AT, .add = (u8)-1 },
	{ .name = "in an extended block of another kind", .at = EEODB_AT + 1, .add = 1 },
};

KUNIT_ARRAY_PARAM(override_changes, override_changes, edid_change_name);

static void what_looks_like_more_extensions_is_none(struct kunit *test)
{
	const struct edid_change *change = test->param_value;
	u8 edid[4 * VPRIME_EDID_BLOCK];

	init_overridden(edid, sizeof(edid), 3);
	edid[change->at] += change->add;
	mend_checksum(edid + VPRIME_EDID_BLOCK);
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, sizeof(edid)), -EINVAL);
	KUNIT_EXPECT_EQ(test, vprime_edid_check(edid, 2 * VPRIME_EDID_BLOCK), 0);
}

static struct kunit_case vprime_edid_cases[] = {
	KUNIT_CASE(the_default_is_valid_for_every_connector),
	KUNIT_CASE(monitors_are_told_apart),
	KUNIT_CASE(drm_reads_what_the_monitor_is_like),
	KUNIT_CASE(the_first_mode_is_a_small_one),
	KUNIT_CASE(the_monitor_can_do_what_is_in_use),
	KUNIT_CASE(no_mode_is_out_of_range),
	KUNIT_CASE_PARAM(what_is_spoilt_is_refused, edid_changes_gen_params),
	KUNIT_CASE(an_extension_may_tell_of_more_extensions),
	KUNIT_CASE(fewer_extensions_than_the_first_block_tells_of_do_not_count),
	KUNIT_CASE_PARAM(what_looks_like_more_extensions_is_none, override_changes_gen_params),
	{}
};

static struct kunit_suite vprime_edid_suite = {
	.name = "vprime-edid",
	.test_cases = vprime_edid_cases,
};

kunit_test_suite(vprime_edid_suite);
