// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_kms.h"

#include <linux/err.h>
#include <linux/workqueue.h>

#include <drm/drm_atomic_helper.h>
#include <drm/drm_crtc.h>
#include <drm/drm_drv.h>
#include <drm/drm_encoder.h>
#include <drm/drm_managed.h>
#include <drm/drm_mode_config.h>
#include <drm/drm_modeset_helper.h>
#include <drm/drm_print.h>
#include <drm/drm_probe_helper.h>
#include <drm/drm_vblank.h>

#include "vprime_commit.h"
#include "vprime_connector.h"
#include "vprime_crtc.h"
#include "vprime_fbdev.h"
#include "vprime_flip.h"
#include "vprime_framebuffer.h"
#include "vprime_gpu.h"
#include "vprime_plane.h"
#include "vprime_writeback.h"

/**
 * DOC: The display
 *
 * This room builds what the configuration says. The others, in the order in which a picture walks
 * through them:
 *
 * - vprime_edid, vprime_connector: what is plugged in, and what it can show.
 * - vprime_commit: a change on its way, which is what brings a picture.
 * - vprime_framebuffer: checks that a buffer has room for the picture in it.
 * - vprime_plane: a framebuffer on a plane, held while it is on a screen.
 * - vprime_frame: all that a commit wants to be seen, as data.
 * - vprime_crtc, vprime_vblank, vprime_flip, vprime_cursor: a screen, its clock, how one frame
 *   follows another, and how a cursor goes past them.
 * - vprime_watch, vprime_writeback, vprime_capture: who looks, and when.
 * - vprime_fbdev, vprime_panic: the console and the panic screen, which draw by themselves.
 * - vprime_scanout: framebuffers as the CPU sees them while somebody looks.
 * - vprime_compose and what it is made of: from framebuffers to one picture. Knows pixels only.
 *
 * As long as nobody looks, a picture ends at vprime_flip, and costs a timer.
 */

#define SIZE_MIN 1
#define SIZE_MAX_PIXELS 8192
#define CURSOR_SIZE 512

static int vprime_kms_atomic_check(struct drm_device *drm, struct drm_atomic_state *state)
{
	vprime_fbdev_reset_looks(state);
	return drm_atomic_helper_check(drm, state);
}

static const struct drm_mode_config_funcs vprime_kms_funcs = {
	.fb_create	= vprime_framebuffer_create,
	.atomic_check	= vprime_kms_atomic_check,
	.atomic_commit	= vprime_commit,
};

static const struct drm_mode_config_helper_funcs vprime_kms_helper_funcs = {
	.atomic_commit_tail = vprime_commit_tail,
};

static int init_mode_config(struct drm_device *drm)
{
	struct drm_mode_config *config = &drm->mode_config;
	int ret;

	ret = drmm_mode_config_init(drm);
	if (ret)
		return ret;
	config->funcs = &vprime_kms_funcs;
	config->helper_private = &vprime_kms_helper_funcs;
	config->min_width = SIZE_MIN;
	config->min_height = SIZE_MIN;
	config->max_width = SIZE_MAX_PIXELS;
	config->max_height = SIZE_MAX_PIXELS;
	config->cursor_width = CURSOR_SIZE;
	config->cursor_height = CURSOR_SIZE;
	config->preferred_depth = 0;
	config->async_page_flip = true;
	config->normalize_zpos = true;
	return 0;
}

/**
 * struct planes - all planes of a GPU
 * @topology: what they are like
 * @drm: what they are to DRM, in the same order
 */
struct planes {
	const struct vprime_topology *topology;
	struct drm_plane *drm[VPRIME_PLANES_MAX];
};

static int create_planes(struct vprime_gpu *gpu, struct planes *planes)
{
	const struct vprime_topology *topology = planes->topology;
	unsigned int i;

	for (i = 0; i < topology->num_planes; i++) {
		planes->drm[i] = vprime_plane_create(gpu, i, &topology->planes[i]);
		if (IS_ERR(planes->drm[i]))
			return PTR_ERR(planes->drm[i]);
	}
	return 0;
}

/* The CRTC's own plane of a type; there is one at most, as the configuration has been checked. */
static struct drm_plane *find_plane(const struct planes *planes, enum drm_plane_type type,
				    unsigned int crtc)
{
	unsigned int i;

	for (i = 0; i < planes->topology->num_planes; i++) {
		const struct vprime_plane_config *plane = &planes->topology->planes[i];

		if (plane->type == type && plane->crtcs & BIT(crtc))
			return planes->drm[i];
	}
	return NULL;
}

