// SPDX-License-Identifier: MIT
/*
 * DRM_IOCTL_VPRIME_CAPTURE: how a picture of a screen is written: in which
 * format, into whose buffer, and where in it.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "screen.h"
#include "subtest.h"
#include "vprime.h"

#define START_RW (DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW)
#define END_RW (DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW)
#define GAP_PIXEL 0x12345678u

/* The nearest of 0 to @max to one of 0 to 255. */
static uint64_t scaled(uint32_t value, uint32_t max)
{
	return (value * max * 2 + 255) / 510;
}

/**
 * struct format - how a pixel is written
 * @fourcc: name of the format
 * @bytes: of a pixel
 * @bits: of red, green and blue
 * @shifts: of red, green and blue
 * @opaque: what stands where alpha is, or would be
 */
struct format {
	uint32_t fourcc;
	uint32_t bytes;
	uint8_t bits[3];
	uint8_t shifts[3];
	uint64_t opaque;
};

#define FORMAT(name, size, r, g, b, rs, gs, bs, alpha) \
	{ #name, &(const struct format){ \
		.fourcc = DRM_FORMAT_##name, \
		.bytes = size, \
		.bits = { r, g, b }, \
		.shifts = { rs, gs, bs }, \
		.opaque = alpha, \
	} }

static const struct test_case formats[] = {
	FORMAT(XRGB8888, 4, 8, 8, 8, 16, 8, 0, 0xff000000),
	FORMAT(ARGB8888, 4, 8, 8, 8, 16, 8, 0, 0xff000000),
	FORMAT(XBGR8888, 4, 8, 8, 8, 0, 8, 16, 0xff000000),
	FORMAT(ABGR8888, 4, 8, 8, 8, 0, 8, 16, 0xff000000),
	FORMAT(RGB565, 2, 5, 6, 5, 11, 5, 0, 0),
	FORMAT(XRGB2101010, 4, 10, 10, 10, 20, 10, 0, 0xc0000000),
	FORMAT(ARGB2101010, 4, 10, 10, 10, 20, 10, 0, 0xc0000000),
	FORMAT(XRGB16161616, 8, 16, 16, 16, 32, 16, 0, 0xffff000000000000),
	FORMAT(ARGB16161616, 8, 16, 16, 16, 32, 16, 0, 0xffff000000000000),
	{ }
};

static uint64_t expected_pixel(const struct format *format, uint32_t rgb)
{
	uint64_t pixel = format->opaque;
	uint32_t i;

	for (i = 0; i < 3; i++)
		pixel |= scaled(rgb >> (16 - 8 * i) & 0xff, (1u << format->bits[i]) - 1) <<
			 format->shifts[i];
	return pixel;
}

static void check_format(const void *at, const struct format *format)
{
	const char *bytes = at;
	uint32_t i;

	for (i = 0; i < KMS_WIDTH * KMS_HEIGHT; i++) {
		uint32_t x = i % KMS_WIDTH, y = i / KMS_WIDTH;
		uint64_t want = expected_pixel(format, picture_pixel(x, y, SCREEN_SEED)), got = 0;

		memcpy(&got, bytes + (size_t)i * format->bytes, format->bytes);
		check_msg(got == want, "pixel %u, %u is %#" PRIx64 ", expected %#" PRIx64, x, y,
			  got, want);
	}
}

static void every_format(const struct test_case *row)
{
	const struct format *format = row->arg;
	const size_t bytes = (size_t)KMS_WIDTH * KMS_HEIGHT * format->bytes;
	struct drm_vprime_capture arg;
	struct screen screen;
	uint32_t handle;
	void *at;

	screen_init_on(&screen);
	handle = vprime_bo_create(screen.head.gpu, bytes, ANYWHERE);
	at = vprime_bo_mmap(screen.head.gpu, handle, bytes);
	arg = picture_capture_to(handle);
	arg.format = format->fourcc;
	arg.pitch = KMS_WIDTH * format->bytes;
	check_ret(__picture_capture(&screen.head, &arg), 0);
	check_format(at, format);
	dmabuf_munmap(at, bytes);
	drm_close_handle(screen.head.gpu, handle);
	screen_fini(&screen);
}

