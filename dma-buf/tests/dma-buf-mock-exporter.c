// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mock exporter; see dma-buf-mock.h.
 *
 * A call of the core under the wrong lock fails the test, and so does a buffer
 * that is not released when nobody has it any more.
 */

#include "dma-buf-mock.h"

#include <linux/mm.h>
#include <linux/slab.h>

struct mock_rule {
	const char *name;
	bool locked;
};

/* The second column is the contract's: is the reservation lock held on entry? */
static const struct mock_rule mock_rules[MOCK_CALL_COUNT] = {
	[MOCK_ATTACH]	= { "attach",	false },
	[MOCK_DETACH]	= { "detach",	false },
	[MOCK_PIN]	= { "pin",	true },
	[MOCK_UNPIN]	= { "unpin",	true },
	[MOCK_MAP]	= { "map",	true },
	[MOCK_UNMAP]	= { "unmap",	true },
	[MOCK_RELEASE]	= { "release",	false },
	[MOCK_BEGIN]	= { "begin",	false },
	[MOCK_END]	= { "end",	false },
	[MOCK_MMAP]	= { "mmap",	false },
	[MOCK_VMAP]	= { "vmap",	true },
	[MOCK_VUNMAP]	= { "vunmap",	true },
	[MOCK_MOVE]	= { "move",	true },
};

bool mock_must_be_locked(enum mock_call call)
{
	return mock_rules[call].locked;
}

/**
 * mock_lock_is_held - does the caller hold a reservation lock?
 * @resv: the reservation object
 *
 * Return: whether it does; without lockdep, whether anybody does.
 */
bool mock_lock_is_held(struct dma_resv *resv)
{
#ifdef CONFIG_LOCKDEP
	if (debug_locks)
		return lockdep_is_held(&resv->lock.base) == LOCK_STATE_HELD;
#endif
	return dma_resv_is_locked(resv);
}

static const char * const mock_direction_names[] = {
	[DMA_BIDIRECTIONAL]	= "both",
	[DMA_TO_DEVICE]		= "to",
	[DMA_FROM_DEVICE]	= "from",
	[DMA_NONE]		= "none",
};

const char *mock_direction_name(enum dma_data_direction direction)
{
	return mock_direction_names[direction];
}

/**
 * mock_record - write a call down, check the lock, run the hook
 * @dmabuf: the buffer
 * @call: the call
 * @detail: what else is worth noting, or NULL
 * @attach: the attachment, or NULL
 *
 * Return: what the call is to return.
 */
int mock_record(struct dma_buf *dmabuf, enum mock_call call, const char *detail,
		struct dma_buf_attachment *attach)
{
	struct mock_buffer *buffer = dmabuf->priv;
	bool locked = mock_lock_is_held(dmabuf->resv);
	size_t len;

	spin_lock(&buffer->lock);
	len = strlen(buffer->calls);
	scnprintf(buffer->calls + len, sizeof(buffer->calls) - len, "%s%s%s%s",
		  len ? ", " : "", mock_rules[call].name, detail ? ":" : "", detail ?: "");
	buffer->count[call]++;
	if (locked != mock_must_be_locked(call))
		buffer->wrong_lock++;
	spin_unlock(&buffer->lock);

	if (buffer->hook)
		buffer->hook(buffer, call, attach);

	return buffer->error[call];
}

/**
 * mock_calls - what has the core called?
 * @buffer: the buffer
 *
 * Return: the calls since the last time, as words, for as long as the test runs.
 */
const char *mock_calls(struct mock_buffer *buffer)
{
	char *calls = kunit_kzalloc(buffer->test, sizeof(buffer->calls), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(buffer->test, calls);

	spin_lock(&buffer->lock);
	strscpy(calls, buffer->calls, sizeof(buffer->calls));
	buffer->calls[0] = '\0';
	spin_unlock(&buffer->lock);

	return calls;
}

/**
 * mock_forgive - forget the calls under the wrong lock that the test provoked
 * @buffer: the buffer
 */
void mock_forgive(struct mock_buffer *buffer)
{
	buffer->wrong_lock = 0;
}

static int mock_op_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	return mock_record(dmabuf, MOCK_ATTACH, NULL, attach);
}

static void mock_op_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	mock_record(dmabuf, MOCK_DETACH, NULL, attach);
}

static int mock_op_pin(struct dma_buf_attachment *attach)
{
	return mock_record(attach->dmabuf, MOCK_PIN, NULL, attach);
}

static void mock_op_unpin(struct dma_buf_attachment *attach)
{
	mock_record(attach->dmabuf, MOCK_UNPIN, NULL, attach);
}

/* Two entries, so that whoever walks a table has something to walk. */
static struct sg_table *mock_table_create(struct mock_buffer *buffer)
{
	struct sg_table *sgt = kzalloc(sizeof(*sgt), GFP_KERNEL);

