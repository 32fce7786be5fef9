// SPDX-License-Identifier: MIT
/*
 * A buffer that moves in every window there is between its export and its
 * end: what the importer reads and writes afterwards has to be the buffer, by
 * checksum, and no engine may reach for an address that nothing backs.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blocked.h"
#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "scm_rights.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE (16 * PAGE_BYTES)
#define WORDS (SIZE / 4)
#define OWN_VRAM (2u << 20)
#define OWN_VRAM_TEXT "2097152"

static const struct gpu_setting with_p2p[] = {
	{ "vram_size", OWN_VRAM_TEXT }, { "render_node", "1" }, { "p2p", "1" }, { }
};

static const struct gpu_setting no_p2p[] = {
	{ "vram_size", OWN_VRAM_TEXT }, { "render_node", "1" }, { "p2p", "0" }, { }
};

/* How the importer reaches the buffer. */
static const struct test_case importers[] = {
	{ "p2p", with_p2p },
	{ "system", no_p2p },
	{ }
};

static const uint32_t path[] = { SYSTEM, VRAM, TT, VRAM, SYSTEM, TT, VRAM };

/**
 * struct shared - a buffer of one GPU on another, both of the subtest's own
 * @exporter: whose it is
 * @importer: who has it as well
 * @handle: on the exporter
 * @abroad: on the importer, 0 while it has not been imported
 * @dmabuf: of it
 */
struct shared {
	int exporter;
	int importer;
	uint32_t handle;
	uint32_t abroad;
	int dmabuf;
};

static void shared_init(struct shared *shared, const struct test_case *row)
{
	*shared = (struct shared){
		.exporter = gpu_create(OWN, with_p2p),
		.importer = gpu_create(OWN_PEER, row->arg),
	};
	shared->handle = vprime_bo_create(shared->exporter, SIZE, ANYWHERE);
	shared->dmabuf = vprime_export(shared->exporter, shared->handle);
}

static void share(struct shared *shared)
{
	shared->abroad = vprime_import(shared->importer, shared->dmabuf);
}

static void check_no_faults(const char *name)
{
	struct drm_vprime_stats stats;
	int gpu = gpu_open(name);

	vprime_stats(gpu, &stats);
	check_eq(stats.bus_faults, 0);
	check_eq(stats.stale_writes, 0);
	close_fd(gpu);
}

static void shared_fini(struct shared *shared)
{
	check_no_faults(OWN);
	check_no_faults(OWN_PEER);
	close_fd(shared->dmabuf);
	close_fd(shared->importer);
	close_fd(shared->exporter);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

/* Content by the exporter, so that it is where the buffer is. */
static void write_seed(const struct shared *shared, uint32_t seed)
{
	void *at = vprime_bo_mmap(shared->exporter, shared->handle, SIZE);

	pattern_write(at, SIZE, seed);
	dmabuf_munmap(at, SIZE);
}

static void check_abroad(const struct shared *shared, uint32_t seed)
{
	check_eq(engine_sum(shared->importer, shared->abroad, SIZE), pattern_sum(SIZE, seed));
}

static void export_to_import(const struct test_case *row)
{
	struct shared shared;
	uint32_t i;

	shared_init(&shared, row);
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		write_seed(&shared, i);
		vprime_bo_move(shared.exporter, shared.handle, path[i]);
		share(&shared);
		check_abroad(&shared, i);
		drm_close_handle(shared.importer, shared.abroad);
	}
	shared_fini(&shared);
}

/* It is attached, and has never been mapped. */
static void import_to_map(const struct test_case *row)
{
	struct shared shared;
	uint32_t i;

	shared_init(&shared, row);
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		write_seed(&shared, i);
		share(&shared);
		vprime_bo_move(shared.exporter, shared.handle, path[i]);
		vprime_bo_move(shared.exporter, shared.handle, path[ARRAY_SIZE(path) - 1 - i]);
		check_abroad(&shared, i);
		drm_close_handle(shared.importer, shared.abroad);
	}
	shared_fini(&shared);
}

static void map_to_submit(const struct test_case *row)
{
	struct shared shared;
	uint32_t i;

	shared_init(&shared, row);
	share(&shared);
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		write_seed(&shared, i);
		check_abroad(&shared, i);
		vprime_bo_move(shared.exporter, shared.handle, path[i]);
		check_abroad(&shared, i);
		/* And the importer writes where it is now. */
		engine_fill(shared.importer, shared.abroad, SIZE, i + 50);
		vprime_bo_move(shared.exporter, shared.handle, path[ARRAY_SIZE(path) - 1 - i]);
		check_eq(engine_sum(shared.exporter, shared.handle, SIZE),
			 WORDS * (i + 50ull));
	}
	shared_fini(&shared);
}

