/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One event per step of a buffer's life, in the order of the rooms.  The first
 * eight are named as in later kernels, so that tools carry over.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dma_buf

#if !defined(_DMA_BUF_TRACE_H_) || defined(TRACE_HEADER_MULTI_READ)
#define _DMA_BUF_TRACE_H_

#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/tracepoint.h>

#include "dma-buf-private.h"

#define dma_buf_trace_direction(direction)		\
	__print_symbolic(direction,			\
			 { DMA_BIDIRECTIONAL, "rw" },	\
			 { DMA_TO_DEVICE, "to" },	\
			 { DMA_FROM_DEVICE, "from" },	\
			 { DMA_NONE, "none" })

DECLARE_EVENT_CLASS(dma_buf,
		    TP_PROTO(struct dma_buf *dmabuf),
		    TP_ARGS(dmabuf),
		    TP_STRUCT__entry(__string(exp_name, dmabuf->exp_name)
				     __field(size_t, size)
				     __field(unsigned long, ino)),
		    TP_fast_assign(__assign_str(exp_name);
				   __entry->size = dmabuf->size;
				   __entry->ino = dma_buf_ino(dmabuf);),
		    TP_printk("exp_name=%s size=%zu ino=%lu",
			      __get_str(exp_name), __entry->size, __entry->ino)
);

DECLARE_EVENT_CLASS(dma_buf_fd,
		    TP_PROTO(struct dma_buf *dmabuf, int fd),
		    TP_ARGS(dmabuf, fd),
		    TP_STRUCT__entry(__string(exp_name, dmabuf->exp_name)
				     __field(size_t, size)
				     __field(unsigned long, ino)
				     __field(int, fd)),
		    TP_fast_assign(__assign_str(exp_name);
				   __entry->size = dmabuf->size;
				   __entry->ino = dma_buf_ino(dmabuf);
				   __entry->fd = fd;),
		    TP_printk("exp_name=%s size=%zu ino=%lu fd=%d",
			      __get_str(exp_name), __entry->size, __entry->ino,
			      __entry->fd)
);

DECLARE_EVENT_CLASS(dma_buf_meeting,
		    TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach,
			     bool is_dynamic, struct device *dev),
		    TP_ARGS(dmabuf, attach, is_dynamic, dev),
		    TP_STRUCT__entry(__string(exp_name, dmabuf->exp_name)
				     __string(dev_name, dev_name(dev))
				     __field(size_t, size)
				     __field(unsigned long, ino)
				     __field(const void *, attach)
				     __field(bool, is_dynamic)),
		    TP_fast_assign(__assign_str(exp_name);
				   __assign_str(dev_name);
				   __entry->size = dmabuf->size;
				   __entry->ino = dma_buf_ino(dmabuf);
				   __entry->attach = attach;
				   __entry->is_dynamic = is_dynamic;),
		    TP_printk("exp_name=%s size=%zu ino=%lu attachment=%p is_dynamic=%d dev_name=%s",
			      __get_str(exp_name), __entry->size, __entry->ino,
			      __entry->attach, __entry->is_dynamic, __get_str(dev_name))
);

DECLARE_EVENT_CLASS(dma_buf_pinning,
		    TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach),
		    TP_ARGS(dmabuf, attach),
		    TP_STRUCT__entry(__string(exp_name, dmabuf->exp_name)
				     __string(dev_name, dev_name(attach->dev))
				     __field(unsigned long, ino)
				     __field(const void *, attach)
				     __field(unsigned int, pins)),
		    TP_fast_assign(__assign_str(exp_name);
				   __assign_str(dev_name);
				   __entry->ino = dma_buf_ino(dmabuf);
				   __entry->attach = attach;
				   __entry->pins = attach->db_pins;),
		    TP_printk("exp_name=%s ino=%lu attachment=%p dev_name=%s pins=%u",
			      __get_str(exp_name), __entry->ino, __entry->attach,
			      __get_str(dev_name), __entry->pins)
);

DECLARE_EVENT_CLASS(dma_buf_mapping,
		    TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach,
			     enum dma_data_direction direction),
		    TP_ARGS(dmabuf, attach, direction),
		    TP_STRUCT__entry(__string(exp_name, dmabuf->exp_name)
				     __string(dev_name, dev_name(attach->dev))
				     __field(unsigned long, ino)
				     __field(const void *, attach)
				     __field(int, direction)
				     __field(unsigned int, pins)
				     __field(unsigned int, maps)),
		    TP_fast_assign(__assign_str(exp_name);
				   __assign_str(dev_name);
				   __entry->ino = dma_buf_ino(dmabuf);
				   __entry->attach = attach;
				   __entry->direction = direction;
				   __entry->pins = attach->db_pins;
				   __entry->maps = attach->db_maps;),
		    TP_printk("exp_name=%s ino=%lu attachment=%p dev_name=%s direction=%s pins=%u maps=%u",
			      __get_str(exp_name), __entry->ino, __entry->attach,
			      __get_str(dev_name),
			      dma_buf_trace_direction(__entry->direction),
			      __entry->pins, __entry->maps)
);

