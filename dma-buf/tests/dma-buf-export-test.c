// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf.c: export, and the release after the last reference.
 */

#include "dma-buf-mock.h"

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/xarray.h>

/* Export */

struct bad_export {
	const char *what;
	struct dma_buf_ops ops;
	bool no_ops;
	bool no_priv;
};

static int never_pin(struct dma_buf_attachment *attach)
{
	return -EIO;
}

static void never_unpin(struct dma_buf_attachment *attach)
{
}

#define MANDATORY \
	.map_dma_buf = mock_no_map, .unmap_dma_buf = mock_no_unmap, .release = mock_no_release

static const struct bad_export bad_exports[] = {
	{
		.what = "no private data",
		.ops = { MANDATORY },
		.no_priv = true,
	}, {
		.what = "no operations",
		.no_ops = true,
	}, {
		.what = "no map",
		.ops = { .unmap_dma_buf = mock_no_unmap, .release = mock_no_release },
	}, {
		.what = "no unmap",
		.ops = { .map_dma_buf = mock_no_map, .release = mock_no_release },
	}, {
		.what = "no release",
		.ops = { .map_dma_buf = mock_no_map, .unmap_dma_buf = mock_no_unmap },
	}, {
		.what = "pin without unpin",
		.ops = { MANDATORY, .pin = never_pin },
	}, {
		.what = "unpin without pin",
		.ops = { MANDATORY, .unpin = never_unpin },
	}, {
		.what = "kept tables of a buffer that moves",
		.ops = { MANDATORY, .pin = never_pin, .unpin = never_unpin,
			 .cache_sgt_mapping = true },
	},
};

KUNIT_ARRAY_PARAM_DESC(bad_export, bad_exports, what);

static void export_rejects_contradicting_operations(struct kunit *test)
{
	const struct bad_export *bad = test->param_value;
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);

	exp_info.ops = bad->no_ops ? NULL : &bad->ops;
	exp_info.priv = bad->no_priv ? NULL : test;
	exp_info.size = MOCK_SIZE;

	KUNIT_EXPECT_PTR_EQ(test, dma_buf_export(&exp_info), ERR_PTR(-EINVAL));
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_EXPORT_INFO);
}

static void export_keeps_what_the_exporter_says(struct kunit *test)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct mock_buffer *buffer;
	struct dma_buf *dmabuf;

	exp_info.ops = &mock_dynamic_ops;
	exp_info.size = 12345;
	buffer = mock_export_info(test, &exp_info);
	dmabuf = buffer->dmabuf;

	KUNIT_EXPECT_EQ(test, dmabuf->size, 12345);
	KUNIT_EXPECT_PTR_EQ(test, dmabuf->ops, &mock_dynamic_ops);
	KUNIT_EXPECT_PTR_EQ(test, dmabuf->priv, buffer);
	KUNIT_EXPECT_STREQ(test, dmabuf->exp_name, KBUILD_MODNAME);
	KUNIT_EXPECT_PTR_EQ(test, dmabuf->owner, THIS_MODULE);
	KUNIT_EXPECT_PTR_EQ(test, dmabuf->file->private_data, dmabuf);
	KUNIT_EXPECT_EQ(test, file_count(dmabuf->file), 1);
	KUNIT_EXPECT_TRUE(test, list_empty(&dmabuf->attachments));
	KUNIT_EXPECT_NULL(test, dmabuf->name);
	MOCK_EXPECT_CALLS(buffer, "");
}

static void a_buffer_is_dynamic_if_its_exporter_can_pin(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, dma_buf_is_dynamic(mock_export(test, &mock_dynamic_ops)->dmabuf));
	KUNIT_EXPECT_FALSE(test, dma_buf_is_dynamic(mock_export(test, &mock_static_ops)->dmabuf));
	KUNIT_EXPECT_FALSE(test, dma_buf_is_dynamic(mock_export(test, &mock_cached_ops)->dmabuf));
}

static void export_uses_the_exporters_reservation_object(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export_own_resv(test, &mock_static_ops);

	KUNIT_EXPECT_PTR_EQ(test, buffer->dmabuf->resv, &buffer->resv);

	/* It outlives the buffer, and whoever else uses it goes on. */
	mock_put(buffer);
	KUNIT_EXPECT_TRUE(test, dma_resv_trylock(&buffer->resv));
	dma_resv_unlock(&buffer->resv);
}

static void two_buffers_may_share_a_reservation_object(struct kunit *test)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct mock_buffer *first = mock_buffer_create(test);
	struct mock_buffer *second;

	exp_info.ops = &mock_static_ops;
	exp_info.size = MOCK_SIZE;
	exp_info.resv = &first->resv;
	exp_info.priv = first;
	mock_export_info(test, &exp_info);
	exp_info.priv = NULL;
	second = mock_export_info(test, &exp_info);

	KUNIT_EXPECT_PTR_EQ(test, second->dmabuf->resv, first->dmabuf->resv);
	mock_put(second);
	KUNIT_EXPECT_TRUE(test, dma_resv_test_signaled(first->dmabuf->resv,
						       DMA_RESV_USAGE_BOOKKEEP));
}

