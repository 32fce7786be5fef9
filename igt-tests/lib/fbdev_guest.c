// SPDX-License-Identifier: MIT
#include "fbdev_guest.h"

#include <fcntl.h>
#include <linux/kd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dmabuf.h"
#include "gpu.h"

#define VRAM_BYTES "33554432"

const struct test_case fbdev_guest_reaches[] = {
	{ "in-place", "1" },
	{ "in-system-memory", "0" },
	{ }
};

/* What the kernel says from here on. */
static int open_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	check_ok(neg_errno(log));
	check_ok(neg_errno(lseek(log, 0, SEEK_END)));
	return log;
}

bool fbdev_guest_says(const struct fbdev_guest *guest, const char *words)
{
	char record[8192];
	ssize_t bytes;

	do {
		bytes = read(guest->log, record, sizeof(record) - 1);
		if (bytes > 0)
			record[bytes] = '\0';
		if (bytes > 0 && strstr(record, words))
			return true;
	} while (bytes > 0 || errno == EPIPE);
	return false;
}

int fbdev_guest_create_host(const char *p2p)
{
	const struct gpu_setting settings[] = {
		{ "vram_size", VRAM_BYTES }, { "p2p", p2p }, { }
	};

	return gpu_create(OWN_PEER, settings);
}

/* A screen has a master as soon as somebody opens its GPU: the console would have to wait. */
static int create_guest(const char *p2p)
{
	const struct gpu_setting settings[] = {
		{ "vram_size", VRAM_BYTES }, { "heads", "1" }, { "p2p", p2p },
		{ "fbdev_peer", OWN_PEER }, { }
	};
	int gpu = gpu_create(OWN, settings);

	gpu_drop_master(gpu);
	return gpu;
}

void fbdev_guest_init_alone(struct fbdev_guest *guest, const char *p2p)
{
	guest->log = open_log();
	guest->gpu = create_guest(p2p);
	textscreen_init(&guest->screen, OWN, guest->gpu);
}

void fbdev_guest_init(struct fbdev_guest *guest, const char *p2p)
{
	guest->host = fbdev_guest_create_host(p2p);
	fbdev_guest_init_alone(guest, p2p);
	check(fbdev_guest_says(guest, "console: in memory of GPU \"" OWN_PEER "\""));
}

void fbdev_guest_fini_alone(struct fbdev_guest *guest)
{
	textscreen_fini(&guest->screen);
	close_fd(guest->gpu);
	close_fd(guest->log);
	gpu_destroy(OWN);
}

void fbdev_guest_fini(struct fbdev_guest *guest)
{
	fbdev_guest_fini_alone(guest);
	close_fd(guest->host);
	gpu_destroy(OWN_PEER);
}

/* As a compositor does it: the screen shows its picture, and nothing is drawn on the console. */
void fbdev_guest_take_screen(const struct fbdev_guest *guest, struct picture_buffer *picture)
{
	check_ok(neg_errno(ioctl(guest->screen.tty, KDSETMODE, KD_GRAPHICS)));
	gpu_set_master(guest->gpu);
	picture_buffer_init(picture, guest->gpu);
	picture_draw(picture->at, FBDEV_GUEST_SEED);
	kms_show(&guest->screen.head, picture->fb);
}

/* The picture is still there, and nobody sees it. */
void fbdev_guest_give_screen_back(const struct fbdev_guest *guest)
{
	picture_check(&guest->screen.head, FBDEV_GUEST_SEED);
	gpu_drop_master(guest->gpu);
	check_ok(neg_errno(ioctl(guest->screen.tty, KDSETMODE, KD_TEXT)));
}
