// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_scanout.h"

#include <linux/dma-resv.h>
#include <linux/slab.h>

#include <drm/drm_crtc.h>
#include <drm/drm_device.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_gem.h>
#include <drm/drm_property.h>

#include "compat/vprime_dma_buf.h"
#include "vprime_bo.h"
#include "vprime_compose.h"
#include "vprime_frame.h"
#include "vprime_import.h"
#include "vprime_map.h"
#include "vprime_pin.h"

/**
 * DOC: Scanout
 *
 * What a screen reads, and how. A framebuffer of our own is pinned as long as it is on a screen,
 * in VRAM where there is room. One of a peer that is read in place is not: it is looked up anew for
 * each picture, and may move in between, on the screen as well. Any other import is pinned by its
 * exporter, in system memory.
 *
 * Nothing is read until somebody looks. Then each picture has a view of its framebuffers, which is
 * pinned and mapped while that picture is made. A view is opened where it may wait and allocate:
 * for a writeback, whose fence others wait for, before the commit is through (vprime_writeback);
 * for a CRC just before it is taken, as nothing depends on that for long (vprime_watch).
 *
 * The fences of a commit have been waited for before its frame is shown. The buffers may have more
 * of them by then, of work that waits for that frame to be over. So none is waited for again, but
 * by DRM_VPRIME_CAPTURE, for which nobody waits but its caller.
 */

typedef int (*cpu_begin_fn)(struct dma_buf *dmabuf, enum dma_data_direction direction);

static struct dma_buf_attachment *obj_attachment(const struct drm_gem_object *obj)
{
	return obj->import_attach;
}

/* Over the bus, in its owner's VRAM. */
static bool obj_is_read_in_place(struct drm_gem_object *obj)
{
	return obj_attachment(obj) && vprime_import_origin(to_vprime_bo(obj));
}

/* What has to be pinned for a view; the exporter's vmap pins any other import. */
static struct drm_gem_object *obj_to_pin(struct drm_gem_object *obj)
{
	if (obj_is_read_in_place(obj))
		return &vprime_import_origin(to_vprime_bo(obj))->tbo.base;
	return obj_attachment(obj) ? NULL : obj;
}

static int obj_begin_access(struct drm_gem_object *obj, enum dma_data_direction direction,
			    cpu_begin_fn begin)
{
	const struct dma_buf_attachment *attach = obj_attachment(obj);

	return attach ? begin(attach->dmabuf, direction) : 0;
}

static void obj_end_access(struct drm_gem_object *obj, enum dma_data_direction direction)
{
	if (obj_attachment(obj))
		dma_buf_end_cpu_access(obj_attachment(obj)->dmabuf, direction);
}

static int obj_map_locked(struct drm_gem_object *obj, struct iosys_map *map)
{
	struct drm_gem_object *pinned = obj_to_pin(obj);
	int ret;

	dma_resv_assert_held(obj->resv);

	ret = pinned ? vprime_gem_pin(pinned) : 0;
	if (ret)
		return ret;
	ret = vprime_gem_vmap(obj, map);
	if (ret && pinned)
		vprime_gem_unpin(pinned);
	return ret;
}

static void obj_unmap_locked(struct drm_gem_object *obj, struct iosys_map *map)
{
	struct drm_gem_object *pinned = obj_to_pin(obj);

	dma_resv_assert_held(obj->resv);

	vprime_gem_vunmap(obj, map);
	if (pinned)
		vprime_gem_unpin(pinned);
}

static int obj_map(struct drm_gem_object *obj, struct iosys_map *map)
{
	int ret;

	ret = vprime_gem_lock(obj);
	if (ret)
		return ret;
	ret = obj_map_locked(obj, map);
	dma_resv_unlock(obj->resv);
	return ret;
}

static void obj_unmap(struct drm_gem_object *obj, struct iosys_map *map)
{
	dma_resv_lock(obj->resv, NULL);
	obj_unmap_locked(obj, map);
	dma_resv_unlock(obj->resv);
}

