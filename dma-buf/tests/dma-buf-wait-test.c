// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-wait.c: signals that come while a static importer maps, or
 * while somebody asks for an address in the kernel.
 */

#include "dma-buf-mock.h"

#include <linux/sched/signal.h>

struct wait_exporter {
	const char *what;
	const struct dma_buf_ops *exporter;
	const char *mapped;
	const char *undone;
};

static const struct wait_exporter wait_exporters[] = {
	{
		.what		= "static exporter",
		.exporter	= &mock_static_ops,
		.mapped		= "attach, map:to",
		.undone		= "attach, map:to, unmap:to",
	}, {
		.what		= "exporter that wants tables kept",
		.exporter	= &mock_cached_ops,
		.mapped		= "attach, map:to",
		.undone		= "attach, map:to, unmap:to",
	}, {
		.what		= "dynamic exporter",
		.exporter	= &mock_dynamic_ops,
		.mapped		= "attach, pin, map:to",
		.undone		= "attach, pin, map:to, unmap:to, unpin",
	},
};

KUNIT_ARRAY_PARAM_DESC(wait_exporter, wait_exporters, what);

/* The signal is pending when the fence signals, so a wait that minds signals has failed by then. */
static void a_signal_does_not_end_the_wait_for_a_move(struct kunit *test)
{
	const struct wait_exporter *param = test->param_value;
	struct mock_buffer *buffer = mock_export(test, param->exporter);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	struct mock_map_job *job = mock_map_start(test, mock_attach(buffer, NULL));

	mock_expect_event(test, &fence->wanted, "the wait");
	mock_thread_interrupt(job->thread);
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(job->thread), 0);
	MOCK_EXPECT_CALLS(buffer, param->mapped);
}

static void a_fatal_signal_ends_the_wait_and_undoes_the_mapping(struct kunit *test)
{
	const struct wait_exporter *param = test->param_value;
	struct mock_buffer *buffer = mock_export(test, param->exporter);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	struct mock_map_job *job = mock_map_start(test, mock_attach(buffer, NULL));

	mock_expect_event(test, &fence->wanted, "the wait");
	mock_thread_kill(job->thread);
	KUNIT_EXPECT_EQ(test, mock_thread_join(job->thread), -ERESTARTSYS);
	MOCK_EXPECT_CALLS(buffer, param->undone);
	KUNIT_EXPECT_FALSE(test, mock_fence_has_callback(fence));
	KUNIT_EXPECT_EQ(test, job->attach->db_pins, 0);
	KUNIT_EXPECT_EQ(test, job->attach->db_maps, 0);
	KUNIT_EXPECT_NULL(test, job->attach->sgt);
}

static void the_wait_for_a_move_ends_with_the_last_fence(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct mock_fence *first = mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	struct mock_fence *second = mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	struct mock_map_job *job = mock_map_start(test, mock_attach(buffer, NULL));

	mock_expect_event(test, &first->wanted, "the wait");
	dma_fence_signal(&first->base);
	mock_expect_wait(job->thread, second, true);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, map:to");
}

/**
 * struct interrupted - an exporter whose wait a signal ends the first time
 * @what: in words
 * @call: the call that is interrupted
 * @error: what it returns then
 * @calls: what the exporter hears from a static importer
 */
struct interrupted {
	const char *what;
	enum mock_call call;
	int error;
	const char *calls;
};

static const struct interrupted interruptions[] = {
	{
		.what	= "pin, EINTR",
		.call	= MOCK_PIN,
		.error	= -EINTR,
		.calls	= "pin, pin, map:to, unmap:to, unpin",
	}, {
		.what	= "pin, ERESTARTSYS",
		.call	= MOCK_PIN,
		.error	= -ERESTARTSYS,
		.calls	= "pin, pin, map:to, unmap:to, unpin",
	}, {
		.what	= "map, EINTR",
		.call	= MOCK_MAP,
		.error	= -EINTR,
		.calls	= "pin, map:to, map:to, unmap:to, unpin",
	}, {
		.what	= "map, ERESTARTSYS",
		.call	= MOCK_MAP,
		.error	= -ERESTARTSYS,
		.calls	= "pin, map:to, map:to, unmap:to, unpin",
	},
};

KUNIT_ARRAY_PARAM_DESC(interrupted, interruptions, what);

static void interrupt_the_first_call(struct mock_buffer *buffer, enum mock_call call,
				     struct dma_buf_attachment *attach)
{
	const struct interrupted *interrupted = buffer->hook_priv;

	if (call == interrupted->call)
		buffer->error[call] = buffer->count[call] == 1 ? interrupted->error : 0;
}

