/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_GPU_H_
#define _VPRIME_GPU_H_

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/drm_device.h>
#include <drm/ttm/ttm_device.h>

#include "vprime_config.h"
#include "vprime_fabric.h"
#include "display/vprime_fbdev.h"
#include "vprime_sched.h"
#include "vprime_vram.h"

/* SYSTEM, TT and VRAM. */
#define VPRIME_PLACES 3

struct drm_file;
struct platform_device;
struct vprime_connector;
struct vprime_monitor;

/**
 * struct vprime_stats - what has happened since the GPU came up
 * @moves: of buffers
 * @evictions: those of @moves that made room
 * @bytes_moved: by @moves
 * @notifies: importers that were told of one
 * @remaps: imports mapped again after a move
 * @hangs: jobs given up
 */
struct vprime_stats {
	atomic64_t moves;
	atomic64_t evictions;
	atomic64_t bytes_moved;
	atomic64_t notifies;
	atomic64_t remaps;
	atomic64_t hangs;
};

/**
 * struct vprime_gpu - one GPU, as DRM knows it
 *
 * Constant:
 * @drm: what it is to DRM
 * @config: what it is made like
 * @connectors: of the display, as many as @config says
 *
 * With locks of their own:
 * @port: its connection to the bus
 * @vram: its memory
 * @ttm: who places buffers
 * @render: runs what user space submits
 * @copy: moves buffers
 * @move_entity: where copies queue up for @copy
 * @clear_entity: where the clearing of new memory queues up for @copy
 * @move_lock: keeps the order of fences of these two that of their queues. Inside of any dma-resv
 *	lock
 * @jobs_wait: clients that have as many jobs as they may wait here
 * @chaos: moves buffers at random
 * @imports: unmaps imports when their jobs have ended
 * @last_put: gives up the GPU when only a job or an import was left of it
 * @watchers: look at screens
 * @fbdev: consoles on it, and in its memory
 *
 * Atomic:
 * @last_id: number of the buffer that was made last
 * @used: bytes of buffers in each place, by the bit of its VPRIME_PLACEMENT_*
 * @pinned: those of @used that are pinned, but for VRAM
 * @pinned_vram: bytes
 * @faults: what is to go wrong
 * @failing_commits: number of atomic commits that programs ask for and that are going to fail
 * @stats: what has happened
 *
 * @requests_lock: protects @requests
 * @requests: tasks in ioctls of DRM, while commits are going to fail
 *
 * @tts_lock: protects what follows. Inside of any dma-resv lock
 * @tts: system pages that are mapped for the device
 * @tts_closed: none are mapped any more, as the device is gone
 *
 * @bos_lock: protects what follows
 * @bos: all its buffers, imports too
 */
struct vprime_gpu {
	struct drm_device drm;
	struct vprime_config config;
	struct vprime_connector *connectors[VPRIME_CONNECTORS_MAX];

	struct vprime_port port;
	struct vprime_vram vram;
	struct ttm_device ttm;
	struct vprime_ring render;
	struct vprime_ring copy;
	struct drm_sched_entity move_entity;
	struct drm_sched_entity clear_entity;
	struct mutex move_lock; /* orders both */
	wait_queue_head_t jobs_wait;
	struct delayed_work chaos;
	struct workqueue_struct *imports;
	struct work_struct last_put;
	struct workqueue_struct *watchers;
	struct vprime_fbdev fbdev;

	atomic64_t last_id;
	atomic64_t used[VPRIME_PLACES];
	atomic64_t pinned[VPRIME_PLACES];
	atomic64_t pinned_vram;
	struct vprime_faults faults;
	atomic_t failing_commits;
	struct vprime_stats stats;

	spinlock_t requests_lock; /* protects @requests */
	struct list_head requests;

	struct mutex tts_lock; /* protects @tts and @tts_closed */
	struct list_head tts;
	bool tts_closed;

	spinlock_t bos_lock; /* protects @bos */
	struct list_head bos;
};

static inline struct vprime_gpu *to_vprime_gpu(struct drm_device *drm)
{
	return container_of(drm, struct vprime_gpu, drm);
}

static inline struct vprime_gpu *ttm_to_vprime_gpu(struct ttm_device *bdev)
{
	return container_of(bdev, struct vprime_gpu, ttm);
}

struct vprime_gpu *vprime_gpu_create(struct device *dev, const struct vprime_config *config,
				     const struct vprime_monitor *monitors);
void vprime_gpu_unplug(struct vprime_gpu *gpu);
void vprime_gpu_set_faults(struct vprime_gpu *gpu, const struct vprime_faults *faults);

#endif
