/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CLIENT_H_
#define _VPRIME_CLIENT_H_

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/mutex.h>

#include <drm/gpu_scheduler.h>

struct vprime_gpu;

#define VPRIME_PRIORITIES	3

/* Jobs of one client that exist at a time. */
#define VPRIME_MAX_JOBS		256

/* Jobs of one client that may time out one after the other. */
#define VPRIME_MAX_HANGS	4

/**
 * struct vprime_client_usage - what a client has used; outlives it while its jobs run
 * @kref: of the client and its jobs
 * @busy_ns: engine time
 * @jobs: that exist, or are being made; at most VPRIME_MAX_JOBS
 * @hangs: jobs that timed out since the last one that did not
 * @guilty: the client is banned; drm_sched cancels what it has queued
 */
struct vprime_client_usage {
	struct kref kref;
	atomic64_t busy_ns;
	atomic_t jobs;
	atomic_t hangs;
	atomic_t guilty;
};

/**
 * struct vprime_client - an open file
 * @gpu: of which GPU
 * @entities: where its jobs queue up, one for each VPRIME_PRIORITY_*
 * @lock: keeps the order of fences of an entity that of its queue. Inside of dma-resv locks
 * @usage: what it has used
 */
struct vprime_client {
	struct vprime_gpu *gpu;
	struct drm_sched_entity entities[VPRIME_PRIORITIES];
	struct mutex lock; /* orders @entities */
	struct vprime_client_usage *usage;
};

struct vprime_client *vprime_client_create(struct vprime_gpu *gpu);
void vprime_client_destroy(struct vprime_client *client);

int vprime_client_begin_job(struct vprime_client *client);
void vprime_client_end_job(struct vprime_gpu *gpu, struct vprime_client_usage *usage);
void vprime_client_job_done(struct vprime_client_usage *usage, int error, u64 busy_ns);

#endif
