// SPDX-License-Identifier: GPL-2.0-only
/*
 * view SCREEN...: shows the screens of vprime GPUs, beside each other, on virtio-gpu, which means
 * in QEMU's window. SCREEN is the name of a GPU, or NAME:HEAD if it has several. It goes on until
 * it is told to end.
 *
 * What virtio-gpu scans out is a buffer of its own. Each GPU has imported it and puts its pictures
 * right there.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <drm/vprime_drm.h>
#include <drm_fourcc.h>
#include <xf86drm.h>

#include "../look/card.h"
#include "../look/events.h"
#include "window.h"

#define MOST_SCREENS 8
/* What a screen looks like that is off. */
#define NOTHING 0x303030
#define SECONDS_WITHOUT_FRAMES 1

/**
 * struct screen - one that is shown
 * @gpu: its GPU's name
 * @head: which of its CRTCs
 * @fd: the GPU, -1 until it shows something
 * @handle: the window's buffer, as the GPU has it
 * @x: where it is in the window
 * @width: that it has there
 * @height: that it has there
 */
struct screen {
	char gpu[32];
	unsigned int head;
	int fd;
	uint32_t handle;
	unsigned int x, width, height;
};

static volatile sig_atomic_t is_over;

static void end(int signal)
{
	(void)signal;
	is_over = 1;
}

static void leave(struct screen *screen)
{
	if (screen->fd >= 0)
		close(screen->fd);
	screen->fd = -1;
}

static int capture(const struct screen *screen, struct drm_vprime_capture *args)
{
	args->crtc_id = card_crtc(screen->fd, screen->head);
	args->format = DRM_FORMAT_XRGB8888;
	return drmIoctl(screen->fd, DRM_IOCTL_VPRIME_CAPTURE, args);
}

/* Opens the GPU once it shows something, and asks how much. */
static bool measure(struct screen *screen)
{
	struct drm_vprime_capture args = { 0 };
	char trouble[TROUBLE_SIZE];

	if (screen->fd < 0)
		screen->fd = card_open(screen->gpu, trouble);
	if (screen->fd < 0 || capture(screen, &args))
		return false;
	screen->width = args.width;
	screen->height = args.height;
	return true;
}

static bool import(struct screen *screen, const struct window *window)
{
	char trouble[TROUBLE_SIZE];

	if (screen->fd < 0)
		screen->handle = 0;
	if (screen->fd < 0)
		screen->fd = card_open(screen->gpu, trouble);
	if (screen->fd < 0)
		return false;
	return screen->handle || !drmPrimeFDToHandle(screen->fd, window->dmabuf, &screen->handle);
}

/* A screen that is off, or has another size by now, is grey. */
static void draw(struct screen *screen, const struct window *window)
{
	struct drm_vprime_capture args = {
		.width = screen->width,
		.height = screen->height,
		.pitch = window->pitch,
		.offset = 4 * screen->x,
	};

	if (import(screen, window)) {
		args.handle = screen->handle;
		if (!capture(screen, &args))
			return;
		leave(screen);
	}
	window_fill(window, screen->x, screen->width, screen->height, NOTHING);
}

/* Waits until all of them show something, as their sizes say how large the window has to be. */
static void arrange(struct screen *screens, int count, struct window *window)
{
	unsigned int width = 0, height = 0;

	for (int i = 0; i < count && !is_over; i++) {
		while (!measure(&screens[i]) && !is_over)
			events_wait(SECONDS_WITHOUT_FRAMES);
		screens[i].x = width;
		width += screens[i].width;
		height = screens[i].height > height ? screens[i].height : height;
	}
	if (!is_over)
		window_open(window, width, height);
}

static void show(struct screen *screens, int count, const struct window *window)
{
	for (int i = 0; i < count; i++)
		draw(&screens[i], window);
	window_refresh(window);
}

static void parse(struct screen *screen, const char *text)
{
	screen->fd = -1;
	if (sscanf(text, "%31[^:]:%u", screen->gpu, &screen->head) < 1)
		errx(2, "'%s' is no screen", text);
}

int main(int argc, char **argv)
{
	struct screen screens[MOST_SCREENS] = { 0 };
	struct sigaction action = { .sa_handler = end };
	struct window window = { 0 };
	int count = argc - 1;

	if (count < 1 || count > MOST_SCREENS)
		errx(2, "usage: view SCREEN..., %d at most", MOST_SCREENS);
	for (int i = 0; i < count; i++)
		parse(&screens[i], argv[i + 1]);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	events_begin();
	arrange(screens, count, &window);
	printf("the window is %u x %u\n", window.width, window.height);
	fflush(stdout);
	while (!is_over) {
		show(screens, count, &window);
		events_wait(SECONDS_WITHOUT_FRAMES);
	}
	return 0;
}