/* The same with nobody waiting for anything in between. */
static void map_to_submit_pipelined(const struct test_case *row)
{
	struct shared shared;
	uint32_t i;

	shared_init(&shared, row);
	share(&shared);
	for (i = 0; i < 10 * ARRAY_SIZE(path); i++) {
		struct drm_vprime_command abroad = command_fill(shared.abroad, 0, SIZE / 2, i);
		struct drm_vprime_command home = command_fill(shared.handle, SIZE / 2, SIZE / 2, i);

		submit_command(shared.importer, &abroad);
		check_ret(__vprime_bo_move(shared.exporter, shared.handle,
					   path[i % ARRAY_SIZE(path)]), 0);
		submit_command(shared.exporter, &home);
	}
	check_eq(engine_sum(shared.importer, shared.abroad, SIZE), WORDS * (i - 1ull));
	check_eq(engine_sum(shared.exporter, shared.handle, SIZE), WORDS * (i - 1ull));
	shared_fini(&shared);
}

struct move_call {
	int gpu;
	uint32_t handle;
	uint32_t placement;
};

static int call_move(void *arg)
{
	const struct move_call *call = arg;

	return __vprime_bo_move(call->gpu, call->handle, call->placement);
}

/* The importer's job is under way, on the old place, and held up there. */
static void submit_to_fence(const struct test_case *row)
{
	struct shared shared;
	uint32_t i;

	shared_init(&shared, row);
	share(&shared);
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		struct move_call call = { shared.exporter, shared.handle, path[i] };
		uint32_t done = syncobj_create(shared.importer);
		struct drm_vprime_command fill = command_fill(shared.abroad, 0, SIZE, i + 1);
		struct blocked blocked;
		struct gate gate;

		write_seed(&shared, i);
		check_abroad(&shared, i);
		gate_init(&gate, shared.importer);
		submit_synced(shared.importer, &fill, gate.syncobj, done, 0);
		blocked_start(&blocked, call_move, &call);
		check(!syncobj_signalled(shared.importer, done));
		gate_open(&gate);
		check_ret(blocked_join(&blocked), 0);
		check_ret(syncobj_result(shared.importer, done), 0);
		check_eq(engine_sum(shared.exporter, shared.handle, SIZE), WORDS * (i + 1ull));
		check_eq(engine_sum(shared.importer, shared.abroad, SIZE), WORDS * (i + 1ull));
		gate_fini(&gate);
		syncobj_destroy(shared.importer, done);
	}
	shared_fini(&shared);
}

/* An explicit job's fence is in nobody's way but that of the move. */
static void submit_to_fence_explicit(const struct test_case *row)
{
	struct move_call call;
	struct drm_vprime_command fill;
	struct blocked blocked;
	struct shared shared;
	struct gate gate;
	uint32_t done;

	shared_init(&shared, row);
	share(&shared);
	engine_fill(shared.importer, shared.abroad, SIZE, 76);
	done = syncobj_create(shared.importer);
	fill = command_fill(shared.abroad, 0, SIZE, 77);
	gate_init(&gate, shared.importer);
	submit_synced(shared.importer, &fill, gate.syncobj, done, VPRIME_SUBMIT_EXPLICIT_SYNC);
	call = (struct move_call){ shared.exporter, shared.handle, SYSTEM };
	blocked_start(&blocked, call_move, &call);
	gate_open(&gate);
	check_ret(blocked_join(&blocked), 0);
	check_ret(syncobj_result(shared.importer, done), 0);
	check_eq(engine_sum(shared.exporter, shared.handle, SIZE), WORDS * 77);
	gate_fini(&gate);
	syncobj_destroy(shared.importer, done);
	shared_fini(&shared);
}

