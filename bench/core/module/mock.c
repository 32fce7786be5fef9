// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "bench.h"

/**
 * DOC: Exporters, importer and fences that cost nothing
 *
 * What is measured is the core, so whatever it calls does as little as the
 * contract allows: every buffer shows the same page, through a table that was
 * made when the module was loaded.  A real exporter's work would be the same on
 * every core and only hide the difference.
 */

static struct page *mock_page;
static struct sg_table mock_table;
static struct dma_resv mock_resv;

static struct sg_table *mock_map_dma_buf(struct dma_buf_attachment *attach,
					 enum dma_data_direction direction)
{
	return &mock_table;
}

static void mock_unmap_dma_buf(struct dma_buf_attachment *attach, struct sg_table *sgt,
			       enum dma_data_direction direction)
{
}

static int mock_pin(struct dma_buf_attachment *attach)
{
	return 0;
}

static void mock_unpin(struct dma_buf_attachment *attach)
{
}

static void mock_release(struct dma_buf *dmabuf)
{
}

static int mock_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	iosys_map_set_vaddr(map, page_address(mock_page));
	return 0;
}

static void mock_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
}

static const struct dma_buf_ops mock_static_ops = {
	.map_dma_buf	= mock_map_dma_buf,
	.unmap_dma_buf	= mock_unmap_dma_buf,
	.release	= mock_release,
	.vmap		= mock_vmap,
	.vunmap		= mock_vunmap,
};

static const struct dma_buf_ops mock_cached_ops = {
	.cache_sgt_mapping = true,
	.map_dma_buf	= mock_map_dma_buf,
	.unmap_dma_buf	= mock_unmap_dma_buf,
	.release	= mock_release,
};

static const struct dma_buf_ops mock_dynamic_ops = {
	.pin		= mock_pin,
	.unpin		= mock_unpin,
	.map_dma_buf	= mock_map_dma_buf,
	.unmap_dma_buf	= mock_unmap_dma_buf,
	.release	= mock_release,
};

static const struct dma_buf_ops * const mock_ops[BENCH_EXPORTERS] = {
	[BENCH_STATIC]		= &mock_static_ops,
	[BENCH_STATIC_RESV]	= &mock_static_ops,
	[BENCH_CACHED]		= &mock_cached_ops,
	[BENCH_DYNAMIC]		= &mock_dynamic_ops,
};

/**
 * bench_mock_export - make a buffer of one page
 * @exporter: what kind of exporter it has
 *
 * Return: the buffer with one reference, or an ERR_PTR.
 */
struct dma_buf *bench_mock_export(enum bench_exporter exporter)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);

	info.ops = mock_ops[exporter];
	info.size = PAGE_SIZE;
	info.flags = O_RDWR;
	info.priv = &mock_table;
	if (exporter == BENCH_STATIC_RESV)
		info.resv = &mock_resv;

	return dma_buf_export(&info);
}

static void mock_move_notify(struct dma_buf_attachment *attach)
{
}

const struct dma_buf_attach_ops bench_importer_ops = {
	.allow_peer2peer = true,
	.move_notify = mock_move_notify,
};

/**
 * struct mock_fence - a fence that signals when the benchmark says so
 * @base: the fence
 * @lock: its lock
 */
struct mock_fence {
	struct dma_fence base;
	spinlock_t lock; /* lent to @base */
};

static const char *mock_fence_name(struct dma_fence *fence)
{
	return "bench";
}

static const struct dma_fence_ops mock_fence_ops = {
	.get_driver_name = mock_fence_name,
	.get_timeline_name = mock_fence_name,
};

/* Each is on a timeline of its own, so that none replaces another. */
static struct dma_fence *mock_fence_create(void)
{
	struct mock_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL);

	if (!fence)
		return NULL;

	spin_lock_init(&fence->lock);
	dma_fence_init(&fence->base, &mock_fence_ops, &fence->lock,
		       dma_fence_context_alloc(1), 1);
	return &fence->base;
}

static void mock_signal_all(struct dma_resv *resv)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_for_each_fence(&cursor, resv, DMA_RESV_USAGE_BOOKKEEP, fence)
		if (fence->ops == &mock_fence_ops)
			dma_fence_signal(fence);
}

static int mock_add_fence(struct dma_resv *resv)
{
	struct dma_fence *fence = mock_fence_create();

	if (!fence)
		return -ENOMEM;

	dma_resv_add_fence(resv, fence, DMA_RESV_USAGE_WRITE);
	dma_fence_put(fence);
	return 0;
}

/**
 * bench_mock_set_fences - give a buffer new fences
 * @dmabuf: the buffer
 * @count: how many
 * @signalled: whether they are signalled at once
 *
 * The fences that it has are signalled first.
 *
 * Context: process context; takes &dma_buf.resv.
 * Return: 0 or -ENOMEM.
 */
int bench_mock_set_fences(struct dma_buf *dmabuf, unsigned int count, bool signalled)
{
	struct dma_resv *resv = dmabuf->resv;
	unsigned int i;
	int ret = 0;

	dma_resv_lock(resv, NULL);
	mock_signal_all(resv);
	if (count)
		ret = dma_resv_reserve_fences(resv, count);
	for (i = 0; !ret && i < count; i++)
		ret = mock_add_fence(resv);
	if (signalled)
		mock_signal_all(resv);
	dma_resv_unlock(resv);

	return ret;
}

/**
 * bench_mock_init - make what all buffers share
 *
 * Return: 0 or -ENOMEM.
 */
int bench_mock_init(void)
{
	int ret;

	mock_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!mock_page)
		return -ENOMEM;

	ret = sg_alloc_table(&mock_table, 1, GFP_KERNEL);
	if (ret) {
		__free_page(mock_page);
		return ret;
	}

	sg_set_page(mock_table.sgl, mock_page, PAGE_SIZE, 0);
	sg_dma_address(mock_table.sgl) = page_to_phys(mock_page);
	sg_dma_len(mock_table.sgl) = PAGE_SIZE;
	dma_resv_init(&mock_resv);
	return 0;
}

/**
 * bench_mock_fini - undo bench_mock_init()
 */
void bench_mock_fini(void)
{
	dma_resv_fini(&mock_resv);
	sg_free_table(&mock_table);
	__free_page(mock_page);
}
