// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_topology.c: what heads are made of, and of what no display can be made.
 */

#include <kunit/test.h>

#include <linux/bits.h>
#include <linux/string.h>

#include <drm/drm_blend.h>
#include <drm/drm_mode.h>
#include <drm/drm_plane.h>

#include "../vprime_topology.h"

static void no_head_is_no_display(struct kunit *test)
{
	struct vprime_topology topology;

	memset(&topology, 0xff, sizeof(topology));
	vprime_topology_init_heads(&topology, 0);
	KUNIT_EXPECT_TRUE(test, vprime_topology_is_empty(&topology));
	KUNIT_EXPECT_EQ(test, vprime_topology_check(&topology, "kunit"), 0);
}

static void a_head_has_three_planes_and_one_of_the_rest(struct kunit *test)
{
	struct vprime_topology topology;

	vprime_topology_init_heads(&topology, 1);
	KUNIT_EXPECT_FALSE(test, vprime_topology_is_empty(&topology));
	KUNIT_ASSERT_EQ(test, topology.num_planes, 3);
	KUNIT_EXPECT_EQ(test, topology.planes[0].type, DRM_PLANE_TYPE_PRIMARY);
	KUNIT_EXPECT_EQ(test, topology.planes[1].type, DRM_PLANE_TYPE_OVERLAY);
	KUNIT_EXPECT_EQ(test, topology.planes[2].type, DRM_PLANE_TYPE_CURSOR);
	KUNIT_ASSERT_EQ(test, topology.num_crtcs, 1);
	KUNIT_EXPECT_TRUE(test, topology.crtcs[0].writeback);
	KUNIT_EXPECT_EQ(test, topology.num_encoders, 1);
	KUNIT_ASSERT_EQ(test, topology.num_connectors, 1);
	KUNIT_EXPECT_EQ(test, topology.connectors[0].type, DRM_MODE_CONNECTOR_VIRTUAL);
}

static void heads_have_nothing_to_do_with_each_other(struct kunit *test)
{
	struct vprime_topology topology;
	int i;

	vprime_topology_init_heads(&topology, 4);
	for (i = 0; i < 12; i++)
		KUNIT_EXPECT_EQ_MSG(test, topology.planes[i].crtcs, BIT(i / 3), "plane %d", i);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, topology.encoders[i].crtcs, BIT(i));
		KUNIT_EXPECT_EQ(test, topology.connectors[i].encoders, BIT(i));
	}
}

static const struct heads {
	unsigned int heads;
	unsigned int planes;
} heads[] = {
	{ .heads = 1, .planes = 3 },
	{ .heads = 10, .planes = 30 },
	{ .heads = 11, .planes = 22 },
	{ .heads = 16, .planes = 32 },
};

static void name_heads(const struct heads *h, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u heads", h->heads);
}

KUNIT_ARRAY_PARAM(heads, heads, name_heads);

static void as_many_heads_as_there_may_be_make_a_display(struct kunit *test)
{
	const struct heads *param = test->param_value;
	struct vprime_topology topology;

	vprime_topology_init_heads(&topology, param->heads);
	KUNIT_EXPECT_EQ(test, topology.num_planes, param->planes);
	KUNIT_EXPECT_EQ(test, topology.num_crtcs, param->heads);
	KUNIT_EXPECT_EQ(test, topology.num_encoders, param->heads);
	KUNIT_EXPECT_EQ(test, topology.num_connectors, param->heads);
	KUNIT_EXPECT_EQ(test, vprime_topology_check(&topology, "kunit"), 0);
}

/* Each does one thing to two heads, whose planes are 0 to 2 and 3 to 5. */

static void no_crtcs(struct vprime_topology *t)
{
	t->num_crtcs = 0;
}

static void no_planes(struct vprime_topology *t)
{
	t->num_planes = 0;
}

static void no_encoders(struct vprime_topology *t)
{
	t->num_encoders = 0;
}

static void no_connectors(struct vprime_topology *t)
{
	t->num_connectors = 0;
}

static void too_many_crtcs(struct vprime_topology *t)
{
	t->num_crtcs = VPRIME_CRTCS_MAX + 1;
}

static void plane_of_no_type(struct vprime_topology *t)
{
	t->planes[1].type = DRM_PLANE_TYPE_CURSOR + 1;
}

static void plane_without_crtc(struct vprime_topology *t)
{
	t->planes[1].crtcs = 0;
}

static void plane_of_a_crtc_too_far(struct vprime_topology *t)
{
	t->planes[1].crtcs = BIT(2);
}

static void plane_that_cannot_stay_upright(struct vprime_topology *t)
{
	t->planes[1].rotations = DRM_MODE_ROTATE_180;
}

static void plane_with_a_rotation_too_many(struct vprime_topology *t)
{
	t->planes[1].rotations |= BIT(6);
}

static void primary_of_two_crtcs(struct vprime_topology *t)
{
	t->planes[0].crtcs = BIT(0) | BIT(1);
	t->planes[3].type = DRM_PLANE_TYPE_OVERLAY;
}

static void cursor_of_two_crtcs(struct vprime_topology *t)
{
	t->planes[2].crtcs = BIT(0) | BIT(1);
	t->planes[5].type = DRM_PLANE_TYPE_OVERLAY;
}

static void crtc_without_primary(struct vprime_topology *t)
{
	t->planes[3].type = DRM_PLANE_TYPE_OVERLAY;
}

static void crtc_with_two_primaries(struct vprime_topology *t)
{
	t->planes[4].type = DRM_PLANE_TYPE_PRIMARY;
}

