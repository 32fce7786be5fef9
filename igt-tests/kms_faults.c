// SPDX-License-Identifier: MIT
/*
 * What a compositor has to live with: commits that fail, and flips that are late.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "screen.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define LATE_MS 150
#define LATE_TEXT "150"
#define LATE_NS (LATE_MS * 1000000ull)
#define FAILURES 3
#define FLIP_FLAGS (DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT)

/* The first picture is there, and so is all that is known of it. */
static void check_unchanged(const struct screen *screen)
{
	const struct kms_head *head = &screen->head;

	check(!kms_event_pending(head->gpu));
	check_eq(kms_property_value(head->gpu, head->primary, "FB_ID"), screen->buffers[0].fb);
	check_eq(kms_property_value(head->gpu, head->crtc, "ACTIVE"), 1);
	check_eq(kms_property_value(head->gpu, head->connector, "CRTC_ID"), head->crtc);
	picture_check(head, SCREEN_SEED);
}

static int flip_blocking(const struct screen *screen)
{
	struct kms_commit commit;

	kms_commit_init(&commit, screen->head.gpu);
	kms_commit_add(&commit, screen->head.primary, "FB_ID", screen->buffers[1].fb);
	return __kms_commit(&commit, 0, 0);
}

static int flip_nonblocking(const struct screen *screen)
{
	return __kms_queue_flip(&screen->head, screen->buffers[1].fb, 1);
}

static int flip_legacy(const struct screen *screen)
{
	struct drm_mode_crtc_page_flip arg = {
		.crtc_id = screen->head.crtc,
		.fb_id = screen->buffers[1].fb,
		.flags = DRM_MODE_PAGE_FLIP_EVENT,
	};

	return __vprime_ioctl(screen->head.gpu, DRM_IOCTL_MODE_PAGE_FLIP, &arg);
}

static int set_mode_legacy(const struct screen *screen)
{
	uint32_t connector = screen->head.connector;
	struct drm_mode_crtc arg = {
		.set_connectors_ptr = (uintptr_t)&connector,
		.count_connectors = 1,
		.crtc_id = screen->head.crtc,
		.fb_id = screen->buffers[1].fb,
		.mode_valid = 1,
		.mode = screen->head.mode,
	};

	return __vprime_ioctl(screen->head.gpu, DRM_IOCTL_MODE_SETCRTC, &arg);
}

static int set_mode(const struct screen *screen)
{
	return __kms_show(&screen->head, screen->buffers[1].fb);
}

