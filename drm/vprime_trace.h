/* SPDX-License-Identifier: GPL-2.0-only */
/* One event per step of a buffer's life, and of a job's, in the order of the rooms. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vprime

#if !defined(_VPRIME_TRACE_H_) || defined(TRACE_HEADER_MULTI_READ)
#define _VPRIME_TRACE_H_

#include <linux/tracepoint.h>

#include "vprime_bo.h"
#include "vprime_gpu.h"

DECLARE_EVENT_CLASS(vprime_bo,
		    TP_PROTO(const struct vprime_bo *bo),
		    TP_ARGS(bo),
		    TP_STRUCT__entry(__string(gpu, bo->gpu->config.name)
				     __field(u64, id)
				     __field(u64, size)),
		    TP_fast_assign(__assign_str(gpu);
				   __entry->id = bo->id;
				   __entry->size = bo->tbo.base.size;),
		    TP_printk("gpu=%s bo=%llu size=%llu",
			      __get_str(gpu), __entry->id, __entry->size)
);

DEFINE_EVENT(vprime_bo, vprime_bo_create, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));
DEFINE_EVENT(vprime_bo, vprime_export, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));
DEFINE_EVENT(vprime_bo, vprime_import, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));
DEFINE_EVENT(vprime_bo, vprime_import_map, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));
DEFINE_EVENT(vprime_bo, vprime_import_notified, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));
DEFINE_EVENT(vprime_bo, vprime_import_unmap, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));
DEFINE_EVENT(vprime_bo, vprime_pin, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));
DEFINE_EVENT(vprime_bo, vprime_unpin, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));
DEFINE_EVENT(vprime_bo, vprime_bo_destroy, TP_PROTO(const struct vprime_bo *bo), TP_ARGS(bo));

TRACE_EVENT(vprime_move,
	    TP_PROTO(const struct vprime_bo *bo, u32 from, u32 to, bool evict),
	    TP_ARGS(bo, from, to, evict),
	    TP_STRUCT__entry(__string(gpu, bo->gpu->config.name)
			     __field(u64, id)
			     __field(u64, size)
			     __field(u32, from)
			     __field(u32, to)
			     __field(bool, evict)),
	    TP_fast_assign(__assign_str(gpu);
			   __entry->id = bo->id;
			   __entry->size = bo->tbo.base.size;
			   __entry->from = from;
			   __entry->to = to;
			   __entry->evict = evict;),
	    TP_printk("gpu=%s bo=%llu size=%llu from=%s to=%s evict=%d",
		      __get_str(gpu), __entry->id, __entry->size,
		      vprime_placement_name(__entry->from), vprime_placement_name(__entry->to),
		      __entry->evict)
);

TRACE_EVENT(vprime_job_run,
	    TP_PROTO(const struct vprime_gpu *gpu, const char *engine, u64 seqno, u32 ops),
	    TP_ARGS(gpu, engine, seqno, ops),
	    TP_STRUCT__entry(__string(gpu, gpu->config.name)
			     __string(engine, engine)
			     __field(u64, seqno)
			     __field(u32, ops)),
	    TP_fast_assign(__assign_str(gpu);
			   __assign_str(engine);
			   __entry->seqno = seqno;
			   __entry->ops = ops;),
	    TP_printk("gpu=%s engine=%s job=%llu ops=%u",
		      __get_str(gpu), __get_str(engine), __entry->seqno, __entry->ops)
);

TRACE_EVENT(vprime_job_done,
	    TP_PROTO(const struct vprime_gpu *gpu, const char *engine, u64 seqno, int error,
		     u64 busy_ns),
	    TP_ARGS(gpu, engine, seqno, error, busy_ns),
	    TP_STRUCT__entry(__string(gpu, gpu->config.name)
			     __string(engine, engine)
			     __field(u64, seqno)
			     __field(int, error)
			     __field(u64, busy_ns)),
	    TP_fast_assign(__assign_str(gpu);
			   __assign_str(engine);
			   __entry->seqno = seqno;
			   __entry->error = error;
			   __entry->busy_ns = busy_ns;),
	    TP_printk("gpu=%s engine=%s job=%llu error=%d busy=%lluns",
		      __get_str(gpu), __get_str(engine), __entry->seqno, __entry->error,
		      __entry->busy_ns)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE vprime_trace
#include <trace/define_trace.h>
