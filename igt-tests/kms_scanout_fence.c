// SPDX-License-Identifier: MIT
/*
 * When a screen shows an imported buffer: not before the fences that are in it
 * or come with the commit, and who waits for the flip is told of it.
 */
#include <sys/mman.h>

#include "dmabuf.h"
#include "exporter.h"
#include "scanout.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define START_RW (DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW)
#define END_RW (DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW)

/* The flip has not been: neither told of, nor seen, for so many vblanks. */
static void check_flip_waits(const struct scanout *scanout, uint32_t seed)
{
	kms_wait_vblanks(&scanout->head, 3);
	check(!kms_event_pending(scanout->head.gpu));
	picture_check(&scanout->head, seed);
}

static void check_flipped_after(const struct scanout *scanout, uint64_t sequence, uint32_t seed)
{
	struct kms_event event;

	kms_read_event(scanout->head.gpu, &event);
	check_eq(event.type, DRM_EVENT_FLIP_COMPLETE);
	check_lt(sequence, event.sequence);
	picture_check(&scanout->head, seed);
}

/* A foreign buffer with a picture in it, and a framebuffer of it. */
struct foreign {
	int fd;
	int timeline;
	void *at;
	struct picture_buffer import;
	struct scanout scanout;
};

static void foreign_init(struct foreign *foreign, const struct exporter *exp, uint32_t seed)
{
	foreign->fd = exporter_create_for_sync(exp, KMS_BYTES);
	foreign->timeline = sw_sync_timeline();
	foreign->at = dmabuf_mmap(foreign->fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	scanout_init(&foreign->scanout, scanout_p2p);
	picture_buffer_import(&foreign->import, foreign->scanout.head.gpu, foreign->fd);
	dmabuf_sync(foreign->fd, START_RW);
	picture_draw(foreign->at, seed);
	dmabuf_sync(foreign->fd, END_RW);
}

static void foreign_fini(struct foreign *foreign)
{
	scanout_show_own(&foreign->scanout);
	picture_buffer_fini(&foreign->import);
	scanout_fini(&foreign->scanout);
	close_fd(foreign->timeline);
	dmabuf_munmap(foreign->at, KMS_BYTES);
	close_fd(foreign->fd);
}

/* A fence that is in the buffer already when the flip is asked for. */
static void fence_in_buffer(const struct exporter *exp)
{
	uint64_t sequence, time_ns;
	struct foreign foreign;
	struct kms_head *head = &foreign.scanout.head;

	foreign_init(&foreign, exp, 11);
	sw_sync_attach(foreign.fd, foreign.timeline, 1, DMA_BUF_SYNC_WRITE);
	kms_queue_flip(head, foreign.import.fb, 1);
	check_flip_waits(&foreign.scanout, SCANOUT_OWN_SEED);
	kms_vblank(head, &sequence, &time_ns);
	sw_sync_advance(foreign.timeline, 1);
	check_flipped_after(&foreign.scanout, sequence, 11);
	foreign_fini(&foreign);
}

/* A reader of the buffer does not hold up a screen, which reads as well. */
static void reader_in_buffer(const struct exporter *exp)
{
	struct foreign foreign;

	foreign_init(&foreign, exp, 12);
	sw_sync_attach(foreign.fd, foreign.timeline, 1, DMA_BUF_SYNC_READ);
	kms_queue_flip(&foreign.scanout.head, foreign.import.fb, 1);
	check_flipped_after(&foreign.scanout, 0, 12);
	sw_sync_advance(foreign.timeline, 1);
	foreign_fini(&foreign);
}

/* The peer has not drawn the frame yet when its flip is asked for. */
static void job_in_buffer(const struct test_case *row)
{
	uint64_t sequence, time_ns;
	struct kms_event event;
	struct scanout_shared shared;
	struct gate gate;

	scanout_shared_init(&shared, row->arg);
	picture_fill(shared.at, KMS_BYTES, 0xff112233);
	gate_init(&gate, shared.gpu);
	submit_synced(shared.gpu, &(struct drm_vprime_command){
		.op = VPRIME_OP_FILL,
		.dst = shared.handle,
		.dst_pitch = KMS_BYTES,
		.width = KMS_BYTES,
		.height = 1,
		.value = 0xff445566,
	}, gate.syncobj, 0, 0);
	kms_queue_flip(&shared.scanout.head, shared.fb.fb, 1);
	check_flip_waits(&shared.scanout, SCANOUT_OWN_SEED);
	kms_vblank(&shared.scanout.head, &sequence, &time_ns);
	gate_open(&gate);
	kms_read_event(shared.scanout.head.gpu, &event);
	check_lt(sequence, event.sequence);
	picture_check_fill(&shared.scanout.head, 0xff445566);
	gate_fini(&gate);
	scanout_shared_fini(&shared);
}

/* IN_FENCE_FD holds the flip up, OUT_FENCE_PTR tells when it is over. */
static void explicit_fences(const struct test_case *row)
{
	int timeline = sw_sync_timeline(), in = sw_sync_fence(timeline, 1), out = -1;
	struct kms_commit commit;
	struct kms_event event;
	struct scanout_shared shared;

	scanout_shared_init(&shared, row->arg);
	picture_draw(shared.at, 13);
	kms_commit_init(&commit, shared.scanout.head.gpu);
	kms_commit_add(&commit, shared.scanout.head.primary, "FB_ID", shared.fb.fb);
	kms_commit_add(&commit, shared.scanout.head.primary, "IN_FENCE_FD", in);
	kms_commit_add(&commit, shared.scanout.head.crtc, "OUT_FENCE_PTR", (uintptr_t)&out);
	kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT, 1);
	check_le(0, out);
	check_flip_waits(&shared.scanout, SCANOUT_OWN_SEED);
	check(!sync_file_signalled(out));
	sw_sync_advance(timeline, 1);
	check_ret(sync_file_result(out), 0);
	picture_check(&shared.scanout.head, 13);
	kms_read_event(shared.scanout.head.gpu, &event);
	close_fd(out);
	close_fd(in);
	close_fd(timeline);
	scanout_shared_fini(&shared);
}

