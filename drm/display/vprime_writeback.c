// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_writeback.h"

#include <linux/dma-direction.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_atomic_state_helper.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
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
 * hands a job on with the frame that it shows; a worker (vprime_watch) fills the framebuffer as
 * soon as that frame is on the screen.
 *
 * User space gets a fence for the job, and others may wait for it at once: whatever draws next into
 * what the screen shows, for example. So all that may wait, lock or allocate is done before the
 * commit is through: the buffers to read and the one to write are mapped, and the composer has its
 * memory. To know all that will be read, a commit with a writeback takes in all planes of its CRTC.
 * After that, the worker only computes.
 *
 * DRM completes jobs in the order in which they were queued. A job ends when its own picture has
 * been written, or when its frame leaves the screen before that has begun; DRM is told when all
 * jobs before it have ended, too.
 */

/**
 * struct vprime_writeback - a writeback connector, which goes when DRM's list of connectors does
 * @base: what it is to DRM
 * @vcrtc: the screen that it takes pictures of
 * @lock: protects @queue, and what of jobs says so
 * @queue: jobs that DRM has not been told the end of, in the order of DRM's own queue
 */
struct vprime_writeback {
	struct drm_writeback_connector base;
	struct vprime_crtc *vcrtc;
	spinlock_t lock; /* protects @queue */
	struct list_head queue;
};

/**
 * struct vprime_writeback_source - a framebuffer that is read for a picture
 * @fb: the job holds a reference
 * @view: of it
 */
struct vprime_writeback_source {
	struct drm_framebuffer *fb;
	struct vprime_view view;
};

/**
 * struct vprime_writeback_job - a picture that is to be written
 *
 * Constant once the commit is through:
 * @writeback: of which connector
 * @composer: makes the picture
 * @view: of the framebuffer that is written
 * @sheet: the same
 * @num_sources: of @sources
 * @sources: what is read
 *
 * @layers: scratch of vprime_writeback_run()
 *
 * Under the lock of @writeback:
 * @link: in its queue
 * @ended: the picture has been written, or never will be
 * @status: what its fence is going to say
 */
struct vprime_writeback_job {
	struct vprime_writeback *writeback;
	struct vprime_composer *composer;
	struct vprime_view view;
	struct vprime_sheet sheet;
	u32 num_sources;
	struct vprime_writeback_source sources[VPRIME_SCENE_MAX_LAYERS];

	struct vprime_layer layers[VPRIME_SCENE_MAX_LAYERS];

	struct list_head link;
	bool ended;
	int status;
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
	int ret;

	if (!job || !job->fb)
		return 0;
	if (!fits(job->fb, &crtc_state->mode)) {
		drm_dbg_atomic(encoder->dev, "writeback of %s into %ux%u\n",
			       crtc_state->mode.name, job->fb->width, job->fb->height);
		return -EINVAL;
	}
	ret = drm_atomic_helper_check_wb_connector_state(conn_state->connector, conn_state->state);
	if (ret)
		return ret;
	to_vprime_crtc_state(crtc_state)->writeback = job;
	return drm_atomic_add_affected_planes(conn_state->state, crtc_state->crtc);
}

static const struct drm_encoder_helper_funcs vprime_writeback_encoder_helper_funcs = {
	.atomic_check = vprime_writeback_encoder_atomic_check,
};

static int vprime_writeback_get_modes(struct drm_connector *connector)
{
	const struct drm_mode_config *config = &connector->dev->mode_config;

	return drm_add_modes_noedid(connector, config->max_width, config->max_height);
}

static void job_destroy(struct vprime_writeback_job *job)
{
	while (job->num_sources--) {
		struct vprime_writeback_source *source = &job->sources[job->num_sources];

		vprime_view_close(&source->view);
		drm_framebuffer_put(source->fb);
	}
	vprime_view_close(&job->view);
	vprime_composer_destroy(job->composer);
	kvfree(job);
}

static struct vprime_writeback_job *job_create(struct vprime_writeback *writeback,
					       struct drm_framebuffer *fb)
{
	struct vprime_writeback_job *job;
	int ret;

	job = kvzalloc(sizeof(*job), GFP_KERNEL_ACCOUNT);
	if (!job)
		return ERR_PTR(-ENOMEM);
	job->writeback = writeback;
	INIT_LIST_HEAD(&job->link);
	job->composer = vprime_composer_create(fb->width);
	ret = PTR_ERR_OR_ZERO(job->composer) ?:
	      vprime_view_open(&job->view, fb->obj, 1, DMA_TO_DEVICE);
	if (ret) {
		job_destroy(job);
		return ERR_PTR(ret);
	}
	job->sheet = (struct vprime_sheet) {
		.format = fb->format,
		.vaddr = job->view.maps[0].vaddr + fb->offsets[0],
		.pitch = fb->pitches[0],
	};
	return job;
}

