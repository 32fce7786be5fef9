// SPDX-License-Identifier: MIT
/*
 * A client that waits, in each way there is, keeps nobody else waiting: not
 * who unplugs other GPUs, or its own, and not who shares its buffers.
 */
#include <fcntl.h>
#include <unistd.h>

#include "blocked.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "kms.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE PAGE_BYTES
#define OWN_VRAM (4u << 20)
/* A GPU that the client does not use. */
#define ELSEWHERE "igt-elsewhere"
/* If each were waited for by itself, it would take minutes. */
#define BUSY_BUFFERS 64
#define UNPLUG_MOST_NS 30000000000ull

/**
 * struct client - who waits
 * @gpu: its GPU
 * @handle: a buffer of that
 * @gate: a job that uses the buffer waits for it
 */
struct client {
	int gpu;
	uint32_t handle;
	struct gate gate;
};

/* Its job is not there yet. */
static void client_init(struct client *client, uint32_t placements)
{
	client->gpu = gpu_create_small(OWN, OWN_VRAM);
	client->handle = vprime_bo_create(client->gpu, SIZE, placements);
	gate_init(&client->gate, client->gpu);
}

static void client_submit(const struct client *client)
{
	struct drm_vprime_command fill = command_fill(client->handle, 0, SIZE, 1);

	submit_synced(client->gpu, &fill, client->gate.syncobj, 0, 0);
}

static void client_fini(struct client *client)
{
	gate_fini(&client->gate);
	close_fd(client->gpu);
	gpu_destroy(OWN);
}

static void unplug_elsewhere(void)
{
	close_fd(gpu_create_small(ELSEWHERE, OWN_VRAM));
	gpu_unplug(ELSEWHERE);
	gpu_destroy(ELSEWHERE);
}

/**
 * struct commands - commands of a job, which are in a buffer
 * @gpu: of the job
 * @at: where the buffer is mapped
 */
struct commands {
	int gpu;
	struct drm_vprime_command *at;
};

static int call_submit(void *arg)
{
	const struct commands *commands = arg;
	struct drm_vprime_submit submit = submission(commands->at, 1);

	return __submit(commands->gpu, &submit);
}

/* Its commands are in a page that comes when the buffer has moved, which waits for a job. */
static void submitting(void)
{
	struct commands commands;
	struct client client;
	struct blocked call;

	client_init(&client, ANYWHERE);
	commands.gpu = client.gpu;
	commands.at = vprime_bo_mmap(client.gpu, client.handle, SIZE);
	*commands.at = (struct drm_vprime_command){ .op = VPRIME_OP_NOP };
	client_submit(&client);
	check_ret(__vprime_bo_move(client.gpu, client.handle, TT), 0);
	blocked_start(&call, call_submit, &commands);
	unplug_elsewhere();
	check(!blocked_returned(&call));
	gate_open(&client.gate);
	blocked_join(&call);
	dmabuf_munmap(commands.at, SIZE);
	client_fini(&client);
}

/* The exporter has moved what it has mapped, and its job has still to use. */
static void unmapping(void)
{
	struct client client;
	int exporter = gpu_create_small(OWN_PEER, OWN_VRAM), dmabuf;
	uint32_t handle = vprime_bo_create(exporter, SIZE, ANYWHERE);

	client_init(&client, ANYWHERE);
	drm_close_handle(client.gpu, client.handle);
	dmabuf = vprime_export(exporter, handle);
	client.handle = vprime_import(client.gpu, dmabuf);
	client_submit(&client);
	check_ret(__vprime_bo_move(exporter, handle, TT), 0);
	check_ret(__vprime_bo_move(exporter, handle, VRAM), 0);
	unplug_elsewhere();
	gate_open(&client.gate);
	close_fd(dmabuf);
	client_fini(&client);
	close_fd(exporter);
	gpu_destroy(OWN_PEER);
}

/* All its buffers stay busy. They are waited for together, and not for long. */
static void busy(void)
{
	struct drm_vprime_command fills[BUSY_BUFFERS];
	struct drm_vprime_submit submit;
	struct drm_vprime_sync in;
	struct client client;
	uint64_t began;
	uint32_t i;

	client_init(&client, VRAM);
	for (i = 0; i < BUSY_BUFFERS; i++)
		fills[i] = command_fill(vprime_bo_create(client.gpu, SIZE, VRAM), 0, SIZE, 1);
	in = (struct drm_vprime_sync){ .handle = client.gate.syncobj };
	submit = submission(fills, BUSY_BUFFERS);
	submit.in_syncs = (uintptr_t)&in;
	submit.in_sync_count = 1;
	check_ret(__submit(client.gpu, &submit), 0);
	began = kms_now_ns();
	gpu_unplug(OWN);
	check_lt(kms_now_ns() - began, UNPLUG_MOST_NS);
	gate_open(&client.gate);
	close_fd(client.gpu);
	gate_leave(&client.gate);
	gpu_destroy(OWN);
}

