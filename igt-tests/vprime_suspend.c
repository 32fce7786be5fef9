// SPDX-License-Identifier: MIT
/*
 * The machine is suspended, and goes on: what was on a screen, in a buffer, in
 * an engine's queue and on the console is there again.
 */
#include "asleep.h"
#include "dmabuf.h"
#include "drm.h"
#include "fbdev_guest.h"
#include "gpu.h"
#include "moving.h"
#include "pattern.h"
#include "scanout.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "vprime.h"

#define SEED 21

/* Vblanks are counted on, and the next frame is one. */
static void check_goes_on(struct scanout_shared *shared, uint64_t sequence, uint64_t time_ns,
			  uint32_t crc)
{
	const struct kms_head *head = &shared->scanout.head;
	uint64_t later, later_ns;

	kms_vblank(head, &later, &later_ns);
	check_le(sequence, later);
	check_le(time_ns, later_ns);
	scanout_show_own(&shared->scanout);
	scanout_check(&shared->scanout, shared->fb.fb, SEED, crc);
}

static void check_picture_survives(struct scanout_shared *shared)
{
	const struct kms_head *head = &shared->scanout.head;
	uint32_t crc = scanout_crc_of(&shared->scanout, SEED);
	uint64_t sequence, time_ns;

	picture_draw(shared->at, SEED);
	scanout_check(&shared->scanout, shared->fb.fb, SEED, crc);
	kms_vblank(head, &sequence, &time_ns);
	asleep();
	picture_check(head, SEED);
	check_goes_on(shared, sequence, time_ns, crc);
}

static void picture(void)
{
	struct scanout_shared shared;

	asleep_require();
	scanout_shared_init_own(&shared, scanout_p2p);
	vprime_bo_move(shared.gpu, shared.handle, VRAM);
	check_picture_survives(&shared);
	scanout_shared_fini(&shared);
}

static void peers_picture(const struct test_case *row)
{
	struct scanout_shared shared;

	asleep_require();
	scanout_shared_init(&shared, row->arg);
	vprime_bo_move(shared.gpu, shared.handle, VRAM);
	check_picture_survives(&shared);
	scanout_shared_fini(&shared);
}

/* One that is off does not come on. */
static void dark(void)
{
	struct scanout_shared shared;
	struct drm_vprime_capture capture;

	asleep_require();
	scanout_shared_init_own(&shared, scanout_p2p);
	kms_turn_off(&shared.scanout.head);
	asleep();
	capture = picture_capture_to(shared.handle);
	check_ret(__picture_capture(&shared.scanout.head, &capture), -ENODATA);
	kms_show(&shared.scanout.head, shared.scanout.own.fb);
	scanout_shared_fini(&shared);
}

/* Whoever has it finds it again, wherever it was. */
static void content(const struct test_case *row)
{
	struct moving moving;
	uint32_t i;

	asleep_require();
	moving_init(&moving, row);
	moving_share(&moving);
	for (i = 0; i < 3; i++) {
		vprime_bo_move(moving.exporter, moving.handle, moving_path[i]);
		moving_write(&moving, i);
		moving_check(&moving, i);
		asleep();
		check_ne(vprime_bo_placement(moving.exporter, moving.handle), VRAM);
		moving_check(&moving, i);
		check_eq(engine_sum(moving.exporter, moving.handle, MOVING_BYTES),
			 pattern_sum(MOVING_BYTES, i));
	}
	moving_fini(&moving);
}

#define JOBS 200
#define SLOWLY "20"

/* A GPU of the subtest's own, and a buffer of it that is mapped. */
struct target {
	int gpu;
	uint32_t handle;
	void *at;
};

static void target_init(struct target *target, uint32_t place)
{
	asleep_require();
	target->gpu = gpu_create_small(OWN, MOVING_VRAM);
	target->handle = vprime_bo_create(target->gpu, MOVING_BYTES, place);
	target->at = vprime_bo_mmap(target->gpu, target->handle, MOVING_BYTES);
}

static void target_fini(struct target *target)
{
	dmabuf_munmap(target->at, MOVING_BYTES);
	drm_close_handle(target->gpu, target->handle);
	close_fd(target->gpu);
	gpu_destroy(OWN);
}

/* The engine has much to do when it is stopped; what it has not done it does afterwards. */
static void queue(void)
{
	struct drm_vprime_command command;
	struct target target;
	uint32_t i;

	target_init(&target, SYSTEM);
	gpu_set(OWN, "faults/fence_delay_ms", SLOWLY);
	for (i = 0; i < JOBS; i++) {
		command = command_fill(target.handle, 0, MOVING_BYTES, i);
		submit_command(target.gpu, &command);
	}
	asleep();
	check(!vprime_bo_idle(target.gpu, target.handle, VPRIME_WAIT_WRITE));
	gpu_set(OWN, "faults/fence_delay_ms", "0");
	vprime_bo_wait(target.gpu, target.handle);
	pattern_check_fill(target.at, MOVING_BYTES, JOBS - 1);
	target_fini(&target);
}

