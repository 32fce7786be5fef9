/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_COMMIT_H_
#define _VPRIME_COMMIT_H_

#include <linux/list.h>
#include <linux/types.h>

struct drm_atomic_state;
struct drm_device;
struct task_struct;
struct vprime_gpu;

/**
 * struct vprime_commit_request - a task in an ioctl of DRM
 * @link: in the list of the GPU
 * @task: the task
 */
struct vprime_commit_request {
	struct list_head link;
	struct task_struct *task;
};

void vprime_commit_request_begin(struct vprime_gpu *gpu, struct vprime_commit_request *request);
void vprime_commit_request_end(struct vprime_gpu *gpu, struct vprime_commit_request *request);
int vprime_commit(struct drm_device *drm, struct drm_atomic_state *state, bool nonblock);
void vprime_commit_tail(struct drm_atomic_state *state);
int vprime_commit_settle(struct drm_device *drm);

int vprime_commit_init(void);
void vprime_commit_fini(void);

#endif
