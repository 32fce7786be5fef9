// SPDX-License-Identifier: MIT
/*
 * Writeback: what a screen shows, put into a buffer, whosever that is; later
 * than hoped, or never.
 */
#include <sys/mman.h>

#include "dmabuf.h"
#include "exporter.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "scanout.h"
#include "screen.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define START_RW (DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW)
#define END_RW (DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW)
#define LATE_MS 150
#define LATE_TEXT "150"
#define LATE_NS (LATE_MS * 1000000ull)
#define SLOW_WIDTH 2560
#define SLOW_HEIGHT 1440
#define SLOW_HZ 20

/* Of the pictures of a screen. */
static const uint32_t seeds[] = { SCREEN_SEED, SCREEN_OTHER_SEED };

/* A commit that shows @fb and has that written to @sheet; its fence. */
static int __write_back(const struct kms_head *head, uint32_t fb, uint32_t sheet, int *fence)
{
	struct kms_commit commit;

	kms_commit_init(&commit, head->gpu);
	kms_commit_add(&commit, head->primary, "FB_ID", fb);
	kms_commit_add(&commit, head->writeback, "CRTC_ID", head->crtc);
	kms_commit_add(&commit, head->writeback, "WRITEBACK_FB_ID", sheet);
	kms_commit_add(&commit, head->writeback, "WRITEBACK_OUT_FENCE_PTR", (uintptr_t)fence);
	return __kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
}

static int write_back(const struct kms_head *head, uint32_t fb, uint32_t sheet)
{
	int fence = -1, ret;

	/* Until the frame before is on the screen there is no other. */
	do {
		ret = __write_back(head, fb, sheet, &fence);
	} while (ret == -EBUSY);
	check_ret(ret, 0);
	check_le(0, fence);
	return fence;
}

static void check_written(int fence, const uint32_t *at, uint32_t seed)
{
	check_ret(sync_file_result(fence), 0);
	close_fd(fence);
	picture_check_pixels(at, seed);
}

static void picture(void)
{
	struct picture_buffer sheet;
	struct screen screen;
	uint32_t i;

	screen_init_on(&screen);
	picture_buffer_init(&sheet, screen.head.gpu);
	for (i = 0; i < 4; i++) {
		picture_fill(sheet.at, KMS_BYTES, 0);
		check_written(write_back(&screen.head, screen.buffers[i & 1].fb, sheet.fb),
			      sheet.at, seeds[i & 1]);
	}
	kms_turn_off(&screen.head);
	picture_buffer_fini(&sheet);
	screen_fini(&screen);
}

/* The CPU finds it there through the other driver's mapping. */
static void into_foreign(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES);
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct picture_buffer sheet;
	struct screen screen;
	int fence;

	screen_init_on(&screen);
	picture_buffer_import(&sheet, screen.head.gpu, fd);
	fence = write_back(&screen.head, screen.buffers[1].fb, sheet.fb);
	check_ret(sync_file_result(fence), 0);
	dmabuf_sync(fd, START_RW);
	check_written(fence, at, SCREEN_OTHER_SEED);
	dmabuf_sync(fd, END_RW);
	picture_buffer_fini(&sheet);
	screen_fini(&screen);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
}

static void refused(void)
{
	struct picture_buffer smaller;
	struct screen screen;
	int fence = 77;

	screen_init_on(&screen);
	picture_buffer_init_size(&smaller, screen.head.gpu, KMS_WIDTH, KMS_HEIGHT / 2);
	check_ret(__write_back(&screen.head, screen.buffers[1].fb, smaller.fb, &fence), -EINVAL);
	check_eq(fence, -1);
	check_ret(__write_back(&screen.head, screen.buffers[1].fb, 0, &fence), -EINVAL);
	picture_check(&screen.head, SCREEN_SEED);
	picture_buffer_fini(&smaller);
	screen_fini(&screen);
}

/* The picture is written when it is shown, and not earlier. */
static void late(void)
{
	struct picture_buffer sheet;
	struct screen screen;
	uint64_t asked_ns;
	int fence;

	screen_init_on(&screen);
	picture_buffer_init(&sheet, screen.head.gpu);
	gpu_set(OWN, "faults/late_flip_ms", LATE_TEXT);
	asked_ns = kms_now_ns();
	fence = write_back(&screen.head, screen.buffers[1].fb, sheet.fb);
	check(!sync_file_signalled(fence));
	check_written(fence, sheet.at, SCREEN_OTHER_SEED);
	check_le(asked_ns + LATE_NS, kms_now_ns());
	gpu_set(OWN, "faults/late_flip_ms", "0");
	kms_turn_off(&screen.head);
	picture_buffer_fini(&sheet);
	screen_fini(&screen);
}

