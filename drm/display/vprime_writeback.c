// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_writeback.h"

#include <linux/dma-direction.h>
#include <linux/slab.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_atomic_state_helper.h>
#include <drm/drm_edid.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_modeset_helper_vtables.h>
#include <drm/drm_print.h>
#include <drm/drm_probe_helper.h>
#include <drm/drm_writeback.h>

#include "vprime_compose.h"
#include "vprime_crtc.h"
#include "vprime_frame.h"
#include "vprime_scanout.h"

/**
 * DOC: Writeback
 *
 * A connector that has the picture of a screen put into a framebuffer. The commit that asks for it
 * hands the framebuffer on with the frame that it shows; who looks at that frame fills it.
 */

/**
 * struct vprime_writeback - a writeback connector, which goes when DRM's list of connectors does
 * @base: what it is to DRM
 * @vcrtc: whose picture it takes
 */
struct vprime_writeback {
	struct drm_writeback_connector base;
	struct vprime_crtc *vcrtc;
};

static struct vprime_writeback *to_vprime_writeback(struct drm_writeback_connector *wb)
{
	return container_of(wb, struct vprime_writeback, base);
}

static void vprime_writeback_destroy(struct drm_connector *connector)
{
	drm_connector_cleanup(connector);
	kfree(to_vprime_writeback(drm_connector_to_writeback(connector)));
}

static const struct drm_connector_funcs vprime_writeback_funcs = {
	.reset			= drm_atomic_helper_connector_reset,
	.fill_modes		= drm_helper_probe_single_connector_modes,
	.destroy		= vprime_writeback_destroy,
	.atomic_duplicate_state	= drm_atomic_helper_connector_duplicate_state,
	.atomic_destroy_state	= drm_atomic_helper_connector_destroy_state,
};

static bool fits(const struct drm_framebuffer *fb, const struct drm_display_mode *mode)
{
	return fb->width == mode->hdisplay && fb->height == mode->vdisplay;
}

static int vprime_writeback_encoder_atomic_check(struct drm_encoder *encoder,
						 struct drm_crtc_state *crtc_state,
						 struct drm_connector_state *conn_state)
{
	struct drm_writeback_job *job = conn_state->writeback_job;

	if (!job || !job->fb)
		return 0;
	if (!fits(job->fb, &crtc_state->mode)) {
		drm_dbg_atomic(encoder->dev, "writeback of %s into %ux%u\n",
			       crtc_state->mode.name, job->fb->width, job->fb->height);
		return -EINVAL;
	}
	return drm_atomic_helper_check_wb_connector_state(conn_state->connector, conn_state->state);
}

static const struct drm_encoder_helper_funcs vprime_writeback_encoder_helper_funcs = {
	.atomic_check = vprime_writeback_encoder_atomic_check,
};

static int vprime_writeback_get_modes(struct drm_connector *connector)
{
	const struct drm_mode_config *config = &connector->dev->mode_config;

	return drm_add_modes_noedid(connector, config->max_width, config->max_height);
}

static int vprime_writeback_prepare_job(struct drm_writeback_connector *connector,
					struct drm_writeback_job *job)
{
	struct vprime_view *view;
	int ret;

	if (!job->fb)
		return 0;
	ret = vprime_watch_prepare(to_vprime_writeback(connector)->vcrtc);
	if (ret)
		return ret;
	view = kzalloc(sizeof(*view), GFP_KERNEL);
	if (!view)
		return -ENOMEM;
	ret = vprime_view_open(view, job->fb->obj, 1, DMA_TO_DEVICE);
	if (ret) {
		kfree(view);
		return ret;
	}
	job->priv = view;
	return 0;
}

static void vprime_writeback_cleanup_job(struct drm_writeback_connector *connector,
					 struct drm_writeback_job *job)
{
	struct vprime_view *view = job->priv;

	if (!view)
		return;
	vprime_view_close(view);
	kfree(view);
}

static void vprime_writeback_atomic_commit(struct drm_connector *connector,
					   struct drm_atomic_state *state)
{
	struct drm_connector_state *conn_state = drm_atomic_get_new_connector_state(state,
										    connector);
	const struct vprime_view *view = conn_state->writeback_job->priv;
	struct drm_framebuffer *fb = conn_state->writeback_job->fb;
	struct vprime_frame *frame;

	frame = to_vprime_crtc_state(conn_state->crtc->state)->frame;
	frame->sheet = (struct vprime_sheet) {
		.format = fb->format,
		.vaddr = view->maps[0].vaddr + fb->offsets[0],
		.pitch = fb->pitches[0],
	};
	frame->writeback = drm_connector_to_writeback(connector);
	drm_writeback_queue_job(frame->writeback, conn_state);
}

static const struct drm_connector_helper_funcs vprime_writeback_helper_funcs = {
	.get_modes		= vprime_writeback_get_modes,
	.prepare_writeback_job	= vprime_writeback_prepare_job,
	.cleanup_writeback_job	= vprime_writeback_cleanup_job,
	.atomic_commit		= vprime_writeback_atomic_commit,
};

/**
 * vprime_writeback_create - make a screen's writeback connector
 * @vcrtc: the screen
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_writeback_create(struct vprime_crtc *vcrtc)
{
	struct vprime_writeback *writeback = kzalloc(sizeof(*writeback), GFP_KERNEL);
	int ret;

	if (!writeback)
		return -ENOMEM;
	writeback->vcrtc = vcrtc;
	drm_connector_helper_add(&writeback->base.base, &vprime_writeback_helper_funcs);
	ret = drm_writeback_connector_init(vcrtc->base.dev, &writeback->base,
					   &vprime_writeback_funcs,
					   &vprime_writeback_encoder_helper_funcs,
					   vprime_sheet_formats, vprime_sheet_num_formats,
					   drm_crtc_mask(&vcrtc->base));
	/* Otherwise DRM destroys it. */
	if (ret) {
		kfree(writeback);
		return ret;
	}
	/* As a probe finds it, which would tell user space of a change otherwise. */
	writeback->base.base.status = connector_status_connected;
	return 0;
}