/* Nothing is shown that the fence would be for: it is waited for all the same, and no matter. */
static void fence_without_picture(void)
{
	int timeline = sw_sync_timeline(), in = sw_sync_fence(timeline, 1);
	struct kms_commit commit;
	struct scanout scanout;

	scanout_init(&scanout, scanout_p2p);
	sw_sync_advance(timeline, 1);
	kms_commit_init(&commit, scanout.head.gpu);
	kms_commit_add(&commit, scanout.head.overlay, "FB_ID", 0);
	kms_commit_add(&commit, scanout.head.overlay, "CRTC_ID", 0);
	kms_commit_add(&commit, scanout.head.overlay, "IN_FENCE_FD", in);
	kms_commit(&commit, 0, 0);
	picture_check(&scanout.head, SCANOUT_OWN_SEED);
	close_fd(in);
	close_fd(timeline);
	scanout_fini(&scanout);
}

#define CURSOR_SIZE 64
#define CURSOR_BYTES (CURSOR_SIZE * CURSOR_SIZE * 4)
#define RED 0xffff0000
#define GREEN 0xff00ff00
#define WHITE 0xffffffff
#define CURSOR_X 96
#define CURSOR_Y 32

/* A screen with a cursor, and the next picture of the cursor, which a job is going to draw. */
struct pointer {
	struct scanout scanout;
	uint32_t shown;
	uint32_t next;
	struct gate gate;
};

static uint32_t cursor_create(int gpu, uint32_t pixel)
{
	uint32_t handle = vprime_bo_create(gpu, CURSOR_BYTES, ANYWHERE);
	void *at = vprime_bo_mmap(gpu, handle, CURSOR_BYTES);

	picture_fill(at, CURSOR_BYTES, pixel);
	dmabuf_munmap(at, CURSOR_BYTES);
	return handle;
}

/* What has been asked for is on the screen. */
static void check_cursor(const struct pointer *pointer, uint32_t x, uint32_t y, uint32_t pixel)
{
	const struct kms_head *head = &pointer->scanout.head;
	uint32_t *at;

	kms_wait_vblanks(head, 2);
	at = picture_take(head);
	check_eq(at[y * KMS_WIDTH + x], pixel);
	check_eq(at[(y + CURSOR_SIZE - 1) * KMS_WIDTH + x + CURSOR_SIZE - 1], pixel);
	dmabuf_munmap(at, KMS_BYTES);
}

