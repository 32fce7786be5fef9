// SPDX-License-Identifier: MIT
/*
 * The console after a program that had its screen: it looks as it did before,
 * whatever the program has set and however it ended.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "dmabuf.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "subtest.h"
#include "textscreen.h"

#define PATIENCE 900
#define LUT_SIZE 256
#define CURSOR_SIZE 64
#define WHITE 0xffffffffu

/* Every level becomes its opposite. */
static uint32_t create_inverting_lut(int gpu)
{
	struct drm_color_lut lut[LUT_SIZE];
	uint32_t i;

	for (i = 0; i < LUT_SIZE; i++) {
		uint16_t level = 0xffff - i * 0x101;

		lut[i] = (struct drm_color_lut){ .red = level, .green = level, .blue = level };
	}
	return kms_create_blob(gpu, lut, sizeof(lut));
}

static void leave_gamma(const struct kms_head *head, struct kms_commit *commit)
{
	kms_commit_add(commit, head->crtc, "GAMMA_LUT", create_inverting_lut(head->gpu));
}

static void leave_degamma(const struct kms_head *head, struct kms_commit *commit)
{
	kms_commit_add(commit, head->crtc, "DEGAMMA_LUT", create_inverting_lut(head->gpu));
}

/* Nothing of any colour is left. */
static void leave_ctm(const struct kms_head *head, struct kms_commit *commit)
{
	const struct drm_color_ctm ctm = { };

	kms_commit_add(commit, head->crtc, "CTM", kms_create_blob(head->gpu, &ctm, sizeof(ctm)));
}

static void leave_plane(const struct kms_head *head, struct kms_commit *commit)
{
	kms_commit_add(commit, head->primary, "alpha", 0x4000);
	kms_commit_add(commit, head->primary, "pixel blend mode", 2);
	kms_commit_add(commit, head->primary, "rotation", DRM_MODE_ROTATE_180);
}

static void leave_other_planes(const struct kms_head *head, struct kms_commit *commit)
{
	const struct drm_mode_rect at = { 0, 0, CURSOR_SIZE, CURSOR_SIZE };
	struct picture_buffer picture;

	picture_buffer_init_size(&picture, head->gpu, CURSOR_SIZE, CURSOR_SIZE);
	picture_fill(picture.at, picture.bytes, WHITE);
	kms_commit_plane(commit, head, head->overlay, picture.fb, &at);
	kms_commit_plane(commit, head, head->cursor, picture.fb, &at);
}

static const struct test_case leftovers[] = {
	{ "gamma", leave_gamma },
	{ "degamma", leave_degamma },
	{ "ctm", leave_ctm },
	{ "plane", leave_plane },
	{ "other-planes", leave_other_planes },
	{ }
};

/* Becomes the master by opening the GPU, as nobody is. */
static void have_screen_and_die(const struct test_case *row)
{
	void (*leave)(const struct kms_head *, struct kms_commit *) = row->arg;
	struct picture_buffer picture;
	struct kms_commit commit;
	struct kms_head head;
	int gpu = gpu_open(OWN);

	kms_client_init(gpu);
	kms_head_init(&head, gpu, 0);
	picture_buffer_init(&picture, gpu);
	kms_show(&head, picture.fb);
	kms_commit_init(&commit, gpu);
	leave(&head, &commit);
	kms_commit(&commit, DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
	raise(SIGKILL);
}

static void killed(const struct test_case *row)
{
	static const struct gpu_setting settings[] = {
		{ "vram_size", "33554432" }, { "heads", "1" }, { }
	};
	struct textscreen screen;
	int gpu, status;
	pid_t pid;

	gpu = gpu_create(OWN, settings);
	gpu_drop_master(gpu);
	textscreen_init(&screen, OWN, gpu);
	textscreen_scroll(&screen, 8, 3);
	textscreen_check_screen(&screen);

	pid = child_fork();
	if (!pid) {
		have_screen_and_die(row);
		_exit(1);
	}
	check_eq(waitpid(pid, &status, 0), pid);
	check(WIFSIGNALED(status));
	check_eq(WTERMSIG(status), SIGKILL);

	textscreen_leave();
	textscreen_enter();
	textscreen_check_screen(&screen);
	textscreen_fini(&screen);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "killed",
		.describe = "The console is as before after a program with its screen was killed.",
		.run_case = killed,
		.cases = leftovers,
		.seconds = PATIENCE,
	},
};

TEST_MAIN("The console after a program that had its screen.", subtests)
