// SPDX-License-Identifier: GPL-2.0-only
/*
 * 10,000 lines of text on the kernel's console, each of which scrolls all the others: on vprime, on
 * vprime whose framebuffer is another GPU's buffer, on virtio-gpu and on vkms. All have the same
 * size; the kernel is told so when it starts.
 */
#include <fcntl.h>
#include <linux/fb.h>
#include <linux/vt.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libdrm/drm.h>

#include "bench.h"
#include "check.h"
#include "dmabuf.h"
#include "gpu.h"
#include "procfs.h"

#define LINES 10000
/* Far from those that the system uses. */
#define FIRST_CONSOLE 20
#define GRAPHICS "/sys/class/graphics"

struct framebuffer {
	int fd;
	int index;
};

/* The framebuffer of a platform device, or of a driver; it does not come before fbcon has it. */
static struct framebuffer find_framebuffer(const char *name, const char *device)
{
	char path[128], text[128], link[256];
	struct framebuffer fb;
	ssize_t length;

	for (fb.index = 0; fb.index < FB_MAX; fb.index++) {
		snprintf(path, sizeof(path), GRAPHICS "/fb%d/name", fb.index);
		if (__procfs_read(path, text, sizeof(text)) <= 0 ||
		    strncmp(text, name, strlen(name)))
			continue;
		snprintf(path, sizeof(path), GRAPHICS "/fb%d/device", fb.index);
		length = readlink(path, link, sizeof(link) - 1);
		link[length > 0 ? length : 0] = '\0';
		if (device && !strstr(link, device))
			continue;
		snprintf(path, sizeof(path), "/dev/fb%d", fb.index);
		fb.fd = open(path, O_RDWR | O_CLOEXEC);
		check_msg(fb.fd >= 0, "%s: %s", path, strerror(errno));
		return fb;
	}
	subtest_fail(CHECK_SITE, "no framebuffer of %s", device ?: name);
}

static struct framebuffer find_framebuffer_of_gpu(const char *gpu)
{
	char path[128], device[64];

	snprintf(path, sizeof(path), "/sys/kernel/config/vprime/%s/device", gpu);
	check_ok(__procfs_read(path, device, sizeof(device)));
	device[strcspn(device, "\n")] = '\0';
	return find_framebuffer("vprime", device);
}

static void check_size(const struct framebuffer *fb)
{
	struct fb_var_screeninfo mode;

	check_ok(neg_errno(ioctl(fb->fd, FBIOGET_VSCREENINFO, &mode)));
	check_msg(mode.xres == 1024 && mode.yres == 768,
		  "fb%d is %ux%u and not 1024x768", fb->index, mode.xres, mode.yres);
}

/* Shows a console on a framebuffer, in front; its terminal. */
static int open_console(const struct framebuffer *fb, unsigned int console)
{
	struct fb_con2fbmap map = { .console = console, .framebuffer = fb->index };
	char path[32];
	int tty;

	snprintf(path, sizeof(path), "/dev/tty%u", console);
	tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	check_msg(tty >= 0, "%s: %s", path, strerror(errno));
	check_ok(neg_errno(ioctl(fb->fd, FBIOPUT_CON2FBMAP, &map)));
	check_ok(neg_errno(ioctl(tty, VT_ACTIVATE, console)));
	check_ok(neg_errno(ioctl(tty, VT_WAITACTIVE, console)));
	return tty;
}

/* Microseconds for a line. */
static double scroll(struct framebuffer fb, unsigned int console)
{
	int tty = open_console(&fb, console);
	uint64_t since = now_ns();
	char line[128];
	int i, length;

	check_size(&fb);
	for (i = 0; i < LINES; i++) {
		length = snprintf(line, sizeof(line),
				  "%5d: the quick brown fox jumps over the lazy dog, again and again\n",
				  i);
		check_eq(write(tty, line, length), length);
	}
	since = now_ns() - since;
	close_fd(tty);
	close_fd(fb.fd);
	return since / 1e3 / LINES;
}

/* The first who opens a card is its master, and keeps the console from it. */
static void drop_master(const struct rival *rival)
{
	check_ok(neg_errno(ioctl(rival->card, DRM_IOCTL_DROP_MASTER, NULL)));
}

static double scroll_over_prime(unsigned int console)
{
	const struct gpu_setting peer[] = { { "vram_size", "64M" }, {} };
	const struct gpu_setting settings[] = {
		{ "vram_size", "64M" },
		{ "heads", "1" },
		{ "fbdev_peer", "bench-peer" },
		{},
	};
	double us;

	close_fd(gpu_create("bench-peer", peer));
	close_fd(gpu_create("bench-prime", settings));
	us = scroll(find_framebuffer_of_gpu("bench-prime"), console);
	gpu_destroy("bench-prime");
	gpu_destroy("bench-peer");
	return us;
}

void bench_console(const struct rival *ours, const struct rival *vkms)
{
	double our, prime, other;

	drop_master(ours);
	drop_master(vkms);
	our = scroll(find_framebuffer_of_gpu("bench"), FIRST_CONSOLE);
	other = scroll(find_framebuffer("vkms", NULL), FIRST_CONSOLE + 1);
	report("console-scroll", vkms->name, (struct pair){ our, other }, "us per line",
	       (struct bar){ .most = 1 });
	other = scroll(find_framebuffer("virtio", NULL), FIRST_CONSOLE + 2);
	report("console-scroll/virtio", "virtio", (struct pair){ our, other }, "us per line",
	       (struct bar){ .most = 1 });
	prime = scroll_over_prime(FIRST_CONSOLE + 3);
	report("console-scroll/over-prime", "without", (struct pair){ prime, our }, "us per line",
	       (struct bar){ .most = 1.25 });
}
