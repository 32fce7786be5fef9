/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_WRITEBACK_H_
#define _VPRIME_WRITEBACK_H_

struct vprime_crtc;

int vprime_writeback_create(struct vprime_crtc *vcrtc);

#endif