static struct mock_buffer *export_interrupted(struct kunit *test,
					      const struct interrupted *interrupted)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	buffer->hook = interrupt_the_first_call;
	buffer->hook_priv = (void *)interrupted;
	return buffer;
}

static void an_interrupted_exporter_is_called_again_for_a_static_importer(struct kunit *test)
{
	const struct interrupted *param = test->param_value;
	struct mock_buffer *buffer = export_interrupted(test, param);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct mock_mapping *mapping;

	mock_calls(buffer);
	mock_signal_pending();
	mapping = mock_map(test, attach, DMA_TO_DEVICE);
	mock_signal_forget();

	KUNIT_ASSERT_FALSE(test, IS_ERR(mapping));
	mock_unmap(test, mapping);
	MOCK_EXPECT_CALLS(buffer, param->calls);
}

static void an_error_without_a_signal_is_handed_on(struct kunit *test)
{
	const struct interrupted *param = test->param_value;
	struct mock_buffer *buffer = export_interrupted(test, param);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	KUNIT_EXPECT_PTR_EQ(test, mock_map(test, attach, DMA_TO_DEVICE), ERR_PTR(param->error));
	KUNIT_EXPECT_EQ(test, buffer->count[param->call], 1);
}

static void a_dynamic_importer_gets_the_errno_of_a_signal(struct kunit *test)
{
	static const struct interrupted interrupted = { .call = MOCK_MAP, .error = -ERESTARTSYS };
	struct mock_buffer *buffer = export_interrupted(test, &interrupted);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	struct mock_mapping *mapping;

	mock_signal_pending();
	mapping = mock_map(test, attach, DMA_TO_DEVICE);
	mock_signal_forget();
	KUNIT_EXPECT_PTR_EQ(test, mapping, ERR_PTR(-ERESTARTSYS));
	KUNIT_EXPECT_EQ(test, buffer->count[MOCK_MAP], 1);
}

static void an_interrupted_exporter_waits_for_the_move_before_it_is_called_again(struct kunit *test)
{
	static const struct interrupted interrupted = { .call = MOCK_PIN, .error = -ERESTARTSYS };
	struct mock_buffer *buffer = export_interrupted(test, &interrupted);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct mock_map_job *job;

	mock_calls(buffer);
	job = mock_map_start_interrupted(test, attach);
	mock_expect_event(test, &fence->wanted, "the wait");
	MOCK_EXPECT_CALLS(buffer, "pin");
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(job->thread), 0);
	MOCK_EXPECT_CALLS(buffer, "pin, map:to");
}

static void an_interrupted_vmap_is_called_again(struct kunit *test)
{
	static const struct interrupted interrupted = { .call = MOCK_VMAP, .error = -ERESTARTSYS };
	struct mock_buffer *buffer = export_interrupted(test, &interrupted);
	struct dma_buf *dmabuf = buffer->dmabuf;
	struct iosys_map map;
	int ret;

	mock_signal_pending();
	dma_resv_lock(dmabuf->resv, NULL);
	ret = dma_buf_vmap(dmabuf, &map);
	if (!ret)
		dma_buf_vunmap(dmabuf, &map);
	dma_resv_unlock(dmabuf->resv);
	mock_signal_forget();

	KUNIT_EXPECT_EQ(test, ret, 0);
	MOCK_EXPECT_CALLS(buffer, "vmap, vmap, vunmap");
}

static struct kunit_case dma_buf_wait_cases[] = {
	KUNIT_CASE_PARAM(a_signal_does_not_end_the_wait_for_a_move, wait_exporter_gen_params),
	KUNIT_CASE_PARAM(a_fatal_signal_ends_the_wait_and_undoes_the_mapping,
			 wait_exporter_gen_params),
	KUNIT_CASE(the_wait_for_a_move_ends_with_the_last_fence),
	KUNIT_CASE_PARAM(an_interrupted_exporter_is_called_again_for_a_static_importer,
			 interrupted_gen_params),
	KUNIT_CASE_PARAM(an_error_without_a_signal_is_handed_on, interrupted_gen_params),
	KUNIT_CASE(a_dynamic_importer_gets_the_errno_of_a_signal),
	KUNIT_CASE(an_interrupted_exporter_waits_for_the_move_before_it_is_called_again),
	KUNIT_CASE(an_interrupted_vmap_is_called_again),
	{}
};

static struct kunit_suite dma_buf_wait_suite = {
	.name = "dma-buf-wait",
	.init = mock_init,
	.test_cases = dma_buf_wait_cases,
};

kunit_test_suite(dma_buf_wait_suite);