/* In this order, as a pinned buffer is not moved to where the CPU reads faster. */
static int obj_open(struct drm_gem_object *obj, struct iosys_map *map,
		    enum dma_data_direction direction, cpu_begin_fn begin)
{
	int ret;

	ret = obj_map(obj, map);
	if (ret)
		return ret;
	/* Composition takes ordinary memory only. */
	ret = map->is_iomem ? -ENODEV : obj_begin_access(obj, direction, begin);
	if (ret)
		obj_unmap(obj, map);
	return ret;
}

static void obj_close(struct drm_gem_object *obj, struct iosys_map *map,
		      enum dma_data_direction direction)
{
	obj_end_access(obj, direction);
	obj_unmap(obj, map);
}

/**
 * vprime_view_close - the counterpart of vprime_view_open()
 * @view: sees nothing any more; may be one that failed to open
 *
 * Context: may sleep. No dma-resv lock is held.
 */
void vprime_view_close(struct vprime_view *view)
{
	u32 i;

	for (i = 0; i < view->num_objs; i++)
		obj_close(view->objs[i], &view->maps[i], view->direction);
	view->num_objs = 0;
}

static int view_open(struct vprime_view *view, struct drm_gem_object *const *objs, u32 num_objs,
		     enum dma_data_direction direction, cpu_begin_fn begin)
{
	int ret;
	u32 i;

	*view = (struct vprime_view) { .direction = direction };

	for (i = 0; i < num_objs; i++) {
		ret = obj_open(objs[i], &view->maps[i], direction, begin);
		if (ret) {
			vprime_view_close(view);
			return ret;
		}
		view->objs[i] = objs[i];
		view->num_objs++;
	}
	return 0;
}

/**
 * vprime_view_open - let the CPU access the buffers of a picture once devices have finished with
 * them
 * @view: to be filled in; holds nothing if this fails
 * @objs: the buffers, one for each plane of the format; they have to stay until vprime_view_close()
 * @num_objs: how many
 * @direction: what the CPU is going to do
 *
 * Context: may sleep and allocate. No dma-resv lock is held, and no fence depends on the caller.
 * Return: 0; -ENODEV if a buffer's memory is none that can be read like any other; -ERESTARTSYS; or
 * what pinning and mapping return.
 */
int vprime_view_open(struct vprime_view *view, struct drm_gem_object *const *objs, u32 num_objs,
		     enum dma_data_direction direction)
{
	return view_open(view, objs, num_objs, direction, dma_buf_begin_cpu_access);
}

/**
 * vprime_view_open_fb - let the CPU read the buffers of a framebuffer, whatever still draws on them
 * @view: to be filled in; holds nothing if this fails
 * @fb: has to stay until vprime_view_close()
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: as vprime_view_open().
 */
int vprime_view_open_fb(struct vprime_view *view, struct drm_framebuffer *fb)
{
	return view_open(view, fb->obj, fb->format->num_planes, DMA_FROM_DEVICE,
			 dma_buf_begin_cpu_access_nowait);
}

/**
 * vprime_view_may_open_later - does an error say nothing about the buffers themselves?
 * @error: of vprime_view_open() or vprime_view_open_fb()
 *
 * Return: true for a signal and for a lack of memory. Anything else would come again.
 */
bool vprime_view_may_open_later(int error)
{
	return error == -ERESTARTSYS || error == -EINTR || error == -ENOMEM;
}

/**
 * vprime_view_fill_layer - tell a layer where its framebuffer is
 * @view: of @fb; sees nothing if it could not be opened
 * @fb: the framebuffer
 * @layer: that shows it; stays dark if there is nothing to see
 */
void vprime_view_fill_layer(const struct vprime_view *view, const struct drm_framebuffer *fb,
			    struct vprime_layer *layer)
{
	u32 plane;

	for (plane = 0; plane < view->num_objs; plane++)
		layer->vaddr[plane] = view->maps[plane].vaddr + fb->offsets[plane];
}