/* What DRM cleans up in the background needs the device and the driver. */
static int vprime_writeback_prepare_job(struct drm_writeback_connector *connector,
					struct drm_writeback_job *drm_job)
{
	struct vprime_writeback_job *job;

	if (!drm_job->fb)
		return 0;
	job = job_create(to_vprime_writeback(connector), drm_job->fb);
	if (IS_ERR(job))
		return PTR_ERR(job);
	drm_dev_get(connector->base.dev);
	__module_get(THIS_MODULE);
	drm_job->priv = job;
	return 0;
}

static void vprime_writeback_cleanup_job(struct drm_writeback_connector *connector,
					 struct drm_writeback_job *drm_job)
{
	struct drm_device *drm = connector->base.dev;

	if (!drm_job->priv)
		return;
	job_destroy(drm_job->priv);
	/* DRM would do so when the device may have gone. */
	drm_framebuffer_put(drm_job->fb);
	drm_job->fb = NULL;
	drm_dev_put(drm);
	module_put(THIS_MODULE);
}

/**
 * vprime_writeback_add_source - let a picture show a framebuffer
 * @drm_job: of a commit that is being prepared
 * @fb: on a plane of its CRTC
 *
 * What cannot be read stays dark, as it is for any other reader.
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: 0; -ENOMEM; -ERESTARTSYS; -EINVAL if these are more than a picture can show.
 */
int vprime_writeback_add_source(struct drm_writeback_job *drm_job, struct drm_framebuffer *fb)
{
	struct vprime_writeback_job *job = drm_job->priv;
	struct vprime_writeback_source *source = &job->sources[job->num_sources];
	int ret;

	if (job->num_sources == ARRAY_SIZE(job->sources))
		return -EINVAL;
	ret = vprime_view_open_fb(&source->view, fb);
	if (ret)
		return vprime_view_may_open_later(ret) ? ret : 0;
	drm_framebuffer_get(fb);
	source->fb = fb;
	job->num_sources++;
	return 0;
}

static void vprime_writeback_atomic_commit(struct drm_connector *connector,
					   struct drm_atomic_state *state)
{
	struct drm_connector_state *conn_state = drm_atomic_get_new_connector_state(state,
										    connector);
	struct vprime_crtc_state *crtc_state = to_vprime_crtc_state(conn_state->crtc->state);
	struct vprime_writeback_job *job = conn_state->writeback_job->priv;
	struct vprime_writeback *writeback = job->writeback;

	crtc_state->writeback = NULL;
	crtc_state->frame->writeback = job;
	spin_lock_irq(&writeback->lock);
	list_add_tail(&job->link, &writeback->queue);
	drm_writeback_queue_job(&writeback->base, conn_state);
	spin_unlock_irq(&writeback->lock);
}

static void job_fill_layer(const struct vprime_writeback_job *job, const struct drm_framebuffer *fb,
			   struct vprime_layer *layer)
{
	u32 i;

	for (i = 0; i < job->num_sources; i++) {
		if (job->sources[i].fb == fb)
			vprime_view_fill_layer(&job->sources[i].view, fb, layer);
	}
}

/* A cursor may move meanwhile. */
static void job_copy_layers(struct vprime_writeback_job *job, const struct vprime_frame *frame)
{
	u32 i;

	spin_lock_irq(&frame->crtc->dev->event_lock);
	for (i = 0; i < frame->num_layers; i++) {
		job->layers[i] = frame->layers[i].layer;
		job_fill_layer(job, frame->layers[i].fb, &job->layers[i]);
	}
	spin_unlock_irq(&frame->crtc->dev->event_lock);
}

/**
 * vprime_writeback_run - write a picture
 * @job: which
 * @frame: what the picture shows
 *
 * Context: process. Fences depend on this: allocates nothing, and takes no lock under which
 * somebody allocates or waits for a fence.
 * Return: the CRC of the picture.
 */
u32 vprime_writeback_run(struct vprime_writeback_job *job, const struct vprime_frame *frame)
{
	u32 crc = 0;

	job_copy_layers(job, frame);
	vprime_scanout_compose(job->composer, frame, job->layers, NULL, &job->sheet, &crc);
	return crc;
}

/**
 * vprime_writeback_end - there is no more to be done for a picture
 * @job: not to be used after that
 * @status: what its fence is going to say
 *
 * Context: any.
 */
void vprime_writeback_end(struct vprime_writeback_job *job, int status)
{
	struct vprime_writeback *writeback = job->writeback;
	struct vprime_writeback_job *next;
	unsigned long flags;

	spin_lock_irqsave(&writeback->lock, flags);
	job->ended = true;
	job->status = status;
	list_for_each_entry_safe(job, next, &writeback->queue, link) {
		if (!job->ended)
			break;
		list_del_init(&job->link);
		/* DRM frees it in the background. */
		drm_writeback_signal_completion(&writeback->base, job->status);
	}
	spin_unlock_irqrestore(&writeback->lock, flags);
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
	spin_lock_init(&writeback->lock);
	INIT_LIST_HEAD(&writeback->queue);
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