/* The next frame follows as soon as it may: each that is to be written is. */
static void frames_follow(void)
{
	struct picture_buffer sheets[2];
	struct screen screen;
	int fences[2];
	uint32_t i, round;

	screen_init_on(&screen);
	for (i = 0; i < 2; i++)
		picture_buffer_init(&sheets[i], screen.head.gpu);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 2; i++)
			fences[i] = write_back(&screen.head, screen.buffers[i].fb, sheets[i].fb);
		for (i = 0; i < 2; i++)
			check_written(fences[i], sheets[i].at, seeds[i]);
	}
	kms_turn_off(&screen.head);
	for (i = 0; i < 2; i++)
		picture_buffer_fini(&sheets[i]);
	screen_fini(&screen);
}

/* Whatever happens to the picture on the screen after the commit, its writeback is no part of that. */
static void fence_comes_later(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES), timeline = sw_sync_timeline(), fences[2];
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct picture_buffer shown, sheets[2];
	struct screen screen;
	uint32_t i;

	screen_init_on(&screen);
	dmabuf_sync(fd, START_RW);
	picture_draw(at, 5);
	dmabuf_sync(fd, END_RW);
	picture_buffer_import(&shown, screen.head.gpu, fd);
	for (i = 0; i < 2; i++)
		picture_buffer_init(&sheets[i], screen.head.gpu);
	fences[0] = write_back(&screen.head, shown.fb, sheets[0].fb);
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_WRITE);
	fences[1] = write_back(&screen.head, screen.buffers[1].fb, sheets[1].fb);
	check_written(fences[0], sheets[0].at, 5);
	check_written(fences[1], sheets[1].at, SCREEN_OTHER_SEED);
	sw_sync_advance(timeline, 1);
	kms_turn_off(&screen.head);
	for (i = 0; i < 2; i++)
		picture_buffer_fini(&sheets[i]);
	picture_buffer_fini(&shown);
	screen_fini(&screen);
	close_fd(timeline);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
}

/* "When it has been written back, draw the next one": in the buffer that is on the screen. */
static void job_waits(const struct test_case *row)
{
	struct scanout_shared shared;
	struct picture_buffer sheet;
	struct drm_vprime_command fill;
	uint32_t syncobj;
	int fence;

	scanout_shared_init(&shared, row->arg);
	picture_draw(shared.at, 6);
	picture_buffer_init(&sheet, shared.scanout.head.gpu);
	syncobj = syncobj_create(shared.gpu);
	fence = write_back(&shared.scanout.head, shared.fb.fb, sheet.fb);
	syncobj_import_sync_file(shared.gpu, syncobj, fence);
	fill = command_fill(shared.handle, 0, KMS_BYTES, 0xff112233);
	submit_synced(shared.gpu, &fill, syncobj, 0, 0);
	check_written(fence, sheet.at, 6);
	vprime_bo_wait(shared.gpu, shared.handle);
	picture_check_fill(&shared.scanout.head, 0xff112233);
	syncobj_destroy(shared.gpu, syncobj);
	scanout_show_own(&shared.scanout);
	picture_buffer_fini(&sheet);
	scanout_shared_fini(&shared);
}

/* Two large pictures, and two buffers for them. */
struct slow {
	struct kms_head head;
	struct picture_buffer shown[2];
	struct picture_buffer sheets[2];
	uint32_t ctm;
};

/* A matrix that changes nothing makes each pixel take the long way. */
static void slow_init(struct slow *slow)
{
	static const struct gpu_setting settings[] = {
		{ "vram_size", "268435456" }, { "heads", "1" }, { }
	};
	const struct drm_color_ctm same = { .matrix = { [0] = 1ull << 32, [4] = 1ull << 32,
							[8] = 1ull << 32 } };
	int gpu = gpu_create(OWN, settings), i;

	kms_client_init(gpu);
	kms_head_init(&slow->head, gpu, 0);
	slow->head.mode = kms_mode(SLOW_WIDTH, SLOW_HEIGHT, SLOW_HZ);
	slow->ctm = kms_create_blob(gpu, &same, sizeof(same));
	for (i = 0; i < 2; i++) {
		picture_buffer_init_size(&slow->shown[i], gpu, SLOW_WIDTH, SLOW_HEIGHT);
		picture_buffer_init_size(&slow->sheets[i], gpu, SLOW_WIDTH, SLOW_HEIGHT);
		picture_draw_rows(slow->shown[i].at, slow->shown[i].pitch, SLOW_WIDTH, SLOW_HEIGHT,
				  seeds[i]);
		picture_fill(slow->sheets[i].at, slow->sheets[i].bytes, 0);
	}
	kms_show(&slow->head, slow->shown[1].fb);
}