static int call_move(void *arg)
{
	const struct client *client = arg;

	return __vprime_bo_move(client->gpu, client->handle, SYSTEM);
}

/* It waits for its job before the engines lose the buffer; others have the lock meanwhile. */
static void moving(const struct test_case *row)
{
	uint32_t placement = *(const uint32_t *)row->arg, imported;
	int importer = gpu_create_small(OWN_PEER, OWN_VRAM), dmabuf;
	struct client client;
	struct blocked call;

	client_init(&client, placement);
	client_submit(&client);
	blocked_start(&call, call_move, &client);
	dmabuf = vprime_export(client.gpu, client.handle);
	imported = vprime_import(importer, dmabuf);
	check_ne(vprime_bo_placement(client.gpu, client.handle), SYSTEM);
	check(!blocked_returned(&call));
	gate_open(&client.gate);
	check_ret(blocked_join(&call), 0);
	check_eq(vprime_bo_placement(client.gpu, client.handle), SYSTEM);
	drm_close_handle(importer, imported);
	close_fd(dmabuf);
	client_fini(&client);
	close_fd(importer);
	gpu_destroy(OWN_PEER);
}

/* And can be told to give it up. */
static void moving_interrupted(void)
{
	struct client client;
	struct blocked call;

	client_init(&client, TT);
	client_submit(&client);
	blocked_start(&call, call_move, &client);
	blocked_interrupt(&call);
	check_ret(blocked_join(&call), -EINTR);
	check_eq(vprime_bo_placement(client.gpu, client.handle), TT);
	gate_open(&client.gate);
	client_fini(&client);
}

/**
 * struct import - a call that imports
 * @gpu: to this device
 * @dmabuf: this buffer
 */
struct import {
	int gpu;
	int dmabuf;
};

static int call_import(void *arg)
{
	const struct import *import = arg;
	uint32_t handle;

	return __vprime_import(import->gpu, import->dmabuf, &handle);
}

/* Over and over, until the file is no more. */
static int call_read(void *arg)
{
	char text[4096];
	int ret;

	do
		ret = neg_errno(pread(*(int *)arg, text, sizeof(text), 0));
	while (ret > 0);
	return ret;
}

/* The GPU has gone while the file was read, or before. */
static void check_gone(int ret)
{
	check_msg(ret == -ENODEV || ret == -EIO, "reading gave %d", ret);
}

/* vgem maps what it imports, and has the lock until the buffer has left VRAM, as the job lets it. */
static void listing(void)
{
	struct blocked import_call, read_call;
	struct import import;
	struct client client;
	char path[128];
	int list;

	client_init(&client, ANYWHERE);
	client_submit(&client);
	import.gpu = drm_open_driver("vgem");
	import.dmabuf = vprime_export(client.gpu, client.handle);
	blocked_start(&import_call, call_import, &import);
	kms_debugfs_path(client.gpu, "vprime_buffers", path, sizeof(path));
	list = check_ok(neg_errno(open(path, O_RDONLY | O_CLOEXEC)));
	blocked_start(&read_call, call_read, &list);
	gpu_unplug(OWN);
	check_gone(blocked_join(&read_call));
	check(!blocked_returned(&import_call));
	gate_open(&client.gate);
	blocked_join(&import_call);
	close_fd(list);
	close_fd(import.dmabuf);
	close_fd(import.gpu);
	close_fd(client.gpu);
	gate_leave(&client.gate);
	gpu_destroy(OWN);
}

static const struct test_case from[] = {
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ }
};

static const struct subtest subtests[] = {
	{
		.name = "submitting",
		.describe = "Who submits, and waits for memory, does not hold up the unplug of another GPU.",
		.run = submitting,
	}, {
		.name = "unmapping",
		.describe = "Nor does an import that cannot be unmapped yet.",
		.run = unmapping,
	}, {
		.name = "busy",
		.describe = "Busy buffers hold up the unplug of their own GPU together, not one by one.",
		.run = busy,
	}, {
		.name = "moving",
		.describe = "A move that waits for jobs lets others export, import and ask.",
		.run_case = moving,
		.cases = from,
	}, {
		.name = "moving-interrupted",
		.describe = "A signal ends such a move, and the buffer is where it was.",
		.run = moving_interrupted,
	}, {
		.name = "listing",
		.describe = "Who reads in debugfs about a buffer that is locked does not hold up an unplug.",
		.run = listing,
	},
};

TEST_MAIN("Clients that wait, and who need not wait for them.", subtests)
