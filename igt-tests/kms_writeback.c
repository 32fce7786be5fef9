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
#include "screen.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define START_RW (DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW)
#define END_RW (DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW)
#define LATE_MS 150
#define LATE_TEXT "150"
#define LATE_NS (LATE_MS * 1000000ull)

/* Of the pictures of a screen. */
static const uint32_t seeds[] = { SCREEN_SEED, SCREEN_OTHER_SEED };

/* A commit that shows @fb and has that written to @sheet; its fence. */
static int __write_back(const struct screen *screen, uint32_t fb, uint32_t sheet, int *fence)
{
	const struct kms_head *head = &screen->head;
	struct kms_commit commit;

	kms_commit_init(&commit, head->gpu);
	kms_commit_add(&commit, head->primary, "FB_ID", fb);
	kms_commit_add(&commit, head->writeback, "CRTC_ID", head->crtc);
	kms_commit_add(&commit, head->writeback, "WRITEBACK_FB_ID", sheet);
	kms_commit_add(&commit, head->writeback, "WRITEBACK_OUT_FENCE_PTR", (uintptr_t)fence);
	return __kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
}

static int write_back(const struct screen *screen, uint32_t fb, uint32_t sheet)
{
	int fence = -1;

	check_ret(__write_back(screen, fb, sheet, &fence), 0);
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
		check_written(write_back(&screen, screen.buffers[i & 1].fb, sheet.fb), sheet.at,
			      seeds[i & 1]);
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
	fence = write_back(&screen, screen.buffers[1].fb, sheet.fb);
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
	check_ret(__write_back(&screen, screen.buffers[1].fb, smaller.fb, &fence), -EINVAL);
	check_eq(fence, -1);
	check_ret(__write_back(&screen, screen.buffers[1].fb, 0, &fence), -EINVAL);
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
	fence = write_back(&screen, screen.buffers[1].fb, sheet.fb);
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
		for (i = 0; i < 2; i++) {
			int ret;

			/* Until the one before is on the screen there is no other. */
			do {
				ret = __write_back(&screen, screen.buffers[i].fb, sheets[i].fb,
						   &fences[i]);
			} while (ret == -EBUSY);
			check_ret(ret, 0);
		}
		for (i = 0; i < 2; i++)
			check_written(fences[i], sheets[i].at, seeds[i]);
	}
	kms_turn_off(&screen.head);
	for (i = 0; i < 2; i++)
		picture_buffer_fini(&sheets[i]);
	screen_fini(&screen);
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
	fence = write_back(&screen, screen.buffers[1].fb, sheet.fb);
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
		.name = "never",
		.describe = "The fence of a picture that never will be signals as well.",
		.run_case = never,
		.cases = ends,
	},
};

TEST_MAIN("Writeback connectors.", subtests)
