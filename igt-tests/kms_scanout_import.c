// SPDX-License-Identifier: MIT
/*
 * A screen shows anybody's buffer: our own, a peer's that is read in place or
 * pinned, another driver's; wherever it is, moved between flips and under the
 * screen, and when its exporter goes.
 */
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "kms.h"
#include "moving.h"
#include "picture.h"
#include "scm_rights.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define START_RW (DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW)
#define END_RW (DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW)
#define NO_SEED 999
#define CHAOS_ROUNDS 12

/* The GPU with the screen; with no p2p it has peers' buffers pinned for it. */
static const struct gpu_setting screen_p2p[] = {
	{ "vram_size", "4194304" }, { "heads", "1" }, { "p2p", "1" }, { }
};

static const struct gpu_setting screen_alone[] = {
	{ "vram_size", "4194304" }, { "heads", "1" }, { "p2p", "0" }, { }
};

static const struct gpu_setting peer_settings[] = {
	{ "vram_size", "2097152" }, { "render_node", "1" }, { "p2p", "1" }, { }
};

/**
 * struct screen - a GPU with a screen that is looked at
 * @head: the screen
 * @own: what it shows in between, with picture NO_SEED
 * @crc: of the screen
 */
struct screen {
	struct kms_head head;
	struct picture_buffer own;
	struct picture_crc crc;
};

static void screen_init(struct screen *screen, const struct gpu_setting *settings)
{
	int gpu = gpu_create(OWN_PEER, settings);

	kms_client_init(gpu);
	kms_head_init(&screen->head, gpu, 0);
	picture_buffer_init(&screen->own, gpu);
	picture_draw(screen->own.at, NO_SEED);
	kms_show(&screen->head, screen->own.fb);
	picture_crc_start(&screen->crc, &screen->head);
}

static void screen_fini(struct screen *screen)
{
	struct drm_vprime_stats stats;

	vprime_stats(screen->head.gpu, &stats);
	check_eq(stats.bus_faults, 0);
	picture_crc_stop(&screen->crc);
	kms_turn_off(&screen->head);
	picture_buffer_fini(&screen->own);
	close_fd(screen->head.gpu);
	gpu_destroy(OWN_PEER);
}

/* The CRC that a picture has in a buffer of the screen's own GPU. */
static uint32_t crc_of_own(struct screen *screen, uint32_t seed)
{
	struct picture_buffer buffer;
	struct kms_event event;
	uint32_t crc;

	picture_buffer_init(&buffer, screen->head.gpu);
	picture_draw(buffer.at, seed);
	kms_flip(&screen->head, buffer.fb, &event);
	crc = picture_crc_at(&screen->crc, event.sequence);
	kms_flip(&screen->head, screen->own.fb, &event);
	picture_buffer_fini(&buffer);
	return crc;
}

/* Flips to it and looks, in both ways. */
static void check_shown(struct screen *screen, uint32_t fb, uint32_t seed, uint32_t crc)
{
	struct kms_event event;

	kms_flip(&screen->head, fb, &event);
	check_eq(picture_crc_at(&screen->crc, event.sequence), crc);
	picture_check(&screen->head, seed);
}

static void show_own(struct screen *screen)
{
	struct kms_event event;

	kms_flip(&screen->head, screen->own.fb, &event);
}

/* A screen looks at a picture when it comes there; the next look needs another flip. */
static void foreign(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES);
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct picture_buffer import;
	struct screen screen;
	uint32_t seed, crc;

	screen_init(&screen, screen_p2p);
	picture_buffer_import(&import, screen.head.gpu, fd);
	for (seed = 1; seed <= 2; seed++) {
		crc = crc_of_own(&screen, seed);
		dmabuf_sync(fd, START_RW);
		picture_draw(at, seed);
		dmabuf_sync(fd, END_RW);
		check_shown(&screen, import.fb, seed, crc);
		show_own(&screen);
	}
	picture_buffer_fini(&import);
	screen_fini(&screen);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
}

