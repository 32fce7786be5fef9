// SPDX-License-Identifier: MIT
/*
 * A GPU is pulled out with its screens on.
 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "blocked.h"
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

static void check_gone(const struct screen_pair *pair)
{
	const struct kms_head *head = &pair->heads[0];
	uint64_t sequence, time_ns;
	struct drm_mode_card_res res = { };
	uint32_t fb;

	check_ret(__vprime_ioctl(pair->gpu, DRM_IOCTL_MODE_GETRESOURCES, &res), -ENODEV);
	check_ret(__kms_vblank(head, &sequence, &time_ns), -ENODEV);
	check_ret(__picture_add_fb(pair->gpu, pair->buffer.handle, DRM_FORMAT_XRGB8888,
				   KMS_WIDTH, KMS_HEIGHT, KMS_PITCH, &fb), -ENODEV);
}

static void shown(void)
{
	struct screen_pair pair;

	screen_pair_init(&pair);
	gpu_unplug(OWN);
	check_gone(&pair);
	screen_pair_fini_unplugged(&pair);
	/* Another one with the same name has a screen of its own. */
	screen_pair_init(&pair);
	picture_check(&pair.heads[0], SCREEN_SEED);
	screen_pair_fini(&pair);
}

/* With somebody looking, and flips under way on both screens. */
static void in_use(void)
{
	struct picture_buffer second;
	struct picture_crc crcs[2];
	struct screen_pair pair;
	int i;

	screen_pair_init(&pair);
	kms_show(&pair.heads[1], pair.buffer.fb);
	picture_buffer_init(&second, pair.gpu);
	for (i = 0; i < 2; i++)
		picture_crc_start(&crcs[i], &pair.heads[i]);
	for (i = 0; i < 2; i++)
		kms_queue_flip(&pair.heads[i], second.fb, i);
	gpu_unplug(OWN);
	for (i = 0; i < 2; i++)
		picture_crc_stop(&crcs[i]);
	check_gone(&pair);
	dmabuf_munmap(second.at, KMS_BYTES);
	screen_pair_fini_unplugged(&pair);
}

/**
 * struct commit_scene - a commit that waits for a fence of somebody else, which never comes
 * @pair: the screens
 * @second: what the commit would show
 * @commit: the commit
 * @timeline: of the fence
 * @in: the fence
 * @out: the fence of the commit
 */
struct commit_scene {
	struct screen_pair pair;
	struct picture_buffer second;
	struct kms_commit commit;
	int timeline;
	int in;
	int out;
};

static void commit_scene_init(struct commit_scene *scene)
{
	const struct kms_head *head = &scene->pair.heads[0];

	scene->timeline = sw_sync_timeline();
	scene->in = sw_sync_fence(scene->timeline, 1);
	scene->out = -1;
	screen_pair_init(&scene->pair);
	picture_buffer_init(&scene->second, scene->pair.gpu);
	kms_commit_init(&scene->commit, scene->pair.gpu);
	kms_commit_add(&scene->commit, head->primary, "FB_ID", scene->second.fb);
	kms_commit_add(&scene->commit, head->primary, "IN_FENCE_FD", scene->in);
}

/* After gpu_unplug(). */
static void commit_scene_fini(struct commit_scene *scene)
{
	check_gone(&scene->pair);
	dmabuf_munmap(scene->second.at, KMS_BYTES);
	screen_pair_fini_unplugged(&scene->pair);
	close_fd(scene->in);
	close_fd(scene->timeline);
}

/* Which DRM writes to @out, and so it has to stay where it is. */
static void commit_later(struct commit_scene *scene)
{
	kms_commit_add(&scene->commit, scene->pair.heads[0].crtc, "OUT_FENCE_PTR",
		       (uintptr_t)&scene->out);
	kms_commit(&scene->commit, DRM_MODE_ATOMIC_NONBLOCK, 0);
}