static void buffers_without_one_get_a_reservation_object_each(struct kunit *test)
{
	struct dma_buf *first = mock_export(test, &mock_static_ops)->dmabuf;
	struct dma_buf *second = mock_export(test, &mock_static_ops)->dmabuf;

	KUNIT_ASSERT_NOT_NULL(test, first->resv);
	KUNIT_ASSERT_NOT_NULL(test, second->resv);
	KUNIT_EXPECT_PTR_NE(test, first->resv, second->resv);
	KUNIT_EXPECT_FALSE(test, dma_resv_is_locked(first->resv));
	KUNIT_EXPECT_TRUE(test, dma_resv_test_signaled(first->resv, DMA_RESV_USAGE_BOOKKEEP));
}

#ifdef CONFIG_MODULE_UNLOAD

/* Stands for the exporter's module, so that nobody else counts on it. */
static struct module *mock_owner(struct kunit *test, enum module_state state)
{
	struct module *owner = kunit_kzalloc(test, sizeof(*owner), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, owner);
	owner->state = state;
	atomic_set(&owner->refcnt, 1);
	return owner;
}

static int mock_owner_references(const struct module *owner)
{
	return atomic_read(&owner->refcnt) - 1;
}

static void a_buffer_keeps_its_exporters_module(struct kunit *test)
{
	struct module *owner = mock_owner(test, MODULE_STATE_LIVE);
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct mock_buffer *buffer;

	exp_info.owner = owner;
	exp_info.ops = &mock_static_ops;
	exp_info.size = MOCK_SIZE;
	buffer = mock_export_info(test, &exp_info);
	KUNIT_EXPECT_EQ(test, mock_owner_references(owner), 1);

	mock_put(buffer);
	KUNIT_EXPECT_EQ(test, mock_owner_references(owner), 0);
}

static void export_fails_while_the_module_is_unloaded(struct kunit *test)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);

	exp_info.owner = mock_owner(test, MODULE_STATE_GOING);
	exp_info.ops = &mock_static_ops;
	exp_info.size = MOCK_SIZE;
	exp_info.priv = test;

	KUNIT_EXPECT_PTR_EQ(test, dma_buf_export(&exp_info), ERR_PTR(-ENOENT));
	KUNIT_EXPECT_EQ(test, mock_owner_references(exp_info.owner), 0);
}

/* The statistics need a name, which makes an export fail halfway through. */
static void a_failed_export_leaves_everything_as_it_was(struct kunit *test)
{
	struct mock_buffer *buffer = mock_buffer_create(test);
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);

	if (!IS_ENABLED(CONFIG_DMABUF_SYSFS_STATS))
		kunit_skip(test, "without DMABUF_SYSFS_STATS a buffer needs no name");

	exp_info.owner = mock_owner(test, MODULE_STATE_LIVE);
	exp_info.exp_name = NULL;
	exp_info.ops = &mock_static_ops;
	exp_info.size = MOCK_SIZE;
	exp_info.priv = buffer;
	exp_info.resv = &buffer->resv;

	KUNIT_EXPECT_PTR_EQ(test, dma_buf_export(&exp_info), ERR_PTR(-EINVAL));
	MOCK_EXPECT_CALLS(buffer, "");
	KUNIT_EXPECT_FALSE(test, dma_resv_is_locked(&buffer->resv));
	KUNIT_EXPECT_EQ(test, mock_owner_references(exp_info.owner), 0);
}

#endif /* CONFIG_MODULE_UNLOAD */

/* More than the numbers that a CPU is dealt in one go, and a few on another CPU. */
#define MANY_BUFFERS	1030
#define FEW_BUFFERS	60

static int number_buffers(struct xarray *seen, int count)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct dma_buf *dmabuf;
	int i, ret = 0;

	exp_info.ops = &mock_no_ops;
	exp_info.size = PAGE_SIZE;
	exp_info.priv = seen;

	for (i = 0; i < count && !ret; i++) {
		dmabuf = dma_buf_export(&exp_info);
		if (IS_ERR(dmabuf))
			return PTR_ERR(dmabuf);

		ret = xa_insert(seen, file_inode(dmabuf->file)->i_ino, xa_mk_value(i),
				GFP_KERNEL);
		__fput_sync(dmabuf->file);
	}
	return ret;
}

static int number_many_main(void *seen)
{
	return number_buffers(seen, MANY_BUFFERS);
}

static int number_few_main(void *seen)
{
	return number_buffers(seen, FEW_BUFFERS);
}