static void slow_fini(struct slow *slow)
{
	int i;

	kms_turn_off(&slow->head);
	for (i = 0; i < 2; i++) {
		picture_buffer_fini(&slow->sheets[i]);
		picture_buffer_fini(&slow->shown[i]);
	}
	close_fd(slow->head.gpu);
	gpu_destroy(OWN);
}

/* Written from top to bottom, so the last row is what is missing first. */
static void check_slow(struct slow *slow, int i, int fence)
{
	const struct picture_buffer *sheet = &slow->sheets[i];
	const uint32_t *row = (const uint32_t *)((char *)sheet->at +
						 (size_t)(SLOW_HEIGHT - 1) * sheet->pitch);
	int result = sync_file_result(fence);
	uint32_t x;

	subtest_info("%.2f s: the fence of picture %d says %d", kms_now_ns() / 1e9, i, result);
	check_ret(result, 0);
	for (x = 0; x < SLOW_WIDTH; x++)
		check_eq(row[x], picture_pixel(x, SLOW_HEIGHT - 1, seeds[i]));
	close_fd(fence);
}

/* Frames come faster than they can be written back: each has its own picture, before its fence. */
static void slow(void)
{
	struct kms_commit commit;
	struct slow slow;
	int fences[2], i;

	slow_init(&slow);
	kms_commit_init(&commit, slow.head.gpu);
	kms_commit_add(&commit, slow.head.crtc, "CTM", slow.ctm);
	kms_commit(&commit, 0, 0);
	for (i = 0; i < 2; i++)
		fences[i] = write_back(&slow.head, slow.shown[i].fb, slow.sheets[i].fb);
	kms_commit_init(&commit, slow.head.gpu);
	kms_commit_add(&commit, slow.head.primary, "FB_ID", slow.shown[0].fb);
	kms_commit(&commit, 0, 0);
	check(!sync_file_signalled(fences[1]) || sync_file_signalled(fences[0]));
	for (i = 0; i < 2; i++)
		check_slow(&slow, i, fences[i]);
	slow_fini(&slow);
}

/* The screen goes off, or away, before anybody has looked; what is written all the same is right. */
static void never(const struct test_case *row)
{
	bool unplug = row->arg;
	struct picture_buffer sheet;
	struct screen screen;
	int fence, result;

	screen_init_on(&screen);
	picture_buffer_init(&sheet, screen.head.gpu);
	gpu_set(OWN, "faults/late_flip_ms", unplug ? "60000" : "0");
	fence = write_back(&screen.head, screen.buffers[1].fb, sheet.fb);
	if (unplug)
		gpu_unplug(OWN);
	else
		kms_turn_off(&screen.head);
	result = sync_file_result(fence);
	subtest_info("the fence of the picture says %d", result);
	check_msg(!result || result == -ECANCELED || result == -ENODEV,
		  "the fence says %s", strerrorname_np(-result));
	if (!result)
		picture_check_pixels(sheet.at, SCREEN_OTHER_SEED);
	close_fd(fence);
	gpu_unplug(OWN);
	dmabuf_munmap(sheet.at, KMS_BYTES);
	screen_fini_unplugged(&screen);
}

static const struct test_case ends[] = {
	{ "off", NULL },
	{ "unplugged", "unplug" },
	{ }
};

static const struct subtest subtests[] = {
	{
		.name = "picture",
		.describe = "What a writeback connector gives is what the commit shows.",
		.run = picture,
	}, {
		.name = "into-foreign",
		.describe = "Into another driver's buffer as well.",
		.run_on = into_foreign,
	}, {
		.name = "refused",
		.describe = "Another size, or a fence for nothing, is refused.",
		.run = refused,
	}, {
		.name = "late",
		.describe = "A picture of a frame that is late is as late.",
		.run = late,
	}, {
		.name = "follows",
		.describe = "Each of frames that follow each other is written back.",
		.run = frames_follow,
	}, {
		.name = "fence-comes-later",
		.describe = "A fence that comes into the shown buffer after the commit does not hold its picture up.",
		.run_on = fence_comes_later,
	}, {
		.name = "job-waits",
		.describe = "A job that draws on what is shown once that has been written back gets to run.",
		.run_case = job_waits,
		.cases = scanout_peers,
	}, {
		.name = "slow",
		.describe = "Pictures that take longer than frames last are whole before their fences signal.",
		.run = slow,
	}, {
		.name = "never",
		.describe = "The fence of a picture that never will be signals as well.",
		.run_case = never,
		.cases = ends,
	},
};

TEST_MAIN("Writeback connectors.", subtests)
