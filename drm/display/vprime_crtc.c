// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_crtc.h"

#include <linux/slab.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_atomic_state_helper.h>
#include <drm/drm_color_mgmt.h>
#include <drm/drm_connector.h>
#include <drm/drm_modes.h>
#include <drm/drm_vblank.h>

#include "vprime_crc_file.h"
#include "vprime_flip.h"
#include "vprime_frame.h"
#include "vprime_gpu.h"

/**
 * DOC: A screen
 *
 * What DRM can ask of a CRTC: to be on in a mode, to have a clock of vblanks, to do something to
 * colours, to give CRCs. How one frame follows the other is the matter of vprime_flip.
 */

#define GAMMA_SIZE 256
/* Faster, and there is hardly anything but vblanks. */
#define PERIOD_MIN_NS (2 * NSEC_PER_MSEC)
#define PERIOD_MAX_NS NSEC_PER_SEC

static const char * const crc_sources[] = { "auto", "pipe" };

static void crtc_state_init(struct drm_crtc *crtc, struct vprime_crtc_state *state)
{
	__drm_atomic_helper_crtc_reset(crtc, state ? &state->base : NULL);
}

static void vprime_crtc_atomic_destroy_state(struct drm_crtc *crtc, struct drm_crtc_state *base)
{
	struct vprime_crtc_state *state = to_vprime_crtc_state(base);

	vprime_frame_put(state->frame);
	__drm_atomic_helper_crtc_destroy_state(base);
	kfree(state);
}

static void vprime_crtc_reset(struct drm_crtc *crtc)
{
	if (crtc->state)
		vprime_crtc_atomic_destroy_state(crtc, crtc->state);
	crtc_state_init(crtc, kzalloc(sizeof(struct vprime_crtc_state), GFP_KERNEL));
}

static struct drm_crtc_state *vprime_crtc_atomic_duplicate_state(struct drm_crtc *crtc)
{
	struct vprime_crtc_state *state = kzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);

	if (!state)
		return NULL;
	__drm_atomic_helper_crtc_duplicate_state(crtc, &state->base);
	return &state->base;
}

static const char *const *vprime_crtc_get_crc_sources(struct drm_crtc *crtc, size_t *count)
{
	*count = ARRAY_SIZE(crc_sources);
	return crc_sources;
}

static int vprime_crtc_verify_crc_source(struct drm_crtc *crtc, const char *source,
					 size_t *values_cnt)
{
	*values_cnt = 1;
	if (!source)
		return 0;
	return match_string(crc_sources, ARRAY_SIZE(crc_sources), source) < 0 ? -EINVAL : 0;
}

static int vprime_crtc_set_crc_source(struct drm_crtc *crtc, const char *source)
{
	size_t values_cnt;
	int ret;

	ret = vprime_crtc_verify_crc_source(crtc, source, &values_cnt);
	return ret ?: vprime_watch_set_crc(to_vprime_crtc(crtc), source);
}

static u32 vprime_crtc_get_vblank_counter(struct drm_crtc *crtc)
{
	return vprime_vblank_count(&to_vprime_crtc(crtc)->vblank);
}

static int vprime_crtc_enable_vblank(struct drm_crtc *crtc)
{
	vprime_vblank_enable(&to_vprime_crtc(crtc)->vblank);
	return 0;
}

static void vprime_crtc_disable_vblank(struct drm_crtc *crtc)
{
	vprime_vblank_disable(&to_vprime_crtc(crtc)->vblank);
}

static bool vprime_crtc_get_vblank_timestamp(struct drm_crtc *crtc, int *max_error,
					     ktime_t *vblank_time, bool in_vblank_irq)
{
	*max_error = 0;
	*vblank_time = vprime_vblank_time(&to_vprime_crtc(crtc)->vblank);
	return true;
}

static int vprime_crtc_late_register(struct drm_crtc *crtc)
{
	vprime_crc_file_create(crtc);
	return 0;
}

static void vprime_crtc_early_unregister(struct drm_crtc *crtc)
{
	vprime_crc_file_close(crtc);
}