static int obj_pin_for_scanout(struct drm_gem_object *obj)
{
	int ret;

	if (obj_is_read_in_place(obj))
		return 0;
	ret = vprime_gem_lock(obj);
	if (ret)
		return ret;
	ret = vprime_gem_pin(obj);
	dma_resv_unlock(obj->resv);
	return ret;
}

static void obj_unpin_from_scanout(struct drm_gem_object *obj)
{
	if (obj_is_read_in_place(obj))
		return;
	dma_resv_lock(obj->resv, NULL);
	vprime_gem_unpin(obj);
	dma_resv_unlock(obj->resv);
}

static void unpin_planes(struct drm_framebuffer *fb, unsigned int count)
{
	while (count--)
		obj_unpin_from_scanout(fb->obj[count]);
}

/**
 * vprime_scanout_pin - a framebuffer is going to be on a screen
 * @fb: stays where it is until vprime_scanout_unpin(), unless it is read in place
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: 0; -ENOSPC, -ENOMEM, -EBUSY or -ERESTARTSYS as from vprime_bo_pin(); of an import, what
 * its exporter returns.
 */
int vprime_scanout_pin(struct drm_framebuffer *fb)
{
	unsigned int i;
	int ret;

	for (i = 0; i < fb->format->num_planes; i++) {
		ret = obj_pin_for_scanout(fb->obj[i]);
		if (ret) {
			unpin_planes(fb, i);
			return ret;
		}
	}
	return 0;
}

/**
 * vprime_scanout_unpin - the counterpart of vprime_scanout_pin()
 * @fb: is on one screen less
 *
 * Context: may sleep. No dma-resv lock is held.
 */
void vprime_scanout_unpin(struct drm_framebuffer *fb)
{
	unpin_planes(fb, fb->format->num_planes);
}

/**
 * struct look - somebody looks at a frame, once
 * @frame: at which
 * @fbs: of its layers
 * @layers: of it, with addresses
 * @views: of @fbs
 * @again: it has been seen before
 * @waits: for fences of buffers of other devices
 */
struct look {
	const struct vprime_frame *frame;
	struct drm_framebuffer **fbs;
	struct vprime_layer *layers;
	struct vprime_view *views;
	bool again;
	bool waits;
};

static int look_alloc(struct look *look)
{
	const struct vprime_frame *frame = look->frame;

	look->fbs = kcalloc(frame->num_layers, sizeof(*look->fbs), GFP_KERNEL_ACCOUNT);
	look->layers = kcalloc(frame->num_layers, sizeof(*look->layers), GFP_KERNEL_ACCOUNT);
	look->views = kcalloc(frame->num_layers, sizeof(*look->views), GFP_KERNEL_ACCOUNT);
	return look->fbs && look->layers && look->views ? 0 : -ENOMEM;
}

static void look_free(struct look *look)
{
	kfree(look->views);
	kfree(look->layers);
	kfree(look->fbs);
}

/* A cursor may change meanwhile. */
static void look_copy_layers(struct look *look)
{
	const struct vprime_frame *frame = look->frame;
	u32 i;

	spin_lock_irq(&frame->crtc->dev->event_lock);
	look->again = frame->composed;
	for (i = 0; i < frame->num_layers; i++) {
		look->layers[i] = frame->layers[i].layer;
		look->fbs[i] = frame->layers[i].fb;
		drm_framebuffer_get(look->fbs[i]);
	}
	spin_unlock_irq(&frame->crtc->dev->event_lock);
}

/* Fills in one layer. What cannot be read is left out, as a screen would be dark there. */
static int look_open_layer(struct look *look, u32 i)
{
	struct drm_framebuffer *fb = look->fbs[i];
	struct vprime_view *view = &look->views[i];
	int ret;

	ret = look->waits ? vprime_view_open(view, fb->obj, fb->format->num_planes,
					     DMA_FROM_DEVICE) :
			    vprime_view_open_fb(view, fb);
	if (ret)
		return vprime_view_may_open_later(ret) ? ret : 0;
	vprime_view_fill_layer(view, fb, &look->layers[i]);
	return 0;
}

