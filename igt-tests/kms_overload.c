// SPDX-License-Identifier: MIT
/*
 * More than a machine can do in time: many screens, large ones, fast ones, and
 * clients in a hurry.  Frames may be missing then, but nothing else: counters
 * only go up, times are those of vblanks, every event comes, and others get to
 * run.
 */
#include <signal.h>
#include <time.h>

#include "bystander.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "subtest.h"
#include "vprime.h"

#define HEADS 8
#define HEADS_TEXT "8"
#define HEAD_ROUNDS 6
#define LARGE_WIDTH 4096
#define LARGE_HEIGHT 2160
#define LARGE_HZ 240
#define LARGE_ROUNDS 3
#define FAST_HZ 500
#define TOO_FAST_HZ 501
#define FAST_VBLANKS 100
#define CURSOR_SIZE 64
#define CURSOR_MOVES 300
#define ASYNC_FLIPS 100
#define SIGNAL_COMMITS 30
#define SIGNAL_NS 1000000

/* The vblanks of a screen are a grid in time, which begins when its mode does. */
struct grid {
	uint64_t period_ns;
	uint64_t sequence;
	uint64_t time_ns;
};

static void grid_init(struct grid *grid, const struct kms_head *head)
{
	grid->period_ns = kms_mode_period_ns(&head->mode);
	kms_vblank(head, &grid->sequence, &grid->time_ns);
}

static void grid_check(struct grid *grid, uint64_t sequence, uint64_t time_ns, uint64_t precision)
{
	uint64_t passed = sequence - grid->sequence;
	int64_t off = time_ns - grid->time_ns - passed * grid->period_ns;

	check_le(grid->sequence, sequence);
	check_msg(off <= 0 && -off < (int64_t)precision,
		  "vblank %llu is %lld ns off the grid that %llu is on",
		  (unsigned long long)sequence, (long long)off,
		  (unsigned long long)grid->sequence);
	check_le(time_ns, kms_now_ns());
}

/* From here on the counter has passed what it is now. */
static void grid_follow(struct grid *grid, const struct kms_head *head)
{
	uint64_t sequence, time_ns;

	kms_vblank(head, &sequence, &time_ns);
	grid_check(grid, sequence, time_ns, 1);
	grid->sequence = sequence;
	grid->time_ns = time_ns;
}

/* Events tell microseconds. */
static void check_flip(struct grid *grid, const struct kms_event *event)
{
	check_eq(event->type, DRM_EVENT_FLIP_COMPLETE);
	grid_check(grid, event->sequence, event->time_ns, 1000);
}

/* All show the first of two framebuffers of one colour. */
struct screens {
	int gpu;
	struct kms_head heads[HEADS];
	struct picture_buffer buffers[2];
};

static void screens_init(struct screens *screens, const struct gpu_setting *settings,
			 unsigned int heads)
{
	unsigned int i;

	screens->gpu = gpu_create(OWN, settings);
	kms_client_init(screens->gpu);
	for (i = 0; i < heads; i++)
		kms_head_init(&screens->heads[i], screens->gpu, i);
}

static void screens_show(struct screens *screens, unsigned int heads)
{
	const struct drm_mode_modeinfo *mode = &screens->heads[0].mode;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		picture_buffer_init_size(&screens->buffers[i], screens->gpu, mode->hdisplay,
					 mode->vdisplay);
		picture_fill(screens->buffers[i].at, screens->buffers[i].bytes,
			     i ? 0xff224466 : 0xffaa8800);
	}
	for (i = 0; i < heads; i++)
		kms_show(&screens->heads[i], screens->buffers[0].fb);
}

static void screens_fini(struct screens *screens, unsigned int heads)
{
	unsigned int i;

	for (i = 0; i < heads; i++)
		kms_turn_off(&screens->heads[i]);
	for (i = 0; i < 2; i++)
		picture_buffer_fini(&screens->buffers[i]);
	close_fd(screens->gpu);
	gpu_destroy(OWN);
}

