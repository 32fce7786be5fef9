// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the locking convention, which all rooms share: under which lock the
 * core calls exporters and importers, and that it notices who calls it without.
 */

#include "dma-buf-mock.h"

#include <linux/mman.h>

/**
 * struct lock_states - what the callbacks of a buffer saw
 * @held: each callback saw the lock held by its caller
 */
struct lock_states {
	bool held[MOCK_CALL_COUNT];
};

static void note_lock_state(struct mock_buffer *buffer, enum mock_call call,
			    struct dma_buf_attachment *attach)
{
	struct lock_states *states = buffer->hook_priv;

	states->held[call] = mock_lock_is_held(&buffer->resv);
}

static void vmap_and_vunmap(struct mock_buffer *buffer)
{
	struct dma_buf *dmabuf = buffer->dmabuf;
	struct iosys_map map;

	dma_resv_lock(dmabuf->resv, NULL);
	if (!dma_buf_vmap(dmabuf, &map))
		dma_buf_vunmap(dmabuf, &map);
	dma_resv_unlock(dmabuf->resv);
}

static void mmap_and_munmap(struct mock_buffer *buffer)
{
	unsigned long address = kunit_vm_mmap(buffer->test, buffer->dmabuf->file, 0, PAGE_SIZE,
					      PROT_READ, MAP_SHARED, 0);

	KUNIT_ASSERT_FALSE(buffer->test, IS_ERR_VALUE(address));
	KUNIT_ASSERT_EQ(buffer->test, vm_munmap(address, PAGE_SIZE), 0);
}

/*
 * Have everything called that can be called. The move comes before the mapping,
 * which pins the buffer in a kernel without DMABUF_MOVE_NOTIFY.
 */
static void live_a_whole_life(struct mock_buffer *buffer)
{
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	struct kunit *test = buffer->test;
	struct mock_mapping *mapping;

	mock_move(buffer);
	mapping = mock_map(test, attach, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mapping);
	mock_unmap(test, mapping);
	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	mock_unpin(attach);
	mock_detach(buffer, attach);

	KUNIT_ASSERT_EQ(test, dma_buf_begin_cpu_access(buffer->dmabuf, DMA_FROM_DEVICE), 0);
	vmap_and_vunmap(buffer);
	KUNIT_ASSERT_EQ(test, dma_buf_end_cpu_access(buffer->dmabuf, DMA_FROM_DEVICE), 0);
	mmap_and_munmap(buffer);

	mock_put(buffer);
	mock_expect_event(test, &buffer->released, "the release");
}

/* The contract, once more, so that a mistake in the mock shows. */
struct lock_rule {
	const char *callback;
	enum mock_call call;
	bool held;
};

static const struct lock_rule lock_rules[] = {
	{ .callback = "attach", .call = MOCK_ATTACH, .held = false },
	{ .callback = "detach", .call = MOCK_DETACH, .held = false },
	{ .callback = "pin", .call = MOCK_PIN, .held = true },
	{ .callback = "unpin", .call = MOCK_UNPIN, .held = true },
	{ .callback = "map_dma_buf", .call = MOCK_MAP, .held = true },
	{ .callback = "unmap_dma_buf", .call = MOCK_UNMAP, .held = true },
	{ .callback = "release", .call = MOCK_RELEASE, .held = false },
	{ .callback = "begin_cpu_access", .call = MOCK_BEGIN, .held = false },
	{ .callback = "end_cpu_access", .call = MOCK_END, .held = false },
	{ .callback = "mmap", .call = MOCK_MMAP, .held = false },
	{ .callback = "vmap", .call = MOCK_VMAP, .held = true },
	{ .callback = "vunmap", .call = MOCK_VUNMAP, .held = true },
	{ .callback = "move_notify", .call = MOCK_MOVE, .held = true },
};

KUNIT_ARRAY_PARAM_DESC(lock_rule, lock_rules, callback);

static void a_callback_sees_the_lock_that_the_contract_says(struct kunit *test)
{
	struct lock_states *states = kunit_kzalloc(test, sizeof(*states), GFP_KERNEL);
	struct mock_buffer *buffer = mock_export_own_resv(test, &mock_dynamic_ops);
	const struct lock_rule *rule = test->param_value;

	KUNIT_ASSERT_NOT_NULL(test, states);
	buffer->hook = note_lock_state;
	buffer->hook_priv = states;
	live_a_whole_life(buffer);

	KUNIT_EXPECT_GT(test, buffer->count[rule->call], 0);
	KUNIT_EXPECT_EQ(test, states->held[rule->call], rule->held);
	KUNIT_EXPECT_EQ(test, mock_must_be_locked(rule->call), rule->held);
}

/* Calls without the lock, which lockdep has to notice */

/**
 * struct forgetful - a driver that forgets the lock
 * @buffer: a buffer
 * @attach: a dynamic importer's attachment, pinned
 * @sgt: its mapping
 * @map: the buffer's vmap
 */
struct forgetful {
	struct mock_buffer *buffer;
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	struct iosys_map map;
};

static void forget_at_pin(struct forgetful *driver)
{
	KUNIT_EXPECT_EQ(driver->buffer->test, dma_buf_pin(driver->attach), 0);
	mock_unpin(driver->attach);
}