static int look_open(struct look *look)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < look->frame->num_layers && !ret; i++)
		ret = look_open_layer(look, i);
	return ret;
}

static void look_close(struct look *look)
{
	u32 i;

	for (i = 0; i < look->frame->num_layers; i++) {
		vprime_view_close(&look->views[i]);
		drm_framebuffer_put(look->fbs[i]);
	}
}

static const struct drm_color_lut *lut_of(const struct drm_property_blob *blob)
{
	return blob ? blob->data : NULL;
}

static u32 lut_size(const struct drm_property_blob *blob)
{
	return blob ? drm_color_lut_size(blob) : 0;
}

/**
 * vprime_scanout_compose - make the picture of a frame
 * @composer: how
 * @frame: what is to be seen
 * @layers: of it, with addresses
 * @unwanted: see &struct vprime_scene
 * @sheet: gets the picture; NULL if nobody wants it
 * @crc: gets its CRC; NULL if nobody wants it
 *
 * Context: allocates nothing and takes no lock, as fences wait for it.
 * Return: false if that has been given up.
 */
bool vprime_scanout_compose(struct vprime_composer *composer, const struct vprime_frame *frame,
			    const struct vprime_layer *layers, const bool *unwanted,
			    const struct vprime_sheet *sheet, u32 *crc)
{
	const struct vprime_scene scene = {
		.width = frame->width,
		.height = frame->height,
		.layers = layers,
		.num_layers = frame->num_layers,
		.pipe = {
			.degamma = lut_of(frame->degamma),
			.degamma_size = lut_size(frame->degamma),
			.ctm = frame->ctm ? frame->ctm->data : NULL,
			.gamma = lut_of(frame->gamma),
			.gamma_size = lut_size(frame->gamma),
		},
		.unwanted = unwanted,
	};

	return vprime_compose(composer, &scene, sheet, crc);
}

static int look_run(struct look *look, struct vprime_composer *composer,
		    const struct vprime_sheet *sheet, u32 *crc)
{
	const struct vprime_frame *frame = look->frame;
	const bool *unwanted;
	int ret;

	ret = look_alloc(look);
	if (ret)
		goto out;

	look_copy_layers(look);
	unwanted = look->again && !sheet ? &frame->retired : NULL;
	ret = look_open(look);
	if (!ret && !vprime_scanout_compose(composer, frame, look->layers, unwanted, sheet, crc))
		ret = -ECANCELED;
	look_close(look);
out:
	look_free(look);
	return ret;
}

/**
 * vprime_scanout_sum - take the CRC of what a screen shows
 * @composer: how
 * @frame: what the screen shows
 * @crc: gets it
 *
 * The CRC of a frame that has been seen before is not waited for when the frame leaves the screen.
 *
 * Context: may sleep and allocate. No dma-resv lock is held, and no fence depends on the caller.
 * Return: 0; -ENOMEM; -ECANCELED if it has been given up.
 */
int vprime_scanout_sum(struct vprime_composer *composer, const struct vprime_frame *frame,
		       u32 *crc)
{
	struct look look = { .frame = frame };

	return look_run(&look, composer, NULL, crc);
}

/**
 * vprime_scanout_capture - take a picture of what a screen shows
 * @composer: how
 * @frame: what the screen shows
 * @sheet: gets the picture
 *
 * Waits for what is drawn on buffers of other devices, as any program that reads them.
 *
 * Context: may sleep and allocate. No dma-resv lock is held, and no fence depends on the caller.
 * Return: 0; -ENOMEM; -ERESTARTSYS.
 */
int vprime_scanout_capture(struct vprime_composer *composer, const struct vprime_frame *frame,
			   const struct vprime_sheet *sheet)
{
	struct look look = { .frame = frame, .waits = true };

	return look_run(&look, composer, sheet, NULL);
}