/* Only the picture is written: not before it, not behind it, not between its rows. */
static void offset_and_pitch(void)
{
	const uint32_t pitch = KMS_PITCH + 64, offset = 4096 + 32, pixels = pitch * KMS_HEIGHT / 4;
	const size_t bytes = 4096 + pitch * (size_t)KMS_HEIGHT + 4096;
	struct drm_vprime_capture arg;
	struct screen screen;
	uint32_t handle, i;
	uint32_t *at;

	screen_init_on(&screen);
	handle = vprime_bo_create(screen.head.gpu, bytes, TT);
	at = vprime_bo_mmap(screen.head.gpu, handle, bytes);
	picture_fill(at, bytes, GAP_PIXEL);
	arg = picture_capture_to(handle);
	arg.pitch = pitch;
	arg.offset = offset;
	check_ret(__picture_capture(&screen.head, &arg), 0);
	for (i = 0; i < bytes / 4; i++) {
		uint32_t in = i - offset / 4, x = in % (pitch / 4), y = in / (pitch / 4);
		bool inside = i >= offset / 4 && in < pixels && x < KMS_WIDTH;

		check_eq(at[i], inside ? picture_pixel(x, y, SCREEN_SEED) : GAP_PIXEL);
	}
	dmabuf_munmap(at, bytes);
	drm_close_handle(screen.head.gpu, handle);
	screen_fini(&screen);
}

/* The other device shows it then. */
static void into_foreign(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES);
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct drm_vprime_capture arg;
	struct screen screen;

	screen_init_on(&screen);
	arg = picture_capture_to(vprime_import(screen.head.gpu, fd));
	check_ret(__picture_capture(&screen.head, &arg), 0);
	dmabuf_sync(fd, START_RW);
	picture_check_pixels(at, SCREEN_SEED);
	dmabuf_sync(fd, END_RW);
	drm_close_handle(screen.head.gpu, arg.handle);
	screen_fini(&screen);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
}

static const struct test_case places[] = {
	{ "system", &(const uint32_t){ SYSTEM } },
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ }
};

static void into_peer(const struct test_case *row)
{
	int peer = gpu_create_small(OWN_PEER, 2u << 20), fd;
	uint32_t handle = vprime_bo_create(peer, KMS_BYTES, ANYWHERE);
	uint32_t *at = vprime_bo_mmap(peer, handle, KMS_BYTES);
	struct drm_vprime_capture arg;
	struct screen screen;

	vprime_bo_move(peer, handle, *(const uint32_t *)row->arg);
	fd = vprime_export(peer, handle);
	screen_init_on(&screen);
	arg = picture_capture_to(vprime_import(screen.head.gpu, fd));
	check_ret(__picture_capture(&screen.head, &arg), 0);
	picture_check_pixels(at, SCREEN_SEED);
	/* Nothing holds it after that. */
	check_eq(vprime_bo_pins(peer, handle), 0);
	vprime_bo_move(peer, handle, VRAM);
	vprime_bo_move(peer, handle, TT);
	picture_check_pixels(at, SCREEN_SEED);
	drm_close_handle(screen.head.gpu, arg.handle);
	screen_fini(&screen);
	close_fd(fd);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(peer);
	gpu_destroy(OWN_PEER);
}

static const struct subtest subtests[] = {
	{
		.name = "format",
		.describe = "Every format, to the bit.",
		.run_case = every_format,
		.cases = formats,
	}, {
		.name = "offset-and-pitch",
		.describe = "The picture is written where it was asked for, and nothing else is.",
		.run = offset_and_pitch,
	}, {
		.name = "into-foreign",
		.describe = "Into another driver's buffer, such as virtio-gpu's, which shows it.",
		.run_on = into_foreign,
	}, {
		.name = "into-peer",
		.describe = "Into a peer's buffer, wherever that is; it is as free as before afterwards.",
		.run_case = into_peer,
		.cases = places,
	},
};

TEST_MAIN("How pictures of a screen are written.", subtests)
