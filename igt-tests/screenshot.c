// SPDX-License-Identifier: MIT
/*
 * DRM_IOCTL_VPRIME_CAPTURE: who may take a picture of which screen, when, and
 * what it says when that cannot be.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blocked.h"
#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "fault.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "screen.h"
#include "subtest.h"
#include "sw_sync.h"
#include "vprime.h"

#define NOBODY 65534
#define BLACK 0xff000000u
#define FLIP_ROUNDS 12
#define MOST_ALLOCATIONS 500
/* The count of allocations is not always the same. */
#define IDLE_ROUNDS 8

static void size(void)
{
	struct drm_vprime_capture arg = { };
	struct screen screen;

	screen_init_on(&screen);
	check_ret(__picture_capture(&screen.head, &arg), 0);
	check_eq(arg.width, KMS_WIDTH);
	check_eq(arg.height, KMS_HEIGHT);
	screen_fini(&screen);
}

static void check_refused(const struct screen *screen, struct drm_vprime_capture arg, int ret)
{
	const struct drm_vprime_capture before = arg;

	check_msg(__picture_capture(&screen->head, &arg) == ret,
		  "format %#x, pitch %u, offset %" PRIu64 ", %ux%u is not refused with %s",
		  arg.format, arg.pitch, (uint64_t)arg.offset, arg.width, arg.height,
		  strerrorname_np(-ret));
	arg.crtc_id = before.crtc_id;
	check(!memcmp(&arg, &before, sizeof(arg)));
}

#define REFUSED(screen, base, field, bad, ret) \
	do { \
		struct drm_vprime_capture arg_ = (base); \
		\
		arg_.field = (bad); \
		check_refused(screen, arg_, ret); \
	} while (0)

static void arguments(void)
{
	struct drm_vprime_capture good;
	struct screen screen;
	uint32_t handle;
	uint32_t *at;

	screen_init_on(&screen);
	handle = vprime_bo_create(screen.head.gpu, KMS_BYTES, TT);
	at = vprime_bo_mmap(screen.head.gpu, handle, KMS_BYTES);
	good = picture_capture_to(handle);

	REFUSED(&screen, good, flags, 1, -EINVAL);
	REFUSED(&screen, good, pad, 1, -EINVAL);
	REFUSED(&screen, good, handle, 77, -ENOENT);
	REFUSED(&screen, good, format, 0, -EINVAL);
	REFUSED(&screen, good, format, DRM_FORMAT_NV12, -EINVAL);
	REFUSED(&screen, good, format, DRM_FORMAT_R8, -EINVAL);
	REFUSED(&screen, good, width, KMS_WIDTH - 1, -ERANGE);
	REFUSED(&screen, good, width, 0, -ERANGE);
	REFUSED(&screen, good, height, KMS_HEIGHT + 1, -ERANGE);
	REFUSED(&screen, good, height, 0, -ERANGE);
	REFUSED(&screen, good, pitch, 0, -EINVAL);
	REFUSED(&screen, good, pitch, KMS_PITCH - 4, -EINVAL);
	REFUSED(&screen, good, pitch, KMS_PITCH + 1, -EINVAL);
	REFUSED(&screen, good, pitch, KMS_PITCH + 4, -EINVAL);
	REFUSED(&screen, good, pitch, UINT32_MAX - 3, -EINVAL);
	REFUSED(&screen, good, offset, 2, -EINVAL);
	REFUSED(&screen, good, offset, 4, -EINVAL);
	REFUSED(&screen, good, offset, KMS_BYTES, -EINVAL);
	REFUSED(&screen, good, offset, UINT64_MAX - 3, -EINVAL);
	/* Twice the bytes in a pixel. */
	REFUSED(&screen, good, format, DRM_FORMAT_XRGB16161616, -EINVAL);
	check_eq(at[0] | at[KMS_BYTES / 4 - 1], 0);

	dmabuf_munmap(at, KMS_BYTES);
	drm_close_handle(screen.head.gpu, handle);
	screen_fini(&screen);
}