static int create_crtc(struct vprime_gpu *gpu, const struct planes *planes, unsigned int index)
{
	struct vprime_crtc *vcrtc;

	vcrtc = vprime_crtc_create(gpu, find_plane(planes, DRM_PLANE_TYPE_PRIMARY, index),
				   find_plane(planes, DRM_PLANE_TYPE_CURSOR, index));
	if (IS_ERR(vcrtc))
		return PTR_ERR(vcrtc);
	if (!planes->topology->crtcs[index].writeback)
		return 0;
	return vprime_writeback_create(vcrtc);
}

static int create_crtcs(struct vprime_gpu *gpu, const struct planes *planes)
{
	unsigned int i;
	int ret;

	for (i = 0; i < planes->topology->num_crtcs; i++) {
		ret = create_crtc(gpu, planes, i);
		if (ret)
			return ret;
	}
	return 0;
}

static int create_encoders(struct vprime_gpu *gpu, struct drm_encoder **encoders)
{
	const struct vprime_topology *topology = &gpu->config.topology;
	unsigned int i;

	for (i = 0; i < topology->num_encoders; i++) {
		encoders[i] = drmm_plain_encoder_alloc(&gpu->drm, NULL, DRM_MODE_ENCODER_VIRTUAL,
						       NULL);
		if (IS_ERR(encoders[i]))
			return PTR_ERR(encoders[i]);
		encoders[i]->possible_crtcs = topology->encoders[i].crtcs;
	}
	return 0;
}

static int attach_encoders(struct drm_connector *connector, u32 mask,
			   struct drm_encoder *const *encoders)
{
	unsigned long bits = mask;
	unsigned int i;
	int ret;

	for_each_set_bit(i, &bits, VPRIME_ENCODERS_MAX) {
		ret = drm_connector_attach_encoder(connector, encoders[i]);
		if (ret)
			return ret;
	}
	return 0;
}

static int create_connectors(struct vprime_gpu *gpu, struct drm_encoder *const *encoders,
			     const struct vprime_monitor *monitors)
{
	const struct vprime_topology *topology = &gpu->config.topology;
	unsigned int i;
	int ret;

	for (i = 0; i < topology->num_connectors; i++) {
		const struct vprime_connector_config *config = &topology->connectors[i];
		struct vprime_connector *vconn;

		vconn = vprime_connector_create(gpu, i, config,
						monitors ? &monitors[i] : &VPRIME_MONITOR_DEFAULT);
		if (IS_ERR(vconn))
			return PTR_ERR(vconn);
		ret = attach_encoders(&vconn->base, config->encoders, encoders);
		if (ret)
			return ret;
		gpu->connectors[i] = vconn;
	}
	return 0;
}

/* Writeback looks at a screen beside whatever else is connected to it. */
static void set_clones(struct drm_device *drm)
{
	struct drm_encoder *encoder;
	u32 all = 0;

	drm_for_each_encoder(encoder, drm)
		all |= drm_encoder_mask(encoder);
	drm_for_each_encoder(encoder, drm)
		encoder->possible_clones = all;
}

static int create_objects(struct vprime_gpu *gpu, const struct vprime_monitor *monitors)
{
	struct planes planes = { .topology = &gpu->config.topology };
	struct drm_encoder *encoders[VPRIME_ENCODERS_MAX];
	int ret;

	ret = create_planes(gpu, &planes);
	if (ret)
		return ret;
	ret = create_crtcs(gpu, &planes);
	if (ret)
		return ret;
	ret = create_encoders(gpu, encoders);
	if (ret)
		return ret;
	ret = create_connectors(gpu, encoders, monitors);
	if (ret)
		return ret;
	set_clones(&gpu->drm);
	return 0;
}

static int init_vblank(struct vprime_gpu *gpu)
{
	gpu->drm.max_vblank_count = U32_MAX;
	return drm_vblank_init(&gpu->drm, gpu->config.topology.num_crtcs);
}

static void destroy_watchers(struct drm_device *drm, void *watchers)
{
	destroy_workqueue(watchers);
}

static int init_watchers(struct vprime_gpu *gpu)
{
	gpu->watchers = alloc_workqueue("%s", WQ_UNBOUND | WQ_MEM_RECLAIM, 0, gpu->config.name);
	if (!gpu->watchers)
		return -ENOMEM;
	return drmm_add_action_or_reset(&gpu->drm, destroy_watchers, gpu->watchers);
}

static bool has_display(const struct vprime_gpu *gpu)
{
	return drm_core_check_feature(&gpu->drm, DRIVER_MODESET);
}

/* Of what the driver can do for displays. */
static void choose_features(struct vprime_gpu *gpu)
{
	struct drm_device *drm = &gpu->drm;

	if (vprime_topology_is_empty(&gpu->config.topology))
		drm->driver_features &= ~(DRIVER_MODESET | DRIVER_ATOMIC | DRIVER_CURSOR_HOTSPOT);
	if (!gpu->config.cursor_hotspot)
		drm->driver_features &= ~DRIVER_CURSOR_HOTSPOT;
}

