// SPDX-License-Identifier: GPL-2.0-only
/* A screen of virtio-gpu's, and the buffer that it scans out, for others to draw into. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <xf86drm.h>
#include <xf86drmMode.h>

#include "window.h"

static void make_buffer(struct window *window)
{
	uint64_t offset;
	uint32_t handle;

	if (drmModeCreateDumbBuffer(window->fd, window->width, window->height, 32, 0, &handle,
				    &window->pitch, &window->size) ||
	    drmModeMapDumbBuffer(window->fd, handle, &offset))
		err(2, "virtio-gpu: a buffer");
	window->pixels =
		mmap(NULL, window->size, PROT_READ | PROT_WRITE, MAP_SHARED, window->fd, offset);
	if (window->pixels == MAP_FAILED)
		err(2, "virtio-gpu: mapping the buffer");
	/* Dark grey, where there is no screen. */
	memset(window->pixels, 0x30, window->size);
	if (drmModeAddFB(window->fd, window->width, window->height, 24, 32, window->pitch, handle,
			 &window->framebuffer))
		err(2, "virtio-gpu: a framebuffer");
	if (drmPrimeHandleToFD(window->fd, handle, DRM_CLOEXEC, &window->dmabuf))
		err(2, "virtio-gpu: sharing the buffer");
}

/* The smallest mode in which that has room, or NULL. */
static const drmModeModeInfo *find_mode(const drmModeConnector *connector, unsigned int width,
					unsigned int height)
{
	const drmModeModeInfo *best = NULL;

	for (int i = 0; i < connector->count_modes; i++) {
		const drmModeModeInfo *mode = &connector->modes[i];

		if (mode->hdisplay < width || mode->vdisplay < height)
			continue;
		if (!best || mode->hdisplay * mode->vdisplay < best->hdisplay * best->vdisplay)
			best = mode;
	}
	return best;
}

static void show(struct window *window, const drmModeRes *resources, unsigned int width,
		 unsigned int height)
{
	drmModeConnector *connector = drmModeGetConnector(window->fd, resources->connectors[0]);
	const drmModeModeInfo *found = connector ? find_mode(connector, width, height) : NULL;
	drmModeModeInfo mode;

	if (!found)
		errx(2, "virtio-gpu has no mode of %u x %u or more", width, height);
	mode = *found;
	window->width = mode.hdisplay;
	window->height = mode.vdisplay;
	make_buffer(window);
	if (drmModeSetCrtc(window->fd, resources->crtcs[0], window->framebuffer, 0, 0,
			   &connector->connector_id, 1, &mode))
		err(2, "virtio-gpu: setting a mode");
	drmModeFreeConnector(connector);
}

/* Takes over virtio-gpu's first screen. */
void window_open(struct window *window, unsigned int width, unsigned int height)
{
	drmModeRes *resources;

	window->fd = drmOpen("virtio_gpu", NULL);
	if (window->fd < 0)
		errx(2, "there is no virtio-gpu");
	if (drmSetMaster(window->fd))
		err(2, "somebody else uses virtio-gpu");
	resources = drmModeGetResources(window->fd);
	if (!resources || !resources->count_connectors || !resources->count_crtcs)
		errx(2, "virtio-gpu has no screen");
	show(window, resources, width, height);
	drmModeFreeResources(resources);
}

/* The upper left corner of what is filled is at @x, at the top. */
void window_fill(const struct window *window, unsigned int x, unsigned int width,
		 unsigned int height, uint32_t colour)
{
	for (unsigned int row = 0; row < height; row++)
		for (unsigned int column = x; column < x + width; column++)
			window->pixels[row * (window->pitch / 4) + column] = colour;
}

void window_refresh(const struct window *window)
{
	drmModeClip all = { .x2 = window->width, .y2 = window->height };

	if (drmModeDirtyFB(window->fd, window->framebuffer, &all, 1) && errno != ENOSYS)
		err(2, "virtio-gpu: DIRTYFB");
}
