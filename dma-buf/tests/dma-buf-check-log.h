/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the contract checker demand of a breach: not only the rule,
 * as other tests do, but whether the stack of its other half is known.
 */
#ifndef _DMA_BUF_CHECK_LOG_H_
#define _DMA_BUF_CHECK_LOG_H_

#include <kunit/test.h>

#include <linux/bits.h>
#include <linux/dma-buf.h>

/* Added to a rule: the breach came with the earlier stack. */
#define CHECK_WITH_STACK	BIT(16)

/* What check_take() returns unless there was exactly one breach. */
#define CHECK_NONE		(-1)
#define CHECK_MANY		(-2)

int check_init(struct kunit *test);
struct sg_table *check_map(struct kunit *test, struct dma_buf_attachment *attach,
			   enum dma_data_direction direction);
void check_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		 enum dma_data_direction direction);
int check_take(struct kunit *test);

struct dma_buf_ops *check_ops(struct kunit *test, const struct dma_buf_ops *model);

/* Demand that exactly one rule has been broken since the last time. */
#define CHECK_EXPECT(test, what) do {						\
	struct kunit *check_test = (test);					\
	KUNIT_EXPECT_EQ(check_test, check_take(check_test), (int)(what));	\
} while (0)

#endif /* _DMA_BUF_CHECK_LOG_H_ */
