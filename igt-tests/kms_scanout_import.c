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
#include "moving.h"
#include "scanout.h"
#include "scm_rights.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define START_RW (DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW)
#define END_RW (DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW)
#define CHAOS_ROUNDS 12

/* A screen looks at a picture when it comes there; the next look needs another flip. */
static void foreign(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES);
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct picture_buffer import;
	struct scanout scanout;
	uint32_t seed, crc;

	scanout_init(&scanout, scanout_p2p);
	picture_buffer_import(&import, scanout.head.gpu, fd);
	for (seed = 1; seed <= 2; seed++) {
		crc = scanout_crc_of(&scanout, seed);
		dmabuf_sync(fd, START_RW);
		picture_draw(at, seed);
		dmabuf_sync(fd, END_RW);
		scanout_check(&scanout, import.fb, seed, crc);
		scanout_show_own(&scanout);
	}
	picture_buffer_fini(&import);
	scanout_fini(&scanout);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
}

/* Every descriptor of the buffer goes while it is on the screen. */
static void foreign_closed(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES);
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct picture_buffer import;
	struct scanout scanout;
	uint32_t crc;

	scanout_init(&scanout, scanout_p2p);
	crc = scanout_crc_of(&scanout, 3);
	dmabuf_sync(fd, START_RW);
	picture_draw(at, 3);
	dmabuf_sync(fd, END_RW);
	dmabuf_munmap(at, KMS_BYTES);
	picture_buffer_import(&import, scanout.head.gpu, fd);
	scanout_check(&scanout, import.fb, 3, crc);
	close_fd(fd);
	drm_close_handle(scanout.head.gpu, import.handle);
	scanout_show_own(&scanout);
	scanout_check(&scanout, import.fb, 3, crc);
	scanout_show_own(&scanout);
	check_ret(__vprime_ioctl(scanout.head.gpu, DRM_IOCTL_MODE_RMFB, &import.fb), 0);
	scanout_fini(&scanout);
}

/**
 * struct owner - whose buffer it is
 * @scanout: settings of the GPU with the screen
 * @abroad: it is a peer's
 * @others: somebody else has it pinned in system memory all along
 * @moves: it may move while it is on the screen
 */
struct owner {
	const struct gpu_setting *scanout;
	bool abroad;
	bool others;
	bool moves;
};

static const struct test_case owners[] = {
	{ "own", &(const struct owner){ .scanout = scanout_p2p } },
	{ "peer-p2p", &(const struct owner){
		.scanout = scanout_p2p,
		.abroad = true,
		.moves = true,
	} },
	{ "peer-pinned", &(const struct owner){
		.scanout = scanout_pinning,
		.abroad = true,
	} },
	{ "peer-static", &(const struct owner){
		.scanout = scanout_p2p,
		.abroad = true,
		.others = true,
	} },
	{ }
};

/* Who shows it, or looks at it, may hold it for a moment. */
static void move_soon(struct scanout_shared *shared, uint32_t place)
{
	int ret;

	while ((ret = __vprime_bo_move(shared->gpu, shared->handle, place)) == -EBUSY)
		kms_wait_vblanks(&shared->scanout.head, 1);
	check_ret(ret, 0);
	vprime_bo_wait(shared->gpu, shared->handle);
}

/* While it is on the screen.  What is there already has not to move. */
static void move_shown(struct scanout_shared *shared, uint32_t place, bool moves)
{
	uint32_t now = vprime_bo_placement(shared->gpu, shared->handle);

	if (moves)
		move_soon(shared, place);
	else
		check_ret(__vprime_bo_move(shared->gpu, shared->handle, place),
			  now == place ? 0 : -EBUSY);
}

/* From every place to every other, on the screen where that goes, and off it. */
static void move_about(struct scanout_shared *shared, const struct owner *owner)
{
	uint32_t crc = scanout_crc_of(&shared->scanout, 4), i;

	picture_draw(shared->at, 4);
	for (i = 0; i < MOVING_STEPS; i++) {
		uint32_t next = moving_path[(i + 1) % MOVING_STEPS];

		if (!owner->others)
			move_soon(shared, moving_path[i]);
		scanout_check(&shared->scanout, shared->fb.fb, 4, crc);
		move_shown(shared, next, owner->moves);
		picture_check(&shared->scanout.head, 4);
		scanout_show_own(&shared->scanout);
	}
	if (!owner->others)
		move_soon(shared, SYSTEM);
}

static void places(const struct test_case *row)
{
	const struct owner *owner = row->arg;
	struct scanout_shared shared;
	uint32_t abroad = 0;
	int vgem = -1;

	if (owner->abroad)
		scanout_shared_init(&shared, owner->scanout);
	else
		scanout_shared_init_own(&shared, owner->scanout);
	if (owner->others) {
		vgem = drm_open_driver("vgem");
		abroad = drm_fd_to_handle(vgem, shared.dmabuf);
	}
	move_about(&shared, owner);
	if (owner->others) {
		drm_close_handle(vgem, abroad);
		close_fd(vgem);
	}
	scanout_shared_fini(&shared);
}