static void xa_destroy_action(void *xa)
{
	xa_destroy(xa);
}

static void no_two_buffers_ever_have_the_same_inode_number(struct kunit *test)
{
	struct xarray *seen = kunit_kzalloc(test, sizeof(*seen), GFP_KERNEL);
	struct mock_thread *threads[2];

	KUNIT_ASSERT_NOT_NULL(test, seen);
	xa_init(seen);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, xa_destroy_action, seen), 0);

	threads[0] = mock_thread_start(test, number_many_main, seen);
	threads[1] = mock_thread_start(test, number_few_main, seen);
	KUNIT_EXPECT_EQ(test, mock_thread_join(threads[0]), 0);
	KUNIT_EXPECT_EQ(test, mock_thread_join(threads[1]), 0);
	KUNIT_EXPECT_NULL(test, xa_load(seen, 0));
}

/* Release */

static void release_comes_once_after_the_last_reference(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf *dmabuf = buffer->dmabuf;

	get_dma_buf(dmabuf);
	get_dma_buf(dmabuf);
	KUNIT_EXPECT_EQ(test, file_count(dmabuf->file), 3);

	dma_buf_put(dmabuf);
	mock_put(buffer);
	MOCK_EXPECT_CALLS(buffer, "");

	dma_buf_put(dmabuf);
	mock_expect_event(test, &buffer->released, "the release");
	MOCK_EXPECT_CALLS(buffer, "release");
}

/* Whether walkers can still meet a buffer, noted by its own release. */
static void look_for_buffer(struct mock_buffer *buffer, enum mock_call call,
			    struct dma_buf_attachment *attach)
{
	bool *seen = buffer->hook_priv;
	struct dma_buf *dmabuf;

	for (dmabuf = dma_buf_iter_begin(); dmabuf; dmabuf = dma_buf_iter_next(dmabuf))
		if (dmabuf->priv == buffer)
			*seen = true;
}

static void a_buffer_is_out_of_sight_before_its_release(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	bool seen = false;

	buffer->hook = look_for_buffer;
	buffer->hook_priv = &seen;
	mock_put(buffer);

	KUNIT_EXPECT_EQ(test, buffer->count[MOCK_RELEASE], 1);
	KUNIT_EXPECT_FALSE(test, seen);
}

static void release_drops_the_fences_of_the_buffers_own_object(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);

	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 2);
	mock_put(buffer);
	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 1);
}

static void releasing_an_attached_buffer_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach;

	attach = dma_buf_attach(buffer->dmabuf, mock_device(test));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	MOCK_EXPECT_CALLS(buffer, "attach");

	mock_put(buffer);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_RELEASE_ATTACHED);
	MOCK_EXPECT_CALLS(buffer, "release");

	/* The attachment is left to its importer, and is good for nothing. */
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_map_attachment_unlocked(attach, DMA_TO_DEVICE),
			    ERR_PTR(-EINVAL));
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	kfree(attach);
}

static void releasing_a_vmapped_buffer_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct iosys_map map;

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), 0);
	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), 0);

	/* The exporter's books are put right all the same. */
	mock_put(buffer);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_RELEASE_VMAPPED);
	MOCK_EXPECT_CALLS(buffer, "vmap, vunmap, release");
}

static struct kunit_case dma_buf_export_cases[] = {
	KUNIT_CASE_PARAM(export_rejects_contradicting_operations, bad_export_gen_params),
	KUNIT_CASE(export_keeps_what_the_exporter_says),
	KUNIT_CASE(a_buffer_is_dynamic_if_its_exporter_can_pin),
	KUNIT_CASE(export_uses_the_exporters_reservation_object),
	KUNIT_CASE(two_buffers_may_share_a_reservation_object),
	KUNIT_CASE(buffers_without_one_get_a_reservation_object_each),
#ifdef CONFIG_MODULE_UNLOAD
	KUNIT_CASE(a_buffer_keeps_its_exporters_module),
	KUNIT_CASE(export_fails_while_the_module_is_unloaded),
	KUNIT_CASE(a_failed_export_leaves_everything_as_it_was),
#endif
	KUNIT_CASE_SLOW(no_two_buffers_ever_have_the_same_inode_number),
	KUNIT_CASE(release_comes_once_after_the_last_reference),
	KUNIT_CASE(a_buffer_is_out_of_sight_before_its_release),
	KUNIT_CASE(release_drops_the_fences_of_the_buffers_own_object),
	KUNIT_CASE(releasing_an_attached_buffer_is_a_breach),
	KUNIT_CASE(releasing_a_vmapped_buffer_is_a_breach),
	{}
};

static struct kunit_suite dma_buf_export_suite = {
	.name = "dma-buf-export",
	.init = mock_init,
	.test_cases = dma_buf_export_cases,
};

kunit_test_suite(dma_buf_export_suite);