/**
 * vprime_kms_init - build the display of a GPU
 * @gpu: a GPU that nobody knows yet
 * @monitors: what is plugged in, one for each connector; NULL for the default one everywhere
 *
 * Without a display in the configuration, the GPU can do no mode setting.
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM; what has been built goes with the device.
 */
int vprime_kms_init(struct vprime_gpu *gpu, const struct vprime_monitor *monitors)
{
	struct drm_device *drm = &gpu->drm;
	int ret;

	choose_features(gpu);
	if (!has_display(gpu))
		return 0;
	ret = init_watchers(gpu);
	if (ret)
		return ret;
	ret = init_mode_config(drm);
	if (ret)
		return ret;
	ret = create_objects(gpu, monitors);
	if (ret)
		return ret;
	ret = init_vblank(gpu);
	if (ret)
		return ret;
	drm_mode_config_reset(drm);
	/* Nothing is polled, but this tells user space of changes that a probe finds. */
	return drmm_kms_helper_poll_init(drm);
}

/**
 * struct uninterrupted_call - a call that a worker makes
 * @work: the worker
 * @drm: argument of @function
 * @function: what is called
 * @ret: what it returned
 */
struct uninterrupted_call {
	struct work_struct work;
	struct drm_device *drm;
	int (*function)(struct drm_device *drm);
	int ret;
};

static void uninterrupted_work(struct work_struct *work)
{
	struct uninterrupted_call *call = container_of(work, struct uninterrupted_call, work);

	call->ret = call->function(call->drm);
}

/*
 * DRM's commits fail when a signal is pending in the task that makes them. Workers have no signals,
 * and so make those that nobody could repeat.
 */
static int call_uninterrupted(struct drm_device *drm, int (*function)(struct drm_device *drm))
{
	struct uninterrupted_call call = { .drm = drm, .function = function };

	INIT_WORK_ONSTACK(&call.work, uninterrupted_work);
	queue_work(system_unbound_wq, &call.work);
	flush_work(&call.work);
	destroy_work_on_stack(&call.work);
	return call.ret;
}

static int disable_all(struct drm_device *drm)
{
	struct drm_modeset_acquire_ctx ctx;
	int ret;

	DRM_MODESET_LOCK_ALL_BEGIN(drm, ctx, 0, ret);
	ret = drm_atomic_helper_disable_all(drm, &ctx);
	DRM_MODESET_LOCK_ALL_END(drm, ctx, ret);
	return ret;
}

/**
 * vprime_kms_unplug - the device is gone: turn all screens off
 * @gpu: the GPU of the screens
 *
 * Whatever happens, no timer of a screen runs any more when this returns.
 *
 * Context: may sleep; is not ended by a signal. No modeset or dma-resv lock is held.
 */
void vprime_kms_unplug(struct vprime_gpu *gpu)
{
	struct drm_crtc *crtc;
	int ret;

	if (!has_display(gpu))
		return;
	WRITE_ONCE(gpu->faults.late_flip_ms, 0);
	drm_for_each_crtc(crtc, &gpu->drm)
		vprime_flip_hurry(to_vprime_crtc(crtc));
	ret = call_uninterrupted(&gpu->drm, disable_all);
	if (ret)
		drm_err(&gpu->drm, "screens could not be turned off: %pe\n", ERR_PTR(ret));
	drm_for_each_crtc(crtc, &gpu->drm) {
		vprime_crtc_stop(to_vprime_crtc(crtc));
		vprime_flip_release(to_vprime_crtc(crtc));
	}
}

/**
 * vprime_kms_suspend - turn all screens off, and remember what they showed
 * @gpu: whose
 *
 * Context: may sleep and allocate.
 * Return: 0; -EBUSY if a flip waits for a fence that does not come; or what
 * drm_mode_config_helper_suspend() returns. On failure the screens stay on.
 */
int vprime_kms_suspend(struct vprime_gpu *gpu)
{
	int ret;

	if (!has_display(gpu))
		return 0;
	/* DRM would give up after some seconds, and turn the screen off in the midst of it. */
	ret = vprime_commit_settle(&gpu->drm);
	return ret ?: drm_mode_config_helper_suspend(&gpu->drm);
}

/**
 * vprime_kms_resume - show again what was shown before vprime_kms_suspend()
 * @gpu: the GPU of the screens
 *
 * Context: may sleep and allocate; is not ended by a signal.
 */
void vprime_kms_resume(struct vprime_gpu *gpu)
{
	if (has_display(gpu) && call_uninterrupted(&gpu->drm, drm_mode_config_helper_resume))
		drm_err(&gpu->drm, "what the screens showed before suspend is lost\n");
}
