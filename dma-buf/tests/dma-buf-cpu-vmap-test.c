// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the part of dma-buf-cpu.c that gives a buffer an address in the kernel:
 * who shares it, who holds the lock, and what is left after an error.
 */

#include "dma-buf-mock.h"

static void vmap_gives_the_address_of_the_memory(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct iosys_map map;
	char text[8];

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), 0);
	strscpy(page_address(buffer->pages), "written", sizeof(text));
	iosys_map_memcpy_from(text, &map, 0, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "written");
	dma_buf_vunmap_unlocked(buffer->dmabuf, &map);
}

static void vmaps_share_one_mapping_of_the_exporter(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct iosys_map first, second;

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &first), 0);
	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &second), 0);
	KUNIT_EXPECT_TRUE(test, iosys_map_is_equal(&first, &second));
	MOCK_EXPECT_CALLS(buffer, "vmap");

	dma_buf_vunmap_unlocked(buffer->dmabuf, &first);
	MOCK_EXPECT_CALLS(buffer, "");
	dma_buf_vunmap_unlocked(buffer->dmabuf, &second);
	MOCK_EXPECT_CALLS(buffer, "vunmap");

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &first), 0);
	dma_buf_vunmap_unlocked(buffer->dmabuf, &first);
	MOCK_EXPECT_CALLS(buffer, "vmap, vunmap");
}

static void vmap_under_the_lock_works_on_buffers_that_move(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf *dmabuf = buffer->dmabuf;
	struct iosys_map map;
	int ret;

	dma_resv_lock(dmabuf->resv, NULL);
	ret = dma_buf_vmap(dmabuf, &map);
	if (!ret)
		dma_buf_vunmap(dmabuf, &map);
	dma_resv_unlock(dmabuf->resv);

	KUNIT_EXPECT_EQ(test, ret, 0);
	MOCK_EXPECT_CALLS(buffer, "vmap, vunmap");
}

static void a_failed_vmap_leaves_no_address(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct iosys_map map = IOSYS_MAP_INIT_VADDR(test);

	buffer->error[MOCK_VMAP] = -ENOMEM;
	KUNIT_EXPECT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), -ENOMEM);
	KUNIT_EXPECT_TRUE(test, iosys_map_is_null(&map));
	KUNIT_EXPECT_TRUE(test, iosys_map_is_null(&buffer->dmabuf->vmap_ptr));
	KUNIT_EXPECT_EQ(test, buffer->dmabuf->vmapping_counter, 0);
	MOCK_EXPECT_CALLS(buffer, "vmap");
}

static void vmap_needs_an_exporter_that_has_it(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_bare_ops);
	struct iosys_map map = IOSYS_MAP_INIT_VADDR(test);

	KUNIT_EXPECT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), -EINVAL);
	KUNIT_EXPECT_TRUE(test, iosys_map_is_null(&map));
}

static void an_exporter_need_not_undo_vmap(struct kunit *test)
{
	struct dma_buf_ops *ops = kunit_kzalloc(test, sizeof(*ops), GFP_KERNEL);
	struct mock_buffer *buffer;
	struct iosys_map map;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	*ops = mock_static_ops;
	ops->vunmap = NULL;
	buffer = mock_export(test, ops);

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), 0);
	dma_buf_vunmap_unlocked(buffer->dmabuf, &map);
	KUNIT_EXPECT_TRUE(test, iosys_map_is_null(&buffer->dmabuf->vmap_ptr));
}

static void vmap_without_a_buffer_is_a_breach(struct kunit *test)
{
	struct iosys_map map = IOSYS_MAP_INIT_VADDR(test);

	KUNIT_EXPECT_EQ(test, dma_buf_vmap(NULL, &map), -EINVAL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	KUNIT_EXPECT_TRUE(test, iosys_map_is_null(&map));
	KUNIT_EXPECT_EQ(test, dma_buf_vmap_unlocked(NULL, &map), -EINVAL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	dma_buf_vunmap(NULL, &map);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	dma_buf_vunmap_unlocked(NULL, &map);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
}

static void vunmap_without_a_vmap_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct iosys_map map;

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), 0);
	dma_buf_vunmap_unlocked(buffer->dmabuf, &map);
	dma_buf_vunmap_unlocked(buffer->dmabuf, &map);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_VUNMAP_UNMAPPED);
	MOCK_EXPECT_CALLS(buffer, "vmap, vunmap");
	KUNIT_EXPECT_EQ(test, buffer->dmabuf->vmapping_counter, 0);
}

static void vunmap_of_another_address_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct iosys_map other = IOSYS_MAP_INIT_VADDR(test);
	struct iosys_map map;

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), 0);
	dma_buf_vunmap_unlocked(buffer->dmabuf, &other);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_VUNMAP_UNMAPPED);
	KUNIT_EXPECT_EQ(test, buffer->dmabuf->vmapping_counter, 1);
	dma_buf_vunmap_unlocked(buffer->dmabuf, &map);
	MOCK_EXPECT_CALLS(buffer, "vmap, vunmap");
}

static struct kunit_case dma_buf_cpu_vmap_cases[] = {
	KUNIT_CASE(vmap_gives_the_address_of_the_memory),
	KUNIT_CASE(vmaps_share_one_mapping_of_the_exporter),
	KUNIT_CASE(vmap_under_the_lock_works_on_buffers_that_move),
	KUNIT_CASE(a_failed_vmap_leaves_no_address),
	KUNIT_CASE(vmap_needs_an_exporter_that_has_it),
	KUNIT_CASE(an_exporter_need_not_undo_vmap),
	KUNIT_CASE(vmap_without_a_buffer_is_a_breach),
	KUNIT_CASE(vunmap_without_a_vmap_is_a_breach),
	KUNIT_CASE(vunmap_of_another_address_is_a_breach),
	{}
};

static struct kunit_suite dma_buf_cpu_vmap_suite = {
	.name = "dma-buf-cpu-vmap",
	.init = mock_init,
	.test_cases = dma_buf_cpu_vmap_cases,
};

kunit_test_suite(dma_buf_cpu_vmap_suite);
