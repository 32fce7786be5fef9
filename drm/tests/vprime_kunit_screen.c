// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_kunit_screen.h"

#include <kunit/test.h>

#include <linux/dma-resv.h>
#include <linux/spinlock.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_uapi.h>
#include <drm/drm_connector.h>
#include <drm/drm_crtc.h>
#include <drm/drm_drv.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_modeset_lock.h>
#include <drm/drm_plane.h>

#include "../display/vprime_crtc.h"
#include "../display/vprime_frame.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"

#define WIDTH 64
#define HEIGHT 32

static const struct drm_client_funcs client_funcs = { };

static const struct drm_display_mode mode_60_hz = {
	DRM_MODE("64x32", DRM_MODE_TYPE_DRIVER, 230, WIDTH, WIDTH + 8, WIDTH + 16, WIDTH + 32, 0,
		 HEIGHT, HEIGHT + 2, HEIGHT + 4, HEIGHT + 8, 0, 0),
};

struct vprime_gpu *vprime_kunit_heads(struct kunit *test, unsigned int heads)
{
	struct vprime_config config = vprime_kunit_config("screens");

	config.clock = VPRIME_CLOCK_TIMED;
	config.heads = heads;
	vprime_topology_init_heads(&config.topology, heads);
	return vprime_kunit_gpu(test, &config);
}

static void release_client(void *client)
{
	drm_client_release(client);
}

static void delete_buffer(void *buffer)
{
	drm_client_framebuffer_delete(buffer);
}

static struct drm_client_buffer *create_buffer(struct kunit *test,
					       struct vprime_kunit_screen *screen)
{
	struct drm_client_buffer *buffer;

	buffer = drm_client_framebuffer_create(&screen->client, WIDTH, HEIGHT,
					       DRM_FORMAT_XRGB8888);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buffer);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, delete_buffer, buffer), 0);
	return buffer;
}

/* There is one beside that for writeback. */
static struct drm_connector *find_connector(struct drm_device *drm)
{
	struct drm_connector *connector, *found = NULL;
	struct drm_connector_list_iter iter;

	drm_connector_list_iter_begin(drm, &iter);
	drm_for_each_connector_iter(connector, &iter) {
		if (connector->connector_type != DRM_MODE_CONNECTOR_WRITEBACK)
			found = connector;
	}
	drm_connector_list_iter_end(&iter);
	return found;
}

struct vprime_kunit_screen *vprime_kunit_screen(struct kunit *test)
{
	struct vprime_kunit_screen *screen = kunit_kzalloc(test, sizeof(*screen), GFP_KERNEL);
	struct drm_device *drm;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, screen);
	screen->gpu = vprime_kunit_heads(test, 1);
	drm = &screen->gpu->drm;
	KUNIT_ASSERT_EQ(test, drm_client_init(drm, &screen->client, "kunit", &client_funcs), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, release_client, &screen->client), 0);
	screen->crtc = drm_crtc_from_index(drm, 0);
	screen->connector = find_connector(drm);
	drm_mode_copy(&screen->mode, &mode_60_hz);
	for (i = 0; i < ARRAY_SIZE(screen->buffers); i++)
		screen->buffers[i] = create_buffer(test, screen);
	return screen;
}

struct vprime_crtc *vprime_kunit_crtc(const struct vprime_kunit_screen *screen)
{
	return to_vprime_crtc(screen->crtc);
}

static int fill_plane(struct drm_atomic_state *state, struct drm_crtc *crtc,
		      struct drm_framebuffer *fb)
{
	struct drm_plane_state *plane_state;
	int ret;

	plane_state = drm_atomic_get_plane_state(state, crtc->primary);
	if (IS_ERR(plane_state))
		return PTR_ERR(plane_state);
	ret = drm_atomic_set_crtc_for_plane(plane_state, fb ? crtc : NULL);
	if (ret)
		return ret;
	drm_atomic_set_fb_for_plane(plane_state, fb);
	plane_state->crtc_w = WIDTH;
	plane_state->crtc_h = HEIGHT;
	plane_state->src_w = WIDTH << 16;
	plane_state->src_h = HEIGHT << 16;
	return 0;
}

