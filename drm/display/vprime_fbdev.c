// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_fbdev.h"

#include <kunit/visibility.h>

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/fb.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/wait_bit.h>

#include <drm/drm_client.h>
#include <drm/drm_drv.h>
#include <drm/drm_fb_helper.h>
#include <drm/drm_fbdev_client.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_modeset_lock.h>
#include <drm/drm_print.h>

#include "vprime_console.h"
#include "vprime_gpu.h"

/**
 * DOC: The console
 *
 * The kernel's text, and what programs draw that know nothing newer than /dev/fb0. Both draw in a
 * shadow in the system's memory, which stays where it is however the picture on the screen moves,
 * and even if that is lost: vprime_fbdev_flush.c copies it there. The picture may be in the memory
 * of another GPU (vprime_fbdev_peer.c); if that is not there or does not want to share, the console
 * says so and is in memory of its own GPU.
 *
 * Tested by tests/vprime_fbdev_test.c and igt-tests/fbdev_peer.c.
 */

#define MMAP_FLUSH_DELAY (HZ / 20)

static atomic_t num_consoles = ATOMIC_INIT(0);

static struct vprime_console *info_to_console(struct fb_info *info)
{
	struct drm_fb_helper *helper = info->par;

	return to_vprime_gpu(helper->dev)->fbdev.console;
}

/* The kernel's own text goes with the device, but a program has to be waited for. */
static int console_fb_open(struct fb_info *info, int user)
{
	return user && !try_module_get(THIS_MODULE) ? -ENODEV : 0;
}

static int console_fb_release(struct fb_info *info, int user)
{
	if (user)
		module_put(THIS_MODULE);
	return 0;
}

static void damage_area(struct fb_info *info, u32 x, u32 y, u32 width, u32 height)
{
	struct vprime_console *console = info_to_console(info);
	struct drm_rect all = DRM_RECT_INIT(0, 0, info->var.xres_virtual, info->var.yres_virtual);
	struct drm_rect rect = DRM_RECT_INIT(x, y, width, height);

	if (drm_rect_intersect(&rect, &all))
		vprime_console_damage(console, &rect);
}

/* In whole lines, as most who do not draw rectangles change more than one. */
static void damage_range(struct fb_info *info, off_t offset, size_t bytes)
{
	u32 pitch = info->fix.line_length;
	u32 first = offset / pitch;
	u32 end = DIV_ROUND_UP(offset + bytes, pitch);

	damage_area(info, 0, first, info->var.xres_virtual, end - first);
}

FB_GEN_DEFAULT_DEFERRED_SYSMEM_OPS(console, damage_range, damage_area);

/* The last program that had it open is gone, which may be long after the device. */
static void console_fb_destroy(struct fb_info *info)
{
	struct vprime_console *console = info_to_console(info);
	struct drm_fb_helper *helper = console->helper;

	fb_deferred_io_cleanup(info);
	disable_delayed_work_sync(&console->flush);
	vprime_console_remove(console);
	drm_fb_helper_fini(helper);
	drm_framebuffer_remove(console->fb);
	vfree(console->shadow);
	drm_modeset_lock_all(helper->dev);
	console->gpu->fbdev.console = NULL;
	drm_modeset_unlock_all(helper->dev);
	vprime_console_put(console);

	/* With this the device may go. */
	drm_client_release(&helper->client);
	drm_fb_helper_unprepare(helper);
	kfree(helper);
	if (atomic_dec_and_test(&num_consoles))
		wake_up_var(&num_consoles);
}

static const struct fb_ops console_fb_ops = {
	/* No owner, as the kernel's text would hold that too: the module goes with its consoles. */
	.fb_open	= console_fb_open,
	.fb_release	= console_fb_release,
	FB_DEFAULT_DEFERRED_OPS(console),
	DRM_FB_HELPER_DEFAULT_OPS,
	.fb_destroy	= console_fb_destroy,
};

static void console_deferred_io(struct fb_info *info, struct list_head *pages)
{
	unsigned long first = ULONG_MAX, end = 0;
	struct fb_deferred_io_pageref *page;

	list_for_each_entry(page, pages, list) {
		first = min(first, page->offset);
		end = max(end, page->offset + PAGE_SIZE);
	}
	if (first < end)
		damage_range(info, first, end - first);
}

static struct vprime_console *console_alloc(struct drm_fb_helper *helper, size_t shadow_size)
{
	struct vprime_console *console = kzalloc(sizeof(*console), GFP_KERNEL);

	if (!console)
		return NULL;
	console->gpu = to_vprime_gpu(helper->dev);
	drm_dev_get(&console->gpu->drm);
	console->helper = helper;
	INIT_LIST_HEAD(&console->link);
	kref_init(&console->refs);
	vprime_console_flush_init(console);

	console->wq = alloc_workqueue("vprime-console", WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!console->wq)
		goto err_free;
	console->shadow = vzalloc(shadow_size);
	if (!console->shadow)
		goto err_wq;
	return console;

err_wq:
	destroy_workqueue(console->wq);
err_free:
	drm_dev_put(helper->dev);
	kfree(console);
	return NULL;
}

