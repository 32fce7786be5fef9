// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of a test of the dma-buf core; see dma-buf-mock.h.
 *
 * Each test has one of its own: a device, and a recorder that takes the place of
 * dma_buf_breach(), so that a broken rule is an event to be demanded instead of a
 * report.  A breach that nobody demanded fails the test.
 */

#include "dma-buf-mock.h"

#include <kunit/device.h>
#include <kunit/static_stub.h>

#include <linux/module.h>

/**
 * struct mock_world - what a test has before it begins
 * @device: the importing device
 * @lock: protects what follows
 * @breaches: how many rules were broken since mock_take_breach()
 * @rule: the last of them
 */
struct mock_world {
	struct device *device;
	spinlock_t lock; /* see above */
	unsigned int breaches;
	enum dma_buf_breach_rule rule;
};

static void mock_breach(enum dma_buf_breach_rule rule, struct dma_buf *dmabuf,
			struct dma_buf_attachment *attach, depot_stack_handle_t earlier)
{
	struct mock_world *world = kunit_get_current_test()->priv;

	spin_lock(&world->lock);
	world->breaches++;
	world->rule = rule;
	spin_unlock(&world->lock);
}

/**
 * mock_take_breach - which rule has been broken?
 * @test: the test
 *
 * Return: the rule if exactly one was broken since the last call, else
 * MOCK_NO_BREACH or MOCK_MANY_BREACHES.
 */
int mock_take_breach(struct kunit *test)
{
	struct mock_world *world = test->priv;
	int ret = MOCK_NO_BREACH;

	spin_lock(&world->lock);
	if (world->breaches == 1)
		ret = world->rule;
	else if (world->breaches)
		ret = MOCK_MANY_BREACHES;
	world->breaches = 0;
	spin_unlock(&world->lock);

	return ret;
}

static void mock_world_end(void *context)
{
	struct kunit *test = context;

	KUNIT_EXPECT_EQ_MSG(test, mock_take_breach(test), MOCK_NO_BREACH,
			    "a rule was broken that the test did not mean to break");
}

/**
 * mock_init - every suite's init
 * @test: the test
 *
 * Return: 0 or an errno.
 */
int mock_init(struct kunit *test)
{
	struct mock_world *world = kunit_kzalloc(test, sizeof(*world), GFP_KERNEL);
	int ret;

	if (!world)
		return -ENOMEM;
	spin_lock_init(&world->lock);
	test->priv = world;

	ret = kunit_add_action_or_reset(test, mock_world_end, test);
	if (ret)
		return ret;
	kunit_activate_static_stub(test, dma_buf_breach, mock_breach);

	world->device = kunit_device_register(test, "importer");
	return PTR_ERR_OR_ZERO(world->device);
}

/**
 * mock_device - the importing device
 * @test: the test
 *
 * Return: a device that can do DMA.
 */
struct device *mock_device(struct kunit *test)
{
	struct mock_world *world = test->priv;

	return world->device;
}

MODULE_DESCRIPTION("KUnit tests of the dma-buf core");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(DMA_BUF);
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
