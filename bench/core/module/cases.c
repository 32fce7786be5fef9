// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dma-resv.h>
#include <linux/fdtable.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/timex.h>

#include <asm/tsc.h>

#include "bench.h"

/**
 * DOC: The operations that drivers do
 *
 * Each case is one operation of drivers, repeated and timed here, where no
 * system call is in the way.  What has to be there before it is made by
 * setup and undone by teardown, outside of the time taken.
 */

/**
 * struct bench_stage - what a case works on
 * @dmabuf: the buffer
 * @fd: a descriptor of it
 * @dev: the importing device
 * @attachments: importers that setup attached
 * @attachment_count: how many of them
 * @visited: buffers met while walking
 */
struct bench_stage {
	struct dma_buf *dmabuf;
	int fd;
	struct device *dev;
	struct dma_buf_attachment **attachments;
	unsigned int attachment_count;
	u64 visited;
};

/**
 * struct bench_operation - one case
 * @setup: make what @once needs; may be NULL
 * @once: the operation
 * @teardown: undo @setup
 * @is_dynamic: whether setup's importers are dynamic
 */
struct bench_operation {
	int (*setup)(struct bench_stage *stage);
	int (*once)(struct bench_stage *stage);
	void (*teardown)(struct bench_stage *stage);
	bool is_dynamic;
};

static void detach_all(struct bench_stage *stage)
{
	while (stage->attachment_count)
		dma_buf_detach(stage->dmabuf,
			       stage->attachments[--stage->attachment_count]);
	kvfree(stage->attachments);
}

static struct dma_buf_attachment *attach_one(struct bench_stage *stage, bool dynamic)
{
	return dma_buf_dynamic_attach(stage->dmabuf, stage->dev,
				      dynamic ? &bench_importer_ops : NULL, NULL);
}

static int attach_all(struct bench_stage *stage, unsigned int count, bool dynamic)
{
	struct dma_buf_attachment *attach;

	stage->attachments = kvcalloc(count, sizeof(*stage->attachments), GFP_KERNEL);
	if (!stage->attachments)
		return -ENOMEM;

	for (stage->attachment_count = 0; stage->attachment_count < count;
	     stage->attachment_count++) {
		attach = attach_one(stage, dynamic);
		if (IS_ERR(attach)) {
			detach_all(stage);
			return PTR_ERR(attach);
		}
		stage->attachments[stage->attachment_count] = attach;
	}
	return 0;
}

static int attached_and_locked(struct bench_stage *stage, unsigned int count, bool dynamic)
{
	int ret = attach_all(stage, count, dynamic);

	if (!ret)
		dma_resv_lock(stage->dmabuf->resv, NULL);
	return ret;
}

static int setup_static(struct bench_stage *stage)
{
	return attached_and_locked(stage, 1, false);
}

static int setup_dynamic(struct bench_stage *stage)
{
	return attached_and_locked(stage, 1, true);
}

static int setup_crowd(struct bench_stage *stage)
{
	return attached_and_locked(stage, stage->attachment_count, true);
}

static void teardown_attached(struct bench_stage *stage)
{
	dma_resv_unlock(stage->dmabuf->resv);
	detach_all(stage);
}

static int setup_locked(struct bench_stage *stage)
{
	dma_resv_lock(stage->dmabuf->resv, NULL);
	return 0;
}

static void teardown_locked(struct bench_stage *stage)
{
	dma_resv_unlock(stage->dmabuf->resv);
}

static int get_put(struct bench_stage *stage)
{
	struct dma_buf *dmabuf = dma_buf_get(stage->fd);

	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);

	dma_buf_put(dmabuf);
	return 0;
}

static int fd_and_close(struct bench_stage *stage)
{
	int fd;

	get_dma_buf(stage->dmabuf);
	fd = dma_buf_fd(stage->dmabuf, O_CLOEXEC);
	if (fd < 0) {
		dma_buf_put(stage->dmabuf);
		return fd;
	}
	return close_fd(fd);
}

static int attach_detach(struct bench_stage *stage, bool dynamic)
{
	struct dma_buf_attachment *attach = attach_one(stage, dynamic);

	if (IS_ERR(attach))
		return PTR_ERR(attach);

	dma_buf_detach(stage->dmabuf, attach);
	return 0;
}

static int attach_static(struct bench_stage *stage)
{
	return attach_detach(stage, false);
}

static int attach_dynamic(struct bench_stage *stage)
{
	return attach_detach(stage, true);
}

static int map_unmap(struct dma_buf_attachment *attach)
{
	struct sg_table *sgt = dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL);

	if (IS_ERR(sgt))
		return PTR_ERR(sgt);

	dma_buf_unmap_attachment(attach, sgt, DMA_BIDIRECTIONAL);
	return 0;
}

static int map_first(struct bench_stage *stage)
{
	return map_unmap(stage->attachments[0]);
}

static int map_unmap_unlocked(struct dma_buf_attachment *attach)
{
	struct sg_table *sgt;

	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);

	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
	return 0;
}