static const struct gpu_setting many_heads[] = {
	{ "vram_size", "16777216" }, { "heads", HEADS_TEXT }, { }
};

static const struct gpu_setting one_head[] = {
	{ "vram_size", "16777216" }, { "heads", "1" }, { }
};

static const struct gpu_setting large_head[] = {
	{ "vram_size", "167772160" }, { "heads", "1" }, { }
};

/* A flip on each screen; their events come in any order. */
static void flip_all(struct screens *screens, struct grid grids[HEADS], uint32_t fb)
{
	bool came[HEADS] = { };
	struct kms_event event;
	unsigned int i;

	for (i = 0; i < HEADS; i++)
		kms_queue_flip(&screens->heads[i], fb, i);
	for (i = 0; i < HEADS; i++) {
		kms_read_event(screens->gpu, &event);
		check_lt(event.user_data, HEADS);
		check(!came[event.user_data]);
		came[event.user_data] = true;
		check_eq(event.crtc, screens->heads[event.user_data].crtc);
		check_flip(&grids[event.user_data], &event);
	}
	check(!kms_event_pending(screens->gpu));
}

static void heads(void)
{
	struct picture_crc crcs[HEADS];
	struct bystander bystander;
	struct grid grids[HEADS];
	struct screens screens;
	unsigned int i, round;

	screens_init(&screens, many_heads, HEADS);
	screens_show(&screens, HEADS);
	for (i = 0; i < HEADS; i++) {
		grid_init(&grids[i], &screens.heads[i]);
		picture_crc_start(&crcs[i], &screens.heads[i]);
	}
	bystander_start(&bystander);
	for (round = 0; round < HEAD_ROUNDS; round++) {
		flip_all(&screens, grids, screens.buffers[!(round & 1)].fb);
		bystander_wait(&bystander);
		for (i = 0; i < HEADS; i++)
			grid_follow(&grids[i], &screens.heads[i]);
	}
	bystander_stop(&bystander);
	for (i = 0; i < HEADS; i++)
		picture_crc_stop(&crcs[i]);
	screens_fini(&screens, HEADS);
}

/* A frame takes many times its period to look at, and is looked at. */
static void large(void)
{
	uint32_t crcs[LARGE_ROUNDS], round;
	struct bystander bystander;
	struct screens screens;
	struct picture_crc crc;
	struct kms_event event;
	struct grid grid;

	screens_init(&screens, large_head, 1);
	screens.heads[0].mode = kms_mode(LARGE_WIDTH, LARGE_HEIGHT, LARGE_HZ);
	screens_show(&screens, 1);
	grid_init(&grid, &screens.heads[0]);
	picture_crc_start(&crc, &screens.heads[0]);
	bystander_start(&bystander);
	for (round = 0; round < LARGE_ROUNDS; round++) {
		kms_flip(&screens.heads[0], screens.buffers[!(round & 1)].fb, &event);
		check_flip(&grid, &event);
		crcs[round] = picture_crc_at(&crc, event.sequence);
		bystander_wait(&bystander);
		grid_follow(&grid, &screens.heads[0]);
	}
	bystander_stop(&bystander);
	check_ne(crcs[0], crcs[1]);
	check_eq(crcs[0], crcs[2]);
	picture_crc_stop(&crc);
	screens_fini(&screens, 1);
}

static void fast(void)
{
	struct bystander bystander;
	uint64_t sequence, time_ns;
	struct screens screens;
	struct kms_event event;
	struct grid grid;
	int i;

	screens_init(&screens, one_head, 1);
	screens.heads[0].mode = kms_mode(KMS_WIDTH, KMS_HEIGHT, FAST_HZ);
	screens_show(&screens, 1);
	grid_init(&grid, &screens.heads[0]);
	bystander_start(&bystander);
	for (i = 0; i < FAST_VBLANKS; i++) {
		kms_vblank(&screens.heads[0], &sequence, &time_ns);
		kms_queue_sequence(&screens.heads[0], sequence + 1, i);
		kms_read_event(screens.gpu, &event);
		check_eq(event.type, DRM_EVENT_CRTC_SEQUENCE);
		check_eq(event.user_data, i);
		check_lt(sequence, event.sequence);
		grid_check(&grid, event.sequence, event.time_ns, 1);
		grid_follow(&grid, &screens.heads[0]);
	}
	bystander_wait(&bystander);
	bystander_stop(&bystander);
	screens_fini(&screens, 1);
}

