/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_SUBMIT_H_
#define _VPRIME_SUBMIT_H_

#include <drm/gpu_scheduler.h>

#include <drm/vprime_drm.h>

struct drm_file;
struct vprime_gpu;
struct vprime_client_usage;

#define VPRIME_MAX_COMMANDS	4096
#define VPRIME_MAX_SYNCS	256
#define VPRIME_PRIORITIES	3

/**
 * struct vprime_client - an open file
 * @entities: where its jobs queue up, one for each VPRIME_PRIORITY_*
 * @lock: keeps the order of fences of an entity that of its queue. Inside of dma-resv locks
 * @usage: what it has used
 */
struct vprime_client {
	struct drm_sched_entity entities[VPRIME_PRIORITIES];
	struct mutex lock; /* orders @entities */
	struct vprime_client_usage *usage;
};

struct vprime_client *vprime_client_create(struct vprime_gpu *gpu);
void vprime_client_destroy(struct vprime_client *client);
int vprime_submit(struct vprime_gpu *gpu, struct drm_file *file,
		  const struct drm_vprime_submit *args);

#endif