DECLARE_EVENT_CLASS(dma_buf_access,
		    TP_PROTO(struct dma_buf *dmabuf, enum dma_data_direction direction),
		    TP_ARGS(dmabuf, direction),
		    TP_STRUCT__entry(__string(exp_name, dmabuf->exp_name)
				     __field(unsigned long, ino)
				     __field(int, direction)),
		    TP_fast_assign(__assign_str(exp_name);
				   __entry->ino = dma_buf_ino(dmabuf);
				   __entry->direction = direction;),
		    TP_printk("exp_name=%s ino=%lu direction=%s",
			      __get_str(exp_name), __entry->ino,
			      dma_buf_trace_direction(__entry->direction))
);

/* The object */
DEFINE_EVENT(dma_buf, dma_buf_export,
	     TP_PROTO(struct dma_buf *dmabuf),
	     TP_ARGS(dmabuf)
);

/* The file */
DEFINE_EVENT(dma_buf_fd, dma_buf_fd,
	     TP_PROTO(struct dma_buf *dmabuf, int fd),
	     TP_ARGS(dmabuf, fd)
);

DEFINE_EVENT(dma_buf_fd, dma_buf_get,
	     TP_PROTO(struct dma_buf *dmabuf, int fd),
	     TP_ARGS(dmabuf, fd)
);

DEFINE_EVENT(dma_buf, dma_buf_put,
	     TP_PROTO(struct dma_buf *dmabuf),
	     TP_ARGS(dmabuf)
);

/* The meeting */
DEFINE_EVENT(dma_buf_meeting, dma_buf_dynamic_attach,
	     TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach,
		      bool is_dynamic, struct device *dev),
	     TP_ARGS(dmabuf, attach, is_dynamic, dev)
);

DEFINE_EVENT(dma_buf_meeting, dma_buf_detach,
	     TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach,
		      bool is_dynamic, struct device *dev),
	     TP_ARGS(dmabuf, attach, is_dynamic, dev)
);

DEFINE_EVENT(dma_buf_pinning, dma_buf_pin,
	     TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach),
	     TP_ARGS(dmabuf, attach)
);

DEFINE_EVENT(dma_buf_pinning, dma_buf_unpin,
	     TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach),
	     TP_ARGS(dmabuf, attach)
);

DEFINE_EVENT(dma_buf, dma_buf_move_notify,
	     TP_PROTO(struct dma_buf *dmabuf),
	     TP_ARGS(dmabuf)
);

/* The addresses */
DEFINE_EVENT(dma_buf_mapping, dma_buf_map,
	     TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach,
		      enum dma_data_direction direction),
	     TP_ARGS(dmabuf, attach, direction)
);

DEFINE_EVENT(dma_buf_mapping, dma_buf_unmap,
	     TP_PROTO(struct dma_buf *dmabuf, struct dma_buf_attachment *attach,
		      enum dma_data_direction direction),
	     TP_ARGS(dmabuf, attach, direction)
);

/* The CPU */
DEFINE_EVENT(dma_buf_access, dma_buf_begin_cpu_access,
	     TP_PROTO(struct dma_buf *dmabuf, enum dma_data_direction direction),
	     TP_ARGS(dmabuf, direction)
);

DEFINE_EVENT(dma_buf_access, dma_buf_end_cpu_access,
	     TP_PROTO(struct dma_buf *dmabuf, enum dma_data_direction direction),
	     TP_ARGS(dmabuf, direction)
);

DEFINE_EVENT(dma_buf, dma_buf_mmap,
	     TP_PROTO(struct dma_buf *dmabuf),
	     TP_ARGS(dmabuf)
);

DEFINE_EVENT(dma_buf, dma_buf_mmap_internal,
	     TP_PROTO(struct dma_buf *dmabuf),
	     TP_ARGS(dmabuf)
);

DEFINE_EVENT(dma_buf, dma_buf_vmap,
	     TP_PROTO(struct dma_buf *dmabuf),
	     TP_ARGS(dmabuf)
);

DEFINE_EVENT(dma_buf, dma_buf_vunmap,
	     TP_PROTO(struct dma_buf *dmabuf),
	     TP_ARGS(dmabuf)
);

/* The end */
DEFINE_EVENT(dma_buf, dma_buf_release,
	     TP_PROTO(struct dma_buf *dmabuf),
	     TP_ARGS(dmabuf)
);

#endif /* _DMA_BUF_TRACE_H_ */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE dma_buf_trace
#include <trace/define_trace.h>
