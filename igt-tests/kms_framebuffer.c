// SPDX-License-Identifier: MIT
/*
 * Framebuffers that end with the last byte of their buffer: every byte that a
 * screen reads or writes has to be in it.  Behind it is nothing, so one that
 * reads on gets the kernel into trouble.
 */
#include <inttypes.h>

#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "screen.h"
#include "subtest.h"
#include "syncobj.h"
#include "vprime.h"

#define BYTES 32768
#define PITCH_MAX 1024
#define FORMATS_MAX 128
/* Of the screen: small, as each picture of it takes its time. */
#define WIDTH 64
#define HEIGHT 48
/* Y 81, U 90 and V 240 of BT.601, the nearest to red. */
#define RED 0xfffe0000u

/**
 * struct setup - a screen that is on, and a buffer for framebuffers
 * @head: the screen
 * @background: on its primary plane
 * @handle: of the buffer, all bytes 0x55
 * @at: mapping of it
 * @shot: buffer for what is on the screen
 * @pixels: mapping of that
 */
struct setup {
	struct kms_head head;
	struct picture_buffer background;
	uint32_t handle;
	uint8_t *at;
	uint32_t shot;
	uint32_t *pixels;
};

static void setup_init(struct setup *setup, uint32_t width, uint32_t height)
{
	static const struct gpu_setting settings[] = {
		{ "vram_size", "4194304" }, { "heads", "1" }, { }
	};
	int gpu = gpu_create(OWN, settings);

	kms_client_init(gpu);
	kms_head_init(&setup->head, gpu, 0);
	setup->head.mode = kms_mode(width, height, KMS_HZ);
	picture_buffer_init_size(&setup->background, gpu, width, height);
	kms_show(&setup->head, setup->background.fb);
	setup->handle = vprime_bo_create(gpu, BYTES, ANYWHERE);
	setup->at = vprime_bo_mmap(gpu, setup->handle, BYTES);
	memset(setup->at, 0x55, BYTES);
	setup->shot = vprime_bo_create(gpu, width * height * 4, TT);
	setup->pixels = vprime_bo_mmap(gpu, setup->shot, width * height * 4);
}