static void forget_at_unpin(struct forgetful *driver)
{
	dma_buf_unpin(driver->attach);
	KUNIT_EXPECT_EQ(driver->buffer->test, mock_pin(driver->attach), 0);
}

static void forget_at_move(struct forgetful *driver)
{
	dma_buf_move_notify(driver->buffer->dmabuf);
}

static void forget_at_map(struct forgetful *driver)
{
	struct sg_table *sgt = dma_buf_map_attachment(driver->attach, DMA_TO_DEVICE);

	KUNIT_EXPECT_FALSE(driver->buffer->test, IS_ERR(sgt));
	if (!IS_ERR(sgt))
		dma_buf_unmap_attachment_unlocked(driver->attach, sgt, DMA_TO_DEVICE);
}

static void forget_at_unmap(struct forgetful *driver)
{
	dma_buf_unmap_attachment(driver->attach, driver->sgt, DMA_TO_DEVICE);
	driver->sgt = dma_buf_map_attachment_unlocked(driver->attach, DMA_TO_DEVICE);
}

static void forget_at_vmap(struct forgetful *driver)
{
	struct iosys_map map;

	KUNIT_EXPECT_EQ(driver->buffer->test, dma_buf_vmap(driver->buffer->dmabuf, &map), 0);
	dma_buf_vunmap_unlocked(driver->buffer->dmabuf, &map);
}

static void forget_at_vunmap(struct forgetful *driver)
{
	struct dma_buf *dmabuf = driver->buffer->dmabuf;

	dma_buf_vunmap(dmabuf, &driver->map);
	KUNIT_EXPECT_EQ(driver->buffer->test, dma_buf_vmap_unlocked(dmabuf, &driver->map), 0);
}

struct forgotten_lock {
	const char *function;
	void (*forget)(struct forgetful *driver);
};

static const struct forgotten_lock forgotten_locks[] = {
	{ .function = "dma_buf_pin", .forget = forget_at_pin },
	{ .function = "dma_buf_unpin", .forget = forget_at_unpin },
	{ .function = "dma_buf_move_notify", .forget = forget_at_move },
	{ .function = "dma_buf_map_attachment", .forget = forget_at_map },
	{ .function = "dma_buf_unmap_attachment", .forget = forget_at_unmap },
	{ .function = "dma_buf_vmap", .forget = forget_at_vmap },
	{ .function = "dma_buf_vunmap", .forget = forget_at_vunmap },
};

KUNIT_ARRAY_PARAM_DESC(forgotten_lock, forgotten_locks, function);

static void forgetful_end(void *context)
{
	struct forgetful *driver = context;

	dma_buf_vunmap_unlocked(driver->buffer->dmabuf, &driver->map);
	dma_buf_end_cpu_access(driver->buffer->dmabuf, DMA_FROM_DEVICE);
	dma_buf_unmap_attachment_unlocked(driver->attach, driver->sgt, DMA_TO_DEVICE);
	mock_unpin(driver->attach);
}

/* A static exporter, since a vmap is held without the lock. */
static struct forgetful *forgetful_create(struct kunit *test)
{
	struct forgetful *driver = kunit_kzalloc(test, sizeof(*driver), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, driver);
	driver->buffer = mock_export(test, &mock_static_ops);
	driver->attach = mock_attach(driver->buffer, &mock_importer_ops);
	KUNIT_ASSERT_EQ(test, mock_pin(driver->attach), 0);
	driver->sgt = dma_buf_map_attachment_unlocked(driver->attach, DMA_TO_DEVICE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, driver->sgt);
	KUNIT_ASSERT_EQ(test, dma_buf_begin_cpu_access(driver->buffer->dmabuf,
						       DMA_FROM_DEVICE), 0);
	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(driver->buffer->dmabuf, &driver->map), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, forgetful_end, driver), 0);
	return driver;
}

/* That the report comes is demanded by whoever reads the kernel log. */
static void a_call_without_the_lock_is_reported(struct kunit *test)
{
	const struct forgotten_lock *param = test->param_value;
	struct forgetful *driver = forgetful_create(test);

	if (!IS_ENABLED(CONFIG_LOCKDEP))
		kunit_skip(test, "the kernel has no lockdep");

	mock_splat_begin(param->function);
	param->forget(driver);
	mock_splat_end(param->function);
	mock_forgive(driver->buffer);

	/* What the checker has to say about it is another test's business. */
	if (IS_ENABLED(CONFIG_DMABUF_CHECK))
		mock_take_breach(test);
}

static struct kunit_case dma_buf_lock_cases[] = {
	KUNIT_CASE_PARAM(a_callback_sees_the_lock_that_the_contract_says, lock_rule_gen_params),
	KUNIT_CASE_PARAM(a_call_without_the_lock_is_reported, forgotten_lock_gen_params),
	{}
};

static struct kunit_suite dma_buf_lock_suite = {
	.name = "dma-buf-lock",
	.init = mock_init,
	.test_cases = dma_buf_lock_cases,
};

kunit_test_suite(dma_buf_lock_suite);