static void no_such_screen(void)
{
	struct drm_vprime_capture arg = { };
	struct screen screen;
	int render = gpu_open(RENDER);

	screen_init_on(&screen);
	arg.crtc_id = 9999;
	check_ret(__vprime_ioctl(screen.head.gpu, DRM_IOCTL_VPRIME_CAPTURE, &arg), -ENOENT);
	/* Something else than a screen. */
	arg.crtc_id = screen.head.connector;
	check_ret(__vprime_ioctl(screen.head.gpu, DRM_IOCTL_VPRIME_CAPTURE, &arg), -ENOENT);
	/* A GPU that has none. */
	arg.crtc_id = screen.head.crtc;
	check_ret(__vprime_ioctl(render, DRM_IOCTL_VPRIME_CAPTURE, &arg), -ENOENT);
	screen_fini(&screen);
	close_fd(render);
}

static void screen_off(void)
{
	struct drm_vprime_capture arg = { };
	struct screen screen;

	screen_init(&screen);
	kms_turn_off(&screen.head);
	check_ret(__picture_capture(&screen.head, &arg), -ENODATA);
	kms_show(&screen.head, screen.buffers[0].fb);
	picture_check(&screen.head, SCREEN_SEED);
	kms_turn_off(&screen.head);
	check_ret(__picture_capture(&screen.head, &arg), -ENODATA);
	kms_show(&screen.head, screen.buffers[0].fb);
	picture_check(&screen.head, SCREEN_SEED);
	screen_fini(&screen);
}

/* On, with nothing on it. */
static void screen_empty(void)
{
	struct kms_commit commit;
	struct screen screen;

	screen_init_on(&screen);
	kms_commit_init(&commit, screen.head.gpu);
	kms_commit_add(&commit, screen.head.primary, "FB_ID", 0);
	kms_commit_add(&commit, screen.head.primary, "CRTC_ID", 0);
	kms_commit(&commit, 0, 0);
	picture_check_fill(&screen.head, BLACK);
	screen_fini(&screen);
}

static void size_changes(void)
{
	struct drm_vprime_capture arg, ask = { };
	struct picture_buffer smaller;
	struct screen screen;
	uint32_t handle;

	screen_init_on(&screen);
	handle = vprime_bo_create(screen.head.gpu, KMS_BYTES, TT);
	arg = picture_capture_to(handle);
	check_ret(__picture_capture(&screen.head, &arg), 0);
	picture_buffer_init_size(&smaller, screen.head.gpu, KMS_WIDTH / 2, KMS_HEIGHT / 2);
	screen.head.mode = kms_mode(KMS_WIDTH / 2, KMS_HEIGHT / 2, KMS_HZ);
	kms_show(&screen.head, smaller.fb);
	check_ret(__picture_capture(&screen.head, &arg), -ERANGE);
	check_ret(__picture_capture(&screen.head, &ask), 0);
	check_eq(ask.width, KMS_WIDTH / 2);
	check_eq(ask.height, KMS_HEIGHT / 2);
	arg.width = ask.width;
	arg.height = ask.height;
	check_ret(__picture_capture(&screen.head, &arg), 0);
	kms_turn_off(&screen.head);
	picture_buffer_fini(&smaller);
	drm_close_handle(screen.head.gpu, handle);
	screen_fini(&screen);
}

static void drop_rights(void)
{
	check_ret(neg_errno(setresgid(NOBODY, NOBODY, NOBODY)), 0);
	check_ret(neg_errno(setresuid(NOBODY, NOBODY, NOBODY)), 0);
}

/* With rights or as the master, and not without either. */
static void who_may(void)
{
	struct drm_vprime_capture ask = { };
	struct kms_head other;
	struct screen screen;
	pid_t pid;

	screen_init_on(&screen);
	other = screen.head;
	other.gpu = gpu_open(OWN);
	check_ret(__picture_capture(&other, &ask), 0);
	pid = child_fork();
	if (!pid) {
		drop_rights();
		check_ret(__picture_capture(&other, &ask), -EACCES);
		check_ret(__picture_capture(&screen.head, &ask), 0);
		picture_check(&screen.head, SCREEN_SEED);
		_exit(0);
	}
	child_join(pid);
	close_fd(other.gpu);
	screen_fini(&screen);
}