static void console_free(struct vprime_console *console)
{
	vfree(console->shadow);
	vprime_console_put(console);
}

static struct drm_framebuffer *create_fb_at_peer(struct vprime_console *console,
						 const struct drm_fb_helper_surface_size *sizes)
{
	struct drm_framebuffer *fb;
	int ret;

	ret = vprime_console_move_in(console, console->gpu->config.fbdev_peer);
	if (ret)
		return ERR_PTR(ret);
	fb = vprime_console_fb_create(console, sizes->surface_width, sizes->surface_height);
	if (IS_ERR(fb))
		vprime_console_move_home(console);
	return fb;
}

static struct drm_framebuffer *create_fb(struct vprime_console *console,
					 const struct drm_fb_helper_surface_size *sizes)
{
	const char *peer = console->gpu->config.fbdev_peer;
	struct drm_framebuffer *fb;

	if (peer[0]) {
		fb = create_fb_at_peer(console, sizes);
		if (!IS_ERR(fb)) {
			drm_info(&console->gpu->drm, "console: in memory of GPU \"%s\"\n", peer);
			return fb;
		}
		drm_warn(&console->gpu->drm,
			 "console: in memory of its own GPU, as GPU \"%s\" gives none: %pe\n",
			 peer, fb);
	}
	return vprime_console_fb_create(console, sizes->surface_width, sizes->surface_height);
}

static void fill_info(struct vprime_console *console, struct drm_fb_helper_surface_size *sizes,
		      size_t shadow_size)
{
	struct drm_fb_helper *helper = console->helper;
	struct fb_info *info = helper->info;

	drm_fb_helper_fill_info(info, helper, sizes);
	info->fbops = &console_fb_ops;
	info->flags |= FBINFO_VIRTFB | FBINFO_READS_FAST;
	info->screen_buffer = console->shadow;
	info->screen_size = shadow_size;
	info->fix.smem_len = shadow_size;

	helper->fbdefio.delay = MMAP_FLUSH_DELAY;
	helper->fbdefio.deferred_io = console_deferred_io;
	info->fbdefio = &helper->fbdefio;
}

static int console_init(struct vprime_console *console, struct drm_fb_helper_surface_size *sizes,
			size_t shadow_size)
{
	struct drm_fb_helper *helper = console->helper;
	int ret;

	console->fb = create_fb(console, sizes);
	if (IS_ERR(console->fb))
		return PTR_ERR(console->fb);

	helper->fb = console->fb;
	fill_info(console, sizes, shadow_size);
	ret = fb_deferred_io_init(helper->info);
	if (ret) {
		helper->fb = NULL;
		drm_framebuffer_put(console->fb);
	}
	return ret;
}

/**
 * vprime_fbdev_probe - make the console of a GPU
 * @helper: what DRM knows of it
 * @sizes: of the screens
 *
 * Context: may sleep and allocate. The helper's lock is held.
 * Return: 0; -ENOMEM; -EINVAL if the screens ask for other pixels than XRGB8888; or what
 * vprime_console_fb_create() returns.
 */
int vprime_fbdev_probe(struct drm_fb_helper *helper, struct drm_fb_helper_surface_size *sizes)
{
	size_t shadow_size = PAGE_ALIGN((size_t)vprime_console_pitch(sizes->surface_width) *
					sizes->surface_height);
	struct vprime_console *console;
	int ret;

	console = console_alloc(helper, shadow_size);
	if (!console)
		return -ENOMEM;

	/* From here on GPUs that go away find it. */
	vprime_console_add(console);
	ret = console_init(console, sizes, shadow_size);
	if (ret) {
		vprime_console_remove(console);
		console_free(console);
		return ret;
	}

	atomic_inc(&num_consoles);
	WRITE_ONCE(console->gpu->fbdev.console, console);
	enable_delayed_work(&console->flush);
	vprime_console_damage_all(console);
	return 0;
}

/**
 * vprime_fbdev_setup - let a GPU have a console, and be where other consoles are
 * @gpu: complete, and registered
 *
 * The console comes up now, or when a monitor is plugged in.
 *
 * Context: may sleep and allocate.
 */
void vprime_fbdev_setup(struct vprime_gpu *gpu)
{
	int ret;

	vprime_fbdev_add_peer(gpu);
	if (!drm_core_check_feature(&gpu->drm, DRIVER_MODESET))
		return;
	ret = drm_fbdev_client_setup(&gpu->drm, NULL);
	if (ret)
		drm_warn(&gpu->drm, "console: there is none: %pe\n", ERR_PTR(ret));
}
EXPORT_SYMBOL_IF_KUNIT(vprime_fbdev_setup);

/**
 * vprime_fbdev_exit - wait until all consoles are gone
 *
 * A program that has one open holds the module, but one that has just failed to open it does not,
 * and may be the one who gives it up.
 *
 * Context: may sleep.
 */
void vprime_fbdev_exit(void)
{
	wait_var_event(&num_consoles, !atomic_read(&num_consoles));
}
