// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mock importer, static and dynamic; see dma-buf-mock.h.
 *
 * What it takes it gives back when the test ends: detach and unmap are actions
 * of the test, so that an assertion that fails leaves nothing behind.
 */

#include "dma-buf-mock.h"

/**
 * struct mock_importer - what an importer knows of its attachment
 * @buffer: the buffer
 * @name: tells several importers apart in the calls
 */
struct mock_importer {
	struct mock_buffer *buffer;
	char name[8];
};

static void mock_importer_move_notify(struct dma_buf_attachment *attach)
{
	struct mock_importer *importer = attach->importer_priv;

	mock_record(attach->dmabuf, MOCK_MOVE, importer->name, attach);
}

const struct dma_buf_attach_ops mock_importer_ops = {
	.move_notify	= mock_importer_move_notify,
};

const struct dma_buf_attach_ops mock_importer_p2p_ops = {
	.allow_peer2peer	= true,
	.move_notify		= mock_importer_move_notify,
};

static void mock_detach_action(void *context)
{
	struct dma_buf_attachment *attach = context;

	dma_buf_detach(attach->dmabuf, attach);
}

/**
 * mock_attach - attach the test's device
 * @buffer: the buffer
 * @importer_ops: one of the mock's, or NULL for a static importer
 *
 * Return: the attachment, which the end of the test detaches; does not return
 * after a failure.
 */
struct dma_buf_attachment *mock_attach(struct mock_buffer *buffer,
				       const struct dma_buf_attach_ops *importer_ops)
{
	struct kunit *test = buffer->test;
	struct mock_importer *importer = kunit_kzalloc(test, sizeof(*importer), GFP_KERNEL);
	struct dma_buf_attachment *attach;

	KUNIT_ASSERT_NOT_NULL(test, importer);
	importer->buffer = buffer;
	scnprintf(importer->name, sizeof(importer->name), "%u", ++buffer->importers);

	attach = dma_buf_dynamic_attach(buffer->dmabuf, mock_device(test), importer_ops,
					importer);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_detach_action, attach), 0);
	return attach;
}

/**
 * mock_detach - detach before the test ends
 * @buffer: the buffer
 * @attach: from mock_attach()
 */
void mock_detach(struct mock_buffer *buffer, struct dma_buf_attachment *attach)
{
	kunit_release_action(buffer->test, mock_detach_action, attach);
}

static void mock_unmap_action(void *context)
{
	struct mock_mapping *mapping = context;

	dma_buf_unmap_attachment_unlocked(mapping->attach, mapping->sgt, mapping->direction);
}

/**
 * mock_map - map an attachment
 * @test: the test, whose end unmaps it
 * @attach: the attachment
 * @direction: what for
 *
 * Return: the mapping or the core's ERR_PTR.
 */
struct mock_mapping *mock_map(struct kunit *test, struct dma_buf_attachment *attach,
			      enum dma_data_direction direction)
{
	struct mock_mapping *mapping = kunit_kzalloc(test, sizeof(*mapping), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mapping);
	mapping->attach = attach;
	mapping->direction = direction;
	mapping->sgt = dma_buf_map_attachment_unlocked(attach, direction);
	if (IS_ERR(mapping->sgt))
		return ERR_CAST(mapping->sgt);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_unmap_action, mapping), 0);
	return mapping;
}

/**
 * mock_unmap - unmap before the test ends
 * @test: the test
 * @mapping: from mock_map()
 */
void mock_unmap(struct kunit *test, struct mock_mapping *mapping)
{
	kunit_release_action(test, mock_unmap_action, mapping);
}

static int mock_map_job_main(void *context)
{
	struct mock_map_job *job = context;

	job->sgt = dma_buf_map_attachment_unlocked(job->attach, DMA_TO_DEVICE);
	return PTR_ERR_OR_ZERO(job->sgt);
}

static int mock_map_job_interrupted_main(void *context)
{
	mock_signal_pending();
	return mock_map_job_main(context);
}

static void mock_map_job_end(void *context)
{
	struct mock_map_job *job = context;

	if (!IS_ERR_OR_NULL(job->sgt))
		dma_buf_unmap_attachment_unlocked(job->attach, job->sgt, DMA_TO_DEVICE);
}

static struct mock_map_job *mock_map_job_create(struct kunit *test,
						struct dma_buf_attachment *attach,
						int (*fn)(void *context))
{
	struct mock_map_job *job = kunit_kzalloc(test, sizeof(*job), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, job);
	job->attach = attach;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_map_job_end, job), 0);
	job->thread = mock_thread_start(test, fn, job);
	return job;
}

/**
 * mock_map_start - have a thread map an attachment for DMA_TO_DEVICE
 * @test: the test, whose end unmaps it
 * @attach: the attachment
 *
 * Return: the job; does not return without a thread.
 */
struct mock_map_job *mock_map_start(struct kunit *test, struct dma_buf_attachment *attach)
{
	return mock_map_job_create(test, attach, mock_map_job_main);
}

/**
 * mock_map_start_interrupted - the same by a thread that has a signal pending
 * @test: the test, whose end unmaps it
 * @attach: the attachment
 *
 * Return: the job; does not return without a thread.
 */
struct mock_map_job *mock_map_start_interrupted(struct kunit *test,
						struct dma_buf_attachment *attach)
{
	return mock_map_job_create(test, attach, mock_map_job_interrupted_main);
}

int mock_pin(struct dma_buf_attachment *attach)
{
	struct dma_resv *resv = attach->dmabuf->resv;
	int ret;

	dma_resv_lock(resv, NULL);
	ret = dma_buf_pin(attach);
	dma_resv_unlock(resv);

	return ret;
}

void mock_unpin(struct dma_buf_attachment *attach)
{
	struct dma_resv *resv = attach->dmabuf->resv;

	dma_resv_lock(resv, NULL);
	dma_buf_unpin(attach);
	dma_resv_unlock(resv);
}

void mock_move(struct mock_buffer *buffer)
{
	struct dma_buf *dmabuf = buffer->dmabuf;

	dma_resv_lock(dmabuf->resv, NULL);
	dma_buf_move_notify(dmabuf);
	dma_resv_unlock(dmabuf->resv);
}
