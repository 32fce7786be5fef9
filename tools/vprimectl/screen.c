// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes pictures of screens: finds the CRTC that a connector shows, and has the
 * driver put what is on it into a buffer.
 */
#include "screen.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <drm_fourcc.h>

#include <drm/vprime_drm.h>

#define CONNECTORS_MAX 64
#define BYTES_PER_PIXEL 4
/* A screen may change its size between two questions, but not for ever. */
#define TRIES 8

/* A signal may end a call before anything has happened. */
static int call(int card, unsigned long request, void *arg)
{
	int ret;

	do
		ret = ioctl(card, request, arg);
	while (ret && errno == EINTR);
	return ret ? -errno : 0;
}

static int find_connector(int card, unsigned int head, uint32_t *connector)
{
	uint32_t connectors[CONNECTORS_MAX];
	struct drm_mode_card_res resources = {
		.connector_id_ptr = (uintptr_t)connectors,
		.count_connectors = CONNECTORS_MAX,
	};
	int ret = call(card, DRM_IOCTL_MODE_GETRESOURCES, &resources);

	/* A GPU without any screen does not know the question. */
	if (ret == -EOPNOTSUPP)
		return -ENOENT;
	if (ret)
		return ret;
	if (head >= resources.count_connectors || head >= CONNECTORS_MAX)
		return -ENOENT;
	*connector = connectors[head];
	return 0;
}

/* With room for a mode DRM tells what it knows; without it would probe the monitor. */
static int find_crtc(int card, uint32_t connector, uint32_t *crtc)
{
	struct drm_mode_modeinfo mode;
	struct drm_mode_get_connector about = {
		.connector_id = connector,
		.count_modes = 1,
		.modes_ptr = (uintptr_t)&mode,
	};
	struct drm_mode_get_encoder encoder = { };
	int ret;

	ret = call(card, DRM_IOCTL_MODE_GETCONNECTOR, &about);
	if (ret)
		return ret;
	if (!about.encoder_id)
		return -ENODATA;
	encoder.encoder_id = about.encoder_id;
	ret = call(card, DRM_IOCTL_MODE_GETENCODER, &encoder);
	*crtc = encoder.crtc_id;
	return ret || *crtc ? ret : -ENODATA;
}

/* X is the last of the four bytes, blue the first. */
static int take_pixels(const uint8_t *pixels, uint32_t pitch, struct picture *picture)
{
	uint32_t x, y;
	uint8_t *to;

	to = malloc((size_t)picture->width * picture->height * 3);
	if (!to)
		return -ENOMEM;
	picture->rgb = to;
	for (y = 0; y < picture->height; y++) {
		const uint8_t *from = pixels + (size_t)y * pitch;

		for (x = 0; x < picture->width; x++, from += BYTES_PER_PIXEL) {
			*to++ = from[2];
			*to++ = from[1];
			*to++ = from[0];
		}
	}
	return 0;
}

static int read_buffer(int card, const struct drm_mode_create_dumb *buffer,
		       struct picture *picture)
{
	struct drm_mode_map_dumb map = { .handle = buffer->handle };
	void *pixels;
	int ret;

	ret = call(card, DRM_IOCTL_MODE_MAP_DUMB, &map);
	if (ret)
		return ret;
	pixels = mmap(NULL, buffer->size, PROT_READ, MAP_SHARED, card, map.offset);
	if (pixels == MAP_FAILED)
		return -errno;
	ret = take_pixels(pixels, buffer->pitch, picture);
	munmap(pixels, buffer->size);
	return ret;
}

static int capture_into(int card, struct drm_vprime_capture *capture,
			const struct drm_mode_create_dumb *buffer, struct picture *picture)
{
	int ret;

	capture->handle = buffer->handle;
	capture->pitch = buffer->pitch;
	ret = call(card, DRM_IOCTL_VPRIME_CAPTURE, capture);
	if (ret)
		return ret;
	picture->width = capture->width;
	picture->height = capture->height;
	return read_buffer(card, buffer, picture);
}

/* -ERANGE if the screen has become another size meanwhile. */
static int try_capture(int card, uint32_t crtc, struct picture *picture)
{
	struct drm_vprime_capture capture = { .crtc_id = crtc, .format = DRM_FORMAT_XRGB8888 };
	struct drm_mode_create_dumb buffer = { .bpp = 8 * BYTES_PER_PIXEL };
	struct drm_mode_destroy_dumb destroy = { };
	int ret;

	ret = call(card, DRM_IOCTL_VPRIME_CAPTURE, &capture);
	if (ret)
		return ret;
	buffer.width = capture.width;
	buffer.height = capture.height;
	ret = call(card, DRM_IOCTL_MODE_CREATE_DUMB, &buffer);
	if (ret)
		return ret;
	ret = capture_into(card, &capture, &buffer, picture);
	destroy.handle = buffer.handle;
	call(card, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy);
	return ret;
}

int screen_capture(int card, unsigned int head, struct picture *picture)
{
	uint32_t connector, crtc;
	int ret, tries;

	ret = find_connector(card, head, &connector);
	if (!ret)
		ret = find_crtc(card, connector, &crtc);
	if (ret)
		return ret;
	for (tries = 0, ret = -ERANGE; ret == -ERANGE && tries < TRIES; tries++)
		ret = try_capture(card, crtc, picture);
	return ret;
}