static const struct drm_crtc_funcs vprime_crtc_funcs = {
	.reset			= vprime_crtc_reset,
	.set_config		= drm_atomic_helper_set_config,
	.page_flip		= drm_atomic_helper_page_flip,
	.atomic_duplicate_state	= vprime_crtc_atomic_duplicate_state,
	.atomic_destroy_state	= vprime_crtc_atomic_destroy_state,
	.late_register		= vprime_crtc_late_register,
	.early_unregister	= vprime_crtc_early_unregister,
	.get_crc_sources	= vprime_crtc_get_crc_sources,
	.verify_crc_source	= vprime_crtc_verify_crc_source,
	.set_crc_source		= vprime_crtc_set_crc_source,
	.get_vblank_counter	= vprime_crtc_get_vblank_counter,
	.enable_vblank		= vprime_crtc_enable_vblank,
	.disable_vblank		= vprime_crtc_disable_vblank,
	.get_vblank_timestamp	= vprime_crtc_get_vblank_timestamp,
};

static u64 mode_period_ns(const struct drm_display_mode *mode)
{
	u64 pixels = (u64)mode->htotal * mode->vtotal;

	return mode->clock > 0 ? div_u64(pixels * NSEC_PER_MSEC, mode->clock) : 0;
}

static enum drm_mode_status vprime_crtc_mode_valid(struct drm_crtc *crtc,
						   const struct drm_display_mode *mode)
{
	const struct drm_mode_config *config = &crtc->dev->mode_config;
	u64 period = mode_period_ns(mode);

	/* DRM bounds framebuffers and probed modes by these, but not the modes of programs. */
	if (mode->hdisplay > config->max_width)
		return MODE_VIRTUAL_X;
	if (mode->vdisplay > config->max_height)
		return MODE_VIRTUAL_Y;
	if (period < PERIOD_MIN_NS)
		return MODE_CLOCK_HIGH;
	if (period > PERIOD_MAX_NS)
		return MODE_CLOCK_LOW;
	return MODE_OK;
}

static bool valid_lut(const struct drm_property_blob *blob)
{
	return !blob || drm_color_lut_size(blob) == GAMMA_SIZE;
}

static int vprime_crtc_atomic_check(struct drm_crtc *crtc, struct drm_atomic_state *state)
{
	struct drm_crtc_state *base = drm_atomic_get_new_crtc_state(state, crtc);
	struct vprime_crtc_state *crtc_state = to_vprime_crtc_state(base);

	if (!valid_lut(base->degamma_lut) || !valid_lut(base->gamma_lut)) {
		drm_dbg_atomic(crtc->dev, "[CRTC:%d] table has not %d entries\n",
			       crtc->base.id, GAMMA_SIZE);
		return -EINVAL;
	}

	vprime_frame_put(crtc_state->frame);
	crtc_state->frame = NULL;
	if (!base->active)
		return 0;
	crtc_state->frame = vprime_frame_create(crtc, hweight32(base->plane_mask));
	return crtc_state->frame ? 0 : -ENOMEM;
}

static void vprime_crtc_atomic_flush(struct drm_crtc *crtc, struct drm_atomic_state *state)
{
	struct vprime_crtc *vcrtc = to_vprime_crtc(crtc);
	struct vprime_crtc_state *crtc_state = to_vprime_crtc_state(crtc->state);
	struct drm_pending_vblank_event *event = crtc->state->event;
	struct vprime_frame *frame = crtc_state->frame;

	crtc_state->frame = NULL;
	crtc->state->event = NULL;
	spin_lock_irq(&crtc->dev->event_lock);
	vprime_frame_fill(frame, state, crtc->state, vcrtc->next ?: vcrtc->frame);
	vprime_cursor_commit(vcrtc, state);
	spin_unlock_irq(&crtc->dev->event_lock);
	frame->at_once = crtc->state->async_flip || state->legacy_cursor_update;
	vprime_vblank_set_variable(&vcrtc->vblank, crtc->state->vrr_enabled);
	vprime_flip_queue(vcrtc, frame, event);
}

/*
 * How long a monitor with a variable refresh rate waits for a frame. It tells the rate in whole
 * hertz, and what is meant to come at just that rate is late at times.
 */
