/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the display need: a screen, two framebuffers for it, and commits.
 */
#ifndef _VPRIME_KUNIT_SCREEN_H_
#define _VPRIME_KUNIT_SCREEN_H_

#include <linux/types.h>

#include <drm/drm_client.h>
#include <drm/drm_modes.h>

struct drm_connector;
struct drm_crtc;
struct drm_framebuffer;
struct kunit;
struct vprime_bo;
struct vprime_crtc;
struct vprime_gpu;

/**
 * struct vprime_kunit_screen - the first screen of a GPU, and two framebuffers for it
 * @gpu: whose
 * @client: owns the framebuffers
 * @crtc: the screen
 * @connector: of it
 * @mode: of it, 60 Hz
 * @buffers: framebuffers of its size
 */
struct vprime_kunit_screen {
	struct vprime_gpu *gpu;
	struct drm_client_dev client;
	struct drm_crtc *crtc;
	struct drm_connector *connector;
	struct drm_display_mode mode;
	struct drm_client_buffer *buffers[2];
};

/* A GPU that nobody else knows, with so many screens. */
struct vprime_gpu *vprime_kunit_heads(struct kunit *test, unsigned int heads);

/* The screen of such a GPU, off. */
struct vprime_kunit_screen *vprime_kunit_screen(struct kunit *test);
struct vprime_crtc *vprime_kunit_crtc(const struct vprime_kunit_screen *screen);

/* The screen shows one of the two, or is off without one: when this returns, or some time after. */
int vprime_kunit_commit(const struct vprime_kunit_screen *screen, struct drm_client_buffer *buffer);
int vprime_kunit_commit_later(const struct vprime_kunit_screen *screen,
			      struct drm_client_buffer *buffer);
void vprime_kunit_show(struct kunit *test, const struct vprime_kunit_screen *screen,
		       unsigned int buffer);

/* What the screen's frame shows; NULL if there is no frame, or nothing in it. */
const struct drm_framebuffer *vprime_kunit_shown(const struct vprime_kunit_screen *screen);
bool vprime_kunit_is_dark(const struct vprime_kunit_screen *screen);

/* Memory of one of the two, and how often it is pinned. */
struct vprime_bo *vprime_kunit_bo_of(const struct vprime_kunit_screen *screen,
				     unsigned int buffer);
unsigned int vprime_kunit_pins(const struct vprime_kunit_screen *screen, unsigned int buffer);

/* That one, and only it, is shown and pinned. */
void vprime_kunit_expect_shown(struct kunit *test, const struct vprime_kunit_screen *screen,
			       unsigned int buffer);

#endif