static int cycle_static(struct bench_stage *stage)
{
	struct dma_buf_attachment *attach = attach_one(stage, false);
	int ret;

	if (IS_ERR(attach))
		return PTR_ERR(attach);

	ret = map_unmap_unlocked(attach);
	dma_buf_detach(stage->dmabuf, attach);
	return ret;
}

static int cycle_dynamic(struct bench_stage *stage)
{
	struct dma_buf_attachment *attach = attach_one(stage, true);
	int ret;

	if (IS_ERR(attach))
		return PTR_ERR(attach);

	dma_resv_lock(stage->dmabuf->resv, NULL);
	ret = map_unmap(attach);
	dma_resv_unlock(stage->dmabuf->resv);
	dma_buf_detach(stage->dmabuf, attach);
	return ret;
}

static int pin_unpin(struct bench_stage *stage)
{
	int ret = dma_buf_pin(stage->attachments[0]);

	if (!ret)
		dma_buf_unpin(stage->attachments[0]);
	return ret;
}

static int vmap_vunmap(struct bench_stage *stage)
{
	struct iosys_map map;
	int ret = dma_buf_vmap(stage->dmabuf, &map);

	if (!ret)
		dma_buf_vunmap(stage->dmabuf, &map);
	return ret;
}

static int vmap_vunmap_unlocked(struct bench_stage *stage)
{
	struct iosys_map map;
	int ret = dma_buf_vmap_unlocked(stage->dmabuf, &map);

	if (!ret)
		dma_buf_vunmap_unlocked(stage->dmabuf, &map);
	return ret;
}

static int cpu_access(struct bench_stage *stage)
{
	int ret = dma_buf_begin_cpu_access(stage->dmabuf, DMA_BIDIRECTIONAL);

	return ret ?: dma_buf_end_cpu_access(stage->dmabuf, DMA_BIDIRECTIONAL);
}

static int move_notify(struct bench_stage *stage)
{
	dma_buf_move_notify(stage->dmabuf);
	return 0;
}

#ifdef BENCH_HAVE_ITER
static int walk(struct bench_stage *stage)
{
	struct dma_buf *dmabuf;

	for (dmabuf = dma_buf_iter_begin(); dmabuf; dmabuf = dma_buf_iter_next(dmabuf))
		stage->visited++;
	return 0;
}
#else
static int walk(struct bench_stage *stage)
{
	return -EOPNOTSUPP;
}
#endif

static const struct bench_operation operations[BENCH_CASES] = {
	[BENCH_GET_PUT]		= { .once = get_put },
	[BENCH_FD]		= { .once = fd_and_close },
	[BENCH_ATTACH_STATIC]	= { .once = attach_static },
	[BENCH_ATTACH_DYNAMIC]	= { .once = attach_dynamic },
	[BENCH_CYCLE_STATIC]	= { .once = cycle_static },
	[BENCH_CYCLE_DYNAMIC]	= { .once = cycle_dynamic },
	[BENCH_MAP_STATIC]	= { setup_static, map_first, teardown_attached },
	[BENCH_MAP_DYNAMIC]	= { setup_dynamic, map_first, teardown_attached },
	[BENCH_PIN]		= { setup_dynamic, pin_unpin, teardown_attached },
	[BENCH_VMAP]		= { setup_locked, vmap_vunmap, teardown_locked },
	[BENCH_VMAP_UNLOCKED]	= { .once = vmap_vunmap_unlocked },
	[BENCH_CPU_ACCESS]	= { .once = cpu_access },
	[BENCH_MOVE_NOTIFY]	= { setup_crowd, move_notify, teardown_attached },
	[BENCH_WALK]		= { .once = walk },
};

static int repeat(const struct bench_operation *operation, struct bench_stage *stage,
		  struct bench_run *run)
{
	u64 start = rdtsc_ordered();
	u32 i;
	int ret = 0;

	for (i = 0; !ret && i < run->count; i++)
		ret = operation->once(stage);

	run->ticks = rdtsc_ordered() - start;
	run->visited = stage->visited;
	return ret;
}

static int run_on(struct bench_stage *stage, struct bench_run *run)
{
	const struct bench_operation *operation = &operations[run->which];
	int ret;

	if (operation->setup) {
		ret = operation->setup(stage);
		if (ret)
			return ret;
	}

	ret = repeat(operation, stage, run);
	if (operation->teardown)
		operation->teardown(stage);
	return ret;
}

/**
 * bench_case_run - repeat an operation and take the time
 * @run: which, how often; receives the time
 * @dev: the device that imports
 *
 * Return: 0 or the operation's errno.
 */
int bench_case_run(struct bench_run *run, struct device *dev)
{
	struct bench_stage stage = {
		.fd = run->fd,
		.dev = dev,
		.attachment_count = run->attachments,
	};
	int ret;

	if (run->which >= BENCH_CASES)
		return -EINVAL;

	stage.dmabuf = dma_buf_get(run->fd);
	if (IS_ERR(stage.dmabuf))
		return PTR_ERR(stage.dmabuf);

	ret = run_on(&stage, run);
	dma_buf_put(stage.dmabuf);
	return ret;
}