/* Buffers are moved at random, and pushed out, while each frame shows one of two pictures. */
static void chaos(const struct test_case *row)
{
	uint32_t crcs[2], round, other, pusher;
	struct picture_buffer second;
	struct scanout_shared shared;
	void *at;
	int fd;

	scanout_shared_init(&shared, row->arg);
	crcs[0] = scanout_crc_of(&shared.scanout, 5);
	crcs[1] = scanout_crc_of(&shared.scanout, 6);
	picture_draw(shared.at, 5);
	other = vprime_bo_create(shared.gpu, KMS_BYTES, ANYWHERE);
	at = vprime_bo_mmap(shared.gpu, other, KMS_BYTES);
	picture_draw(at, 6);
	fd = vprime_export(shared.gpu, other);
	picture_buffer_import(&second, shared.scanout.head.gpu, fd);

	gpu_set(OWN, "faults/chaos_ms", "1");
	for (round = 0; round < CHAOS_ROUNDS; round++) {
		/* Nearly all of the VRAM: who can leave it has to. */
		check_ret(__vprime_bo_create(shared.gpu, SCANOUT_EXPORTER_VRAM, VRAM | TT, &pusher), 0);
		engine_fill(shared.gpu, pusher, PAGE_BYTES, round);
		scanout_check(&shared.scanout, round & 1 ? second.fb : shared.fb.fb,
			    5 + (round & 1), crcs[round & 1]);
		drm_close_handle(shared.gpu, pusher);
	}
	gpu_set(OWN, "faults/chaos_ms", "0");

	scanout_show_own(&shared.scanout);
	picture_buffer_fini(&second);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
	scanout_shared_fini(&shared);
}

/* All that the exporter's client had goes; the buffer stays as long as it is shown. */
static void handle_closed(const struct test_case *row)
{
	struct scanout_shared shared;
	uint32_t crc;

	scanout_shared_init(&shared, row->arg);
	crc = scanout_crc_of(&shared.scanout, 7);
	picture_draw(shared.at, 7);
	scanout_check(&shared.scanout, shared.fb.fb, 7, crc);
	dmabuf_munmap(shared.at, KMS_BYTES);
	close_fd(shared.dmabuf);
	close_fd(shared.gpu);
	picture_check(&shared.scanout.head, 7);
	scanout_show_own(&shared.scanout);
	scanout_check(&shared.scanout, shared.fb.fb, 7, crc);
	scanout_show_own(&shared.scanout);
	picture_buffer_fini(&shared.fb);
	gpu_destroy(OWN);
	scanout_fini(&shared.scanout);
}

/* The child is the exporter: makes a picture, hands it over, and waits to be killed. */
static void export_and_wait(int socket)
{
	int gpu = gpu_create(OWN, scanout_exporter), fd;
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
	struct scanout scanout;
	uint32_t crc;
	int pair[2], fd;
	pid_t pid;

	scm_rights_pair(pair);
	pid = child_fork();
	if (!pid)
		export_and_wait(pair[1]);
	fd = receive_fd(pair[0]);
	scanout_init(&scanout, row->arg);
	crc = scanout_crc_of(&scanout, 8);
	picture_buffer_import(&import, scanout.head.gpu, fd);
	close_fd(fd);
	scanout_check(&scanout, import.fb, 8, crc);
	child_kill(pid);
	picture_check(&scanout.head, 8);
	scanout_show_own(&scanout);
	scanout_check(&scanout, import.fb, 8, crc);
	scanout_show_own(&scanout);
	picture_buffer_fini(&import);
	scanout_fini(&scanout);
	gpu_destroy(OWN);
	close_fd(pair[0]);
	close_fd(pair[1]);
}

/* What is on the screen then is still the picture or nothing, and the screen goes on. */
static void exporter_unplugged(const struct test_case *row)
{
	struct scanout_shared shared;
	struct kms_event event;
	uint32_t crc;
	bool there;

	scanout_shared_init(&shared, row->arg);
	crc = scanout_crc_of(&shared.scanout, 9);
	picture_draw(shared.at, 9);
	scanout_check(&shared.scanout, shared.fb.fb, 9, crc);
	gpu_unplug(OWN);
	there = picture_or_dark(&shared.scanout.head, 9);
	subtest_info("unplugged, the exporter leaves %s", there ? "its picture" : "a dark screen");
	scanout_show_own(&shared.scanout);
	if (!__kms_queue_flip(&shared.scanout.head, shared.fb.fb, 1)) {
		kms_read_event(shared.scanout.head.gpu, &event);
		picture_or_dark(&shared.scanout.head, 9);
		scanout_show_own(&shared.scanout);
	}
	crc = scanout_crc_of(&shared.scanout, 10);
	check_eq(crc, scanout_crc_of(&shared.scanout, 10));
	picture_check(&shared.scanout.head, SCANOUT_OWN_SEED);
	scanout_shared_fini(&shared);
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
		.cases = scanout_peers,
	}, {
		.name = "handle-closed",
		.describe = "The exporter's client closes all it has.",
		.run_case = handle_closed,
		.cases = scanout_peers,
	}, {
		.name = "exporter-killed",
		.describe = "The exporter's client is killed.",
		.run_case = exporter_killed,
		.cases = scanout_peers,
	}, {
		.name = "exporter-unplugged",
		.describe = "The GPU whose buffer is on the screen is pulled out: the screen goes on.",
		.run_case = exporter_unplugged,
		.cases = scanout_peers,
	},
};

TEST_MAIN("Scanout of imported buffers.", subtests)