static void setup_fini(struct setup *setup)
{
	int gpu = setup->head.gpu;

	kms_turn_off(&setup->head);
	dmabuf_munmap(setup->pixels, setup->head.mode.hdisplay * setup->head.mode.vdisplay * 4);
	drm_close_handle(gpu, setup->shot);
	dmabuf_munmap(setup->at, BYTES);
	drm_close_handle(gpu, setup->handle);
	picture_buffer_fini(&setup->background);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void look(struct setup *setup)
{
	struct drm_vprime_capture capture = {
		.handle = setup->shot,
		.format = DRM_FORMAT_XRGB8888,
		.width = setup->head.mode.hdisplay,
		.height = setup->head.mode.vdisplay,
		.pitch = setup->head.mode.hdisplay * 4,
	};

	check_ret(__picture_capture(&setup->head, &capture), 0);
}

static int __add_fb(const struct setup *setup, const struct drm_mode_fb_cmd2 *how, uint32_t *fb)
{
	struct drm_mode_fb_cmd2 arg = *how;
	int ret = __vprime_ioctl(setup->head.gpu, DRM_IOCTL_MODE_ADDFB2, &arg);

	*fb = arg.fb_id;
	return ret;
}

static void remove_fb(const struct setup *setup, uint32_t fb)
{
	check_ret(__vprime_ioctl(setup->head.gpu, DRM_IOCTL_MODE_RMFB, &fb), 0);
}

static int try_fb(const struct setup *setup, const struct drm_mode_fb_cmd2 *how)
{
	uint32_t fb;
	int ret = __add_fb(setup, how, &fb);

	if (!ret)
		remove_fb(setup, fb);
	return ret;
}

/* Without modifiers DRM takes handles of planes that a format does not have, and ignores them. */
static struct drm_mode_fb_cmd2 fb_of(const struct setup *setup, uint32_t format, uint32_t width,
				     uint32_t height)
{
	struct drm_mode_fb_cmd2 how = {
		.width = width,
		.height = height,
		.pixel_format = format,
	};
	int i;

	for (i = 0; i < 3; i++) {
		how.handles[i] = setup->handle;
		how.pitches[i] = PITCH_MAX;
	}
	return how;
}

static uint32_t smallest_pitch(const struct setup *setup, struct drm_mode_fb_cmd2 how, int plane)
{
	uint32_t low = 1, high = PITCH_MAX;

	how.height = 1;
	while (low < high) {
		how.pitches[plane] = (low + high) / 2;
		if (try_fb(setup, &how))
			low = how.pitches[plane] + 1;
		else
			high = how.pitches[plane];
	}
	return low;
}

static uint32_t largest_offset(const struct setup *setup, struct drm_mode_fb_cmd2 how, int plane)
{
	uint32_t low = 0, high = BYTES;

	while (low < high) {
		how.offsets[plane] = (low + high + 1) / 2;
		if (try_fb(setup, &how))
			high = how.offsets[plane] - 1;
		else
			low = how.offsets[plane];
	}
	return low;
}

/* Every plane as small as the GPU takes it, and at the very end. */
static struct drm_mode_fb_cmd2 last_fb_of(const struct setup *setup, uint32_t format,
					  uint32_t width, uint32_t height)
{
	struct drm_mode_fb_cmd2 how = fb_of(setup, format, width, height);
	int i;

	for (i = 0; i < 3; i++)
		how.pitches[i] = smallest_pitch(setup, how, i);
	for (i = 0; i < 3; i++)
		how.offsets[i] = largest_offset(setup, how, i);
	return how;
}

/* Which part of a framebuffer is shown, and how large; in pixels. */
struct view {
	uint32_t x;
	uint32_t y;
	uint32_t width;
	uint32_t height;
	uint32_t to_width;
	uint32_t to_height;
	uint64_t rotation;
};

static void show(const struct setup *setup, uint32_t fb, const struct view *view)
{
	const struct kms_head *head = &setup->head;
	struct kms_commit commit;

	kms_commit_init(&commit, head->gpu);
	kms_commit_add(&commit, head->overlay, "FB_ID", fb);
	kms_commit_add(&commit, head->overlay, "CRTC_ID", head->crtc);
	kms_commit_add(&commit, head->overlay, "SRC_X", (uint64_t)view->x << 16);
	kms_commit_add(&commit, head->overlay, "SRC_Y", (uint64_t)view->y << 16);
	kms_commit_add(&commit, head->overlay, "SRC_W", (uint64_t)view->width << 16);
	kms_commit_add(&commit, head->overlay, "SRC_H", (uint64_t)view->height << 16);
	kms_commit_add(&commit, head->overlay, "CRTC_X", 0);
	kms_commit_add(&commit, head->overlay, "CRTC_Y", 0);
	kms_commit_add(&commit, head->overlay, "CRTC_W", view->to_width);
	kms_commit_add(&commit, head->overlay, "CRTC_H", view->to_height);
	kms_commit_add(&commit, head->overlay, "rotation", view->rotation);
	kms_commit(&commit, 0, 0);
}

/* As it is, all of it larger and turned, and its last pixel alone, mirrored. */
static void look_at_all_of(struct setup *setup, uint32_t fb, uint32_t width, uint32_t height)
{
	const struct view views[] = {
		{ 0, 0, width, height, width, height, DRM_MODE_ROTATE_0 },
		{ 0, 0, width, height, height + 7, width + 5, DRM_MODE_ROTATE_90 },
		{
			width - 1, height - 1, 1, 1, 5, 3,
			DRM_MODE_ROTATE_180 | DRM_MODE_REFLECT_X
		},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(views); i++) {
		show(setup, fb, &views[i]);
		look(setup);
	}
}

static uint32_t list_formats(const struct kms_head *head, uint32_t formats[FORMATS_MAX])
{
	struct drm_mode_get_plane arg = {
		.plane_id = head->overlay,
		.format_type_ptr = (uintptr_t)formats,
		.count_format_types = FORMATS_MAX,
	};

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETPLANE, &arg), 0);
	check_le(arg.count_format_types, FORMATS_MAX);
	return arg.count_format_types;
}

static void ends(void)
{
	static const struct { uint32_t width, height; } sizes[] = { { 1, 1 }, { 33, 31 } };
	uint32_t formats[FORMATS_MAX], count, fb, i, j;
	struct drm_mode_fb_cmd2 how;
	struct setup setup;

	setup_init(&setup, WIDTH, HEIGHT);
	count = list_formats(&setup.head, formats);
	check_lt(0, count);
	for (i = 0; i < count; i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			how = last_fb_of(&setup, formats[i], sizes[j].width, sizes[j].height);
			check_ret(__add_fb(&setup, &how, &fb), 0);
			look_at_all_of(&setup, fb, sizes[j].width, sizes[j].height);
			remove_fb(&setup, fb);
		}
	}
	setup_fini(&setup);
}

/**
 * struct packing - how pairs of pixels lie in memory
 * @format: name
 * @red: such a pair
 */
struct packing {
	uint32_t format;
	uint8_t red[4];
};

static const struct test_case packings[] = {
	{ "YUYV", &(const struct packing){ DRM_FORMAT_YUYV, { 81, 90, 81, 240 } } },
	{ "YVYU", &(const struct packing){ DRM_FORMAT_YVYU, { 81, 240, 81, 90 } } },
	{ "UYVY", &(const struct packing){ DRM_FORMAT_UYVY, { 90, 81, 240, 81 } } },
	{ "VYUY", &(const struct packing){ DRM_FORMAT_VYUY, { 240, 81, 90, 81 } } },
	{ }
};

