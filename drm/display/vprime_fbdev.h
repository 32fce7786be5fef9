/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FBDEV_H_
#define _VPRIME_FBDEV_H_

#include <linux/kconfig.h>
#include <linux/list.h>
#include <linux/types.h>

struct drm_atomic_state;
struct drm_fb_helper;
struct drm_fb_helper_surface_size;
struct vprime_console;
struct vprime_gpu;

/**
 * struct vprime_fbdev - what a GPU has to do with consoles
 *
 * @console: its own; NULL without one. Written only while the console comes and goes; goes under
 *	all modeset locks, so that any of them keeps it
 *
 * Under the lock of vprime_fbdev_peer.c:
 * @link: in the list of GPUs that consoles of others may use the memory of
 * @asleep: the GPU is suspended, and so are all consoles that need it
 */
struct vprime_fbdev {
	struct vprime_console *console;

	struct list_head link;
	bool asleep;
};

#if IS_ENABLED(CONFIG_DRM_FBDEV_EMULATION)

#define VPRIME_FBDEV_OPS .fbdev_probe = vprime_fbdev_probe

int vprime_fbdev_probe(struct drm_fb_helper *helper, struct drm_fb_helper_surface_size *sizes);
void vprime_fbdev_init(struct vprime_gpu *gpu);
void vprime_fbdev_setup(struct vprime_gpu *gpu);
void vprime_fbdev_fini(struct vprime_gpu *gpu);
void vprime_fbdev_suspend(struct vprime_gpu *gpu);
void vprime_fbdev_resume(struct vprime_gpu *gpu);
void vprime_fbdev_exit(void);
void vprime_fbdev_reset_looks(struct drm_atomic_state *state);

#else

#define VPRIME_FBDEV_OPS .fbdev_probe = NULL

static inline void vprime_fbdev_init(struct vprime_gpu *gpu)
{
}

static inline void vprime_fbdev_setup(struct vprime_gpu *gpu)
{
}

static inline void vprime_fbdev_fini(struct vprime_gpu *gpu)
{
}

static inline void vprime_fbdev_suspend(struct vprime_gpu *gpu)
{
}

static inline void vprime_fbdev_resume(struct vprime_gpu *gpu)
{
}

static inline void vprime_fbdev_exit(void)
{
}

static inline void vprime_fbdev_reset_looks(struct drm_atomic_state *state)
{
}

#endif

#endif
