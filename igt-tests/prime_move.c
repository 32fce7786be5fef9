// SPDX-License-Identifier: MIT
/*
 * A buffer that moves in every window there is between its export and its
 * end: what the importer reads and writes afterwards has to be the buffer, by
 * checksum, and no engine may reach for an address that nothing backs.
 */
#include <sys/mman.h>

#include "blocked.h"
#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "moving.h"
#include "pattern.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

/* Of the GPUs whose VRAM is to be full: two buffers of three quarters of it do not fit. */
#define ROOM (4u << 20)

static void export_to_import(const struct test_case *row)
{
	struct moving buffer;
	uint32_t i;

	moving_init(&buffer, row);
	for (i = 0; i < MOVING_STEPS; i++) {
		moving_write(&buffer, i);
		vprime_bo_move(buffer.exporter, buffer.handle, moving_path[i]);
		moving_share(&buffer);
		moving_check(&buffer, i);
		drm_close_handle(buffer.importer, buffer.abroad);
	}
	moving_fini(&buffer);
}

/* It is attached, and has never been mapped. */
static void import_to_map(const struct test_case *row)
{
	struct moving buffer;
	uint32_t i;

	moving_init(&buffer, row);
	for (i = 0; i < MOVING_STEPS; i++) {
		moving_write(&buffer, i);
		moving_share(&buffer);
		vprime_bo_move(buffer.exporter, buffer.handle, moving_path[i]);
		vprime_bo_move(buffer.exporter, buffer.handle, moving_path[MOVING_STEPS - 1 - i]);
		moving_check(&buffer, i);
		drm_close_handle(buffer.importer, buffer.abroad);
	}
	moving_fini(&buffer);
}

static void map_to_submit(const struct test_case *row)
{
	struct moving buffer;
	uint32_t i;

	moving_init(&buffer, row);
	moving_share(&buffer);
	for (i = 0; i < MOVING_STEPS; i++) {
		moving_write(&buffer, i);
		moving_check(&buffer, i);
		vprime_bo_move(buffer.exporter, buffer.handle, moving_path[i]);
		moving_check(&buffer, i);
		/* And the importer writes where it is now. */
		engine_fill(buffer.importer, buffer.abroad, MOVING_BYTES, i + 50);
		vprime_bo_move(buffer.exporter, buffer.handle, moving_path[MOVING_STEPS - 1 - i]);
		check_eq(engine_sum(buffer.exporter, buffer.handle, MOVING_BYTES),
			 MOVING_WORDS * (i + 50ull));
	}
	moving_fini(&buffer);
}

/* The same with nobody waiting for anything in between. */
static void map_to_submit_pipelined(const struct test_case *row)
{
	struct moving buffer;
	uint32_t i;

	moving_init(&buffer, row);
	moving_share(&buffer);
	for (i = 0; i < 5 * MOVING_STEPS; i++) {
		struct drm_vprime_command abroad = command_fill(buffer.abroad, 0, MOVING_BYTES / 2, i);
		struct drm_vprime_command home = command_fill(buffer.handle, MOVING_BYTES / 2, MOVING_BYTES / 2, i);

		submit_command(buffer.importer, &abroad);
		check_ret(__vprime_bo_move(buffer.exporter, buffer.handle,
					   moving_path[i % MOVING_STEPS]), 0);
		submit_command(buffer.exporter, &home);
	}
	check_eq(engine_sum(buffer.importer, buffer.abroad, MOVING_BYTES), MOVING_WORDS * (i - 1ull));
	check_eq(engine_sum(buffer.exporter, buffer.handle, MOVING_BYTES), MOVING_WORDS * (i - 1ull));
	moving_fini(&buffer);
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
	struct moving buffer;
	uint32_t i;

	moving_init(&buffer, row);
	moving_share(&buffer);
	for (i = 0; i < MOVING_STEPS; i++) {
		struct move_call call = { buffer.exporter, buffer.handle, moving_path[i] };
		uint32_t done = syncobj_create(buffer.importer);
		struct drm_vprime_command fill = command_fill(buffer.abroad, 0, MOVING_BYTES, i + 1);
		struct blocked blocked;
		struct gate gate;

		moving_write(&buffer, i);
		moving_check(&buffer, i);
		gate_init(&gate, buffer.importer);
		submit_synced(buffer.importer, &fill, gate.syncobj, done, 0);
		blocked_start(&blocked, call_move, &call);
		check(!syncobj_signalled(buffer.importer, done));
		gate_open(&gate);
		check_ret(blocked_join(&blocked), 0);
		check_ret(syncobj_result(buffer.importer, done), 0);
		check_eq(engine_sum(buffer.exporter, buffer.handle, MOVING_BYTES), MOVING_WORDS * (i + 1ull));
		check_eq(engine_sum(buffer.importer, buffer.abroad, MOVING_BYTES), MOVING_WORDS * (i + 1ull));
		gate_fini(&gate);
		syncobj_destroy(buffer.importer, done);
	}
	moving_fini(&buffer);
}

