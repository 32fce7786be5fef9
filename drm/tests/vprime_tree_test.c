// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_tree.c and vprime_object.c: people make the objects of a display one by one, and
 * the GPU that is enabled has them.
 */

#include <kunit/test.h>

#include <linux/bits.h>
#include <linux/configfs.h>
#include <linux/err.h>

#include <drm/drm_mode.h>
#include <drm/drm_plane.h>

#include "../vprime_gpu.h"
#include "vprime_kunit_folder.h"

/* A display of one CRTC that is half done: nothing is linked yet. */
struct display {
	struct config_group *gpu;
	struct config_group *plane;
	struct config_group *crtc;
	struct config_group *encoder;
	struct config_group *connector;
};

static struct config_group *make(struct kunit *test, struct config_group *gpu, const char *kind,
				 const char *name)
{
	struct config_group *group;

	group = vprime_kunit_mkdir(test, vprime_kunit_subfolder(test, gpu, kind), name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	return group;
}

static struct display make_display(struct kunit *test)
{
	struct config_group *gpu = vprime_kunit_folder(test);
	struct display display = {
		.gpu = gpu,
		.plane = make(test, gpu, "planes", "plane"),
		.crtc = make(test, gpu, "crtcs", "crtc"),
		.encoder = make(test, gpu, "encoders", "encoder"),
		.connector = make(test, gpu, "connectors", "connector"),
	};

	vprime_kunit_write_all(test, display.plane, "type", "1\n");
	return display;
}

static int link(struct kunit *test, struct config_group *from, const char *links,
		struct config_group *to)
{
	return vprime_kunit_link(vprime_kunit_subfolder(test, from, links), to);
}

static void unlink(struct kunit *test, struct config_group *from, const char *links,
		   struct config_group *to)
{
	vprime_kunit_unlink(vprime_kunit_subfolder(test, from, links), to);
}

static void link_display(struct kunit *test, const struct display *d)
{
	KUNIT_ASSERT_EQ(test, link(test, d->plane, "possible_crtcs", d->crtc), 0);
	KUNIT_ASSERT_EQ(test, link(test, d->encoder, "possible_crtcs", d->crtc), 0);
	KUNIT_ASSERT_EQ(test, link(test, d->connector, "possible_encoders", d->encoder), 0);
}

static const struct vprime_kunit_value plane_values[] = {
	{ .name = "type", .value = "0\n" },
	{ .name = "supported_rotations", .value = "63\n" },
	{ }
};

static const struct vprime_kunit_value crtc_values[] = {
	{ .name = "writeback", .value = "0\n" },
	{ }
};

static void a_new_object_is_an_ordinary_one(struct kunit *test)
{
	struct config_group *gpu = vprime_kunit_folder(test);

	vprime_kunit_expect_values(test, make(test, gpu, "planes", "a"), plane_values);
	vprime_kunit_expect_values(test, make(test, gpu, "crtcs", "a"), crtc_values);
}

static const struct vprime_kunit_input plane_inputs[] = {
	{ .name = "type", .text = "1\n", .reads = "1\n" },
	{ .name = "type", .text = "2\n", .reads = "2\n" },
	{ .name = "type", .text = "3\n", .ret = -EINVAL },
	{ .name = "type", .text = "256\n", .ret = -ERANGE },
	{ .name = "type", .text = "cursor\n", .ret = -EINVAL },
	{ .name = "supported_rotations", .text = "1\n", .reads = "1\n" },
	{ .name = "supported_rotations", .text = "0x15\n", .reads = "21\n" },
	{ .name = "supported_rotations", .text = "4\n", .ret = -EINVAL },
	{ .name = "supported_rotations", .text = "65\n", .ret = -EINVAL },
};

KUNIT_ARRAY_PARAM(plane_inputs, plane_inputs, vprime_kunit_input_name);

static void a_plane_takes_what_makes_sense(struct kunit *test)
{
	struct config_group *plane = make(test, vprime_kunit_folder(test), "planes", "plane");

	vprime_kunit_expect_input(test, plane, test->param_value);
}

static const struct vprime_kunit_input crtc_inputs[] = {
	{ .name = "writeback", .text = "1\n", .reads = "1\n" },
	{ .name = "writeback", .text = "2\n", .ret = -EINVAL },
};

KUNIT_ARRAY_PARAM(crtc_inputs, crtc_inputs, vprime_kunit_input_name);

static void a_crtc_takes_what_makes_sense(struct kunit *test)
{
	struct config_group *crtc = make(test, vprime_kunit_folder(test), "crtcs", "crtc");

	vprime_kunit_expect_input(test, crtc, test->param_value);
}

static void links_go_to_what_fits(struct kunit *test)
{
	struct display d = make_display(test);

	KUNIT_EXPECT_EQ(test, link(test, d.plane, "possible_crtcs", d.encoder), -EINVAL);
	KUNIT_EXPECT_EQ(test, link(test, d.plane, "possible_crtcs", d.plane), -EINVAL);
	KUNIT_EXPECT_EQ(test, link(test, d.encoder, "possible_crtcs", d.connector), -EINVAL);
	KUNIT_EXPECT_EQ(test, link(test, d.connector, "possible_encoders", d.crtc), -EINVAL);
	link_display(test, &d);
}

static void links_stay_on_the_gpu(struct kunit *test)
{
	struct display d = make_display(test);
	struct display other = make_display(test);

	KUNIT_EXPECT_EQ(test, link(test, d.plane, "possible_crtcs", other.crtc), -EINVAL);
	KUNIT_EXPECT_EQ(test, link(test, d.connector, "possible_encoders", other.encoder),
			-EINVAL);
}

static void a_link_is_made_once(struct kunit *test)
{
	struct display d = make_display(test);

	link_display(test, &d);
	KUNIT_EXPECT_EQ(test, link(test, d.plane, "possible_crtcs", d.crtc), -EEXIST);
	unlink(test, d.plane, "possible_crtcs", d.crtc);
	KUNIT_EXPECT_EQ(test, link(test, d.plane, "possible_crtcs", d.crtc), 0);
}

static void a_display_that_is_half_done_cannot_be_enabled(struct kunit *test)
{
	struct display d = make_display(test);

	KUNIT_EXPECT_EQ(test, vprime_kunit_write(test, d.gpu, "enabled", "1"), -EINVAL);
	KUNIT_EXPECT_STREQ(test, vprime_kunit_read(test, d.gpu, "enabled"), "0\n");
	link_display(test, &d);
	vprime_kunit_write_all(test, d.gpu, "enabled", "1");
	vprime_kunit_write_all(test, d.gpu, "enabled", "0");
	unlink(test, d.connector, "possible_encoders", d.encoder);
	KUNIT_EXPECT_EQ(test, vprime_kunit_write(test, d.gpu, "enabled", "1"), -EINVAL);
}

static void heads_and_objects_do_not_go_together(struct kunit *test)
{
	struct display d = make_display(test);

	link_display(test, &d);
	vprime_kunit_write_all(test, d.gpu, "heads", "1");
	KUNIT_EXPECT_EQ(test, vprime_kunit_write(test, d.gpu, "enabled", "1"), -EINVAL);
	vprime_kunit_write_all(test, d.gpu, "heads", "0");
	vprime_kunit_write_all(test, d.gpu, "enabled", "1");
}

static void heads_are_made_of_objects(struct kunit *test)
{
	struct config_group *gpu = vprime_kunit_folder(test);
	const struct vprime_topology *topology;

	vprime_kunit_write_all(test, gpu, "heads", "2");
	topology = &vprime_kunit_enable(test, gpu)->config.topology;
	KUNIT_EXPECT_EQ(test, topology->num_crtcs, 2);
	KUNIT_EXPECT_EQ(test, topology->num_planes, 6);
}

static void the_gpu_has_the_objects_that_were_made(struct kunit *test)
{
	struct display d = make_display(test);
	const struct vprime_topology *topology;

	link_display(test, &d);
	vprime_kunit_write_all(test, d.plane, "supported_rotations", "5");
	vprime_kunit_write_all(test, d.crtc, "writeback", "1");
	vprime_kunit_write_all(test, d.connector, "type", "11");
	topology = &vprime_kunit_enable(test, d.gpu)->config.topology;

	KUNIT_ASSERT_EQ(test, topology->num_planes, 1);
	KUNIT_EXPECT_EQ(test, topology->planes[0].type, DRM_PLANE_TYPE_PRIMARY);
	KUNIT_EXPECT_EQ(test, topology->planes[0].crtcs, 1);
	KUNIT_EXPECT_EQ(test, topology->planes[0].rotations, 5);
	KUNIT_ASSERT_EQ(test, topology->num_crtcs, 1);
	KUNIT_EXPECT_TRUE(test, topology->crtcs[0].writeback);
	KUNIT_ASSERT_EQ(test, topology->num_encoders, 1);
	KUNIT_EXPECT_EQ(test, topology->encoders[0].crtcs, 1);
	KUNIT_ASSERT_EQ(test, topology->num_connectors, 1);
	KUNIT_EXPECT_EQ(test, topology->connectors[0].encoders, 1);
	KUNIT_EXPECT_EQ(test, topology->connectors[0].type, DRM_MODE_CONNECTOR_HDMIA);
}

/* Three CRTCs, of which the middle one goes: the last one takes its number. */
static void what_was_removed_leaves_no_gap(struct kunit *test)
{
	struct display d = make_display(test);
	struct config_group *middle = make(test, d.gpu, "crtcs", "middle");
	struct config_group *last = make(test, d.gpu, "crtcs", "last");
	struct config_group *primary = make(test, d.gpu, "planes", "primary");
	const struct vprime_topology *topology;

	link_display(test, &d);
	vprime_kunit_write_all(test, primary, "type", "1");
	vprime_kunit_write_all(test, last, "writeback", "1");
	KUNIT_ASSERT_EQ(test, link(test, primary, "possible_crtcs", last), 0);
	KUNIT_ASSERT_EQ(test, link(test, d.encoder, "possible_crtcs", last), 0);
	vprime_kunit_rmdir(test, middle);

	topology = &vprime_kunit_enable(test, d.gpu)->config.topology;
	KUNIT_ASSERT_EQ(test, topology->num_crtcs, 2);
	KUNIT_EXPECT_FALSE(test, topology->crtcs[0].writeback);
	KUNIT_EXPECT_TRUE(test, topology->crtcs[1].writeback);
	KUNIT_EXPECT_EQ(test, topology->planes[1].crtcs, BIT(1));
	KUNIT_EXPECT_EQ(test, topology->encoders[0].crtcs, BIT(0) | BIT(1));
}

static const struct limit {
	const char *kind;
	int max;
} limits[] = {
	{ .kind = "planes", .max = VPRIME_PLANES_MAX },
	{ .kind = "crtcs", .max = VPRIME_CRTCS_MAX },
	{ .kind = "encoders", .max = VPRIME_ENCODERS_MAX },
	{ .kind = "connectors", .max = VPRIME_CONNECTORS_MAX },
};

static void limit_name(const struct limit *limit, char *desc)
{
	strscpy(desc, limit->kind, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(limits, limits, limit_name);

static void there_is_room_for_so_many(struct kunit *test)
{
	const struct limit *limit = test->param_value;
	struct config_group *gpu = vprime_kunit_folder(test);
	struct config_group *parent = vprime_kunit_subfolder(test, gpu, limit->kind);
	struct config_group *first = make(test, gpu, limit->kind, "first");
	int i;

	for (i = 1; i < limit->max; i++)
		make(test, gpu, limit->kind, "more");
	KUNIT_EXPECT_PTR_EQ(test, vprime_kunit_mkdir(test, parent, "many"), ERR_PTR(-ENOSPC));
	vprime_kunit_rmdir(test, first);
	make(test, gpu, limit->kind, "another");
}

static void the_display_is_fixed_while_enabled(struct kunit *test)
{
	struct display d = make_display(test);
	struct config_group *planes = vprime_kunit_subfolder(test, d.gpu, "planes");
	struct config_group *idle = make(test, d.gpu, "planes", "overlay");

	link_display(test, &d);
	KUNIT_ASSERT_EQ(test, link(test, idle, "possible_crtcs", d.crtc), 0);
	vprime_kunit_write_all(test, d.gpu, "enabled", "1");

	KUNIT_EXPECT_PTR_EQ(test, vprime_kunit_mkdir(test, planes, "late"), ERR_PTR(-EBUSY));
	KUNIT_EXPECT_EQ(test, vprime_kunit_write(test, d.plane, "type", "1"), -EBUSY);
	KUNIT_EXPECT_EQ(test, vprime_kunit_write(test, d.plane, "supported_rotations", "1"),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, vprime_kunit_write(test, d.crtc, "writeback", "1"), -EBUSY);
	KUNIT_EXPECT_EQ(test, vprime_kunit_write(test, d.connector, "type", "11"), -EBUSY);
	unlink(test, idle, "possible_crtcs", d.crtc);
	KUNIT_EXPECT_EQ(test, link(test, idle, "possible_crtcs", d.crtc), -EBUSY);
}

static struct kunit_case vprime_tree_cases[] = {
	KUNIT_CASE(a_new_object_is_an_ordinary_one),
	KUNIT_CASE_PARAM(a_plane_takes_what_makes_sense, plane_inputs_gen_params),
	KUNIT_CASE_PARAM(a_crtc_takes_what_makes_sense, crtc_inputs_gen_params),
	KUNIT_CASE(links_go_to_what_fits),
	KUNIT_CASE(links_stay_on_the_gpu),
	KUNIT_CASE(a_link_is_made_once),
	KUNIT_CASE(a_display_that_is_half_done_cannot_be_enabled),
	KUNIT_CASE(heads_and_objects_do_not_go_together),
	KUNIT_CASE(heads_are_made_of_objects),
	KUNIT_CASE(the_gpu_has_the_objects_that_were_made),
	KUNIT_CASE(what_was_removed_leaves_no_gap),
	KUNIT_CASE_PARAM(there_is_room_for_so_many, limits_gen_params),
	KUNIT_CASE(the_display_is_fixed_while_enabled),
	{}
};

static struct kunit_suite vprime_tree_suite = {
	.name = "vprime-tree",
	.test_cases = vprime_tree_cases,
};

kunit_test_suite(vprime_tree_suite);