/* Planes are all in it. */
static void planes(void)
{
	const struct drm_mode_rect at = { .x1 = 10, .y1 = 20, .x2 = 10 + 64, .y2 = 20 + 64 };
	struct picture_buffer overlay;
	struct drm_vprime_capture arg;
	struct kms_commit commit;
	struct screen screen;
	uint32_t handle, i;
	uint32_t *got;

	screen_init_on(&screen);
	picture_buffer_init_size(&overlay, screen.head.gpu, 64, 64);
	picture_fill(overlay.at, overlay.bytes, 0xffabcdef);
	kms_commit_init(&commit, screen.head.gpu);
	kms_commit_plane(&commit, &screen.head, screen.head.overlay, overlay.fb, &at);
	kms_commit(&commit, 0, 0);

	handle = vprime_bo_create(screen.head.gpu, KMS_BYTES, TT);
	got = vprime_bo_mmap(screen.head.gpu, handle, KMS_BYTES);
	arg = picture_capture_to(handle);
	check_ret(__picture_capture(&screen.head, &arg), 0);
	for (i = 0; i < KMS_BYTES / 4; i++) {
		int x = i % KMS_WIDTH, y = i / KMS_WIDTH;
		bool covered = x >= at.x1 && x < at.x2 && y >= at.y1 && y < at.y2;

		check_eq(got[i], covered ? 0xffabcdef : picture_pixel(x, y, SCREEN_SEED));
	}
	dmabuf_munmap(got, KMS_BYTES);
	drm_close_handle(screen.head.gpu, handle);
	kms_turn_off(&screen.head);
	picture_buffer_fini(&overlay);
	screen_fini(&screen);
}

struct flipper {
	const struct screen *screen;
	atomic_bool stop;
	atomic_uint flips;
};

static void *flip_all_the_time(void *arg)
{
	struct flipper *flipper = arg;
	const struct screen *screen = flipper->screen;
	struct kms_event event;
	uint32_t i;

	for (i = 0; !atomic_load(&flipper->stop); i++) {
		kms_flip(&screen->head, screen->buffers[!(i & 1)].fb, &event);
		atomic_fetch_add(&flipper->flips, 1);
	}
	return NULL;
}

static void check_either(const uint32_t *at)
{
	bool is_first = at[0] == picture_pixel(0, 0, SCREEN_SEED);

	picture_check_pixels(at, is_first ? SCREEN_SEED : SCREEN_OTHER_SEED);
}

/* Each picture is one frame, whole. */
static void while_flipping(void)
{
	struct drm_vprime_capture arg;
	struct screen screen;
	struct flipper flipper = { .screen = &screen };
	pthread_t thread;
	uint32_t *at;
	int i;

	screen_init_on(&screen);
	arg = picture_capture_to(vprime_bo_create(screen.head.gpu, KMS_BYTES, TT));
	at = vprime_bo_mmap(screen.head.gpu, arg.handle, KMS_BYTES);
	check(!pthread_create(&thread, NULL, flip_all_the_time, &flipper));
	/* Pictures may well come faster than flips. */
	for (i = 0; i < FLIP_ROUNDS || atomic_load(&flipper.flips) < FLIP_ROUNDS; i++) {
		check_ret(__picture_capture(&screen.head, &arg), 0);
		check_either(at);
	}
	atomic_store(&flipper.stop, true);
	check(!pthread_join(thread, NULL));
	dmabuf_munmap(at, KMS_BYTES);
	drm_close_handle(screen.head.gpu, arg.handle);
	screen_fini(&screen);
}

static void unplugged(void)
{
	struct drm_vprime_capture ask = { };
	struct screen screen;

	screen_init_on(&screen);
	gpu_unplug(OWN);
	check_ret(__picture_capture(&screen.head, &ask), -ENODEV);
	screen_fini_unplugged(&screen);
}

struct shot {
	const struct kms_head *head;
	struct drm_vprime_capture arg;
};

static int take_shot(void *arg)
{
	struct shot *shot = arg;

	return __picture_capture(shot->head, &shot->arg);
}

