// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_config.c: which GPUs everybody gets, and what no GPU can be made like.
 */

#include <kunit/test.h>

#include <linux/module.h>
#include <linux/string.h>

#include "../vprime_config.h"

static void the_display_gpu_is_as_documented(struct kunit *test)
{
	struct vprime_config config;

	vprime_config_init_display(&config);
	KUNIT_EXPECT_STREQ(test, config.name, "display");
	KUNIT_EXPECT_EQ(test, config.vram_size, SZ_64M);
	KUNIT_EXPECT_EQ(test, config.pin_limit, SZ_32M);
	KUNIT_EXPECT_EQ(test, config.heads, 1);
	KUNIT_EXPECT_FALSE(test, config.render_node);
}

static void the_render_gpu_is_as_documented(struct kunit *test)
{
	struct vprime_config config;

	vprime_config_init_render(&config);
	KUNIT_EXPECT_STREQ(test, config.name, "render");
	KUNIT_EXPECT_EQ(test, config.vram_size, SZ_256M);
	KUNIT_EXPECT_EQ(test, config.pin_limit, SZ_128M);
	KUNIT_EXPECT_EQ(test, config.heads, 0);
	KUNIT_EXPECT_TRUE(test, config.render_node);
}

typedef void (*init_fn)(struct vprime_config *config);

static const init_fn inits[] = { vprime_config_init_display, vprime_config_init_render };

