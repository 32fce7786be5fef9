// SPDX-License-Identifier: MIT
/*
 * What an ordinary user reaches of other people's buffers: those he was given,
 * as he was given them.  And what he can take away from others: nothing for
 * good.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "ordinary.h"
#include "pattern.h"
#include "peek.h"
#include "procfs.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "usage.h"
#include "vprime.h"

#define SIZE (16 * PAGE_BYTES)
#define OWN_VRAM (4u << 20)
#define PARTS 8
#define PART_BYTES (OWN_VRAM / PARTS)

static void check_not_mine(int gpu, uint32_t handle, uint32_t syncobj)
{
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 666);
	struct drm_vprime_command nop = { .op = VPRIME_OP_NOP };
	const struct drm_vprime_sync out = { .handle = syncobj };
	struct drm_syncobj_destroy destroy = { .handle = syncobj };
	struct drm_vprime_submit arg = submission(&nop, 1);
	struct drm_vprime_bo_info info;
	uint64_t offset;
	int fd;

	check_ret(__vprime_bo_info(gpu, handle, &info), -ENOENT);
	check_ret(__vprime_bo_mmap_offset(gpu, handle, &offset), -ENOENT);
	check_ret(__vprime_bo_move(gpu, handle, TT), -ENOENT);
	check_ret(__vprime_bo_wait(gpu, handle, VPRIME_WAIT_READ, VPRIME_NOW), -ENOENT);
	check_ret(__drm_handle_to_fd(gpu, handle, DRM_CLOEXEC_FLAG, &fd), -ENOENT);
	check_ret(__drm_close_handle(gpu, handle), -EINVAL);
	check_ret(__submit_command(gpu, &fill), -ENOENT);
	arg.out_syncs = (uintptr_t)&out;
	arg.out_sync_count = 1;
	check_ret(__submit(gpu, &arg), -ENOENT);
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy), -EINVAL);
}

static int __map(int gpu, uint64_t offset, int prot)
{
	void *at = mmap(NULL, SIZE, prot, MAP_SHARED, gpu, offset);

	if (at == MAP_FAILED)
		return -errno;
	dmabuf_munmap(at, SIZE);
	return 0;
}

/**
 * struct secret - somebody's buffer, and a user who would like to have it
 * @gpu: render node of the user
 * @dmabuf: of the buffer, if he was given that
 * @handle: of the buffer, as its owner has it
 * @syncobj: of its owner
 * @offset: where its owner maps it
 */
struct secret {
	int gpu;
	int dmabuf;
	uint32_t handle;
	uint32_t syncobj;
	uint64_t offset;
};

static void want_secret(void *arg)
{
	const struct secret *secret = arg;
	int gpu = secret->gpu;

	check_not_mine(gpu, secret->handle, secret->syncobj);
	check_ret(__map(gpu, secret->offset, PROT_READ), -EACCES);
	check_ret(__map(gpu, secret->offset, PROT_READ | PROT_WRITE), -EACCES);
}

/* With the buffer he has the offset too, and loses both. */
static void have_secret(void *arg)
{
	const struct secret *secret = arg;
	int gpu = secret->gpu;
	uint32_t handle = vprime_import(gpu, secret->dmabuf);

	check_eq(engine_sum(gpu, handle, SIZE), pattern_sum(SIZE, 5));
	check_ret(__map(gpu, secret->offset, PROT_READ | PROT_WRITE), 0);
	drm_close_handle(gpu, handle);
	want_secret(arg);
}

