// SPDX-License-Identifier: MIT
/*
 * A GPU is pulled out with its screens on.
 */
#include "blocked.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

static const struct gpu_setting with_screens[] = {
	{ "vram_size", "4194304" }, { "heads", "2" }, { }
};

/* Two screens, of which the first shows a picture. */
struct screens {
	int gpu;
	struct kms_head heads[2];
	struct picture_buffer buffer;
};

static void screens_init(struct screens *screens)
{
	int i;

	screens->gpu = gpu_create(OWN, with_screens);
	kms_client_init(screens->gpu);
	for (i = 0; i < 2; i++)
		kms_head_init(&screens->heads[i], screens->gpu, i);
	picture_buffer_init(&screens->buffer, screens->gpu);
	picture_draw(screens->buffer.at, 1);
	kms_show(&screens->heads[0], screens->buffer.fb);
}

static void screens_fini(struct screens *screens)
{
	kms_turn_off(&screens->heads[0]);
	kms_turn_off(&screens->heads[1]);
	picture_buffer_fini(&screens->buffer);
	close_fd(screens->gpu);
	gpu_destroy(OWN);
}

static void unmap_and_destroy(struct screens *screens)
{
	dmabuf_munmap(screens->buffer.at, KMS_BYTES);
	close_fd(screens->gpu);
	gpu_destroy(OWN);
}

static void check_gone(const struct screens *screens)
{
	const struct kms_head *head = &screens->heads[0];
	uint64_t sequence, time_ns;
	struct drm_mode_card_res res = { };
	uint32_t fb;

	check_ret(__vprime_ioctl(screens->gpu, DRM_IOCTL_MODE_GETRESOURCES, &res), -ENODEV);
	check_ret(__kms_vblank(head, &sequence, &time_ns), -ENODEV);
	check_ret(__picture_add_fb(screens->gpu, screens->buffer.handle, DRM_FORMAT_XRGB8888,
				   KMS_WIDTH, KMS_HEIGHT, KMS_PITCH, &fb), -ENODEV);
}

static void shown(void)
{
	struct screens screens;

	screens_init(&screens);
	gpu_unplug(OWN);
	check_gone(&screens);
	unmap_and_destroy(&screens);
	/* Another one with the same name has a screen of its own. */
	screens_init(&screens);
	picture_check(&screens.heads[0], 1);
	screens_fini(&screens);
}

/* With somebody looking, and flips under way on both screens. */
static void in_use(void)
{
	struct picture_buffer second;
	struct picture_crc crcs[2];
	struct screens screens;
	int i;

	screens_init(&screens);
	kms_show(&screens.heads[1], screens.buffer.fb);
	picture_buffer_init(&second, screens.gpu);
	for (i = 0; i < 2; i++)
		picture_crc_start(&crcs[i], &screens.heads[i]);
	for (i = 0; i < 2; i++)
		kms_queue_flip(&screens.heads[i], second.fb, i);
	gpu_unplug(OWN);
	for (i = 0; i < 2; i++)
		picture_crc_stop(&crcs[i]);
	check_gone(&screens);
	dmabuf_munmap(second.at, KMS_BYTES);
	unmap_and_destroy(&screens);
}

static int call_unplug(void *arg)
{
	(void)arg;
	return __gpu_set(OWN, "enabled", "0");
}

/* A commit waits for a fence of somebody else; nobody waits for ever. */
static void in_commit(void)
{
	int timeline = sw_sync_timeline(), in = sw_sync_fence(timeline, 1), out = -1;
	struct picture_buffer second;
	struct kms_commit commit;
	struct screens screens;
	struct blocked unplug_call;

	screens_init(&screens);
	picture_buffer_init(&second, screens.gpu);
	kms_commit_init(&commit, screens.gpu);
	kms_commit_add(&commit, screens.heads[0].primary, "FB_ID", second.fb);
	kms_commit_add(&commit, screens.heads[0].primary, "IN_FENCE_FD", in);
	kms_commit_add(&commit, screens.heads[0].crtc, "OUT_FENCE_PTR", (uintptr_t)&out);
	kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK, 0);
	blocked_start(&unplug_call, call_unplug, NULL);
	sw_sync_advance(timeline, 1);
	check_ret(blocked_join(&unplug_call), 0);
	sync_file_result(out);
	close_fd(out);
	close_fd(in);
	close_fd(timeline);
	check_gone(&screens);
	dmabuf_munmap(second.at, KMS_BYTES);
	unmap_and_destroy(&screens);
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
		.describe = "The same while a commit waits for a fence.",
		.run = in_commit,
	},
};

TEST_MAIN("GPUs that are pulled out with their screens on.", subtests)