static void crtc_with_two_cursors(struct vprime_topology *t)
{
	t->planes[4].type = DRM_PLANE_TYPE_CURSOR;
}

static void encoder_without_crtc(struct vprime_topology *t)
{
	t->encoders[1].crtcs = 0;
}

static void encoder_of_a_crtc_too_far(struct vprime_topology *t)
{
	t->encoders[1].crtcs = BIT(1) | BIT(2);
}

static void crtc_without_encoder(struct vprime_topology *t)
{
	t->encoders[1].crtcs = BIT(0);
}

static void connector_without_encoder(struct vprime_topology *t)
{
	t->connectors[1].encoders = 0;
}

static void connector_of_an_encoder_too_far(struct vprime_topology *t)
{
	t->connectors[1].encoders = BIT(2);
}

static void connector_of_no_type(struct vprime_topology *t)
{
	t->connectors[1].type = DRM_MODE_CONNECTOR_USB + 1;
}

static void connector_that_writes_back(struct vprime_topology *t)
{
	t->connectors[1].type = DRM_MODE_CONNECTOR_WRITEBACK;
}

static void plane_without_anything_else(struct vprime_topology *t)
{
	t->num_crtcs = 0;
	t->num_encoders = 0;
	t->num_connectors = 0;
}

struct change {
	const char *name;
	void (*apply)(struct vprime_topology *t);
};

#define CHANGE(function) { .name = #function, .apply = function }

static const struct change mistakes[] = {
	CHANGE(no_crtcs),
	CHANGE(no_planes),
	CHANGE(no_encoders),
	CHANGE(no_connectors),
	CHANGE(too_many_crtcs),
	CHANGE(plane_of_no_type),
	CHANGE(plane_without_crtc),
	CHANGE(plane_of_a_crtc_too_far),
	CHANGE(plane_that_cannot_stay_upright),
	CHANGE(plane_with_a_rotation_too_many),
	CHANGE(primary_of_two_crtcs),
	CHANGE(cursor_of_two_crtcs),
	CHANGE(crtc_without_primary),
	CHANGE(crtc_with_two_primaries),
	CHANGE(crtc_with_two_cursors),
	CHANGE(encoder_without_crtc),
	CHANGE(encoder_of_a_crtc_too_far),
	CHANGE(crtc_without_encoder),
	CHANGE(connector_without_encoder),
	CHANGE(connector_of_an_encoder_too_far),
	CHANGE(connector_of_no_type),
	CHANGE(connector_that_writes_back),
	CHANGE(plane_without_anything_else),
};

static void name_change(const struct change *change, char *desc)
{
	strscpy(desc, change->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mistakes, mistakes, name_change);

static void a_display_that_makes_no_sense_is_refused(struct kunit *test)
{
	const struct change *change = test->param_value;
	struct vprime_topology topology;

	vprime_topology_init_heads(&topology, 2);
	change->apply(&topology);
	KUNIT_EXPECT_EQ(test, vprime_topology_check(&topology, "kunit"), -EINVAL);
}

static void overlay_of_both(struct vprime_topology *t)
{
	t->planes[1].crtcs = BIT(0) | BIT(1);
}

static void encoder_of_both(struct vprime_topology *t)
{
	t->encoders[0].crtcs = BIT(0) | BIT(1);
}

static void connector_of_both(struct vprime_topology *t)
{
	t->connectors[0].encoders = BIT(0) | BIT(1);
}

static void crtc_without_cursor(struct vprime_topology *t)
{
	t->planes[5].type = DRM_PLANE_TYPE_OVERLAY;
}

static void crtc_without_writeback(struct vprime_topology *t)
{
	t->crtcs[1].writeback = false;
}

static void connector_like_a_cable(struct vprime_topology *t)
{
	t->connectors[1].type = DRM_MODE_CONNECTOR_HDMIA;
}

static void plane_that_only_stays_upright(struct vprime_topology *t)
{
	t->planes[1].rotations = DRM_MODE_ROTATE_0;
}

static const struct change choices[] = {
	CHANGE(overlay_of_both),
	CHANGE(encoder_of_both),
	CHANGE(connector_of_both),
	CHANGE(crtc_without_cursor),
	CHANGE(crtc_without_writeback),
	CHANGE(connector_like_a_cable),
	CHANGE(plane_that_only_stays_upright),
};

KUNIT_ARRAY_PARAM(choices, choices, name_change);

static void what_drm_can_drive_is_accepted(struct kunit *test)
{
	const struct change *change = test->param_value;
	struct vprime_topology topology;

	vprime_topology_init_heads(&topology, 2);
	change->apply(&topology);
	KUNIT_EXPECT_EQ(test, vprime_topology_check(&topology, "kunit"), 0);
}

static struct kunit_case vprime_topology_cases[] = {
	KUNIT_CASE(no_head_is_no_display),
	KUNIT_CASE(a_head_has_three_planes_and_one_of_the_rest),
	KUNIT_CASE(heads_have_nothing_to_do_with_each_other),
	KUNIT_CASE_PARAM(as_many_heads_as_there_may_be_make_a_display, heads_gen_params),
	KUNIT_CASE_PARAM(a_display_that_makes_no_sense_is_refused, mistakes_gen_params),
	KUNIT_CASE_PARAM(what_drm_can_drive_is_accepted, choices_gen_params),
	{}
};

static struct kunit_suite vprime_topology_suite = {
	.name = "vprime-topology",
	.test_cases = vprime_topology_cases,
};

kunit_test_suite(vprime_topology_suite);
