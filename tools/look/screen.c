// SPDX-License-Identifier: GPL-2.0-only
/*
 * Screens that can be looked at: of a vprime GPU by its name, or one that QEMU shows. Neither needs
 * the consent of who draws there.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm/vprime_drm.h>
#include <drm_fourcc.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "card.h"
#include "screen.h"

/**
 * struct screen - where pictures come from
 * @gpu: name of the GPU; empty if QEMU shows the screen
 * @head: which of its CRTCs
 * @path: where QEMU's pictures go
 * @fd: the GPU, -1 until it shows something
 * @handle: buffer for pictures, 0 if there is none
 * @pitch: of the buffer
 * @size: of the buffer
 * @pixels: the buffer's
 * @width: it is for pictures of that width
 * @height: and that height
 * @trouble: why there is no picture
 */
struct screen {
	char gpu[32];
	unsigned int head;
	const char *path;
	int fd;
	uint32_t handle, pitch;
	uint64_t size;
	uint8_t *pixels;
	uint32_t width, height;
	char trouble[TROUBLE_SIZE];
};

/* NAME, NAME:HEAD, or virtio for what QEMU shows of virtio-gpu. */
struct screen *screen_create(const char *name, const char *path)
{
	struct screen *screen = calloc(1, sizeof(*screen));

	if (!screen)
		err(2, "no memory");
	screen->fd = -1;
	screen->path = path;
	if (strcmp(name, "virtio") && sscanf(name, "%31[^:]:%u", screen->gpu, &screen->head) < 1)
		errx(2, "'%s' is no screen", name);
	return screen;
}

const char *screen_trouble(const struct screen *screen)
{
	return screen->trouble;
}

static bool fail(struct screen *screen, const char *what)
{
	snprintf(screen->trouble, sizeof(screen->trouble), "%s: %s", what, strerror(errno));
	return false;
}

static void drop_buffer(struct screen *screen)
{
	if (!screen->handle)
		return;
	munmap(screen->pixels, screen->size);
	drmModeDestroyDumbBuffer(screen->fd, screen->handle);
	screen->handle = 0;
}

/* A GPU that was unplugged may come back as another one. */
static void close_gpu(struct screen *screen)
{
	drop_buffer(screen);
	close(screen->fd);
	screen->fd = -1;
}

static bool make_buffer(struct screen *screen, uint32_t width, uint32_t height)
{
	uint64_t offset;

	if (screen->handle && screen->width == width && screen->height == height)
		return true;
	drop_buffer(screen);
	if (drmModeCreateDumbBuffer(screen->fd, width, height, 32, 0, &screen->handle,
				    &screen->pitch, &screen->size))
		return fail(screen, "a buffer for the picture");
	if (!drmModeMapDumbBuffer(screen->fd, screen->handle, &offset))
		screen->pixels = mmap(NULL, screen->size, PROT_READ | PROT_WRITE, MAP_SHARED,
				      screen->fd, offset);
	if (!screen->pixels || screen->pixels == MAP_FAILED)
		err(2, "the picture's buffer cannot be mapped");
	screen->width = width;
	screen->height = height;
	return true;
}

static void copy_picture(const struct screen *screen, struct picture *picture)
{
	picture_resize(picture, screen->width, screen->height);
	for (unsigned int y = 0; y < screen->height; y++) {
		const uint32_t *row =
			(const uint32_t *)(screen->pixels + (size_t)y * screen->pitch);

		for (unsigned int x = 0; x < screen->width; x++)
			picture->pixels[(size_t)y * screen->width + x] = row[x] & 0xffffff;
	}
}

static bool capture_gpu(struct screen *screen, struct picture *picture)
{
	struct drm_vprime_capture capture = { .format = DRM_FORMAT_XRGB8888 };

	if (screen->fd < 0)
		screen->fd = card_open(screen->gpu, screen->trouble);
	if (screen->fd < 0)
		return false;
	capture.crtc_id = card_crtc(screen->fd, screen->head);
	if (drmIoctl(screen->fd, DRM_IOCTL_VPRIME_CAPTURE, &capture)) {
		fail(screen, "nothing is shown");
		close_gpu(screen);
		return false;
	}
	if (!make_buffer(screen, capture.width, capture.height))
		return false;
	capture.handle = screen->handle;
	capture.pitch = screen->pitch;
	if (drmIoctl(screen->fd, DRM_IOCTL_VPRIME_CAPTURE, &capture))
		return fail(screen, "DRM_IOCTL_VPRIME_CAPTURE");
	copy_picture(screen, picture);
	return true;
}

/* QEMU puts it into /out, below the name that the caller has given its picture. */
static bool capture_qemu(struct screen *screen, struct picture *picture)
{
	char command[256], name[128];

	if (sscanf(screen->path, "/out/%127[^.].png", name) != 1)
		errx(2, "a picture of QEMU's is /out/NAME.png, not %s", screen->path);
	snprintf(command, sizeof(command), "/project/vm/guest/screenshot %s", name);
	errno = EIO;
	if (system(command) || !picture_read(picture, screen->path))
		return fail(screen, "QEMU's screenshot");
	return true;
}

/* Returns false if the screen shows nothing; screen_trouble() says why. */
bool screen_capture(struct screen *screen, struct picture *picture)
{
	return screen->gpu[0] ? capture_gpu(screen, picture) : capture_qemu(screen, picture);
}
