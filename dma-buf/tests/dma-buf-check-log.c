// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recorder of breaches for the tests of the contract checker; see
 * dma-buf-check-log.h.
 */

#include "dma-buf-check-log.h"

#include <kunit/resource.h>
#include <kunit/static_stub.h>

#include "../dma-buf-breach.h"
#include "dma-buf-mock.h"

#define CHECK_LOG_NAME	"check-log"

/**
 * struct check_log - the breaches since check_take()
 * @lock: protects what follows
 * @count: how many
 * @last: the rule of the last one, and CHECK_WITH_STACK
 */
struct check_log {
	spinlock_t lock; /* protects what follows */
	unsigned int count;
	int last;
};

static struct kunit_resource *check_log_get(struct kunit *test)
{
	return kunit_find_named_resource(test, CHECK_LOG_NAME);
}

static void check_note(enum dma_buf_breach_rule rule, struct dma_buf *dmabuf,
		       struct dma_buf_attachment *attach, depot_stack_handle_t earlier)
{
	struct kunit_resource *res = check_log_get(kunit_get_current_test());
	struct check_log *log = res->data;

	spin_lock(&log->lock);
	log->count++;
	log->last = rule | (earlier ? CHECK_WITH_STACK : 0);
	spin_unlock(&log->lock);
	kunit_put_resource(res);
}

/**
 * check_take - which rule has been broken?
 * @test: the test
 *
 * Return: the rule, with CHECK_WITH_STACK if there was one, if exactly one was
 * broken since the last call; else CHECK_NONE or CHECK_MANY.
 */
int check_take(struct kunit *test)
{
	struct kunit_resource *res = check_log_get(test);
	struct check_log *log = res->data;
	int ret = CHECK_NONE;

	spin_lock(&log->lock);
	if (log->count)
		ret = log->count == 1 ? log->last : CHECK_MANY;
	log->count = 0;
	spin_unlock(&log->lock);
	kunit_put_resource(res);

	return ret;
}

/* Added first, so it runs after the buffers of the test are gone. */
static void check_end(void *context)
{
	struct kunit *test = context;

	KUNIT_EXPECT_EQ_MSG(test, check_take(test), CHECK_NONE,
			    "a rule was broken that the test did not mean to break");
}

/**
 * check_init - the init of the suites that test the checker
 * @test: the test
 *
 * Return: 0 or an errno.
 */
int check_init(struct kunit *test)
{
	struct check_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);
	struct kunit_resource *res = kunit_kzalloc(test, sizeof(*res), GFP_KERNEL);
	int ret;

	if (!log || !res)
		return -ENOMEM;
	spin_lock_init(&log->lock);

	ret = mock_init(test);
	if (ret)
		return ret;

	ret = kunit_add_named_resource(test, NULL, NULL, res, CHECK_LOG_NAME, log);
	if (ret)
		return ret;
	kunit_activate_static_stub(test, dma_buf_breach, check_note);

	return kunit_add_action_or_reset(test, check_end, test);
}

/**
 * check_map - map, and leave it to the test to unmap, once or twice or never
 * @test: the test, which fails if there is no mapping
 * @attach: the attachment
 * @direction: what for
 *
 * Return: what the importer sees.
 */
struct sg_table *check_map(struct kunit *test, struct dma_buf_attachment *attach,
			   enum dma_data_direction direction)
{
	struct sg_table *sgt = dma_buf_map_attachment_unlocked(attach, direction);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	return sgt;
}

void check_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		 enum dma_data_direction direction)
{
	dma_buf_unmap_attachment_unlocked(attach, sgt, direction);
}

/**
 * check_ops - an exporter's operations, to be changed by the test
 * @test: the test
 * @model: what they are at first
 *
 * Return: the copy; does not return without memory.
 */
struct dma_buf_ops *check_ops(struct kunit *test, const struct dma_buf_ops *model)
{
	struct dma_buf_ops *ops = kunit_kzalloc(test, sizeof(*ops), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ops);
	*ops = *model;
	return ops;
}