/* Every descriptor of the buffer goes while it is on the screen. */
static void foreign_closed(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES);
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct picture_buffer import;
	struct screen screen;
	uint32_t crc;

	screen_init(&screen, screen_p2p);
	crc = crc_of_own(&screen, 3);
	dmabuf_sync(fd, START_RW);
	picture_draw(at, 3);
	dmabuf_sync(fd, END_RW);
	dmabuf_munmap(at, KMS_BYTES);
	picture_buffer_import(&import, screen.head.gpu, fd);
	check_shown(&screen, import.fb, 3, crc);
	close_fd(fd);
	drm_close_handle(screen.head.gpu, import.handle);
	show_own(&screen);
	check_shown(&screen, import.fb, 3, crc);
	show_own(&screen);
	check_ret(__vprime_ioctl(screen.head.gpu, DRM_IOCTL_MODE_RMFB, &import.fb), 0);
	screen_fini(&screen);
}

/**
 * struct owner - whose buffer it is
 * @screen: settings of the GPU with the screen
 * @abroad: it is a peer's
 * @others: somebody else has it pinned in system memory all along
 * @moves: it may move while it is on the screen
 */
struct owner {
	const struct gpu_setting *screen;
	bool abroad;
	bool others;
	bool moves;
};

static const struct test_case owners[] = {
	{ "own", &(const struct owner){ .screen = screen_p2p } },
	{ "peer-p2p", &(const struct owner){
		.screen = screen_p2p,
		.abroad = true,
		.moves = true,
	} },
	{ "peer-pinned", &(const struct owner){
		.screen = screen_alone,
		.abroad = true,
	} },
	{ "peer-static", &(const struct owner){
		.screen = screen_p2p,
		.abroad = true,
		.others = true,
	} },
	{ }
};

/**
 * struct shared - a buffer that can move, and a screen that shows it
 * @screen: which
 * @gpu: whose it is; the screen's own if it is nobody else's
 * @handle: of it there
 * @at: mapping of it
 * @dmabuf: of it, -1 if nobody else has it
 * @fb: of the screen
 */
struct shared {
	struct screen screen;
	int gpu;
	uint32_t handle;
	void *at;
	int dmabuf;
	struct picture_buffer fb;
};

static void shared_init(struct shared *shared, const struct owner *owner)
{
	screen_init(&shared->screen, owner->screen);
	shared->dmabuf = -1;
	if (!owner->abroad) {
		picture_buffer_init(&shared->fb, shared->screen.head.gpu);
		shared->gpu = shared->screen.head.gpu;
		shared->handle = shared->fb.handle;
		shared->at = shared->fb.at;
		return;
	}
	shared->gpu = gpu_create(OWN, peer_settings);
	shared->handle = vprime_bo_create(shared->gpu, KMS_BYTES, ANYWHERE);
	shared->at = vprime_bo_mmap(shared->gpu, shared->handle, KMS_BYTES);
	shared->dmabuf = vprime_export(shared->gpu, shared->handle);
	picture_buffer_import(&shared->fb, shared->screen.head.gpu, shared->dmabuf);
}

/* The exporter's GPU and what is left of the buffer. */
static void shared_fini_exporter(struct shared *shared)
{
	if (shared->dmabuf < 0)
		return;
	dmabuf_munmap(shared->at, KMS_BYTES);
	close_fd(shared->dmabuf);
	close_fd(shared->gpu);
	gpu_destroy(OWN);
}

static void shared_fini(struct shared *shared)
{
	show_own(&shared->screen);
	picture_buffer_fini(&shared->fb);
	shared_fini_exporter(shared);
	screen_fini(&shared->screen);
}

/* Who has just shown it, or looked at it, may still hold it. */
static void move_soon(struct shared *shared, uint32_t place)
{
	int ret;

	while ((ret = __vprime_bo_move(shared->gpu, shared->handle, place)) == -EBUSY)
		kms_wait_vblanks(&shared->screen.head, 1);
	check_ret(ret, 0);
	vprime_bo_wait(shared->gpu, shared->handle);
}

/* While it is on the screen.  What is there already has not to move. */
static void move_shown(struct shared *shared, uint32_t place, bool moves)
{
	uint32_t now = vprime_bo_placement(shared->gpu, shared->handle);

	check_ret(__vprime_bo_move(shared->gpu, shared->handle, place),
		  moves || now == place ? 0 : -EBUSY);
}

