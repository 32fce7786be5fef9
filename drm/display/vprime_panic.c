// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_panic.h"

#include <kunit/visibility.h>

#include <linux/dma-buf.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include <drm/drm_fourcc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_panic.h>
#include <drm/drm_plane.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include "vprime_bo.h"
#include "vprime_export.h"
#include "vprime_gpu.h"
#include "vprime_vram.h"

/**
 * DOC: The panic screen
 *
 * When the kernel panics, DRM draws on what is on the screen. No lock can be taken then and nothing
 * allocated, so it can only be drawn where the memory of the framebuffer is known and stays: in
 * buffers of this driver, our own or a peer's, that are pinned. One that is not pinned does not
 * move either once all other CPUs have stopped, but may while a panic is only tried out.
 *
 * There is no mapping to be had, but no need for one: each page has an address in the kernel. DRM
 * sets pixel by pixel, then.
 */

/* DRM uses only the first map of a scanout buffer, so that another can tell which framebuffer. */
#define FB_MAP 1

static struct vprime_bo *owner_of(struct drm_gem_object *obj)
{
	struct vprime_bo *bo = to_vprime_bo(obj);

	return vprime_bo_is_import(bo) ? vprime_export_to_bo(obj->import_attach->dmabuf) : bo;
}

static bool stays(const struct vprime_bo *bo)
{
	return bo->tbo.pin_count || oops_in_progress;
}

static struct page **pages_of(const struct vprime_bo *bo)
{
	struct ttm_resource *res = READ_ONCE(bo->tbo.resource);

	if (!res)
		return NULL;
	if (res->mem_type == TTM_PL_VRAM)
		return vprime_vram_pages(&bo->gpu->vram, res);
	return bo->tbo.ttm && ttm_tt_is_populated(bo->tbo.ttm) ? bo->tbo.ttm->pages : NULL;
}

/* What the panic handler converts a colour to; any other format makes it warn. */
static bool can_be_drawn(const struct drm_format_info *format)
{
	switch (format->format) {
	case DRM_FORMAT_RGB565:
	case DRM_FORMAT_XRGB1555:
	case DRM_FORMAT_ARGB1555:
	case DRM_FORMAT_RGB888:
	case DRM_FORMAT_XRGB8888:
	case DRM_FORMAT_ARGB8888:
	case DRM_FORMAT_XBGR8888:
	case DRM_FORMAT_ABGR8888:
	case DRM_FORMAT_XRGB2101010:
	case DRM_FORMAT_ARGB2101010:
	case DRM_FORMAT_ABGR2101010:
		return true;
	default:
		return false;
	}
}

static struct page **pages_of_fb(const struct drm_framebuffer *fb)
{
	struct vprime_bo *bo = owner_of(fb->obj[0]);

	return bo && stays(bo) ? pages_of(bo) : NULL;
}

static void set_pixel(struct drm_scanout_buffer *sb, unsigned int x, unsigned int y, u32 color)
{
	const struct drm_framebuffer *fb = sb->map[FB_MAP].vaddr;
	struct page **pages = pages_of_fb(fb);
	unsigned int i, cpp = fb->format->cpp[0];
	u64 offset = fb->offsets[0] + (u64)y * fb->pitches[0] + x * cpp;

	if (!pages)
		return;
	/* A pixel may be on two pages, as user space chooses pitch and offset. */
	for (i = 0; i < cpp; i++, offset++) {
		u8 *page = page_address(pages[offset >> PAGE_SHIFT]);

		page[offset_in_page(offset)] = color >> (8 * i);
	}
}

/**
 * vprime_panic_get_scanout_buffer - show the panic handler what is on a screen
 * @plane: of the screen; only a primary one is drawn on, whatever is above it
 * @sb: to be filled in
 *
 * Context: any; the panic lock of the device is held.
 * Return: 0; -ENODEV if nothing is on the screen, or nothing that can be drawn on now.
 */
int vprime_panic_get_scanout_buffer(struct drm_plane *plane, struct drm_scanout_buffer *sb)
{
	struct drm_framebuffer *fb = plane->state ? plane->state->fb : NULL;

	if (plane->type != DRM_PLANE_TYPE_PRIMARY || !fb)
		return -ENODEV;
	if (!can_be_drawn(fb->format) || !pages_of_fb(fb))
		return -ENODEV;

	sb->format = fb->format;
	sb->width = fb->width;
	sb->height = fb->height;
	sb->pitch[0] = fb->pitches[0];
	sb->set_pixel = set_pixel;
	iosys_map_set_vaddr(&sb->map[FB_MAP], fb);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_panic_get_scanout_buffer);