static void name_init(const init_fn *init, char *name)
{
	struct vprime_config config;

	(*init)(&config);
	strscpy(name, config.name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(inits, inits, name_init);

/* What was in the memory before must not show. */
static void both_gpus_have_the_common_defaults(struct kunit *test)
{
	const init_fn *init = test->param_value;
	struct vprime_config config;

	memset(&config, 0xff, sizeof(config));
	(*init)(&config);
	KUNIT_EXPECT_FALSE(test, config.cursor_hotspot);
	KUNIT_EXPECT_STREQ(test, config.fbdev_peer, "");
	KUNIT_EXPECT_TRUE(test, config.p2p);
	KUNIT_EXPECT_EQ(test, config.dma_bits, 64);
	KUNIT_EXPECT_EQ(test, config.engine_speed, 0);
	KUNIT_EXPECT_EQ(test, config.engine_latency_us, 0);
	KUNIT_EXPECT_EQ(test, config.job_timeout_ms, 10000);
	KUNIT_EXPECT_TRUE(test, config.poison);
	KUNIT_EXPECT_EQ(test, config.clock, VPRIME_CLOCK_TIMED);
}

static void both_gpus_can_be_made(struct kunit *test)
{
	const init_fn *init = test->param_value;
	struct vprime_config config;

	(*init)(&config);
	KUNIT_EXPECT_EQ(test, vprime_config_check(&config), 0);
}

struct name {
	const char *what;
	char name[VPRIME_NAME_LEN];
	int ret;
};

static const struct name names[] = {
	{ .what = "one letter", .name = "a" },
	{ .what = "one digit", .name = "0" },
	{ .what = "all kinds of characters", .name = "Gpu_0-a.b" },
	{ .what = "a _ first", .name = "_gpu" },
	{ .what = "as long as can be", .name = "a23456789012345678901234567890z" },
	{ .what = "empty", .name = "", .ret = -EINVAL },
	{ .what = "without an end", .name = { [0 ... VPRIME_NAME_LEN - 1] = 'a' }, .ret = -EINVAL },
	{ .what = "a space", .name = "my gpu", .ret = -EINVAL },
	{ .what = "a line end", .name = "gpu\n", .ret = -EINVAL },
	{ .what = "a slash", .name = "a/b", .ret = -EINVAL },
	{ .what = "a letter that is not ASCII", .name = "gr\xc3\xbcn", .ret = -EINVAL },
	{ .what = "like an option", .name = "-gpu", .ret = -EINVAL },
	{ .what = "like a hidden file", .name = ".gpu", .ret = -EINVAL },
};

static void name_name(const struct name *name, char *desc)
{
	strscpy(desc, name->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(names, names, name_name);

static void check_knows_names(struct kunit *test)
{
	const struct name *name = test->param_value;
	struct vprime_config config;

	vprime_config_init_render(&config);
	memcpy(config.name, name->name, VPRIME_NAME_LEN);
	KUNIT_EXPECT_EQ(test, vprime_config_check(&config), name->ret);
}

enum member {
	VRAM_SIZE,
	PIN_LIMIT,
	HEADS,
	DMA_BITS,
	ENGINE_SPEED,
	ENGINE_LATENCY_US,
	JOB_TIMEOUT_MS,
};

/**
 * struct bound - a number on one side of a bound
 * @what: for the name of the test
 * @member: which number of "render" is another one
 * @value: that other one
 * @ret: what vprime_config_check() has to say
 */
struct bound {
	const char *what;
	enum member member;
	u64 value;
	int ret;
};

static const struct bound bounds[] = {
	{ .what = "no VRAM", .member = VRAM_SIZE, .value = 0, .ret = -EINVAL },
	{ .what = "a page too little VRAM", .member = VRAM_SIZE,
	  .value = VPRIME_VRAM_MIN - PAGE_SIZE, .ret = -EINVAL },
	{ .what = "the least VRAM", .member = VRAM_SIZE, .value = VPRIME_VRAM_MIN },
	{ .what = "VRAM with a half page", .member = VRAM_SIZE,
	  .value = SZ_512M + PAGE_SIZE / 2, .ret = -EINVAL },
	{ .what = "VRAM in whole pages", .member = VRAM_SIZE, .value = SZ_512M + PAGE_SIZE },
	{ .what = "the most VRAM", .member = VRAM_SIZE, .value = VPRIME_VRAM_MAX },
	{ .what = "a page too much VRAM", .member = VRAM_SIZE,
	  .value = VPRIME_VRAM_MAX + PAGE_SIZE, .ret = -EINVAL },
	{ .what = "the greatest number of bytes", .member = VRAM_SIZE,
	  .value = U64_MAX & PAGE_MASK, .ret = -EINVAL },

	{ .what = "no pins", .member = PIN_LIMIT, .value = 0 },
	{ .what = "pins for all VRAM", .member = PIN_LIMIT, .value = SZ_256M },
	{ .what = "pins for a byte more", .member = PIN_LIMIT,
	  .value = SZ_256M + 1, .ret = -EINVAL },

	{ .what = "the most heads", .member = HEADS, .value = VPRIME_HEADS_MAX },
	{ .what = "a head too many", .member = HEADS,
	  .value = VPRIME_HEADS_MAX + 1, .ret = -EINVAL },

	{ .what = "no address bits", .member = DMA_BITS, .value = 0, .ret = -EINVAL },
	{ .what = "31 address bits", .member = DMA_BITS, .value = 31, .ret = -EINVAL },
	{ .what = "32 address bits", .member = DMA_BITS, .value = 32 },
	{ .what = "40 address bits", .member = DMA_BITS, .value = 40 },
	{ .what = "64 address bits", .member = DMA_BITS, .value = 64 },
	{ .what = "65 address bits", .member = DMA_BITS, .value = 65, .ret = -EINVAL },

	{ .what = "the slowest engine", .member = ENGINE_SPEED, .value = 1 },
	{ .what = "the fastest engine", .member = ENGINE_SPEED, .value = U64_MAX },

	{ .what = "a latency just below the time-out", .member = ENGINE_LATENCY_US,
	  .value = 9999999 },
	{ .what = "a latency of the time-out", .member = ENGINE_LATENCY_US,
	  .value = 10000000, .ret = -EINVAL },
	{ .what = "the greatest latency", .member = ENGINE_LATENCY_US,
	  .value = U32_MAX, .ret = -EINVAL },

	{ .what = "no time-out", .member = JOB_TIMEOUT_MS, .value = 0, .ret = -EINVAL },
	{ .what = "the least time-out", .member = JOB_TIMEOUT_MS, .value = 1 },
	{ .what = "the greatest time-out", .member = JOB_TIMEOUT_MS, .value = U32_MAX },
};

static void bound_name(const struct bound *bound, char *desc)
{
	strscpy(desc, bound->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bounds, bounds, bound_name);

/* "render", with another number in one place. */
static struct vprime_config config_of(const struct bound *bound)
{
	struct vprime_config config;

	vprime_config_init_render(&config);
	switch (bound->member) {
	case VRAM_SIZE:
		config.vram_size = bound->value;
		config.pin_limit = 0;
		break;
	case PIN_LIMIT:
		config.pin_limit = bound->value;
		break;
	case HEADS:
		config.heads = bound->value;
		break;
	case DMA_BITS:
		config.dma_bits = bound->value;
		break;
	case ENGINE_SPEED:
		config.engine_speed = bound->value;
		break;
	case ENGINE_LATENCY_US:
		config.engine_latency_us = bound->value;
		break;
	case JOB_TIMEOUT_MS:
		config.job_timeout_ms = bound->value;
		break;
	}
	return config;
}

static void check_knows_the_bounds(struct kunit *test)
{
	const struct bound *bound = test->param_value;
	const struct vprime_config config = config_of(bound);

	KUNIT_EXPECT_EQ(test, vprime_config_check(&config), bound->ret);
}

static void heads_are_completed_to_objects(struct kunit *test)
{
	struct vprime_config config;

	vprime_config_init_display(&config);
	KUNIT_EXPECT_TRUE(test, vprime_topology_is_empty(&config.topology));
	vprime_config_complete(&config);
	KUNIT_EXPECT_EQ(test, config.topology.num_crtcs, 1);

	config.topology.crtcs[0].writeback = false;
	vprime_config_complete(&config);
	KUNIT_EXPECT_FALSE(test, config.topology.crtcs[0].writeback);

	vprime_config_init_render(&config);
	vprime_config_complete(&config);
	KUNIT_EXPECT_TRUE(test, vprime_topology_is_empty(&config.topology));
}

static void a_display_is_made_in_one_way(struct kunit *test)
{
	struct vprime_config config;

	vprime_config_init_display(&config);
	vprime_topology_init_heads(&config.topology, 2);
	KUNIT_EXPECT_EQ(test, vprime_config_check(&config), -EINVAL);
	config.heads = 0;
	KUNIT_EXPECT_EQ(test, vprime_config_check(&config), 0);
	config.topology.num_connectors = 0;
	KUNIT_EXPECT_EQ(test, vprime_config_check(&config), -EINVAL);
}

static struct kunit_case vprime_config_cases[] = {
	KUNIT_CASE(the_display_gpu_is_as_documented),
	KUNIT_CASE(the_render_gpu_is_as_documented),
	KUNIT_CASE_PARAM(both_gpus_have_the_common_defaults, inits_gen_params),
	KUNIT_CASE_PARAM(both_gpus_can_be_made, inits_gen_params),
	KUNIT_CASE_PARAM(check_knows_names, names_gen_params),
	KUNIT_CASE_PARAM(check_knows_the_bounds, bounds_gen_params),
	KUNIT_CASE(heads_are_completed_to_objects),
	KUNIT_CASE(a_display_is_made_in_one_way),
	{}
};

static struct kunit_suite vprime_config_suite = {
	.name = "vprime-config",
	.test_cases = vprime_config_cases,
};

kunit_test_suite(vprime_config_suite);

MODULE_DESCRIPTION("KUnit tests of vprime");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(DMA_BUF);
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