/* From every place to every other, on the screen where that goes, and off it. */
static void move_about(struct shared *shared, const struct owner *owner)
{
	uint32_t crc = crc_of_own(&shared->screen, 4), i;

	picture_draw(shared->at, 4);
	for (i = 0; i < MOVING_STEPS; i++) {
		uint32_t next = moving_path[(i + 1) % MOVING_STEPS];

		if (!owner->others)
			move_soon(shared, moving_path[i]);
		check_shown(&shared->screen, shared->fb.fb, 4, crc);
		move_shown(shared, next, owner->moves);
		picture_check(&shared->screen.head, 4);
		show_own(&shared->screen);
	}
	if (!owner->others)
		move_soon(shared, SYSTEM);
}

static void places(const struct test_case *row)
{
	const struct owner *owner = row->arg;
	struct shared shared;
	uint32_t abroad = 0;
	int vgem = -1;

	shared_init(&shared, owner);
	if (owner->others) {
		vgem = drm_open_driver("vgem");
		abroad = drm_fd_to_handle(vgem, shared.dmabuf);
	}
	move_about(&shared, owner);
	if (owner->others) {
		drm_close_handle(vgem, abroad);
		close_fd(vgem);
	}
	shared_fini(&shared);
}

static const struct test_case peers[] = {
	{ "p2p", screen_p2p },
	{ "pinned", screen_alone },
	{ }
};

static void shared_init_peer(struct shared *shared, const struct test_case *row)
{
	const struct owner owner = { .screen = row->arg, .abroad = true };

	shared_init(shared, &owner);
}

/* Buffers are moved at random, and pushed out, while each frame shows one of two pictures. */
static void chaos(const struct test_case *row)
{
	uint32_t crcs[2], round, other, pusher;
	struct picture_buffer second;
	struct shared shared;
	void *at;
	int fd;

	shared_init_peer(&shared, row);
	crcs[0] = crc_of_own(&shared.screen, 5);
	crcs[1] = crc_of_own(&shared.screen, 6);
	picture_draw(shared.at, 5);
	other = vprime_bo_create(shared.gpu, KMS_BYTES, ANYWHERE);
	at = vprime_bo_mmap(shared.gpu, other, KMS_BYTES);
	picture_draw(at, 6);
	fd = vprime_export(shared.gpu, other);
	picture_buffer_import(&second, shared.screen.head.gpu, fd);

	gpu_set(OWN, "faults/chaos_ms", "1");
	for (round = 0; round < CHAOS_ROUNDS; round++) {
		/* Nearly all of the VRAM: who can leave it has to. */
		check_ret(__vprime_bo_create(shared.gpu, 2u << 20, VRAM | TT, &pusher), 0);
		engine_fill(shared.gpu, pusher, PAGE_BYTES, round);
		check_shown(&shared.screen, round & 1 ? second.fb : shared.fb.fb,
			    5 + (round & 1), crcs[round & 1]);
		drm_close_handle(shared.gpu, pusher);
	}
	gpu_set(OWN, "faults/chaos_ms", "0");

	show_own(&shared.screen);
	picture_buffer_fini(&second);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
	shared_fini(&shared);
}

/* All that the exporter's client had goes; the buffer stays as long as it is shown. */
static void handle_closed(const struct test_case *row)
{
	struct shared shared;
	uint32_t crc;

	shared_init_peer(&shared, row);
	crc = crc_of_own(&shared.screen, 7);
	picture_draw(shared.at, 7);
	check_shown(&shared.screen, shared.fb.fb, 7, crc);
	dmabuf_munmap(shared.at, KMS_BYTES);
	close_fd(shared.dmabuf);
	close_fd(shared.gpu);
	picture_check(&shared.screen.head, 7);
	show_own(&shared.screen);
	check_shown(&shared.screen, shared.fb.fb, 7, crc);
	show_own(&shared.screen);
	picture_buffer_fini(&shared.fb);
	gpu_destroy(OWN);
	screen_fini(&shared.screen);
}