static int turn_off(const struct screen *screen)
{
	struct kms_commit commit;

	kms_commit_init(&commit, screen->head.gpu);
	kms_commit_off(&commit, &screen->head);
	return __kms_commit(&commit, DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
}

/**
 * struct request - something that ends in a commit
 * @make: 0 or -errno
 * @event: it asks for one
 * @off: the screen is off after it; else it shows the second picture
 */
struct request {
	int (*make)(const struct screen *screen);
	bool event;
	bool off;
};

static const struct test_case requests[] = {
	{ "flip", &(const struct request){ .make = flip_blocking } },
	{ "flip-nonblocking", &(const struct request){ .make = flip_nonblocking, .event = true } },
	{ "flip-legacy", &(const struct request){ .make = flip_legacy, .event = true } },
	{ "mode", &(const struct request){ .make = set_mode } },
	{ "mode-legacy", &(const struct request){ .make = set_mode_legacy } },
	{ "off", &(const struct request){ .make = turn_off, .off = true } },
	{ }
};

static void check_works(const struct screen *screen, const struct request *request)
{
	struct drm_vprime_capture ask = { };
	struct kms_event event;

	check_ret(request->make(screen), 0);
	if (request->event)
		kms_read_event(screen->head.gpu, &event);
	if (request->off)
		check_ret(__picture_capture(&screen->head, &ask), -ENODATA);
	else
		picture_check(&screen->head, SCREEN_OTHER_SEED);
}

static void fail_commit(const struct test_case *row)
{
	const struct request *request = row->arg;
	struct screen screen;
	int i;

	screen_init_on(&screen);
	gpu_set(OWN, "faults/fail_commit", "3");
	for (i = 0; i < FAILURES; i++) {
		check_ret(request->make(&screen), -EIO);
		check_unchanged(&screen);
	}
	check_works(&screen, request);
	screen_fini(&screen);
}

/* Commits that only ask do not fail, and do not use the failures up. */
static void fail_spares_tests(void)
{
	struct kms_commit commit;
	struct screen screen;
	int i;

	screen_init_on(&screen);
	kms_commit_init(&commit, screen.head.gpu);
	kms_commit_add(&commit, screen.head.primary, "FB_ID", screen.buffers[1].fb);
	gpu_set(OWN, "faults/fail_commit", "1");
	for (i = 0; i < FAILURES; i++)
		kms_commit(&commit, DRM_MODE_ATOMIC_TEST_ONLY, 0);
	check_ret(__kms_commit(&commit, 0, 0), -EIO);
	check_unchanged(&screen);
	kms_commit(&commit, 0, 0);
	picture_check(&screen.head, SCREEN_OTHER_SEED);
	screen_fini(&screen);
}

/* What DRM commits by itself, here as a framebuffer goes, was not asked for by a program. */
static void fail_spares_kernel(void)
{
	struct screen screen;

	screen_init_on(&screen);
	gpu_set(OWN, "faults/fail_commit", "1");
	check_ret(__vprime_ioctl(screen.head.gpu, DRM_IOCTL_MODE_RMFB, &screen.buffers[0].fb), 0);
	check_eq(kms_property_value(screen.head.gpu, screen.head.primary, "FB_ID"), 0);
	check_ret(__kms_show(&screen.head, screen.buffers[1].fb), -EIO);
	kms_show(&screen.head, screen.buffers[1].fb);
	picture_check(&screen.head, SCREEN_OTHER_SEED);
	kms_turn_off(&screen.head);
	picture_buffer_fini(&screen.buffers[1]);
	dmabuf_munmap(screen.buffers[0].at, screen.buffers[0].bytes);
	close_fd(screen.head.gpu);
	gpu_destroy(OWN);
}

/* The commit that fails hands out no fence, and takes no picture back. */
static void fail_with_fences(void)
{
	struct picture_buffer sheet;
	int out = 77, written = 77;
	struct kms_commit commit;
	struct screen screen;

	screen_init_on(&screen);
	picture_buffer_init(&sheet, screen.head.gpu);
	kms_commit_init(&commit, screen.head.gpu);
	kms_commit_add(&commit, screen.head.primary, "FB_ID", screen.buffers[1].fb);
	kms_commit_add(&commit, screen.head.crtc, "OUT_FENCE_PTR", (uintptr_t)&out);
	kms_commit_add(&commit, screen.head.writeback, "CRTC_ID", screen.head.crtc);
	kms_commit_add(&commit, screen.head.writeback, "WRITEBACK_FB_ID", sheet.fb);
	kms_commit_add(&commit, screen.head.writeback, "WRITEBACK_OUT_FENCE_PTR",
		       (uintptr_t)&written);
	gpu_set(OWN, "faults/fail_commit", "1");
	check_ret(__kms_commit(&commit, FLIP_FLAGS | DRM_MODE_ATOMIC_ALLOW_MODESET, 0), -EIO);
	check_eq(out, -1);
	check_eq(written, -1);
	check_unchanged(&screen);
	check_eq(*(uint32_t *)sheet.at, 0);
	picture_buffer_fini(&sheet);
	screen_fini(&screen);
}

/* Not told of, not seen, and not earlier. */
static void check_late(const struct screen *screen, uint64_t asked_ns, bool (*flip_is_over)(int),
		       int fd)
{
	check(!flip_is_over(fd));
	if (kms_now_ns() < asked_ns + LATE_NS)
		picture_check(&screen->head, SCREEN_SEED);
}

static void late_flip(const struct test_case *row)
{
	const struct request *request = row->arg;
	uint64_t sequence, time_ns, asked_ns;
	struct kms_event event;
	struct screen screen;

	screen_init_on(&screen);
	gpu_set(OWN, "faults/late_flip_ms", LATE_TEXT);
	kms_vblank(&screen.head, &sequence, &time_ns);
	asked_ns = kms_now_ns();
	check_ret(request->make(&screen), 0);
	if (request->event) {
		check_late(&screen, asked_ns, kms_event_pending, screen.head.gpu);
		kms_read_event(screen.head.gpu, &event);
		check_le(asked_ns + LATE_NS, event.time_ns + 1000);
		check_le(sequence + LATE_NS / kms_mode_period_ns(&screen.head.mode),
			 event.sequence);
	}
	check_le(asked_ns + LATE_NS, kms_now_ns());
	picture_check(&screen.head, SCREEN_OTHER_SEED);
	gpu_set(OWN, "faults/late_flip_ms", "0");
	check_ret(__kms_show(&screen.head, screen.buffers[0].fb), 0);
	picture_check(&screen.head, SCREEN_SEED);
	screen_fini(&screen);
}

static const struct test_case late_requests[] = {
	{ "flip", &(const struct request){ .make = flip_blocking } },
	{ "flip-nonblocking", &(const struct request){ .make = flip_nonblocking, .event = true } },
	{ "flip-legacy", &(const struct request){ .make = flip_legacy, .event = true } },
	{ }
};

static void late_out_fence(void)
{
	struct kms_commit commit;
	struct screen screen;
	uint64_t asked_ns;
	int out = -1;

	screen_init_on(&screen);
	gpu_set(OWN, "faults/late_flip_ms", LATE_TEXT);
	kms_commit_init(&commit, screen.head.gpu);
	kms_commit_add(&commit, screen.head.primary, "FB_ID", screen.buffers[1].fb);
	kms_commit_add(&commit, screen.head.crtc, "OUT_FENCE_PTR", (uintptr_t)&out);
	asked_ns = kms_now_ns();
	kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK, 0);
	check_late(&screen, asked_ns, sync_file_signalled, out);
	check_ret(sync_file_result(out), 0);
	check_le(asked_ns + LATE_NS, kms_now_ns());
	picture_check(&screen.head, SCREEN_OTHER_SEED);
	close_fd(out);
	screen_fini(&screen);
}

