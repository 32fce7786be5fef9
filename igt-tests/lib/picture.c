// SPDX-License-Identifier: MIT
/*
 * Drawing a picture, and telling whether a screen shows it: pixel by pixel, by
 * asking the driver for a copy of what is shown, or by its CRC.
 */
#include "picture.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"
#include "drm.h"
#include "vprime.h"

#define OPAQUE 0xff000000u
#define BLACK OPAQUE

uint32_t picture_pixel(uint32_t x, uint32_t y, uint32_t seed)
{
	uint32_t word = (y << 13 | x) * 2654435761u ^ seed * 2246822519u;

	return (word ^ word >> 15) | OPAQUE;
}

void picture_draw_rows(void *at, uint32_t pitch, uint32_t width, uint32_t height, uint32_t seed)
{
	uint32_t x, y;

	for (y = 0; y < height; y++) {
		uint32_t *row = (uint32_t *)((char *)at + (size_t)y * pitch);

		for (x = 0; x < width; x++)
			row[x] = picture_pixel(x, y, seed);
	}
}

void picture_draw(void *at, uint32_t seed)
{
	picture_draw_rows(at, KMS_PITCH, KMS_WIDTH, KMS_HEIGHT, seed);
}

void picture_fill(void *at, size_t bytes, uint32_t pixel)
{
	uint32_t *pixels = at;
	size_t i;

	for (i = 0; i < bytes / 4; i++)
		pixels[i] = pixel;
}

int __picture_add_fb(int gpu, uint32_t handle, uint32_t format, uint32_t width, uint32_t height,
		     uint32_t pitch, uint32_t *fb)
{
	struct drm_mode_fb_cmd2 arg = {
		.width = width,
		.height = height,
		.pixel_format = format,
		.flags = DRM_MODE_FB_MODIFIERS,
		.handles = { handle },
		.pitches = { pitch },
		.modifier = { DRM_FORMAT_MOD_LINEAR },
	};
	int ret = __vprime_ioctl(gpu, DRM_IOCTL_MODE_ADDFB2, &arg);

	*fb = arg.fb_id;
	return ret;
}

void picture_buffer_init_size(struct picture_buffer *buffer, int gpu, uint32_t width,
			      uint32_t height)
{
	uint32_t pitch = width * 4;

	*buffer = (struct picture_buffer){
		.gpu = gpu,
		.pitch = pitch,
		.bytes = ((size_t)pitch * height + 4095) & -(size_t)4096,
	};
	buffer->handle = vprime_bo_create(gpu, buffer->bytes, ANYWHERE);
	buffer->at = vprime_bo_mmap(gpu, buffer->handle, buffer->bytes);
	check_ret(__picture_add_fb(gpu, buffer->handle, DRM_FORMAT_XRGB8888, width, height, pitch,
				   &buffer->fb), 0);
}

void picture_buffer_init(struct picture_buffer *buffer, int gpu)
{
	picture_buffer_init_size(buffer, gpu, KMS_WIDTH, KMS_HEIGHT);
}

void picture_buffer_import(struct picture_buffer *buffer, int gpu, int dmabuf)
{
	*buffer = (struct picture_buffer){
		.gpu = gpu,
		.handle = vprime_import(gpu, dmabuf),
		.pitch = KMS_PITCH,
		.bytes = KMS_BYTES,
	};
	check_ret(__picture_add_fb(gpu, buffer->handle, DRM_FORMAT_XRGB8888, KMS_WIDTH, KMS_HEIGHT,
				   KMS_PITCH, &buffer->fb), 0);
}

void picture_buffer_fini(struct picture_buffer *buffer)
{
	check_ret(__vprime_ioctl(buffer->gpu, DRM_IOCTL_MODE_RMFB, &buffer->fb), 0);
	if (buffer->at)
		dmabuf_munmap(buffer->at, buffer->bytes);
	drm_close_handle(buffer->gpu, buffer->handle);
}

int __picture_capture(const struct kms_head *head, struct drm_vprime_capture *capture)
{
	capture->crtc_id = head->crtc;
	return __vprime_ioctl(head->gpu, DRM_IOCTL_VPRIME_CAPTURE, capture);
}

struct drm_vprime_capture picture_capture_to(uint32_t handle)
{
	return (struct drm_vprime_capture){
		.handle = handle,
		.format = DRM_FORMAT_XRGB8888,
		.pitch = KMS_PITCH,
		.width = KMS_WIDTH,
		.height = KMS_HEIGHT,
	};
}

uint32_t *picture_take(const struct kms_head *head)
{
	uint32_t handle = vprime_bo_create(head->gpu, KMS_BYTES, TT);
	uint32_t *at = vprime_bo_mmap(head->gpu, handle, KMS_BYTES);
	struct drm_vprime_capture arg = picture_capture_to(handle);

	check_ret(__picture_capture(head, &arg), 0);
	drm_close_handle(head->gpu, handle);
	return at;
}

static void check_pixel(uint32_t got, uint32_t want, uint32_t i)
{
	check_msg(got == want, "pixel %u, %u is %#x, expected %#x",
		  i % KMS_WIDTH, i / KMS_WIDTH, got, want);
}

static uint32_t expected_pixel(uint32_t i, uint32_t seed)
{
	return picture_pixel(i % KMS_WIDTH, i / KMS_WIDTH, seed);
}

void picture_check_pixels(const uint32_t *at, uint32_t seed)
{
	uint32_t i;

	for (i = 0; i < KMS_BYTES / 4; i++)
		check_pixel(at[i], expected_pixel(i, seed), i);
}

void picture_check(const struct kms_head *head, uint32_t seed)
{
	uint32_t *at = picture_take(head);

	picture_check_pixels(at, seed);
	dmabuf_munmap(at, KMS_BYTES);
}

void picture_check_fill(const struct kms_head *head, uint32_t pixel)
{
	uint32_t *at = picture_take(head), i;

	for (i = 0; i < KMS_BYTES / 4; i++)
		check_pixel(at[i], pixel, i);
	dmabuf_munmap(at, KMS_BYTES);
}

bool picture_or_dark(const struct kms_head *head, uint32_t seed)
{
	uint32_t *at = picture_take(head), i;
	bool dark = at[0] == BLACK;

	for (i = 0; i < KMS_BYTES / 4; i++)
		check_pixel(at[i], dark ? BLACK : expected_pixel(i, seed), i);
	dmabuf_munmap(at, KMS_BYTES);
	return !dark;
}