/* The child is the exporter: makes a picture, hands it over, and waits to be killed. */
static void export_and_wait(int socket)
{
	int gpu = gpu_create(OWN, peer_settings), fd;
	uint32_t handle = vprime_bo_create(gpu, KMS_BYTES, ANYWHERE);

	picture_draw(vprime_bo_mmap(gpu, handle, KMS_BYTES), 8);
	fd = vprime_export(gpu, handle);
	scm_rights_send(socket, fd);
	close_fd(fd);
	for (;;)
		pause();
}

static int receive_fd(int socket)
{
	struct pollfd poller = { .fd = socket, .events = POLLIN };

	check_eq(neg_errno(poll(&poller, 1, -1)), 1);
	return scm_rights_receive(socket);
}

static void exporter_killed(const struct test_case *row)
{
	struct picture_buffer import;
	struct screen screen;
	uint32_t crc;
	int pair[2], fd;
	pid_t pid;

	scm_rights_pair(pair);
	pid = child_fork();
	if (!pid)
		export_and_wait(pair[1]);
	fd = receive_fd(pair[0]);
	screen_init(&screen, row->arg);
	crc = crc_of_own(&screen, 8);
	picture_buffer_import(&import, screen.head.gpu, fd);
	close_fd(fd);
	check_shown(&screen, import.fb, 8, crc);
	child_kill(pid);
	picture_check(&screen.head, 8);
	show_own(&screen);
	check_shown(&screen, import.fb, 8, crc);
	show_own(&screen);
	picture_buffer_fini(&import);
	screen_fini(&screen);
	gpu_destroy(OWN);
	close_fd(pair[0]);
	close_fd(pair[1]);
}

/* What is on the screen then is still the picture or nothing, and the screen goes on. */
static void exporter_unplugged(const struct test_case *row)
{
	struct shared shared;
	struct kms_event event;
	uint32_t crc;
	bool there;

	shared_init_peer(&shared, row);
	crc = crc_of_own(&shared.screen, 9);
	picture_draw(shared.at, 9);
	check_shown(&shared.screen, shared.fb.fb, 9, crc);
	gpu_unplug(OWN);
	there = picture_or_dark(&shared.screen.head, 9);
	subtest_info("unplugged, the exporter leaves %s", there ? "its picture" : "a dark screen");
	show_own(&shared.screen);
	if (!__kms_queue_flip(&shared.screen.head, shared.fb.fb, 1)) {
		kms_read_event(shared.screen.head.gpu, &event);
		picture_or_dark(&shared.screen.head, 9);
		show_own(&shared.screen);
	}
	crc = crc_of_own(&shared.screen, 10);
	check_eq(crc, crc_of_own(&shared.screen, 10));
	picture_check(&shared.screen.head, NO_SEED);
	shared_fini(&shared);
}

/* The flip has not been: neither told of, nor seen, for so many vblanks. */
static void check_flip_waits(const struct screen *screen, uint32_t seed)
{
	kms_wait_vblanks(&screen->head, 3);
	check(!kms_event_pending(screen->head.gpu));
	picture_check(&screen->head, seed);
}

static void check_flipped_after(const struct screen *screen, uint64_t sequence, uint32_t seed)
{
	struct kms_event event;

	kms_read_event(screen->head.gpu, &event);
	check_eq(event.type, DRM_EVENT_FLIP_COMPLETE);
	check_lt(sequence, event.sequence);
	picture_check(&screen->head, seed);
}

/* A fence that is in the buffer already when the flip is asked for. */
static void fence_in_buffer(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES), timeline = sw_sync_timeline();
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	uint64_t sequence, time_ns;
	struct picture_buffer import;
	struct screen screen;

	screen_init(&screen, screen_p2p);
	picture_buffer_import(&import, screen.head.gpu, fd);
	dmabuf_sync(fd, START_RW);
	picture_draw(at, 11);
	dmabuf_sync(fd, END_RW);
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_WRITE);
	kms_queue_flip(&screen.head, import.fb, 1);
	check_flip_waits(&screen, NO_SEED);
	kms_vblank(&screen.head, &sequence, &time_ns);
	sw_sync_advance(timeline, 1);
	check_flipped_after(&screen, sequence, 11);
	show_own(&screen);
	picture_buffer_fini(&import);
	screen_fini(&screen);
	close_fd(timeline);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
}

