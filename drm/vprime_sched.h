/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_SCHED_H_
#define _VPRIME_SCHED_H_

#include <drm/gpu_scheduler.h>

#include "vprime_engine.h"

struct vprime_client_usage;
struct vprime_fence;
struct vprime_gpu;

/**
 * struct vprime_ring - an engine and who decides what runs on it next
 * @gpu: whose
 * @engine: the silicon
 * @sched: the scheduler
 * @jobs: that ended
 * @busy_ns: time spent on them
 * @fence_context: of the engine's own fences
 * @fence_seqno: of the last of them; only the scheduler's worker uses it
 */
struct vprime_ring {
	struct vprime_gpu *gpu;
	struct vprime_engine engine;
	struct drm_gpu_scheduler sched;

	atomic64_t jobs;
	atomic64_t busy_ns;

	u64 fence_context;
	u64 fence_seqno;
};

/**
 * struct vprime_job - what the scheduler hands to an engine
 * @gpu: whose; does not go before the job
 * @base: what the scheduler sees of it
 * @hw: what the engine sees of it
 * @fence: signals when the engine is done; allocated before, because then it is too late
 * @must_complete: memory has another owner, or its content another place, when it has ended: what
 *	the engine does not do of it is done by the CPU, and it does not fail
 * @usage: of the client that it is accounted to, or NULL
 * @capacity: of @ops
 * @ops: the commands; the job holds their bindings
 */
struct vprime_job {
	struct vprime_gpu *gpu;
	struct drm_sched_job base;
	struct vprime_engine_job hw;
	struct vprime_fence *fence;
	bool must_complete;
	struct vprime_client_usage *usage;
	unsigned int capacity;
	struct vprime_op ops[] __counted_by(capacity);
};

int vprime_sched_init(void);
void vprime_sched_fini(void);
void vprime_gpu_get(struct vprime_gpu *gpu);
void vprime_gpu_put(struct vprime_gpu *gpu);

int vprime_ring_init(struct vprime_gpu *gpu, struct vprime_ring *ring, const char *name);
void vprime_ring_fini(struct vprime_ring *ring);

struct vprime_job *vprime_job_create(struct drm_sched_entity *entity, unsigned int capacity,
				     void *owner, u64 client_id);
void vprime_job_add_op(struct vprime_job *job, const struct vprime_op *op);
void vprime_job_destroy(struct vprime_job *job);
void vprime_job_last_put(struct work_struct *work);

#endif
