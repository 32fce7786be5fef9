/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FLIP_H_
#define _VPRIME_FLIP_H_

struct drm_pending_vblank_event;
struct vprime_crtc;
struct vprime_frame;

void vprime_flip_queue(struct vprime_crtc *vcrtc, struct vprime_frame *frame,
		       struct drm_pending_vblank_event *event);
void vprime_flip_vblank(struct vprime_crtc *vcrtc);
void vprime_flip_at_once(struct vprime_crtc *vcrtc);
void vprime_flip_hurry(struct vprime_crtc *vcrtc);
void vprime_flip_cancel(struct vprime_crtc *vcrtc);
void vprime_flip_release(struct vprime_crtc *vcrtc);
struct vprime_frame *vprime_flip_get_frame(struct vprime_crtc *vcrtc);

#endif