/* A reader of the buffer does not hold up a screen, which reads as well. */
static void reader_in_buffer(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES), timeline = sw_sync_timeline();
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct picture_buffer import;
	struct screen screen;

	screen_init(&screen, screen_p2p);
	picture_buffer_import(&import, screen.head.gpu, fd);
	dmabuf_sync(fd, START_RW);
	picture_draw(at, 12);
	dmabuf_sync(fd, END_RW);
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_READ);
	kms_queue_flip(&screen.head, import.fb, 1);
	check_flipped_after(&screen, 0, 12);
	sw_sync_advance(timeline, 1);
	show_own(&screen);
	picture_buffer_fini(&import);
	screen_fini(&screen);
	close_fd(timeline);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
}

/* The peer has not drawn the frame yet when its flip is asked for. */
static void job_in_buffer(const struct test_case *row)
{
	uint64_t sequence, time_ns;
	struct kms_event event;
	struct shared shared;
	struct gate gate;

	shared_init_peer(&shared, row);
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
	kms_queue_flip(&shared.screen.head, shared.fb.fb, 1);
	check_flip_waits(&shared.screen, NO_SEED);
	kms_vblank(&shared.screen.head, &sequence, &time_ns);
	gate_open(&gate);
	kms_read_event(shared.screen.head.gpu, &event);
	check_lt(sequence, event.sequence);
	picture_check_fill(&shared.screen.head, 0xff445566);
	gate_fini(&gate);
	shared_fini(&shared);
}

/* IN_FENCE_FD holds the flip up, OUT_FENCE_PTR tells when it is over. */
static void explicit_fences(const struct test_case *row)
{
	int timeline = sw_sync_timeline(), in = sw_sync_fence(timeline, 1), out = -1;
	struct kms_commit commit;
	struct kms_event event;
	struct shared shared;

	shared_init_peer(&shared, row);
	picture_draw(shared.at, 13);
	kms_commit_init(&commit, shared.screen.head.gpu);
	kms_commit_add(&commit, shared.screen.head.primary, "FB_ID", shared.fb.fb);
	kms_commit_add(&commit, shared.screen.head.primary, "IN_FENCE_FD", in);
	kms_commit_add(&commit, shared.screen.head.crtc, "OUT_FENCE_PTR", (uintptr_t)&out);
	kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT, 1);
	check_le(0, out);
	check_flip_waits(&shared.screen, NO_SEED);
	check(!sync_file_signalled(out));
	sw_sync_advance(timeline, 1);
	check_ret(sync_file_result(out), 0);
	picture_check(&shared.screen.head, 13);
	kms_read_event(shared.screen.head.gpu, &event);
	close_fd(out);
	close_fd(in);
	close_fd(timeline);
	shared_fini(&shared);
}

static const struct subtest subtests[] = {
	{
		.name = "foreign",
		.describe = "Another driver's buffer on our screen looks like one of our own.",
		.run_on = foreign,
	}, {
		.name = "foreign-closed",
		.describe = "It stays there when nobody but the screen has it.",
		.run_on = foreign_closed,
	}, {
		.name = "places",
		.describe = "A picture is right wherever its buffer is, and while it moves; what is pinned for the screen does not move.",
		.run_case = places,
		.cases = owners,
	}, {
		.name = "chaos",
		.describe = "Each frame is right while the exporter moves its buffers at random and runs out of VRAM.",
		.run_case = chaos,
		.cases = peers,
	}, {
		.name = "handle-closed",
		.describe = "The exporter's client closes all it has.",
		.run_case = handle_closed,
		.cases = peers,
	}, {
		.name = "exporter-killed",
		.describe = "The exporter's client is killed.",
		.run_case = exporter_killed,
		.cases = peers,
	}, {
		.name = "exporter-unplugged",
		.describe = "The GPU whose buffer is on the screen is pulled out: the screen goes on.",
		.run_case = exporter_unplugged,
		.cases = peers,
	}, {
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
		.cases = peers,
	}, {
		.name = "explicit-fences",
		.describe = "IN_FENCE_FD holds a flip up, OUT_FENCE_PTR tells of its end.",
		.run_case = explicit_fences,
		.cases = peers,
	},
};

TEST_MAIN("Scanout of imported buffers.", subtests)