/* An explicit job's fence is in nobody's way but that of the move. */
static void submit_to_fence_explicit(const struct test_case *row)
{
	struct move_call call;
	struct drm_vprime_command fill;
	struct blocked blocked;
	struct moving buffer;
	struct gate gate;
	uint32_t done;

	moving_init(&buffer, row);
	moving_share(&buffer);
	engine_fill(buffer.importer, buffer.abroad, MOVING_BYTES, 76);
	done = syncobj_create(buffer.importer);
	fill = command_fill(buffer.abroad, 0, MOVING_BYTES, 77);
	gate_init(&gate, buffer.importer);
	submit_synced(buffer.importer, &fill, gate.syncobj, done, VPRIME_SUBMIT_EXPLICIT_SYNC);
	call = (struct move_call){ buffer.exporter, buffer.handle, SYSTEM };
	blocked_start(&blocked, call_move, &call);
	gate_open(&gate);
	check_ret(blocked_join(&blocked), 0);
	check_ret(syncobj_result(buffer.importer, done), 0);
	check_eq(engine_sum(buffer.exporter, buffer.handle, MOVING_BYTES), MOVING_WORDS * 77);
	gate_fini(&gate);
	syncobj_destroy(buffer.importer, done);
	moving_fini(&buffer);
}

/* Between the start and the end of a CPU access that was announced. */
static void cpu_access(const struct test_case *row)
{
	struct moving buffer;
	uint32_t i;
	void *at;

	moving_init(&buffer, row);
	moving_share(&buffer);
	at = dmabuf_mmap(buffer.dmabuf, MOVING_BYTES, PROT_READ | PROT_WRITE);
	for (i = 0; i < MOVING_STEPS; i++) {
		dmabuf_sync(buffer.dmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
		pattern_write(at, MOVING_BYTES / 2, i);
		vprime_bo_move(buffer.exporter, buffer.handle, moving_path[i]);
		pattern_write(at, MOVING_BYTES, i);
		dmabuf_sync(buffer.dmabuf, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
		moving_check(&buffer, i);
	}
	dmabuf_munmap(at, MOVING_BYTES);
	moving_fini(&buffer);
}

/* Every mapping there is of it writes, in turn, while it never stays anywhere. */
static void cpu_writes(const struct test_case *row)
{
	uint32_t moves = subtest_full() ? 1000 : 100, round = 0, i;
	struct moving buffer;
	struct mover mover;
	void *at[3];

	moving_init(&buffer, row);
	moving_share(&buffer);
	at[0] = vprime_bo_mmap(buffer.exporter, buffer.handle, MOVING_BYTES);
	at[1] = vprime_bo_mmap(buffer.importer, buffer.abroad, MOVING_BYTES);
	at[2] = dmabuf_mmap(buffer.dmabuf, MOVING_BYTES, PROT_READ | PROT_WRITE);
	mover_start(&mover, &buffer);
	do {
		pattern_write(at[round % 3], MOVING_BYTES, round);
		for (i = 0; i < 3; i++)
			pattern_check(at[i], MOVING_BYTES, round);
		round++;
	} while (atomic_load(&mover.moves) < moves);
	mover_stop(&mover);
	moving_check(&buffer, round - 1);
	subtest_info("%u rounds of writing in %u moves", round, atomic_load(&mover.moves));
	for (i = 0; i < 3; i++)
		dmabuf_munmap(at[i], MOVING_BYTES);
	moving_fini(&buffer);
}

/* The importer's engine writes and the exporter's reads, likewise. */
static void engine_writes(const struct test_case *row)
{
	uint32_t moves = subtest_full() ? 1000 : 100, round = 0;
	struct moving buffer;
	struct mover mover;

	moving_init(&buffer, row);
	moving_share(&buffer);
	mover_start(&mover, &buffer);
	do {
		struct drm_vprime_command fill = command_fill(buffer.abroad, 0, MOVING_BYTES, ++round);

		submit_command(buffer.importer, &fill);
		check_eq(engine_sum(buffer.exporter, buffer.handle, MOVING_BYTES),
			 MOVING_WORDS * (uint64_t)round);
		check_eq(engine_sum(buffer.importer, buffer.abroad, MOVING_BYTES),
			 MOVING_WORDS * (uint64_t)round);
	} while (atomic_load(&mover.moves) < moves);
	mover_stop(&mover);
	subtest_info("%u rounds of jobs in %u moves", round, atomic_load(&mover.moves));
	moving_fini(&buffer);
}

/* Each of many importers is told of each move, and each finds its way again. */
static void many_importers(const struct test_case *row)
{
	enum { COUNT = 6 };
	int clients[COUNT];
	uint32_t handles[COUNT], i, move;
	struct drm_vprime_bo_info before, after;
	struct moving buffer;

	moving_init(&buffer, row);
	for (i = 0; i < COUNT; i++) {
		clients[i] = gpu_open(i % 2 ? OWN_PEER : DISPLAY);
		handles[i] = vprime_import(clients[i], buffer.dmabuf);
	}
	for (move = 0; move < MOVING_STEPS; move++) {
		moving_write(&buffer, move);
		for (i = 0; i < COUNT; i++)
			check_eq(engine_sum(clients[i], handles[i], MOVING_BYTES),
				 pattern_sum(MOVING_BYTES, move));
		vprime_bo_info(buffer.exporter, buffer.handle, &before);
		vprime_bo_move(buffer.exporter, buffer.handle, moving_path[move]);
		vprime_bo_info(buffer.exporter, buffer.handle, &after);
		check_eq(after.importers, before.importers);
		check_eq(after.notifies - before.notifies,
			 (after.moves - before.moves) * after.importers);
		for (i = 0; i < COUNT; i++)
			check_eq(engine_sum(clients[i], handles[i], MOVING_BYTES),
				 pattern_sum(MOVING_BYTES, move));
	}
	for (i = 0; i < COUNT; i++) {
		drm_close_handle(clients[i], handles[i]);
		close_fd(clients[i]);
	}
	check(bufinfo_detaches(buffer.dmabuf));
	vprime_bo_info(buffer.exporter, buffer.handle, &after);
	check_eq(after.importers, 0);
	moving_fini(&buffer);
}

/* What is in the queue of moves behind @first does not move before @timeline goes on. */
static void hold_moves_up(int gpu, uint32_t first, int timeline)
{
	int fd = vprime_export(gpu, first);

	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_READ);
	check_ret(__vprime_bo_move(gpu, first, TT), 0);
	close_fd(fd);
}

/* Binds the import, and then finds no room for the other two. */
static void submit_in_vain(int gpu, uint32_t import, const uint32_t large[2])
{
	const struct drm_vprime_command commands[] = {
		command_fill(import, 0, PAGE_BYTES, 1),
		command_fill(large[0], 0, PAGE_BYTES, 1),
		command_fill(large[1], 0, PAGE_BYTES, 1),
	};
	struct drm_vprime_submit arg = submission(commands, ARRAY_SIZE(commands));

	check_ret(__submit(gpu, &arg), -ENOSPC);
	check(vprime_bo_flags(gpu, import) & VPRIME_BO_MAPPED);
}

/*
 * The importer maps for a submission that fails, and gives the mapping back
 * unused while the buffer is still on its way: nothing is wrong with that.
 */
static void mapped_in_vain(void)
{
	int exporter = gpu_create_small(OWN, ROOM), importer = gpu_create_small(OWN_PEER, ROOM);
	unsigned long long before = dmabuf_breaches("map-unwaited");
	int timeline = sw_sync_timeline(), fd, round;
	uint32_t first, handle, imported, large[2];

	first = vprime_bo_create(exporter, PAGE_BYTES, TT | VRAM);
	handle = vprime_bo_create(exporter, MOVING_BYTES, TT | VRAM);
	vprime_bo_wait(exporter, handle);
	fd = vprime_export(exporter, handle);
	imported = vprime_import(importer, fd);
	for (round = 0; round < 2; round++)
		large[round] = vprime_bo_create(importer, ROOM * 3 / 4, VRAM);

	hold_moves_up(exporter, first, timeline);
	for (round = 0; round < 3; round++) {
		check_ret(__vprime_bo_move(exporter, handle, TT), 0);
		submit_in_vain(importer, imported, large);
		check(!vprime_bo_idle(exporter, handle, VPRIME_WAIT_WRITE));
		check_ret(__vprime_bo_move(exporter, handle, VRAM), 0);
		check(!(vprime_bo_flags(importer, imported) & VPRIME_BO_MAPPED));
	}
	sw_sync_advance(timeline, 1);
	vprime_bo_wait(exporter, handle);
	check_eq(dmabuf_breaches("map-unwaited"), before);

	close_fd(fd);
	close_fd(timeline);
	close_fd(importer);
	close_fd(exporter);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "export-to-import",
		.describe = "A move between export and import.",
		.run_case = export_to_import,
		.cases = moving_importers,
	}, {
		.name = "import-to-map",
		.describe = "A move after the import, before the importer has used it.",
		.run_case = import_to_map,
		.cases = moving_importers,
	}, {
		.name = "map-to-submit",
		.describe = "A move between two uses by the importer, and its writes arrive.",
		.run_case = map_to_submit,
		.cases = moving_importers,
	}, {
		.name = "map-to-submit-pipelined",
		.describe = "Jobs of both sides and moves in one queue, with no wait between them.",
		.run_case = map_to_submit_pipelined,
		.cases = moving_importers,
	}, {
		.name = "submit-to-fence",
		.describe = "A move while the importer's job is under way waits for it and takes its writes along.",
		.run_case = submit_to_fence,
		.cases = moving_importers,
	}, {
		.name = "submit-to-fence-explicit",
		.describe = "So it does when the job's fence is for nobody else.",
		.run_case = submit_to_fence_explicit,
		.cases = moving_importers,
	}, {
		.name = "cpu-access",
		.describe = "A move between start and end of a CPU access.",
		.run_case = cpu_access,
		.cases = moving_importers,
	}, {
		.name = "cpu-writes",
		.describe = "Moves all the time while the CPU writes through every mapping.",
		.run_case = cpu_writes,
		.cases = moving_importers,
		.seconds = 300,
	}, {
		.name = "engine-writes",
		.describe = "Moves all the time while both engines write and read.",
		.run_case = engine_writes,
		.cases = moving_importers,
		.seconds = 300,
	}, {
		.name = "many-importers",
		.describe = "Every importer is told of every move, once.",
		.run_case = many_importers,
		.cases = moving_importers,
	}, {
		.name = "mapped-in-vain",
		.describe = "A mapping for a submission that fails is given back when the buffer moves on.",
		.run = mapped_in_vain,
	},
};

TEST_MAIN("Buffers that move while they are shared.", subtests)
