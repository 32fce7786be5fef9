/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FENCE_H_
#define _VPRIME_FENCE_H_

#include <linux/dma-fence.h>
#include <linux/spinlock.h>

struct drm_atomic_state;
struct drm_sched_fence;
struct module;

/**
 * struct vprime_fence - what an engine signals; outlives the engine, not the module
 * @base: the fence; its @ops are NULL until vprime_fence_init()
 * @lock: of @base
 * @timeline: name of the engine; constant data of the module
 * @owner: the module, which cannot be unloaded before; NULL if unloading waits for the fence
 */
struct vprime_fence {
	struct dma_fence base;
	spinlock_t lock; /* of @base */
	const char *timeline;
	struct module *owner;
};

struct vprime_fence *vprime_fence_alloc(struct module *owner);
void vprime_fence_init(struct vprime_fence *fence, const char *timeline, u64 context, u64 seqno);
void vprime_fence_put(struct vprime_fence *fence);
void vprime_fence_keep(struct vprime_fence *fence, struct drm_sched_fence *s_fence);

int vprime_fence_adopt_state(struct drm_atomic_state *state);
void vprime_fence_exit(void);

#endif
