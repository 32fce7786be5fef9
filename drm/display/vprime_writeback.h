/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_WRITEBACK_H_
#define _VPRIME_WRITEBACK_H_

#include <linux/types.h>

struct drm_framebuffer;
struct drm_writeback_job;
struct vprime_crtc;
struct vprime_frame;
struct vprime_writeback_job;

int vprime_writeback_create(struct vprime_crtc *vcrtc);
int vprime_writeback_add_source(struct drm_writeback_job *drm_job, struct drm_framebuffer *fb);
u32 vprime_writeback_run(struct vprime_writeback_job *job, const struct vprime_frame *frame);
void vprime_writeback_end(struct vprime_writeback_job *job, int status);

#endif