	if (!sgt)
		return ERR_PTR(-ENOMEM);
	if (sg_alloc_table(sgt, 2, GFP_KERNEL)) {
		kfree(sgt);
		return ERR_PTR(-ENOMEM);
	}

	sg_set_page(sgt->sgl, buffer->pages, PAGE_SIZE, 0);
	sg_set_page(sg_next(sgt->sgl), buffer->pages + 1, MOCK_SIZE - PAGE_SIZE, 0);
	return sgt;
}

static void mock_table_destroy(struct sg_table *sgt)
{
	sg_free_table(sgt);
	kfree(sgt);
}

static struct sg_table *mock_op_map_dma_buf(struct dma_buf_attachment *attach,
					    enum dma_data_direction direction)
{
	struct mock_buffer *buffer = attach->dmabuf->priv;
	struct sg_table *sgt;
	int ret;

	ret = mock_record(attach->dmabuf, MOCK_MAP, mock_direction_name(direction), attach);
	if (ret)
		return ERR_PTR(ret);
	if (buffer->map_nothing)
		return NULL;

	sgt = mock_table_create(buffer);
	if (IS_ERR(sgt))
		return sgt;

	/* As all exporters do: coherency is a matter of begin and end. */
	ret = dma_map_sgtable(attach->dev, sgt, direction, DMA_ATTR_SKIP_CPU_SYNC);
	if (ret) {
		mock_table_destroy(sgt);
		return ERR_PTR(ret);
	}

	buffer->table = sgt;
	return sgt;
}

/**
 * mock_abandon_table - unmap and free a table
 * @dev: for whom it was mapped
 * @sgt: the table
 * @direction: for what
 *
 * The exporter does that itself unless the importer detached before it unmapped.
 */
void mock_abandon_table(struct device *dev, struct sg_table *sgt,
			enum dma_data_direction direction)
{
	dma_unmap_sgtable(dev, sgt, direction, DMA_ATTR_SKIP_CPU_SYNC);
	mock_table_destroy(sgt);
}

static void mock_op_unmap_dma_buf(struct dma_buf_attachment *attach, struct sg_table *sgt,
				  enum dma_data_direction direction)
{
	mock_record(attach->dmabuf, MOCK_UNMAP, mock_direction_name(direction), attach);
	mock_abandon_table(attach->dev, sgt, direction);
}

static void mock_op_release(struct dma_buf *dmabuf)
{
	struct mock_buffer *buffer = dmabuf->priv;

	mock_record(dmabuf, MOCK_RELEASE, NULL, NULL);
	complete_all(&buffer->released);
}

static int mock_op_begin_cpu_access(struct dma_buf *dmabuf, enum dma_data_direction direction)
{
	return mock_record(dmabuf, MOCK_BEGIN, mock_direction_name(direction), NULL);
}

static int mock_op_end_cpu_access(struct dma_buf *dmabuf, enum dma_data_direction direction)
{
	return mock_record(dmabuf, MOCK_END, mock_direction_name(direction), NULL);
}

static int mock_op_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	struct mock_buffer *buffer = dmabuf->priv;
	unsigned long i;
	int ret;

	ret = mock_record(dmabuf, MOCK_MMAP, NULL, NULL);
	for (i = 0; i < vma_pages(vma) && !ret; i++)
		ret = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE,
				     buffer->pages + vma->vm_pgoff + i);

	return ret;
}

static int mock_op_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct mock_buffer *buffer = dmabuf->priv;

	iosys_map_set_vaddr(map, page_address(buffer->pages));
	return mock_record(dmabuf, MOCK_VMAP, NULL, NULL);
}

static void mock_op_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	mock_record(dmabuf, MOCK_VUNMAP, NULL, NULL);
}

/* What every exporter has that leaves nothing out, wherever its memory is. */
#define MOCK_FULL_OPS						\
	.attach			= mock_op_attach,		\
	.detach			= mock_op_detach,		\
	.map_dma_buf		= mock_op_map_dma_buf,		\
	.unmap_dma_buf		= mock_op_unmap_dma_buf,	\
	.release		= mock_op_release,		\
	.begin_cpu_access	= mock_op_begin_cpu_access,	\
	.end_cpu_access		= mock_op_end_cpu_access,	\
	.mmap			= mock_op_mmap,			\
	.vmap			= mock_op_vmap,			\
	.vunmap			= mock_op_vunmap

/* An exporter that cannot move its memory. */
const struct dma_buf_ops mock_static_ops = {
	MOCK_FULL_OPS,
};

/* One that wants its tables kept. */
const struct dma_buf_ops mock_cached_ops = {
	MOCK_FULL_OPS,
	.cache_sgt_mapping	= true,
};

/* One that can move its memory. */
const struct dma_buf_ops mock_dynamic_ops = {
	MOCK_FULL_OPS,
	.pin			= mock_op_pin,
	.unpin			= mock_op_unpin,
};