static u64 longest_period_ns(struct drm_crtc *crtc, struct drm_atomic_state *state)
{
	struct drm_connector_state *conn_state;
	struct drm_connector *connector;
	u64 longest = 0;
	int i;

	for_each_new_connector_in_state(state, connector, conn_state, i) {
		u16 slowest = connector->display_info.monitor_range.min_vfreq;

		if (conn_state->crtc == crtc && slowest)
			longest = div_u64(2 * NSEC_PER_SEC, 2 * slowest - 1);
	}
	return longest;
}

static void vprime_crtc_atomic_enable(struct drm_crtc *crtc, struct drm_atomic_state *state)
{
	struct vprime_crtc *vcrtc = to_vprime_crtc(crtc);
	u64 period = mode_period_ns(&crtc->state->mode);

	vprime_vblank_set_period(&vcrtc->vblank, period,
				 max(period, longest_period_ns(crtc, state)));
	drm_crtc_vblank_on_config(crtc, &(struct drm_vblank_crtc_config) {
		.offdelay_ms = 1000,
		.disable_immediate = true,
	});
}

/**
 * vprime_crtc_stop - let a screen have no more vblanks, and show nothing
 * @vcrtc: the screen, which may have been stopped before; its frames are due for
 *	vprime_flip_release()
 *
 * Context: may sleep. Nobody turns it on meanwhile.
 */
void vprime_crtc_stop(struct vprime_crtc *vcrtc)
{
	drm_crtc_vblank_off(&vcrtc->base);
	vprime_vblank_stop(&vcrtc->vblank);
	vprime_flip_cancel(vcrtc);
}

/* As any other screen, it shows a frame to its end before it goes dark. */
static void vprime_crtc_atomic_disable(struct drm_crtc *crtc, struct drm_atomic_state *state)
{
	struct vprime_crtc *vcrtc = to_vprime_crtc(crtc);

	vprime_vblank_wait(&vcrtc->vblank);
	vprime_crtc_stop(vcrtc);
	if (crtc->state->active || !crtc->state->event)
		return;
	/* There is no more vblank that could tell of it. */
	spin_lock_irq(&crtc->dev->event_lock);
	drm_crtc_send_vblank_event(crtc, crtc->state->event);
	spin_unlock_irq(&crtc->dev->event_lock);
	crtc->state->event = NULL;
}

static const struct drm_crtc_helper_funcs vprime_crtc_helper_funcs = {
	.mode_valid	= vprime_crtc_mode_valid,
	.atomic_check	= vprime_crtc_atomic_check,
	.atomic_flush	= vprime_crtc_atomic_flush,
	.atomic_enable	= vprime_crtc_atomic_enable,
	.atomic_disable	= vprime_crtc_atomic_disable,
};

static void crtc_edge(struct vprime_vblank *vblank)
{
	struct vprime_crtc *vcrtc = container_of(vblank, struct vprime_crtc, vblank);

	drm_crtc_handle_vblank(&vcrtc->base);
	vprime_flip_vblank(vcrtc);
}

/**
 * vprime_crtc_create - make a screen
 * @gpu: whose; owns it
 * @primary: its primary plane
 * @cursor: its cursor plane, or NULL
 *
 * Context: may sleep and allocate.
 * Return: the CRTC, or ERR_PTR(-ENOMEM).
 */
struct vprime_crtc *vprime_crtc_create(struct vprime_gpu *gpu, struct drm_plane *primary,
				       struct drm_plane *cursor)
{
	struct vprime_crtc *vcrtc;
	struct drm_crtc *crtc;
	int ret;

	vcrtc = drmm_crtc_alloc_with_planes(&gpu->drm, struct vprime_crtc, base, primary, cursor,
					    &vprime_crtc_funcs, NULL);
	if (IS_ERR(vcrtc))
		return vcrtc;

	crtc = &vcrtc->base;
	INIT_LIST_HEAD(&vcrtc->gone);
	vprime_vblank_init(&vcrtc->vblank, crtc_edge);
	drm_crtc_helper_add(crtc, &vprime_crtc_helper_funcs);
	ret = drm_mode_crtc_set_gamma_size(crtc, GAMMA_SIZE);
	if (ret)
		return ERR_PTR(ret);
	drm_crtc_enable_color_mgmt(crtc, GAMMA_SIZE, true, GAMMA_SIZE);
	ret = vprime_watch_init(vcrtc) ?: vprime_cursor_init(vcrtc);
	return ret ? ERR_PTR(ret) : vcrtc;
}
