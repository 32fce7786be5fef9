/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CRC_FILE_H_
#define _VPRIME_CRC_FILE_H_

struct drm_crtc;

#if IS_ENABLED(CONFIG_DEBUG_FS)
void vprime_crc_file_create(struct drm_crtc *crtc);
void vprime_crc_file_close(struct drm_crtc *crtc);
#else
static inline void vprime_crc_file_create(struct drm_crtc *crtc) { }
static inline void vprime_crc_file_close(struct drm_crtc *crtc) { }
#endif

#endif