/* One that has what is mandatory and nothing else. */
const struct dma_buf_ops mock_bare_ops = {
	.map_dma_buf		= mock_op_map_dma_buf,
	.unmap_dma_buf		= mock_op_unmap_dma_buf,
	.release		= mock_op_release,
};

struct sg_table *mock_no_map(struct dma_buf_attachment *attach,
			     enum dma_data_direction direction)
{
	return ERR_PTR(-EIO);
}

void mock_no_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		   enum dma_data_direction direction)
{
}

void mock_no_release(struct dma_buf *dmabuf)
{
}

/* One that has no memory, for buffers by the thousand. */
const struct dma_buf_ops mock_no_ops = {
	.map_dma_buf		= mock_no_map,
	.unmap_dma_buf		= mock_no_unmap,
	.release		= mock_no_release,
};

/* The last thing that happens to a buffer: nothing may be left of it. */
static void mock_buffer_end(void *context)
{
	struct mock_buffer *buffer = context;
	struct kunit *test = buffer->test;

	if (buffer->dmabuf)
		mock_put(buffer);
	mock_expect_event(test, &buffer->released, "the buffer's release");
	KUNIT_EXPECT_EQ_MSG(test, buffer->count[MOCK_RELEASE], 1, "released more than once");
	KUNIT_EXPECT_EQ_MSG(test, buffer->wrong_lock, 0, "calls under the wrong lock");
}

/* Memory that somebody still uses, since the test has failed, stays. */
static void mock_buffer_free(void *context)
{
	struct mock_buffer *buffer = context;
	int i;

	if (buffer->exported && !completion_done(&buffer->released))
		return;

	for (i = 0; buffer->pages && i < MOCK_PAGES; i++)
		__free_page(buffer->pages + i);
	dma_resv_fini(&buffer->resv);
	kfree(buffer);
}

/**
 * mock_buffer_create - make the memory of a buffer that is yet to be exported
 * @test: the test, which frees it when it ends
 *
 * Return: the exporter's side; does not return without memory.
 */
struct mock_buffer *mock_buffer_create(struct kunit *test)
{
	struct mock_buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	buffer->test = test;
	spin_lock_init(&buffer->lock);
	init_completion(&buffer->released);
	dma_resv_init(&buffer->resv);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_buffer_free, buffer), 0);

	buffer->pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, get_order(MOCK_SIZE));
	KUNIT_ASSERT_NOT_NULL(test, buffer->pages);
	split_page(buffer->pages, get_order(MOCK_SIZE));
	return buffer;
}

/**
 * mock_export_info - export a buffer with an export info of the test's own
 * @test: the test, whose end drops the reference and waits for the release
 * @exp_info: its &dma_buf_export_info.priv is filled in unless the test has
 *
 * Return: the exporter's side; does not return if the export fails.
 */
struct mock_buffer *mock_export_info(struct kunit *test, struct dma_buf_export_info *exp_info)
{
	struct mock_buffer *buffer = exp_info->priv ?: mock_buffer_create(test);

	exp_info->priv = buffer;
	buffer->dmabuf = dma_buf_export(exp_info);
	if (IS_ERR(buffer->dmabuf))
		KUNIT_FAIL_AND_ABORT(test, "the export failed: %pe", buffer->dmabuf);

	buffer->exported = true;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_buffer_end, buffer), 0);
	return buffer;
}

/**
 * mock_export - export a buffer with a reservation object of its own
 * @test: the test, whose end drops the reference and waits for the release
 * @ops: one of the mock's, or the test's own
 *
 * Return: the exporter's side; does not return if the export fails.
 */
struct mock_buffer *mock_export(struct kunit *test, const struct dma_buf_ops *ops)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);

	exp_info.ops = ops;
	exp_info.size = MOCK_SIZE;
	exp_info.flags = O_RDWR;
	return mock_export_info(test, &exp_info);
}

/**
 * mock_export_own_resv - export a buffer whose reservation object is the exporter's
 * @test: the test, whose end drops the reference and waits for the release
 * @ops: one of the mock's, or the test's own
 *
 * Return: the exporter's side; does not return if the export fails.
 */
struct mock_buffer *mock_export_own_resv(struct kunit *test, const struct dma_buf_ops *ops)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct mock_buffer *buffer = mock_buffer_create(test);

	exp_info.ops = ops;
	exp_info.size = MOCK_SIZE;
	exp_info.flags = O_RDWR;
	exp_info.priv = buffer;
	exp_info.resv = &buffer->resv;
	return mock_export_info(test, &exp_info);
}

/**
 * mock_put - drop the test's reference
 * @buffer: the buffer
 *
 * If it is the last one, the buffer is gone when this returns: a kernel
 * thread's dma_buf_put() would leave that to a worker.
 */
void mock_put(struct mock_buffer *buffer)
{
	struct file *file = buffer->dmabuf->file;

	buffer->dmabuf = NULL;
	__fput_sync(file);
}