static int fill_crtc(struct drm_atomic_state *state, const struct vprime_kunit_screen *screen,
		     bool on)
{
	struct drm_connector_state *conn_state;
	struct drm_crtc_state *crtc_state;
	int ret;

	crtc_state = drm_atomic_get_crtc_state(state, screen->crtc);
	if (IS_ERR(crtc_state))
		return PTR_ERR(crtc_state);
	ret = drm_atomic_set_mode_for_crtc(crtc_state, on ? &screen->mode : NULL);
	if (ret)
		return ret;
	crtc_state->active = on;
	conn_state = drm_atomic_get_connector_state(state, screen->connector);
	if (IS_ERR(conn_state))
		return PTR_ERR(conn_state);
	return drm_atomic_set_crtc_for_connector(conn_state, on ? screen->crtc : NULL);
}

static int commit_locked(const struct vprime_kunit_screen *screen, struct drm_framebuffer *fb,
			 int (*commit)(struct drm_atomic_state *state),
			 struct drm_modeset_acquire_ctx *ctx)
{
	struct drm_atomic_state *state = drm_atomic_state_alloc(&screen->gpu->drm);
	int ret;

	if (!state)
		return -ENOMEM;
	state->acquire_ctx = ctx;
	ret = fill_crtc(state, screen, fb) ?: fill_plane(state, screen->crtc, fb) ?: commit(state);
	drm_atomic_state_put(state);
	return ret;
}

static int lock_and_commit(const struct vprime_kunit_screen *screen,
			   struct drm_client_buffer *buffer,
			   int (*commit)(struct drm_atomic_state *state))
{
	struct drm_modeset_acquire_ctx ctx;
	int ret;

	DRM_MODESET_LOCK_ALL_BEGIN((&screen->gpu->drm), ctx, 0, ret);
	ret = commit_locked(screen, buffer ? buffer->fb : NULL, commit, &ctx);
	DRM_MODESET_LOCK_ALL_END((&screen->gpu->drm), ctx, ret);
	return ret;
}

int vprime_kunit_commit(const struct vprime_kunit_screen *screen, struct drm_client_buffer *buffer)
{
	return lock_and_commit(screen, buffer, drm_atomic_commit);
}

int vprime_kunit_commit_later(const struct vprime_kunit_screen *screen,
			      struct drm_client_buffer *buffer)
{
	return lock_and_commit(screen, buffer, drm_atomic_nonblocking_commit);
}

void vprime_kunit_show(struct kunit *test, const struct vprime_kunit_screen *screen,
		       unsigned int buffer)
{
	KUNIT_ASSERT_EQ(test, vprime_kunit_commit(screen, screen->buffers[buffer]), 0);
}

const struct drm_framebuffer *vprime_kunit_shown(const struct vprime_kunit_screen *screen)
{
	struct vprime_crtc *vcrtc = vprime_kunit_crtc(screen);
	const struct drm_framebuffer *fb = NULL;

	spin_lock_irq(&screen->gpu->drm.event_lock);
	if (vcrtc->frame && vcrtc->frame->num_layers)
		fb = vcrtc->frame->layers[0].fb;
	spin_unlock_irq(&screen->gpu->drm.event_lock);
	return fb;
}

bool vprime_kunit_is_dark(const struct vprime_kunit_screen *screen)
{
	bool dark;

	spin_lock_irq(&screen->gpu->drm.event_lock);
	dark = !vprime_kunit_crtc(screen)->frame;
	spin_unlock_irq(&screen->gpu->drm.event_lock);
	return dark;
}

struct vprime_bo *vprime_kunit_bo_of(const struct vprime_kunit_screen *screen, unsigned int buffer)
{
	return to_vprime_bo(screen->buffers[buffer]->gem);
}

unsigned int vprime_kunit_pins(const struct vprime_kunit_screen *screen, unsigned int buffer)
{
	struct vprime_bo *bo = vprime_kunit_bo_of(screen, buffer);
	unsigned int pins;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	pins = bo->tbo.pin_count;
	dma_resv_unlock(bo->tbo.base.resv);
	return pins;
}

void vprime_kunit_expect_shown(struct kunit *test, const struct vprime_kunit_screen *screen,
			       unsigned int buffer)
{
	KUNIT_EXPECT_PTR_EQ(test, vprime_kunit_shown(screen), screen->buffers[buffer]->fb);
	KUNIT_EXPECT_EQ(test, vprime_kunit_pins(screen, buffer), 1);
	KUNIT_EXPECT_EQ(test, vprime_kunit_pins(screen, !buffer), 0);
}
