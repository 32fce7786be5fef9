/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract checker's view into the rooms: one call per step of a buffer's
 * life.  All of them are empty without CONFIG_DMABUF_CHECK.
 */
#ifndef _DMA_BUF_CHECK_H_
#define _DMA_BUF_CHECK_H_

#include <linux/dma-buf.h>

#ifdef CONFIG_DMABUF_CHECK

void dma_buf_check_export(struct dma_buf *dmabuf);
void dma_buf_check_release(struct dma_buf *dmabuf);
void dma_buf_check_attach(struct dma_buf_attachment *attach);
void dma_buf_check_detach(struct dma_buf_attachment *attach);
void dma_buf_check_pin(struct dma_buf_attachment *attach);
void dma_buf_check_unpin(struct dma_buf_attachment *attach);
void dma_buf_check_move(struct dma_buf *dmabuf);
void dma_buf_check_table(struct dma_buf_attachment *attach, struct sg_table *full);
void dma_buf_check_table_gone(struct dma_buf_attachment *attach, struct sg_table *full);
void dma_buf_check_map(struct dma_buf_attachment *attach, struct sg_table *sgt,
		       enum dma_data_direction direction);
bool dma_buf_check_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			 enum dma_data_direction direction);
void dma_buf_check_begin_cpu_access(struct dma_buf *dmabuf,
				    enum dma_data_direction direction);
void dma_buf_check_end_cpu_access(struct dma_buf *dmabuf,
				  enum dma_data_direction direction);
void dma_buf_check_vmap(struct dma_buf *dmabuf);
void dma_buf_check_vmap_unlocked(struct dma_buf *dmabuf);
void dma_buf_check_vunmap(struct dma_buf *dmabuf);

#else /* !CONFIG_DMABUF_CHECK */

static inline void dma_buf_check_export(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_release(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_attach(struct dma_buf_attachment *attach) { }
static inline void dma_buf_check_detach(struct dma_buf_attachment *attach) { }
static inline void dma_buf_check_pin(struct dma_buf_attachment *attach) { }
static inline void dma_buf_check_unpin(struct dma_buf_attachment *attach) { }
static inline void dma_buf_check_move(struct dma_buf *dmabuf) { }

static inline void dma_buf_check_table(struct dma_buf_attachment *attach,
				       struct sg_table *full) { }
static inline void dma_buf_check_table_gone(struct dma_buf_attachment *attach,
					    struct sg_table *full) { }
static inline void dma_buf_check_map(struct dma_buf_attachment *attach,
				     struct sg_table *sgt,
				     enum dma_data_direction direction) { }

static inline bool dma_buf_check_unmap(struct dma_buf_attachment *attach,
				       struct sg_table *sgt,
				       enum dma_data_direction direction)
{
	return true;
}

static inline void dma_buf_check_begin_cpu_access(struct dma_buf *dmabuf,
						  enum dma_data_direction direction) { }
static inline void dma_buf_check_end_cpu_access(struct dma_buf *dmabuf,
						enum dma_data_direction direction) { }
static inline void dma_buf_check_vmap(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_vmap_unlocked(struct dma_buf *dmabuf) { }
static inline void dma_buf_check_vunmap(struct dma_buf *dmabuf) { }

#endif /* CONFIG_DMABUF_CHECK */

#endif /* _DMA_BUF_CHECK_H_ */