/* A peer does its jobs on what is in VRAM before either of them sleeps. */
static void busy_peer(void)
{
	struct drm_vprime_command command;
	struct moving moving;
	uint32_t i;

	asleep_require();
	moving_init(&moving, &moving_importers[0]);
	moving_share(&moving);
	vprime_bo_move(moving.exporter, moving.handle, VRAM);
	gpu_set(OWN_PEER, "faults/fence_delay_ms", SLOWLY);
	for (i = 0; i < JOBS / 2; i++) {
		command = command_fill(moving.abroad, 0, MOVING_BYTES, i);
		submit_command(moving.importer, &command);
	}
	asleep();
	gpu_set(OWN_PEER, "faults/fence_delay_ms", "0");
	check_ne(vprime_bo_placement(moving.exporter, moving.handle), VRAM);
	check_eq(engine_sum(moving.exporter, moving.handle, MOVING_BYTES),
		 (uint64_t)MOVING_WORDS * (JOBS / 2 - 1));
	moving_fini(&moving);
}

/* A job that cannot begin keeps its buffer where it is: the machine stays awake. */
static void held_up(void)
{
	struct drm_vprime_command command;
	struct target target;
	struct gate gate;

	target_init(&target, VRAM);
	gate_init(&gate, target.gpu);
	command = command_fill(target.handle, 0, MOVING_BYTES, SEED);
	submit_synced(target.gpu, &command, gate.syncobj, 0, 0);
	check_ret(__asleep(), -EBUSY);
	check(!vprime_bo_idle(target.gpu, target.handle, VPRIME_WAIT_WRITE));
	gate_open(&gate);
	vprime_bo_wait(target.gpu, target.handle);
	pattern_check_fill(target.at, MOVING_BYTES, SEED);
	asleep();
	pattern_check_fill(target.at, MOVING_BYTES, SEED);
	gate_fini(&gate);
	target_fini(&target);
}

/* The same with a flip that waits for a fence. */
static void flip_held_up(void)
{
	struct scanout_shared shared;
	struct kms_event event;
	int timeline;
	uint32_t crc;

	asleep_require();
	timeline = sw_sync_timeline();
	scanout_shared_init(&shared, scanout_p2p);
	crc = scanout_crc_of(&shared.scanout, SEED);
	picture_draw(shared.at, SEED);
	sw_sync_attach(shared.dmabuf, timeline, 1, DMA_BUF_SYNC_WRITE);
	kms_queue_flip(&shared.scanout.head, shared.fb.fb, 1);
	check_ret(__asleep(), -EBUSY);
	picture_check(&shared.scanout.head, SCANOUT_OWN_SEED);
	sw_sync_advance(timeline, 1);
	kms_read_event(shared.scanout.head.gpu, &event);
	picture_check(&shared.scanout.head, SEED);
	asleep();
	picture_check(&shared.scanout.head, SEED);
	scanout_show_own(&shared.scanout);
	scanout_check(&shared.scanout, shared.fb.fb, SEED, crc);
	scanout_shared_fini(&shared);
	close_fd(timeline);
}

static void console(const struct test_case *row)
{
	struct fbdev_guest guest;
	unsigned int i;

	asleep_require();
	fbdev_guest_init(&guest, row->arg);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	for (i = 0; i < 2; i++) {
		textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, i);
		asleep();
		textscreen_check(&guest.screen);
		textscreen_print(&guest.screen, "written after it, %u\n", i);
		textscreen_check(&guest.screen);
	}
	fbdev_guest_fini(&guest);
}

static const struct subtest subtests[] = {
	{
		.name = "picture",
		.describe = "A picture is on the screen again, vblanks go on, and so do flips.",
		.run = picture,
	}, {
		.name = "peers-picture",
		.describe = "So is one in a peer's memory, whichever of the two wakes up first.",
		.run_case = peers_picture,
		.cases = scanout_peers,
	}, {
		.name = "dark",
		.describe = "A screen that was off stays off.",
		.run = dark,
	}, {
		.name = "content",
		.describe = "A buffer has its content for GPU and importer, wherever it was.",
		.run_case = content,
		.cases = moving_importers,
	}, {
		.name = "queue",
		.describe = "Jobs that had not begun are done after it.",
		.run = queue,
	}, {
		.name = "busy-peer",
		.describe = "A buffer in VRAM that a peer is busy with is safe when it is done.",
		.run = busy_peer,
	}, {
		.name = "held-up",
		.describe = "While a job waits for a program the machine does not fall asleep.",
		.run = held_up,
	}, {
		.name = "flip-held-up",
		.describe = "Nor while a flip does.",
		.run = flip_held_up,
	}, {
		.name = "console",
		.describe = "Text in a peer's memory that moves about is right, and goes on.",
		.run_case = console,
		.cases = fbdev_guest_reaches,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
};

TEST_MAIN("vprime's GPUs in a machine that sleeps.", subtests)