static void in_commit(void)
{
	struct commit_scene scene;

	commit_scene_init(&scene);
	commit_later(&scene);
	gpu_unplug(OWN);
	sync_file_result(scene.out);
	close_fd(scene.out);
	commit_scene_fini(&scene);
}

static int call_commit(void *arg)
{
	return __kms_commit(arg, 0, 0);
}

static void in_blocking_commit(void)
{
	struct commit_scene scene;
	struct blocked commit_call;

	commit_scene_init(&scene);
	blocked_start(&commit_call, call_commit, &scene.commit);
	gpu_unplug(OWN);
	check_ret(blocked_join(&commit_call), -ENODEV);
	commit_scene_fini(&scene);
}

static int call_unplug(void *arg)
{
	(void)arg;
	return __gpu_set(OWN, "enabled", "0");
}

/* What it says it has done, it has done: otherwise a timer of the screen goes on without it. */
static void signal_comes(void)
{
	struct commit_scene scene;
	struct blocked unplug_call;

	commit_scene_init(&scene);
	commit_later(&scene);
	blocked_start(&unplug_call, call_unplug, NULL);
	blocked_interrupt(&unplug_call);
	check_ret(blocked_join(&unplug_call), 0);
	sync_file_result(scene.out);
	close_fd(scene.out);
	commit_scene_fini(&scene);
}

/* It keeps what it needs of the GPU. */
static void crc_after(void)
{
	struct screen screen;
	int crc;

	screen_init_on(&screen);
	crc = picture_crc_open(&screen.head, O_NONBLOCK);
	gpu_unplug(OWN);
	screen_fini_unplugged(&screen);
	close_fd(crc);
}

/* Until there are no more. */
static int read_crcs(void *arg)
{
	char line[64];
	int ret;

	do
		ret = neg_errno(read(*(int *)arg, line, sizeof(line)));
	while (ret > 0);
	return ret;
}

static int poll_crcs(void *arg)
{
	struct pollfd poller = { .fd = *(int *)arg, .events = POLLIN };
	char line[64];

	for (;;) {
		check_eq(neg_errno(poll(&poller, 1, -1)), 1);
		if (poller.revents & POLLHUP)
			return -ENODEV;
		check_lt(0, neg_errno(read(poller.fd, line, sizeof(line))));
	}
}

static const struct test_case crc_waiters[] = {
	{ "read", read_crcs },
	{ "poll", poll_crcs },
	{ }
};

/* There are no CRCs of a screen that is off. */
static void crc_waits(const struct test_case *row)
{
	struct blocked waiter;
	struct screen screen;
	int crc;

	screen_init_on(&screen);
	crc = picture_crc_open(&screen.head, 0);
	kms_turn_off(&screen.head);
	blocked_start(&waiter, row->arg, &crc);
	gpu_unplug(OWN);
	check_ret(blocked_join(&waiter), -ENODEV);
	close_fd(crc);
	screen_fini_unplugged(&screen);
}

static const struct subtest subtests[] = {
	{
		.name = "shown",
		.describe = "The GPU goes with a screen on, and another comes.",
		.run = shown,
	}, {
		.name = "in-use",
		.describe = "The same while frames are on their way and somebody looks.",
		.run = in_use,
	}, {
		.name = "in-commit",
		.describe = "The same while a commit waits for a fence that never comes.",
		.run = in_commit,
	}, {
		.name = "in-blocking-commit",
		.describe = "The same while a program waits for such a commit: ENODEV.",
		.run = in_blocking_commit,
	}, {
		.name = "signal",
		.describe = "A signal to who unplugs it does not leave it half done.",
		.run = signal_comes,
	}, {
		.name = "crc-after",
		.describe = "The file of CRCs is closed after all else of the GPU.",
		.run = crc_after,
	}, {
		.name = "crc-waits",
		.describe = "Who waits for a CRC that does not come gets ENODEV.",
		.run_case = crc_waits,
		.cases = crc_waiters,
	},
};

TEST_MAIN("GPUs that are pulled out with their screens on.", subtests)