static void check_red(struct setup *setup, const struct drm_mode_fb_cmd2 *how)
{
	const struct view all = {
		0, 0, how->width, how->height, how->width, how->height, DRM_MODE_ROTATE_0
	};
	uint32_t fb, x, y;

	check_ret(__add_fb(setup, how, &fb), 0);
	show(setup, fb, &all);
	look(setup);
	for (y = 0; y < how->height; y++)
		for (x = 0; x < how->width; x++)
			check_msg(setup->pixels[y * WIDTH + x] == RED,
				  "pixel %" PRIu32 ", %" PRIu32 " is %#" PRIx32, x, y,
				  setup->pixels[y * WIDTH + x]);
	remove_fb(setup, fb);
}

static void pairs(const struct test_case *row)
{
	static const uint32_t widths[] = { 1, 2, 3, 33 };
	const struct packing *packing = row->arg;
	struct drm_mode_fb_cmd2 how;
	struct setup setup;
	uint32_t i, bytes;

	setup_init(&setup, WIDTH, HEIGHT);
	for (i = 0; i < BYTES; i++)
		setup.at[i] = packing->red[i % 4];
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		bytes = (widths[i] + 1) / 2 * 4;
		how = fb_of(&setup, packing->format, widths[i], 2);
		how.pitches[0] = bytes;
		how.offsets[0] = BYTES - 2 * bytes;
		check_red(&setup, &how);
		how.pitches[0]--;
		check_ret(try_fb(&setup, &how), -EINVAL);
		how.pitches[0]++;
		how.offsets[0]++;
		check_ret(try_fb(&setup, &how), -EINVAL);
		/* Two bytes for each pixel are not enough if the last of them is alone. */
		how.height = 1;
		how.offsets[0] = BYTES - 2 * widths[i];
		check_ret(try_fb(&setup, &how), widths[i] % 2 ? -EINVAL : 0);
	}
	setup_fini(&setup);
}

/* Odd, so that nothing comes out even. */
#define WRITTEN_WIDTH 61
#define WRITTEN_HEIGHT 37

static void write_back(const struct setup *setup, uint32_t fb)
{
	const struct kms_head *head = &setup->head;
	struct kms_commit commit;
	int fence = -1;

	kms_commit_init(&commit, head->gpu);
	kms_commit_add(&commit, head->writeback, "CRTC_ID", head->crtc);
	kms_commit_add(&commit, head->writeback, "WRITEBACK_FB_ID", fb);
	kms_commit_add(&commit, head->writeback, "WRITEBACK_OUT_FENCE_PTR", (uintptr_t)&fence);
	kms_commit(&commit, DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
	check_ret(sync_file_result(fence), 0);
	close_fd(fence);
}

static uint32_t list_writeback_formats(const struct kms_head *head, uint32_t formats[FORMATS_MAX])
{
	struct drm_mode_get_blob blob = {
		.blob_id = kms_property_value(head->gpu, head->writeback,
					      "WRITEBACK_PIXEL_FORMATS"),
	};

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETPROPBLOB, &blob), 0);
	check_le(blob.length, FORMATS_MAX * sizeof(formats[0]));
	blob.data = (uintptr_t)formats;
	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETPROPBLOB, &blob), 0);
	return blob.length / sizeof(formats[0]);
}

/* The picture reaches the last byte of the buffer, and what is before it is as it was. */
static void check_reaches_end(struct setup *setup, const struct drm_mode_fb_cmd2 *how)
{
	uint32_t i, last = how->pitches[0] / WRITTEN_WIDTH;

	for (i = 0; i < how->offsets[0]; i++)
		check_msg(setup->at[i] == 0x55, "byte %" PRIu32 " is %#x", i, setup->at[i]);
	for (i = BYTES - last; i < BYTES && setup->at[i] == 0x55; i++)
		;
	check_lt(i, BYTES);
}

static void written_ends(void)
{
	uint32_t formats[FORMATS_MAX], count, fb, i;
	struct drm_mode_fb_cmd2 how;
	struct setup setup;

	setup_init(&setup, WRITTEN_WIDTH, WRITTEN_HEIGHT);
	count = list_writeback_formats(&setup.head, formats);
	check_lt(0, count);
	for (i = 0; i < count; i++) {
		how = last_fb_of(&setup, formats[i], WRITTEN_WIDTH, WRITTEN_HEIGHT);
		check_ret(__add_fb(&setup, &how, &fb), 0);
		memset(setup.at, 0x55, BYTES);
		write_back(&setup, fb);
		check_reaches_end(&setup, &how);
		remove_fb(&setup, fb);
	}
	setup_fini(&setup);
}

static const struct subtest subtests[] = {
	{
		.name = "ends",
		.describe = "A screen reads nothing behind a picture, in any format.",
		.run = ends,
	}, {
		.name = "pairs",
		.describe = "Pixels that share samples come in pairs, which a row has room for.",
		.run_case = pairs,
		.cases = packings,
	}, {
		.name = "written-ends",
		.describe = "Writeback reaches the last byte of its buffer and no further.",
		.run = written_ends,
	},
};

TEST_MAIN("Framebuffers at the end of their buffers.", subtests)
