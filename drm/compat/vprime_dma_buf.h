/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_DMA_BUF_H_
#define _VPRIME_DMA_BUF_H_

#include <linux/dma-buf.h>

/*
 * What the kernel's own dma-buf core lacks, for a driver that is built out of tree against it. That
 * core has no contract checker which would have to know of the access.
 */
#ifndef dma_buf_begin_cpu_access_nowait
static inline int dma_buf_begin_cpu_access_nowait(struct dma_buf *dmabuf,
						  enum dma_data_direction direction)
{
	if (!dmabuf->ops->begin_cpu_access)
		return 0;
	return dmabuf->ops->begin_cpu_access(dmabuf, direction);
}
#endif

#endif