static void buffers_of_others(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	void *at = vprime_bo_mmap(gpu, handle, SIZE);
	struct drm_vprime_bo_info info;
	struct secret secret = { };

	pattern_write(at, SIZE, 5);
	secret.gpu = check_ok(__gpu_open_render(OWN));
	secret.handle = handle;
	secret.syncobj = syncobj_create(gpu);
	check_ret(__vprime_bo_mmap_offset(gpu, handle, &secret.offset), 0);
	ordinary_run(NO_GROUP, want_secret, &secret);
	secret.dmabuf = vprime_export(gpu, handle);
	ordinary_run(NO_GROUP, have_secret, &secret);
	pattern_check(at, SIZE, 5);
	vprime_bo_info(gpu, handle, &info);
	check_eq(info.placement, VRAM);
	check_eq(info.moves, 0);
	close_fd(secret.dmabuf);
	close_fd(secret.gpu);
	dmabuf_munmap(at, SIZE);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* His own descriptors of it are no better. */
static void read_dmabuf(void *arg)
{
	const struct secret *secret = arg;
	int gpu = secret->gpu, fd = secret->dmabuf, again;
	uint32_t handle;
	char path[64];
	void *at;

	at = dmabuf_mmap(fd, SIZE, PROT_READ);
	pattern_check(at, SIZE, 6);
	check_ret(neg_errno(mprotect(at, SIZE, PROT_READ | PROT_WRITE)), -EACCES);
	check_ret(__map(fd, 0, PROT_READ | PROT_WRITE), -EACCES);
	check_ret(neg_errno(fcntl(fd, F_SETFL, O_RDWR)), 0);
	check_ret(__map(fd, 0, PROT_READ | PROT_WRITE), -EACCES);
	check_ret(neg_errno(write(fd, path, 1)), -EBADF);
	check_ret(__poke(at, path, 1), -EIO);
	check_ret(__ordinary_open(procfs_fd_path(fd, path, sizeof(path)), O_RDWR), -EACCES);

	handle = vprime_import(gpu, fd);
	again = vprime_export(gpu, handle);
	check_ret(__map(again, 0, PROT_READ | PROT_WRITE), -EACCES);
	check_eq(engine_sum(gpu, handle, SIZE), pattern_sum(SIZE, 6));
	close_fd(again);
	dmabuf_munmap(at, SIZE);
}

static const struct test_case importers[] = {
	{ "same", OWN },
	{ "other", RENDER },
	{ }
};

static void dmabuf_read_only(const struct test_case *row)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	void *at = vprime_bo_mmap(gpu, handle, SIZE);
	struct secret secret = { };

	pattern_write(at, SIZE, 6);
	secret.gpu = check_ok(__gpu_open_render(row->arg));
	secret.dmabuf = drm_handle_to_fd(gpu, handle, DRM_CLOEXEC_FLAG);
	ordinary_run(NO_GROUP, read_dmabuf, &secret);
	pattern_check(at, SIZE, 6);
	close_fd(secret.dmabuf);
	close_fd(secret.gpu);
	dmabuf_munmap(at, SIZE);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/**
 * struct pinner - what is needed to pin buffers
 * @gpu: render node
 * @vkms: a driver that cannot be told of moves
 */
struct pinner {
	int gpu;
	int vkms;
};

static uint64_t pinned_vram(int gpu)
{
	struct drm_vprime_region vram;

	vprime_region(gpu, VRAM, &vram);
	return vram.pinned;
}

/* As much as there is VRAM: all of it is pinned, none of it there. */
static void pin_all(void *arg)
{
	const struct pinner *pinner = arg;
	uint32_t handles[PARTS], abroad[PARTS], i;

	for (i = 0; i < PARTS; i++) {
		int fd;

		handles[i] = vprime_bo_create(pinner->gpu, PART_BYTES, ANYWHERE);
		fd = vprime_export(pinner->gpu, handles[i]);
		abroad[i] = drm_fd_to_handle(pinner->vkms, fd);
		close_fd(fd);
		check_eq(vprime_bo_pins(pinner->gpu, handles[i]), 1);
		check_ret(__vprime_bo_move(pinner->gpu, handles[i], VRAM), -EBUSY);
		check_eq(vprime_bo_placement(pinner->gpu, handles[i]), TT);
	}
	check_eq(pinned_vram(pinner->gpu), 0);
	for (i = 0; i < PARTS; i++)
		drm_close_handle(pinner->vkms, abroad[i]);
	/* Nothing holds them there any more. */
	for (i = 0; i < PARTS; i++)
		vprime_bo_move(pinner->gpu, handles[i], VRAM);
}

static void pins(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	struct usage before = usage_of(gpu);
	struct pinner pinner = {
		.gpu = check_ok(__gpu_open_render(OWN)),
		.vkms = drm_open_driver("vkms"),
	};

	ordinary_run(NO_GROUP, pin_all, &pinner);
	close_fd(pinner.vkms);
	close_fd(pinner.gpu);
	check_usage(gpu, &before);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* Twice what there is, and none of it has anybody's content. */
static void take_all_vram(void *arg)
{
	const int *gpu = arg;
	uint32_t i, handle;

	check_ret(__vprime_bo_create(*gpu, OWN_VRAM + PAGE_BYTES, VRAM, &handle), -ENOSPC);
	for (i = 0; i < 2 * PARTS; i++) {
		handle = vprime_bo_create(*gpu, PART_BYTES, VRAM);
		check_eq(vprime_bo_placement(*gpu, handle), VRAM);
		check_eq(engine_sum(*gpu, handle, PART_BYTES), 0);
		engine_fill(*gpu, handle, PART_BYTES, i);
	}
}

static void vram_of_others(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), node = check_ok(__gpu_open_render(OWN));
	uint32_t handle = vprime_bo_create(gpu, PART_BYTES, ANYWHERE);
	void *at = vprime_bo_mmap(gpu, handle, PART_BYTES);
	struct usage before;

	pattern_write(at, PART_BYTES, 8);
	before = usage_of(gpu);
	ordinary_run(NO_GROUP, take_all_vram, &node);
	check_ne(vprime_bo_placement(gpu, handle), VRAM);
	pattern_check(at, PART_BYTES, 8);
	/* What he has cannot keep them out. */
	vprime_bo_move(gpu, handle, VRAM);
	check_eq(engine_sum(gpu, handle, PART_BYTES), pattern_sum(PART_BYTES, 8));
	close_fd(node);
	check_usage(gpu, &before);
	dmabuf_munmap(at, PART_BYTES);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "buffers-of-others",
		.describe = "Handles, offsets and syncobjs of another file are nothing, until one is given.",
		.run = buffers_of_others,
	}, {
		.name = "dmabuf-read-only",
		.describe = "A descriptor that was given for reading is never mapped for writing.",
		.run_case = dmabuf_read_only,
		.cases = importers,
	}, {
		.name = "pins",
		.describe = "Whatever a user has pinned, none of it is video memory.",
		.run = pins,
	}, {
		.name = "vram-of-others",
		.describe = "Video memory can be taken, by turns; its content never.",
		.run = vram_of_others,
	},
};

TEST_MAIN("Ordinary users of vprime: what they reach of others.", subtests)