/* Between the start and the end of a CPU access that was announced. */
static void cpu_access(const struct test_case *row)
{
	struct shared shared;
	uint32_t i;
	void *at;

	shared_init(&shared, row);
	share(&shared);
	at = dmabuf_mmap(shared.dmabuf, SIZE, PROT_READ | PROT_WRITE);
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		dmabuf_sync(shared.dmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
		pattern_write(at, SIZE / 2, i);
		vprime_bo_move(shared.exporter, shared.handle, path[i]);
		pattern_write(at, SIZE, i);
		dmabuf_sync(shared.dmabuf, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
		check_abroad(&shared, i);
	}
	dmabuf_munmap(at, SIZE);
	shared_fini(&shared);
}

struct mover {
	pthread_t thread;
	atomic_bool stop;
	atomic_uint moves;
	int gpu;
	uint32_t handle;
};

static void *move_all_the_time(void *arg)
{
	struct mover *mover = arg;
	uint32_t i;

	for (i = 0; !atomic_load(&mover->stop); i++) {
		check_ret(__vprime_bo_move(mover->gpu, mover->handle,
					   path[i % ARRAY_SIZE(path)]), 0);
		atomic_fetch_add(&mover->moves, 1);
	}
	return NULL;
}

static void mover_start(struct mover *mover, const struct shared *shared)
{
	*mover = (struct mover){ .gpu = shared->exporter, .handle = shared->handle };
	check(!pthread_create(&mover->thread, NULL, move_all_the_time, mover));
}

static void mover_stop(struct mover *mover)
{
	atomic_store(&mover->stop, true);
	check(!pthread_join(mover->thread, NULL));
}

/* Every mapping there is of it writes, in turn, while it never stays anywhere. */
static void cpu_writes(const struct test_case *row)
{
	uint32_t moves = subtest_full() ? 5000 : 200, round = 0, i;
	struct shared shared;
	struct mover mover;
	void *at[3];

	shared_init(&shared, row);
	share(&shared);
	at[0] = vprime_bo_mmap(shared.exporter, shared.handle, SIZE);
	at[1] = vprime_bo_mmap(shared.importer, shared.abroad, SIZE);
	at[2] = dmabuf_mmap(shared.dmabuf, SIZE, PROT_READ | PROT_WRITE);
	mover_start(&mover, &shared);
	do {
		pattern_write(at[round % 3], SIZE, round);
		for (i = 0; i < 3; i++)
			pattern_check(at[i], SIZE, round);
		round++;
	} while (atomic_load(&mover.moves) < moves);
	mover_stop(&mover);
	check_abroad(&shared, round - 1);
	subtest_info("%u rounds of writing in %u moves", round, atomic_load(&mover.moves));
	for (i = 0; i < 3; i++)
		dmabuf_munmap(at[i], SIZE);
	shared_fini(&shared);
}

/* The importer's engine writes and the exporter's reads, likewise. */
static void engine_writes(const struct test_case *row)
{
	uint32_t moves = subtest_full() ? 5000 : 200, round = 0;
	struct shared shared;
	struct mover mover;

	shared_init(&shared, row);
	share(&shared);
	mover_start(&mover, &shared);
	do {
		struct drm_vprime_command fill = command_fill(shared.abroad, 0, SIZE, ++round);

		submit_command(shared.importer, &fill);
		check_eq(engine_sum(shared.exporter, shared.handle, SIZE),
			 WORDS * (uint64_t)round);
		check_eq(engine_sum(shared.importer, shared.abroad, SIZE),
			 WORDS * (uint64_t)round);
	} while (atomic_load(&mover.moves) < moves);
	mover_stop(&mover);
	subtest_info("%u rounds of jobs in %u moves", round, atomic_load(&mover.moves));
	shared_fini(&shared);
}

/* Takes all of the exporter's VRAM for a while, so that whatever can leave it does. */
static void press(const char *name)
{
	int gpu = gpu_open(name);
	uint32_t all = vprime_bo_create(gpu, OWN_VRAM, VRAM);

	engine_fill(gpu, all, OWN_VRAM, ~0u);
	drm_close_handle(gpu, all);
	close_fd(gpu);
}

/* It is moved with nobody left on the exporter's side: the importer has to be told. */
static void check_pressed(const struct shared *shared, uint32_t seed)
{
	struct drm_vprime_bo_info before, after;

	vprime_bo_info(shared->importer, shared->abroad, &before);
	press(OWN);
	vprime_bo_info(shared->importer, shared->abroad, &after);
	if (before.flags & VPRIME_BO_PEER)
		check_lt(before.moves, after.moves);
	check_abroad(shared, seed);
}

static void exporter_closed_handle(const struct test_case *row)
{
	struct shared shared;

	shared_init(&shared, row);
	write_seed(&shared, 1);
	share(&shared);
	check_abroad(&shared, 1);
	drm_close_handle(shared.exporter, shared.handle);
	check_pressed(&shared, 1);
	check_pressed(&shared, 1);
	shared_fini(&shared);
}

static void exporter_closed_all(const struct test_case *row)
{
	struct shared shared;

	shared_init(&shared, row);
	write_seed(&shared, 2);
	share(&shared);
	check_abroad(&shared, 2);
	close_fd(shared.exporter);
	close_fd(shared.dmabuf);
	check_pressed(&shared, 2);
	shared.exporter = gpu_open(OWN);
	shared.dmabuf = vprime_export(shared.importer, shared.abroad);
	/* A client that gets it back can move it as ever. */
	shared.handle = vprime_import(shared.exporter, shared.dmabuf);
	vprime_bo_move(shared.exporter, shared.handle, SYSTEM);
	check_abroad(&shared, 2);
	vprime_bo_move(shared.exporter, shared.handle, VRAM);
	check_abroad(&shared, 2);
	shared_fini(&shared);
}

/* Receiving does not wait by itself. */
static int receive_when_there(int socket)
{
	struct pollfd pfd = { .fd = socket, .events = POLLIN };

	check_eq(check_ok(neg_errno(poll(&pfd, 1, -1))), 1);
	return scm_rights_receive(socket);
}

/* A process that makes a buffer, hands it over, and is shot. */
static void exporter_killed(const struct test_case *row)
{
	struct shared shared;
	int sockets[2];
	pid_t pid;

	shared_init(&shared, row);
	close_fd(shared.dmabuf);
	drm_close_handle(shared.exporter, shared.handle);
	scm_rights_pair(sockets);
	pid = child_fork();
	if (!pid) {
		shared.exporter = gpu_open(OWN);
		shared.handle = vprime_bo_create(shared.exporter, SIZE, ANYWHERE);
		write_seed(&shared, 3);
		scm_rights_send(sockets[0], vprime_export(shared.exporter, shared.handle));
		for (;;)
			pause();
	}
	shared.dmabuf = receive_when_there(sockets[1]);
	share(&shared);
	check_abroad(&shared, 3);
	child_kill(pid);
	check_pressed(&shared, 3);
	check_pressed(&shared, 3);
	close_fd(sockets[1]);
	close_fd(sockets[0]);
	shared_fini(&shared);
}

/* One GPU goes while the buffer is being moved. */
static void unplug_importer(const struct test_case *row)
{
	struct shared shared;
	struct mover mover;
	uint32_t round;

	shared_init(&shared, row);
	for (round = 1; round <= 5; round++) {
		share(&shared);
		engine_fill(shared.importer, shared.abroad, SIZE, round);
		mover_start(&mover, &shared);
		while (atomic_load(&mover.moves) < 5)
			check_eq(engine_sum(shared.exporter, shared.handle, SIZE),
				 WORDS * (uint64_t)round);
		gpu_unplug(OWN_PEER);
		check_eq(engine_sum(shared.exporter, shared.handle, SIZE),
			 WORDS * (uint64_t)round);
		mover_stop(&mover);
		check_eq(engine_sum(shared.exporter, shared.handle, SIZE),
			 WORDS * (uint64_t)round);
		close_fd(shared.importer);
		gpu_plug(OWN_PEER);
		shared.importer = gpu_open(OWN_PEER);
	}
	shared_fini(&shared);
}

static void *move_until_gone(void *arg)
{
	struct mover *mover = arg;
	uint32_t i;
	int ret;

	for (i = 0; !atomic_load(&mover->stop); i++) {
		ret = __vprime_bo_move(mover->gpu, mover->handle, path[i % ARRAY_SIZE(path)]);
		check_msg(!ret || ret == -ENODEV, "a move gave %s", strerrorname_np(-ret));
		atomic_fetch_add(&mover->moves, 1);
	}
	return NULL;
}

static void unplug_exporter(const struct test_case *row)
{
	struct shared shared;
	uint32_t round;

	shared_init(&shared, row);
	for (round = 1; round <= 5; round++) {
		struct mover mover = { .gpu = shared.exporter, .handle = shared.handle };
		struct drm_vprime_command fill;
		int ret;

		share(&shared);
		engine_fill(shared.importer, shared.abroad, SIZE, round);
		check(!pthread_create(&mover.thread, NULL, move_until_gone, &mover));
		while (atomic_load(&mover.moves) < 5)
			check_eq(engine_sum(shared.importer, shared.abroad, SIZE),
				 WORDS * (uint64_t)round);
		gpu_unplug(OWN);
		mover_stop(&mover);
		/* What is left of it is used without a fault, or refused. */
		fill = command_fill(shared.abroad, 0, SIZE, 0);
		ret = __submit_command(shared.importer, &fill);
		check_msg(!ret || ret == -ENODEV, "a job on a lost buffer gave %s",
			  strerrorname_np(-ret));
		drm_close_handle(shared.importer, shared.abroad);
		close_fd(shared.dmabuf);
		close_fd(shared.exporter);
		gpu_plug(OWN);
		shared.exporter = gpu_open(OWN);
		shared.handle = vprime_bo_create(shared.exporter, SIZE, ANYWHERE);
		shared.dmabuf = vprime_export(shared.exporter, shared.handle);
	}
	shared_fini(&shared);
}

/* Each of many importers is told of each move, and each finds its way again. */
static void many_importers(const struct test_case *row)
{
	enum { COUNT = 12 };
	int clients[COUNT];
	uint32_t handles[COUNT], i, move;
	struct drm_vprime_bo_info before, after;
	struct shared shared;

	shared_init(&shared, row);
	for (i = 0; i < COUNT; i++) {
		clients[i] = gpu_open(i % 2 ? OWN_PEER : DISPLAY);
		handles[i] = vprime_import(clients[i], shared.dmabuf);
	}
	for (move = 0; move < ARRAY_SIZE(path); move++) {
		write_seed(&shared, move);
		for (i = 0; i < COUNT; i++)
			check_eq(engine_sum(clients[i], handles[i], SIZE),
				 pattern_sum(SIZE, move));
		vprime_bo_info(shared.exporter, shared.handle, &before);
		vprime_bo_move(shared.exporter, shared.handle, path[move]);
		vprime_bo_info(shared.exporter, shared.handle, &after);
		check_eq(after.importers, before.importers);
		check_eq(after.notifies - before.notifies,
			 (after.moves - before.moves) * after.importers);
		for (i = 0; i < COUNT; i++)
			check_eq(engine_sum(clients[i], handles[i], SIZE),
				 pattern_sum(SIZE, move));
	}
	for (i = 0; i < COUNT; i++) {
		drm_close_handle(clients[i], handles[i]);
		close_fd(clients[i]);
	}
	vprime_bo_info(shared.exporter, shared.handle, &after);
	check_eq(after.importers, 0);
	shared_fini(&shared);
}

static const struct subtest subtests[] = {
	{
		.name = "export-to-import",
		.describe = "A move between export and import.",
		.run_case = export_to_import,
		.cases = importers,
	}, {
		.name = "import-to-map",
		.describe = "A move after the import, before the importer has used it.",
		.run_case = import_to_map,
		.cases = importers,
	}, {
		.name = "map-to-submit",
		.describe = "A move between two uses by the importer, and its writes arrive.",
		.run_case = map_to_submit,
		.cases = importers,
	}, {
		.name = "map-to-submit-pipelined",
		.describe = "Jobs of both sides and moves in one queue, with no wait between them.",
		.run_case = map_to_submit_pipelined,
		.cases = importers,
	}, {
		.name = "submit-to-fence",
		.describe = "A move while the importer's job is under way waits for it and takes its writes along.",
		.run_case = submit_to_fence,
		.cases = importers,
	}, {
		.name = "submit-to-fence-explicit",
		.describe = "So it does when the job's fence is for nobody else.",
		.run_case = submit_to_fence_explicit,
		.cases = importers,
	}, {
		.name = "cpu-access",
		.describe = "A move between start and end of a CPU access.",
		.run_case = cpu_access,
		.cases = importers,
	}, {
		.name = "cpu-writes",
		.describe = "Moves all the time while the CPU writes through every mapping.",
		.run_case = cpu_writes,
		.cases = importers,
		.seconds = 300,
	}, {
		.name = "engine-writes",
		.describe = "Moves all the time while both engines write and read.",
		.run_case = engine_writes,
		.cases = importers,
		.seconds = 300,
	}, {
		.name = "exporter-closed-handle",
		.describe = "An eviction is announced though the exporter's handle is closed.",
		.run_case = exporter_closed_handle,
		.cases = importers,
	}, {
		.name = "exporter-closed-all",
		.describe = "Likewise with file and descriptor closed; and home again it can be moved.",
		.run_case = exporter_closed_all,
		.cases = importers,
	}, {
		.name = "exporter-killed",
		.describe = "Likewise after the exporting process was killed.",
		.run_case = exporter_killed,
		.cases = importers,
	}, {
		.name = "unplug-importer",
		.describe = "The importer is pulled out in the middle of moves.",
		.run_case = unplug_importer,
		.cases = importers,
		.seconds = 300,
	}, {
		.name = "unplug-exporter",
		.describe = "The exporter is pulled out in the middle of its own moves.",
		.run_case = unplug_exporter,
		.cases = importers,
		.seconds = 300,
	}, {
		.name = "many-importers",
		.describe = "Every importer is told of every move, once.",
		.run_case = many_importers,
		.cases = importers,
	},
};

TEST_MAIN("Buffers that move while they are shared.", subtests)
