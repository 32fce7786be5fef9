/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_COMMIT_H_
#define _VPRIME_COMMIT_H_

#include <linux/types.h>

struct drm_atomic_state;
struct drm_device;

int vprime_commit(struct drm_device *drm, struct drm_atomic_state *state, bool nonblock);
void vprime_commit_tail(struct drm_atomic_state *state);
int vprime_commit_settle(struct drm_device *drm);

int vprime_commit_init(void);
void vprime_commit_fini(void);

#endif
