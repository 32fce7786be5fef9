/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract checker's view into the rooms: one call per step of a buffer's
 * life.  All of them are empty without CONFIG_DMABUF_CHECK.
 */
#ifndef _DMA_BUF_CHECK_H_
#define _DMA_BUF_CHECK_H_

#include <linux/dma-buf.h>
#include <linux/stackdepot.h>

#ifdef CONFIG_DMABUF_CHECK

/* dma-buf-check.c: the object, and who is attached */
void dma_buf_check_export(struct dma_buf *dmabuf);
void dma_buf_check_release(struct dma_buf *dmabuf);
void dma_buf_check_attach(struct dma_buf_attachment *attach);
void dma_buf_check_detach(struct dma_buf_attachment *attach);
void dma_buf_check_locked(struct dma_buf *dmabuf, struct dma_buf_attachment *attach);
void dma_buf_check_section(struct dma_buf *dmabuf);
depot_stack_handle_t dma_buf_check_attached_at(struct dma_buf *dmabuf);
depot_stack_handle_t dma_buf_check_mapped_at(struct dma_buf_attachment *attach);
depot_stack_handle_t dma_buf_check_pinned_at(struct dma_buf_attachment *attach);

/* dma-buf-check-map.c, dma-buf-check-time.c: what importers hold, and when */
void dma_buf_check_pin(struct dma_buf_attachment *attach);
bool dma_buf_check_unpin(struct dma_buf_attachment *attach);
void dma_buf_check_map(struct dma_buf_attachment *attach, struct sg_table *sgt,
		       enum dma_data_direction direction);
bool dma_buf_check_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			 enum dma_data_direction direction);

/* dma-buf-check-exporter.c: what exporters hand out, and when they move it */
void dma_buf_check_table(struct dma_buf_attachment *attach, struct sg_table *full);
void dma_buf_check_table_gone(struct dma_buf_attachment *attach, struct sg_table *full);
void dma_buf_check_move(struct dma_buf *dmabuf);
void dma_buf_check_moved(struct dma_buf *dmabuf);

/* dma-buf-check-cpu.c: the CPU */
void dma_buf_check_begin_cpu_access(struct dma_buf *dmabuf,
				    enum dma_data_direction direction);
void dma_buf_check_end_cpu_access(struct dma_buf *dmabuf,
				  enum dma_data_direction direction, int ret);
void dma_buf_check_vmap(struct dma_buf *dmabuf);
void dma_buf_check_vmap_unlocked(struct dma_buf *dmabuf);
void dma_buf_check_vunmap(struct dma_buf *dmabuf);
depot_stack_handle_t dma_buf_check_vmapped_at(struct dma_buf *dmabuf);

#else /* !CONFIG_DMABUF_CHECK */

static inline void dma_buf_check_export(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_release(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_attach(struct dma_buf_attachment *attach) { }
static inline void dma_buf_check_detach(struct dma_buf_attachment *attach) { }
static inline void dma_buf_check_locked(struct dma_buf *dmabuf,
					struct dma_buf_attachment *attach) { }
static inline void dma_buf_check_section(struct dma_buf *dmabuf) { }

static inline depot_stack_handle_t dma_buf_check_attached_at(struct dma_buf *dmabuf)
{
	return 0;
}

static inline void dma_buf_check_pin(struct dma_buf_attachment *attach) { }

static inline bool dma_buf_check_unpin(struct dma_buf_attachment *attach)
{
	return true;
}

static inline void dma_buf_check_map(struct dma_buf_attachment *attach,
				     struct sg_table *sgt,
				     enum dma_data_direction direction) { }

static inline bool dma_buf_check_unmap(struct dma_buf_attachment *attach,
				       struct sg_table *sgt,
				       enum dma_data_direction direction)
{
	return true;
}

static inline depot_stack_handle_t
dma_buf_check_mapped_at(struct dma_buf_attachment *attach)
{
	return 0;
}

static inline depot_stack_handle_t
dma_buf_check_pinned_at(struct dma_buf_attachment *attach)
{
	return 0;
}

static inline void dma_buf_check_table(struct dma_buf_attachment *attach,
				       struct sg_table *full) { }
static inline void dma_buf_check_table_gone(struct dma_buf_attachment *attach,
					    struct sg_table *full) { }
static inline void dma_buf_check_move(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_moved(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_begin_cpu_access(struct dma_buf *dmabuf,
						  enum dma_data_direction direction) { }
static inline void dma_buf_check_end_cpu_access(struct dma_buf *dmabuf,
						enum dma_data_direction direction,
						int ret) { }
static inline void dma_buf_check_vmap(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_vmap_unlocked(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_vunmap(struct dma_buf *dmabuf) { }

static inline depot_stack_handle_t dma_buf_check_vmapped_at(struct dma_buf *dmabuf)
{
	return 0;
}

#endif /* CONFIG_DMABUF_CHECK */

#endif /* _DMA_BUF_CHECK_H_ */