/* Rates that leave no time at all, or none to speak of, are no modes. */
static void too_fast(void)
{
	static const uint32_t rates[] = { TOO_FAST_HZ, 10000, 0 };
	struct screens screens;
	size_t i;

	screens_init(&screens, one_head, 1);
	screens_show(&screens, 1);
	for (i = 0; rates[i]; i++) {
		screens.heads[0].mode = kms_mode(KMS_WIDTH, KMS_HEIGHT, rates[i]);
		check_ret(__kms_show(&screens.heads[0], screens.buffers[1].fb), -EINVAL);
	}
	/* And no clock at all. */
	screens.heads[0].mode.clock = 0;
	check_ret(__kms_show(&screens.heads[0], screens.buffers[1].fb), -EINVAL);
	screens_fini(&screens, 1);
}

/* Also over the edges, and out of the screen. */
static void cursor_storm(void)
{
	struct picture_buffer cursor;
	struct bystander bystander;
	struct screens screens;
	struct picture_crc crc;
	struct kms_event event;
	struct grid grid;
	uint32_t bare;
	int i;

	screens_init(&screens, one_head, 1);
	screens_show(&screens, 1);
	picture_buffer_init_size(&cursor, screens.gpu, CURSOR_SIZE, CURSOR_SIZE);
	picture_fill(cursor.at, cursor.bytes, 0xffffffff);
	picture_crc_start(&crc, &screens.heads[0]);
	kms_flip(&screens.heads[0], screens.buffers[1].fb, &event);
	bare = picture_crc_at(&crc, event.sequence);
	grid_init(&grid, &screens.heads[0]);
	kms_set_cursor(&screens.heads[0], cursor.handle, CURSOR_SIZE, 0, 0);
	bystander_start(&bystander);
	for (i = 0; i < CURSOR_MOVES; i++) {
		kms_move_cursor(&screens.heads[0],
				i * 7 % (KMS_WIDTH + 2 * CURSOR_SIZE) - CURSOR_SIZE,
				i * 5 % (KMS_HEIGHT + 2 * CURSOR_SIZE) - CURSOR_SIZE);
		/* A frame in between. */
		if (i % 100 == 50) {
			kms_flip(&screens.heads[0], screens.buffers[0].fb, &event);
			check_flip(&grid, &event);
			bystander_wait(&bystander);
		}
	}
	bystander_stop(&bystander);
	grid_follow(&grid, &screens.heads[0]);
	kms_set_cursor(&screens.heads[0], 0, 0, 0, 0);
	kms_flip(&screens.heads[0], screens.buffers[1].fb, &event);
	check_eq(picture_crc_at(&crc, event.sequence), bare);
	picture_crc_stop(&crc);
	kms_turn_off(&screens.heads[0]);
	picture_buffer_fini(&cursor);
	screens_fini(&screens, 1);
}

/* As soon as one is over the next is asked for. */
static void async_storm(void)
{
	struct drm_mode_crtc_page_flip arg = {
		.flags = DRM_MODE_PAGE_FLIP_EVENT | DRM_MODE_PAGE_FLIP_ASYNC,
	};
	struct bystander bystander;
	struct screens screens;
	struct kms_event event;
	uint64_t last = 0, i;

	screens_init(&screens, one_head, 1);
	screens_show(&screens, 1);
	bystander_start(&bystander);
	arg.crtc_id = screens.heads[0].crtc;
	for (i = 0; i < ASYNC_FLIPS; i++) {
		arg.fb_id = screens.buffers[!(i & 1)].fb;
		arg.user_data = i;
		check_ret(__vprime_ioctl(screens.gpu, DRM_IOCTL_MODE_PAGE_FLIP, &arg), 0);
		kms_read_event(screens.gpu, &event);
		check_eq(event.user_data, i);
		check_le(last, event.sequence);
		last = event.sequence;
	}
	check(!kms_event_pending(screens.gpu));
	bystander_wait(&bystander);
	bystander_stop(&bystander);
	picture_check_fill(&screens.heads[0], 0xffaa8800);
	screens_fini(&screens, 1);
}

