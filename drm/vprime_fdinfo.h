/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FDINFO_H_
#define _VPRIME_FDINFO_H_

struct drm_file;
struct drm_printer;

void vprime_show_fdinfo(struct drm_printer *p, struct drm_file *file);

#endif