/* The buffer on the screen belongs to somebody else, who draws on it. */
static void interrupted(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES), timeline = sw_sync_timeline();
	struct picture_buffer shown;
	struct kms_event event;
	struct screen screen;
	struct blocked call;
	struct shot shot;

	screen_init_on(&screen);
	picture_buffer_import(&shown, screen.head.gpu, fd);
	kms_flip(&screen.head, shown.fb, &event);
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_WRITE);
	shot.head = &screen.head;
	shot.arg = picture_capture_to(vprime_bo_create(screen.head.gpu, KMS_BYTES, TT));
	blocked_start(&call, take_shot, &shot);
	check(!blocked_returned(&call));
	blocked_interrupt(&call);
	check_ret(blocked_join(&call), -EINTR);
	sw_sync_advance(timeline, 1);
	check_ret(take_shot(&shot), 0);
	drm_close_handle(screen.head.gpu, shot.arg.handle);
	kms_turn_off(&screen.head);
	picture_buffer_fini(&shown);
	screen_fini(&screen);
	close_fd(timeline);
	close_fd(fd);
}

/* Of a buffer that the kernel has not seen before.  False once there is no nth allocation. */
static bool fail_shot(struct screen *screen, struct shot *shot, const uint32_t *at, int nth)
{
	struct picture_buffer shown;
	struct kms_event event;
	bool injected;
	int ret;

	picture_buffer_init(&shown, screen->head.gpu);
	picture_draw(shown.at, nth);
	kms_flip(&screen->head, shown.fb, &event);
	fault_arm(nth);
	ret = take_shot(shot);
	injected = fault_disarm();
	check_msg(!ret || (injected && (ret == -ENOMEM || ret == -EFAULT)),
		  "allocation %d refused: %s", nth, strerrorname_np(-ret));
	if (!ret)
		picture_check_pixels(at, nth);
	kms_flip(&screen->head, screen->buffers[0].fb, &event);
	picture_buffer_fini(&shown);
	return injected;
}

static void no_memory(void)
{
	struct screen screen;
	int nth = 0, last = 0;
	struct shot shot;
	uint32_t *at;

	screen_init_on(&screen);
	fault_setup();
	shot.head = &screen.head;
	shot.arg = picture_capture_to(vprime_bo_create(screen.head.gpu, KMS_BYTES, TT));
	at = vprime_bo_mmap(screen.head.gpu, shot.arg.handle, KMS_BYTES);
	while (nth++ < last + IDLE_ROUNDS) {
		check_lt(nth, MOST_ALLOCATIONS);
		if (fail_shot(&screen, &shot, at, nth))
			last = nth;
	}
	subtest_info("%d points of failure", last);
	fault_teardown();
	dmabuf_munmap(at, KMS_BYTES);
	drm_close_handle(screen.head.gpu, shot.arg.handle);
	screen_fini(&screen);
}

static const struct subtest subtests[] = {
	{
		.name = "size",
		.describe = "Without a buffer it tells the size of the screen.",
		.run = size,
	}, {
		.name = "arguments",
		.describe = "Whatever makes no sense is refused, and nothing is written.",
		.run = arguments,
	}, {
		.name = "no-such-screen",
		.describe = "ENOENT for what is no screen of this GPU.",
		.run = no_such_screen,
	}, {
		.name = "screen-off",
		.describe = "ENODATA while the screen is off, before and after.",
		.run = screen_off,
	}, {
		.name = "screen-empty",
		.describe = "A screen that shows nothing is black.",
		.run = screen_empty,
	}, {
		.name = "size-changes",
		.describe = "ERANGE when the screen has become another size.",
		.run = size_changes,
	}, {
		.name = "who-may",
		.describe = "The master and root may, others may not.",
		.run = who_may,
	}, {
		.name = "planes",
		.describe = "What is on a plane above is in the picture.",
		.run = planes,
	}, {
		.name = "while-flipping",
		.describe = "Each picture is one whole frame while frames follow each other.",
		.run = while_flipping,
	}, {
		.name = "interrupted",
		.describe = "A signal while the picture is waited for is EINTR, and no black picture.",
		.run_on = interrupted,
	}, {
		.name = "no-memory",
		.describe = "Whatever allocation is refused, there is no picture, or the right one.",
		.run = no_memory,
	}, {
		.name = "unplugged",
		.describe = "ENODEV when the GPU is gone.",
		.run = unplugged,
	},
};

TEST_MAIN("Pictures of a screen.", subtests)
