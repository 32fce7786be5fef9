// SPDX-License-Identifier: MIT
/*
 * A shared buffer moves when one side has gone: the exporter closed it, or was
 * killed, or one of the GPUs is pulled out.  Who is left has to be told of it
 * as ever, and finds the buffer by checksum.
 */
#include <poll.h>
#include <unistd.h>

#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "moving.h"
#include "scm_rights.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

/* Takes all of the exporter's VRAM for a while, so that whatever can leave it does. */
static void press(const char *name)
{
	int gpu = gpu_open(name);
	uint32_t all = vprime_bo_create(gpu, MOVING_VRAM, VRAM);

	engine_fill(gpu, all, MOVING_VRAM, ~0u);
	drm_close_handle(gpu, all);
	close_fd(gpu);
}

/* It is moved with nobody left on the exporter's side: the importer has to be told. */
static void check_pressed(const struct moving *buffer, uint32_t seed)
{
	struct drm_vprime_bo_info before, after;

	vprime_bo_info(buffer->importer, buffer->abroad, &before);
	press(OWN);
	vprime_bo_info(buffer->importer, buffer->abroad, &after);
	if (before.flags & VPRIME_BO_PEER)
		check_lt(before.moves, after.moves);
	moving_check(buffer, seed);
}

static void exporter_closed_handle(const struct test_case *row)
{
	struct moving buffer;

	moving_init(&buffer, row);
	moving_write(&buffer, 1);
	moving_share(&buffer);
	moving_check(&buffer, 1);
	drm_close_handle(buffer.exporter, buffer.handle);
	check_pressed(&buffer, 1);
	check_pressed(&buffer, 1);
	moving_fini(&buffer);
}

static void exporter_closed_all(const struct test_case *row)
{
	struct moving buffer;

	moving_init(&buffer, row);
	moving_write(&buffer, 2);
	moving_share(&buffer);
	moving_check(&buffer, 2);
	close_fd(buffer.exporter);
	close_fd(buffer.dmabuf);
	check_pressed(&buffer, 2);
	buffer.exporter = gpu_open(OWN);
	buffer.dmabuf = vprime_export(buffer.importer, buffer.abroad);
	/* A client that gets it back can move it as ever. */
	buffer.handle = vprime_import(buffer.exporter, buffer.dmabuf);
	vprime_bo_move(buffer.exporter, buffer.handle, SYSTEM);
	moving_check(&buffer, 2);
	vprime_bo_move(buffer.exporter, buffer.handle, VRAM);
	moving_check(&buffer, 2);
	moving_fini(&buffer);
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
	struct moving buffer;
	int sockets[2];
	pid_t pid;

	moving_init(&buffer, row);
	close_fd(buffer.dmabuf);
	drm_close_handle(buffer.exporter, buffer.handle);
	scm_rights_pair(sockets);
	pid = child_fork();
	if (!pid) {
		buffer.exporter = gpu_open(OWN);
		buffer.handle = vprime_bo_create(buffer.exporter, MOVING_BYTES, ANYWHERE);
		moving_write(&buffer, 3);
		scm_rights_send(sockets[0], vprime_export(buffer.exporter, buffer.handle));
		for (;;)
			pause();
	}
	buffer.dmabuf = receive_when_there(sockets[1]);
	moving_share(&buffer);
	moving_check(&buffer, 3);
	child_kill(pid);
	check_pressed(&buffer, 3);
	check_pressed(&buffer, 3);
	close_fd(sockets[1]);
	close_fd(sockets[0]);
	moving_fini(&buffer);
}

/* One GPU goes while the buffer is being moved. */
static void unplug_importer(const struct test_case *row)
{
	struct moving buffer;
	struct mover mover;
	uint32_t round;

	moving_init(&buffer, row);
	for (round = 1; round <= 3; round++) {
		moving_share(&buffer);
		engine_fill(buffer.importer, buffer.abroad, MOVING_BYTES, round);
		mover_start(&mover, &buffer);
		while (atomic_load(&mover.moves) < 5)
			check_eq(engine_sum(buffer.exporter, buffer.handle, MOVING_BYTES),
				 MOVING_WORDS * (uint64_t)round);
		gpu_unplug(OWN_PEER);
		check_eq(engine_sum(buffer.exporter, buffer.handle, MOVING_BYTES),
			 MOVING_WORDS * (uint64_t)round);
		mover_stop(&mover);
		check_eq(engine_sum(buffer.exporter, buffer.handle, MOVING_BYTES),
			 MOVING_WORDS * (uint64_t)round);
		close_fd(buffer.importer);
		gpu_plug(OWN_PEER);
		buffer.importer = gpu_open(OWN_PEER);
	}
	moving_fini(&buffer);
}

static void unplug_exporter(const struct test_case *row)
{
	struct moving buffer;
	uint32_t round;

	moving_init(&buffer, row);
	for (round = 1; round <= 3; round++) {
		struct drm_vprime_command fill;
		struct mover mover;
		int ret;

		moving_share(&buffer);
		engine_fill(buffer.importer, buffer.abroad, MOVING_BYTES, round);
		mover_start(&mover, &buffer);
		while (atomic_load(&mover.moves) < 5)
			check_eq(engine_sum(buffer.importer, buffer.abroad, MOVING_BYTES),
				 MOVING_WORDS * (uint64_t)round);
		gpu_unplug(OWN);
		mover_stop(&mover);
		/* What is left of it is used without a fault, or refused. */
		fill = command_fill(buffer.abroad, 0, MOVING_BYTES, 0);
		ret = __submit_command(buffer.importer, &fill);
		check_msg(!ret || ret == -ENODEV, "a job on a lost buffer gave %s",
			  strerrorname_np(-ret));
		drm_close_handle(buffer.importer, buffer.abroad);
		close_fd(buffer.dmabuf);
		close_fd(buffer.exporter);
		gpu_plug(OWN);
		buffer.exporter = gpu_open(OWN);
		buffer.handle = vprime_bo_create(buffer.exporter, MOVING_BYTES, ANYWHERE);
		buffer.dmabuf = vprime_export(buffer.exporter, buffer.handle);
	}
	moving_fini(&buffer);
}

static const struct subtest subtests[] = {
	{
		.name = "exporter-closed-handle",
		.describe = "An eviction is announced though the exporter's handle is closed.",
		.run_case = exporter_closed_handle,
		.cases = moving_importers,
	}, {
		.name = "exporter-closed-all",
		.describe = "Likewise with file and descriptor closed; and home again it can be moved.",
		.run_case = exporter_closed_all,
		.cases = moving_importers,
	}, {
		.name = "exporter-killed",
		.describe = "Likewise after the exporting process was killed.",
		.run_case = exporter_killed,
		.cases = moving_importers,
	}, {
		.name = "unplug-importer",
		.describe = "The importer is pulled out in the middle of moves.",
		.run_case = unplug_importer,
		.cases = moving_importers,
		.seconds = 300,
	}, {
		.name = "unplug-exporter",
		.describe = "The exporter is pulled out in the middle of its own moves.",
		.run_case = unplug_exporter,
		.cases = moving_importers,
		.seconds = 300,
	},
};

TEST_MAIN("Shared buffers that move when one side has gone.", subtests)
