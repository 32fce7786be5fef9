// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dma-buf.h>
#include <linux/fcntl.h>
#include <linux/iosys-map.h>
#include <linux/math.h>

#include <drm/drm_client.h>
#include <drm/drm_fb_helper.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_gem.h>
#include <drm/drm_gem_framebuffer_helper.h>
#include <drm/drm_mode_config.h>
#include <drm/drm_modeset_helper.h>

#include "vprime_bo.h"
#include "vprime_console.h"
#include "vprime_export.h"
#include "vprime_gpu.h"
#include "vprime_import.h"
#include "vprime_map.h"

/**
 * DOC: The console's picture
 *
 * The framebuffer that a console is shown from, and the only way into it. It is a buffer of the
 * console's own GPU, or one of a peer, which that exports and this imports as two drivers would.
 *
 * Nothing here keeps the buffer where it is. Each write asks for the buffer's address, uses it, and
 * forgets it, all under the buffer's dma-resv lock, which is what keeps it from moving meanwhile;
 * before and after, the next write may find it anywhere. Asking is cheap, as its owner keeps the
 * mapping until the buffer moves.
 *
 * On the screen, a buffer of our own is pinned like every other framebuffer. One of a peer that is
 * reached in place is not, and need not be: vprime_scanout.c looks it up anew for each picture. So
 * it moves while it is shown, which is what this console is for.
 */

#define CONSOLE_FORMAT	DRM_FORMAT_XRGB8888
#define CONSOLE_CPP	4

/* As of every other picture that other hardware may import. */
#define PITCH_ALIGN	256
#define HEIGHT_ALIGN	16

/**
 * vprime_console_pitch - how far lines are apart
 * @width: in pixels
 *
 * It is the same in whosever memory the picture is, as programs that have mapped it cannot be told
 * of another.
 *
 * Context: any.
 * Return: bytes.
 */
u32 vprime_console_pitch(u32 width)
{
	return ALIGN(width * CONSOLE_CPP, PITCH_ALIGN);
}

static struct vprime_bo *console_bo_create(struct vprime_gpu *gpu, u64 size)
{
	return vprime_bo_create(gpu, size, VPRIME_PLACEMENT_VRAM | VPRIME_PLACEMENT_TT);
}

/* From here on the dma-buf alone holds the peer's buffer, and our import the dma-buf. */
static struct drm_gem_object *import_from_peer(struct vprime_gpu *gpu, struct vprime_gpu *peer,
					       u64 size)
{
	struct drm_gem_object *obj;
	struct dma_buf *dmabuf;
	struct vprime_bo *bo;

	bo = console_bo_create(peer, size);
	if (IS_ERR(bo))
		return ERR_CAST(bo);

	dmabuf = vprime_gem_export(&bo->tbo.base, O_RDWR | O_CLOEXEC);
	drm_gem_object_put(&bo->tbo.base);
	if (IS_ERR(dmabuf))
		return ERR_CAST(dmabuf);

	obj = vprime_gem_prime_import(&gpu->drm, dmabuf);
	dma_buf_put(dmabuf);
	return obj;
}

static struct drm_gem_object *object_create(struct vprime_console *console, u64 size)
{
	struct vprime_bo *bo;

	if (console->peer)
		return import_from_peer(console->gpu, console->peer, size);
	bo = console_bo_create(console->gpu, size);
	return IS_ERR(bo) ? ERR_CAST(bo) : &bo->tbo.base;
}

/* Like a program would, so that nothing can be in it that a program's could not be. */
static struct drm_framebuffer *fb_of_object(struct drm_client_dev *client,
					    struct drm_gem_object *obj,
					    struct drm_mode_fb_cmd2 *cmd)
{
	struct drm_device *drm = client->dev;
	struct drm_framebuffer *fb;
	int ret;

	ret = drm_gem_handle_create(client->file, obj, &cmd->handles[0]);
	if (ret)
		return ERR_PTR(ret);
	fb = drm->mode_config.funcs->fb_create(drm, client->file, cmd);
	drm_gem_handle_delete(client->file, cmd->handles[0]);
	return fb;
}

/**
 * vprime_console_fb_create - make a picture for a console
 * @console: in the memory of its peer, if it has one, else in that of its GPU
 * @width: in pixels
 * @height: in pixels
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: the framebuffer, all black, to be given back with drm_framebuffer_put() or
 * drm_framebuffer_remove(); ERR_PTR with what vprime_bo_create() returns, or if a peer refuses to
 * share or our GPU to import, ERR_PTR(-EBUSY).
 */
struct drm_framebuffer *vprime_console_fb_create(struct vprime_console *console, u32 width,
						 u32 height)
{
	struct drm_mode_fb_cmd2 cmd = {
		.width = width,
		.height = height,
		.pixel_format = CONSOLE_FORMAT,
		.pitches[0] = vprime_console_pitch(width),
	};
	struct drm_framebuffer *fb;
	struct drm_gem_object *obj;

	obj = object_create(console, (u64)cmd.pitches[0] * ALIGN((u64)height, HEIGHT_ALIGN));
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	fb = fb_of_object(&console->helper->client, obj, &cmd);
	drm_gem_object_put(obj);
	return fb;
}

/* Whole lines lie behind each other on both sides. */
static void copy_lines(struct drm_framebuffer *fb, struct iosys_map *map, const void *shadow,
		       const struct drm_rect *rect)
{
	size_t pitch = fb->pitches[0];

	iosys_map_memcpy_to(map, rect->y1 * pitch, shadow + rect->y1 * pitch,
			    drm_rect_height(rect) * pitch);
}

static void copy_rect(struct drm_framebuffer *fb, struct iosys_map *map, const void *shadow,
		      const struct drm_rect *rect)
{
	size_t offset = rect->y1 * fb->pitches[0] + rect->x1 * CONSOLE_CPP;
	size_t bytes = drm_rect_width(rect) * CONSOLE_CPP;
	int y;

	for (y = rect->y1; y < rect->y2; y++, offset += fb->pitches[0])
		iosys_map_memcpy_to(map, offset, shadow + offset, bytes);
}

static int write_locked(struct drm_framebuffer *fb, const void *shadow, const struct drm_rect *rect)
{
	struct iosys_map map;
	int ret;

	ret = vprime_gem_vmap(fb->obj[0], &map);
	if (ret)
		return ret;
	if (drm_rect_width(rect) == fb->width)
		copy_lines(fb, &map, shadow, rect);
	else
		copy_rect(fb, &map, shadow, rect);
	vprime_gem_vunmap(fb->obj[0], &map);
	return 0;
}

/**
 * vprime_console_fb_write - bring a part of a console's picture up to date
 * @fb: the picture, from vprime_console_fb_create()
 * @shadow: what it shall look like, all of it
 * @rect: the part
 *
 * Context: may sleep and allocate; waits for the buffer to arrive if it is on its way. No dma-resv
 * lock is held.
 * Return: 0, or what the exporter of the buffer or vprime_gem_vmap() returns.
 */
int vprime_console_fb_write(struct drm_framebuffer *fb, const void *shadow,
			    const struct drm_rect *rect)
{
	int ret;

	ret = drm_gem_fb_begin_cpu_access(fb, DMA_TO_DEVICE);
	if (ret)
		return ret;
	drm_gem_lock(fb->obj[0]);
	ret = write_locked(fb, shadow, rect);
	drm_gem_unlock(fb->obj[0]);
	drm_gem_fb_end_cpu_access(fb, DMA_TO_DEVICE);
	return ret;
}