/* A second flip before the first is over is refused, and the first is not lost. */
static void late_and_busy(void)
{
	struct kms_event event;
	struct screen screen;

	screen_init_on(&screen);
	gpu_set(OWN, "faults/late_flip_ms", LATE_TEXT);
	kms_queue_flip(&screen.head, screen.buffers[1].fb, 1);
	check_ret(__kms_queue_flip(&screen.head, screen.buffers[0].fb, 2), -EBUSY);
	kms_read_event(screen.head.gpu, &event);
	check_eq(event.user_data, 1);
	picture_check(&screen.head, SCREEN_OTHER_SEED);
	check(!kms_event_pending(screen.head.gpu));
	screen_fini(&screen);
}

/* The GPU goes while a flip is late: nobody waits for ever. */
static void late_unplug(void)
{
	struct screen screen;
	struct kms_commit commit;
	int out = -1;

	screen_init_on(&screen);
	gpu_set(OWN, "faults/late_flip_ms", "60000");
	kms_commit_init(&commit, screen.head.gpu);
	kms_commit_add(&commit, screen.head.primary, "FB_ID", screen.buffers[1].fb);
	kms_commit_add(&commit, screen.head.crtc, "OUT_FENCE_PTR", (uintptr_t)&out);
	kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK, 0);
	gpu_unplug(OWN);
	sync_file_result(out);
	close_fd(out);
	screen_fini_unplugged(&screen);
}

static const struct subtest subtests[] = {
	{
		.name = "fail-commit",
		.describe = "So many commits give EIO and change nothing, the next one works.",
		.run_case = fail_commit,
		.cases = requests,
	}, {
		.name = "fail-spares-tests",
		.describe = "Commits that only ask are not counted.",
		.run = fail_spares_tests,
	}, {
		.name = "fail-spares-kernel",
		.describe = "Commits that no program asked for do not fail, and are not counted.",
		.run = fail_spares_kernel,
	}, {
		.name = "fail-with-fences",
		.describe = "A commit that fails leaves no fence and no picture behind.",
		.run = fail_with_fences,
	}, {
		.name = "late-flip",
		.describe = "A flip is over that much later, never earlier.",
		.run_case = late_flip,
		.cases = late_requests,
	}, {
		.name = "late-out-fence",
		.describe = "OUT_FENCE_PTR's fence is as late as the flip.",
		.run = late_out_fence,
	}, {
		.name = "late-and-busy",
		.describe = "While a flip is late there is no other.",
		.run = late_and_busy,
	}, {
		.name = "late-unplug",
		.describe = "A GPU that is pulled out leaves nobody waiting for its flip.",
		.run = late_unplug,
	},
};

TEST_MAIN("Commits that fail, and flips that are late.", subtests)