static void pointer_init(struct pointer *pointer)
{
	struct drm_vprime_command fill;
	int gpu;

	scanout_init(&pointer->scanout, scanout_p2p);
	gpu = pointer->scanout.head.gpu;
	pointer->shown = cursor_create(gpu, RED);
	pointer->next = cursor_create(gpu, 0);
	kms_set_cursor(&pointer->scanout.head, pointer->shown, CURSOR_SIZE, 0, 0);
	check_cursor(pointer, 0, 0, RED);
	gate_init(&pointer->gate, gpu);
	fill = command_fill(pointer->next, 0, CURSOR_BYTES, GREEN);
	submit_synced(gpu, &fill, pointer->gate.syncobj, 0, 0);
	kms_set_cursor(&pointer->scanout.head, pointer->next, CURSOR_SIZE, 0, 0);
	check_cursor(pointer, 0, 0, RED);
}

static void pointer_draw(struct pointer *pointer)
{
	gate_open(&pointer->gate);
	vprime_bo_wait(pointer->scanout.head.gpu, pointer->next);
}

static void pointer_fini(struct pointer *pointer)
{
	kms_set_cursor(&pointer->scanout.head, 0, 0, 0, 0);
	gate_fini(&pointer->gate);
	drm_close_handle(pointer->scanout.head.gpu, pointer->next);
	drm_close_handle(pointer->scanout.head.gpu, pointer->shown);
	scanout_fini(&pointer->scanout);
}

static void cursor_waits(void)
{
	struct pointer pointer;

	pointer_init(&pointer);
	kms_move_cursor(&pointer.scanout.head, CURSOR_X, CURSOR_Y);
	check_cursor(&pointer, CURSOR_X, CURSOR_Y, RED);
	scanout_show_own(&pointer.scanout);
	check_cursor(&pointer, CURSOR_X, CURSOR_Y, RED);
	pointer_draw(&pointer);
	check_cursor(&pointer, CURSOR_X, CURSOR_Y, GREEN);
	pointer_fini(&pointer);
}

/* The picture that waited is not shown once there is a later one. */
static void cursor_replaced(void)
{
	struct pointer pointer;
	uint32_t later;

	pointer_init(&pointer);
	later = cursor_create(pointer.scanout.head.gpu, WHITE);
	kms_set_cursor(&pointer.scanout.head, later, CURSOR_SIZE, 0, 0);
	check_cursor(&pointer, 0, 0, WHITE);
	pointer_draw(&pointer);
	check_cursor(&pointer, 0, 0, WHITE);
	pointer_fini(&pointer);
	/* What goes while a picture waits goes with it. */
	pointer_init(&pointer);
	pointer_fini(&pointer);
}

static const struct subtest subtests[] = {
	{
		.name = "fence-in-buffer",
		.describe = "A writer's fence in the buffer holds the flip up.",
		.run_on = fence_in_buffer,
	}, {
		.name = "reader-in-buffer",
		.describe = "A reader's fence does not.",
		.run_on = reader_in_buffer,
	}, {
		.name = "job-in-buffer",
		.describe = "A frame that the peer has not drawn yet is shown when it is drawn.",
		.run_case = job_in_buffer,
		.cases = scanout_peers,
	}, {
		.name = "explicit-fences",
		.describe = "IN_FENCE_FD holds a flip up, OUT_FENCE_PTR tells of its end.",
		.run_case = explicit_fences,
		.cases = scanout_peers,
	}, {
		.name = "fence-without-picture",
		.describe = "A plane that goes off may have an IN_FENCE_FD.",
		.run = fence_without_picture,
	}, {
		.name = "cursor",
		.describe = "A legacy cursor that is not drawn yet leaves the one before on the screen, which moves.",
		.run = cursor_waits,
	}, {
		.name = "cursor-replaced",
		.describe = "A legacy cursor that waits to be drawn is not shown after a later one.",
		.run = cursor_replaced,
	},
};

TEST_MAIN("Fences of imported buffers on a screen.", subtests)