static void do_nothing(int number)
{
	(void)number;
}

static timer_t start_signals(void)
{
	const struct sigaction action = { .sa_handler = do_nothing };
	const struct itimerspec often = {
		.it_interval.tv_nsec = SIGNAL_NS,
		.it_value.tv_nsec = SIGNAL_NS,
	};
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t timer;

	check_ok(neg_errno(sigaction(SIGUSR1, &action, NULL)));
	check_ok(neg_errno(timer_create(CLOCK_MONOTONIC, &event, &timer)));
	check_ok(neg_errno(timer_settime(timer, 0, &often, NULL)));
	return timer;
}

/* Interrupted, it has done nothing, and is asked again. */
static unsigned int commit_through_signals(const struct kms_commit *commit, uint32_t flags)
{
	unsigned int interrupted = 0;
	int ret;

	while ((ret = __kms_commit(commit, flags, 0)) == -EINTR || ret == -EAGAIN)
		interrupted++;
	check_ret(ret, 0);
	return interrupted;
}

/* Whole modesets, as they take longest. */
static void hail(void)
{
	const struct drm_mode_rect all = { .x2 = KMS_WIDTH, .y2 = KMS_HEIGHT };
	unsigned int interrupted = 0, i;
	struct bystander bystander;
	struct kms_commit on, off;
	struct screens screens;
	timer_t timer;

	screens_init(&screens, one_head, 1);
	screens_show(&screens, 1);
	kms_commit_init(&on, screens.gpu);
	kms_commit_mode(&on, &screens.heads[0]);
	kms_commit_plane(&on, &screens.heads[0], screens.heads[0].primary, screens.buffers[1].fb,
			 &all);
	kms_commit_init(&off, screens.gpu);
	kms_commit_off(&off, &screens.heads[0]);
	bystander_start(&bystander);
	timer = start_signals();
	for (i = 0; i < SIGNAL_COMMITS; i++) {
		interrupted += commit_through_signals(&off, DRM_MODE_ATOMIC_ALLOW_MODESET);
		interrupted += commit_through_signals(&on, DRM_MODE_ATOMIC_ALLOW_MODESET);
	}
	check_ok(neg_errno(timer_delete(timer)));
	bystander_wait(&bystander);
	bystander_stop(&bystander);
	subtest_info("%u commits, interrupted %u times", 2 * SIGNAL_COMMITS, interrupted);
	picture_check_fill(&screens.heads[0], 0xff224466);
	screens_fini(&screens, 1);
}

static const struct subtest subtests[] = {
	{
		.name = "heads",
		.describe = "Many screens flip at the same time while somebody looks at all of them.",
		.run = heads,
	}, {
		.name = "large",
		.describe = "A screen that is too large to look at in time is looked at all the same.",
		.run = large,
	}, {
		.name = "fast",
		.describe = "500 vblanks in a second are on the grid, those that are told of.",
		.run = fast,
	}, {
		.name = "too-fast",
		.describe = "More are no mode.",
		.run = too_fast,
	}, {
		.name = "cursor-storm",
		.describe = "A cursor moves as often as it can, and leaves no trace.",
		.run = cursor_storm,
	}, {
		.name = "async-storm",
		.describe = "Flips that wait for no vblank, one after the other: each is told of.",
		.run = async_storm,
	}, {
		.name = "signals",
		.describe = "Modesets come to an end under a hail of signals.",
		.run = hail,
	},
};

TEST_MAIN("Screens that ask for more than the machine can do.", subtests)
