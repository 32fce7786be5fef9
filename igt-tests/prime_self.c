// SPDX-License-Identifier: MIT
/*
 * A vprime GPU that meets its own buffers again: one buffer is one object,
 * whichever way it comes, whoever closes first, and whoever races whom.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define SIZE (4 * PAGE_BYTES)
#define NO_HANDLE 4711
#define RDWR (DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG)

static const struct test_case gpus[] = {
	{ DISPLAY, DISPLAY },
	{ RENDER, RENDER },
	{ }
};

static void same_file(const struct test_case *row)
{
	int gpu = gpu_open(row->arg), fd, copy;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	struct drm_vprime_bo_info info;
	struct bufinfo listed;

	fd = vprime_export(gpu, handle);
	copy = check_ok(neg_errno(dup(fd)));
	check_eq(vprime_import(gpu, fd), handle);
	check_eq(vprime_import(gpu, copy), handle);
	bufinfo_get(fd, &listed);
	check(strstr(listed.details, "Total 0 devices attached"));
	vprime_bo_info(gpu, handle, &info);
	check_eq(info.flags, VPRIME_BO_EXPORTED);
	check_eq(info.importers, 0);
	check_eq(info.pins, 0);
	/* It is one handle, so it is closed once. */
	drm_close_handle(gpu, handle);
	check_ret(__drm_close_handle(gpu, handle), -EINVAL);
	close_fd(copy);
	close_fd(fd);
	close_fd(gpu);
}

static void other_file(const struct test_case *row)
{
	int gpu = gpu_open(row->arg), other = gpu_open(row->arg), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), there;
	struct drm_vprime_bo_info info;
	void *at, *at_there;

	fd = vprime_export(gpu, handle);
	there = vprime_import(other, fd);
	check_eq(vprime_import(other, fd), there);
	vprime_bo_info(other, there, &info);
	/* It is the object, no import of it: its placement is the real one. */
	check_eq(info.flags & VPRIME_BO_IMPORTED, 0);
	check_eq(info.importers, 0);
	check_eq(info.placement, VRAM);
	at = vprime_bo_mmap(gpu, handle, SIZE);
	at_there = vprime_bo_mmap(other, there, SIZE);
	pattern_write(at, SIZE, 1);
	pattern_check(at_there, SIZE, 1);
	vprime_bo_move(other, there, TT);
	check_eq(vprime_bo_placement(gpu, handle), TT);
	pattern_check(at, SIZE, 1);
	dmabuf_munmap(at_there, SIZE);
	dmabuf_munmap(at, SIZE);
	drm_close_handle(other, there);
	drm_close_handle(gpu, handle);
	close_fd(fd);
	close_fd(other);
	close_fd(gpu);
}

static void reexport(const struct test_case *row)
{
	int gpu = gpu_open(row->arg), other = gpu_open(row->arg), first, second, third;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	first = vprime_export(gpu, handle);
	second = vprime_export(gpu, handle);
	check(dmabuf_same_file(first, second));
	third = vprime_export(other, vprime_import(other, first));
	check(dmabuf_same_file(first, third));
	close_fd(third);
	close_fd(second);
	close_fd(first);
	close_fd(other);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* Between two exports the dma-buf was gone: a new one, of the same buffer. */
static void export_again(void)
{
	int gpu = gpu_open(RENDER), fd, before = bufinfo_count();
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	ino_t ino;

	engine_fill(gpu, handle, SIZE, 5);
	fd = vprime_export(gpu, handle);
	ino = dmabuf_ino(fd);
	close_fd(fd);
	/* The object keeps what was exported while there is a handle. */
	fd = vprime_export(gpu, handle);
	check_eq(dmabuf_ino(fd), ino);
	check_eq(vprime_import(gpu, fd), handle);
	drm_close_handle(gpu, handle);
	handle = vprime_import(gpu, fd);
	check_eq(engine_sum(gpu, handle, SIZE), SIZE / 4 * 5);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	check(bufinfo_settles_at(before));
	close_fd(gpu);
}

/* What is closed in which order: creator's handle, its file, the dma-buf, the importer's. */
static const struct test_case orders[] = {
	{ "handle-file-fd", "hfd" },
	{ "fd-handle-file", "dhf" },
	{ "file-first", "fd" },
	{ "fd-file", "df" },
	{ "handle-fd-file", "hdf" },
	{ }
};

static void close_order(const struct test_case *row)
{
	int gpu = gpu_open(RENDER), other = gpu_open(RENDER), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), there;
	const char *step;

	engine_fill(gpu, handle, SIZE, 6);
	fd = vprime_export(gpu, handle);
	there = vprime_import(other, fd);
	for (step = row->arg; *step; step++) {
		if (*step == 'h')
			drm_close_handle(gpu, handle);
		else
			close_fd(*step == 'f' ? gpu : fd);
		check_eq(engine_sum(other, there, SIZE), SIZE / 4 * 6);
		vprime_bo_move(other, there, TT);
		vprime_bo_move(other, there, VRAM);
	}
	fd = vprime_export(other, there);
	drm_close_handle(other, there);
	there = vprime_import(other, fd);
	check_eq(engine_sum(other, there, SIZE), SIZE / 4 * 6);
	close_fd(fd);
	close_fd(other);
}

static void handle_reuse(void)
{
	int gpu = gpu_open(RENDER), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), other, again;

	engine_fill(gpu, handle, SIZE, 7);
	fd = vprime_export(gpu, handle);
	drm_close_handle(gpu, handle);
	/* Its number goes to the next one, which is another buffer. */
	other = vprime_bo_create(gpu, SIZE, ANYWHERE);
	again = vprime_import(gpu, fd);
	check_ne(other, again);
	check_eq(engine_sum(gpu, other, SIZE), 0);
	check_eq(engine_sum(gpu, again, SIZE), SIZE / 4 * 7);
	close_fd(fd);
	drm_close_handle(gpu, again);
	drm_close_handle(gpu, other);
	close_fd(gpu);
}

static void two_buffers(void)
{
	int gpu = gpu_open(RENDER), other = gpu_open(RENDER), fd_a, fd_b;
	uint32_t a = vprime_bo_create(gpu, SIZE, ANYWHERE);
	uint32_t b = vprime_bo_create(gpu, SIZE, ANYWHERE), in_a, in_b;

	fd_a = vprime_export(gpu, a);
	fd_b = vprime_export(gpu, b);
	check_ne(dmabuf_ino(fd_a), dmabuf_ino(fd_b));
	in_a = vprime_import(other, fd_a);
	in_b = vprime_import(other, fd_b);
	check_ne(in_a, in_b);
	engine_fill(gpu, a, SIZE, 1);
	engine_fill(gpu, b, SIZE, 2);
	check_eq(engine_sum(other, in_a, SIZE), SIZE / 4);
	check_eq(engine_sum(other, in_b, SIZE), SIZE / 4 * 2);
	drm_close_handle(other, in_a);
	check_eq(engine_sum(other, in_b, SIZE), SIZE / 4 * 2);
	check_eq(vprime_import(other, fd_b), in_b);
	close_fd(fd_b);
	close_fd(fd_a);
	close_fd(other);
	close_fd(gpu);
}

static void errnos(const struct test_case *row)
{
	int gpu = gpu_open(row->arg), fd = -1, pipes[2], bit;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), got;

	check_ret(__drm_handle_to_fd(gpu, 0, RDWR, &fd), -ENOENT);
	check_ret(__drm_handle_to_fd(gpu, NO_HANDLE, RDWR, &fd), -ENOENT);
	for (bit = 0; bit < 32; bit++)
		if (!(1u << bit & RDWR))
			check_ret(__drm_handle_to_fd(gpu, handle, 1u << bit, &fd), -EINVAL);
	check_ret(__vprime_import(gpu, -1, &got), -EBADF);
	check_ret(__vprime_import(gpu, gpu, &got), -EINVAL);
	check_ok(neg_errno(pipe(pipes)));
	check_ret(__vprime_import(gpu, pipes[0], &got), -EINVAL);
	close_fd(pipes[0]);
	close_fd(pipes[1]);
	check_ret(__vprime_import(gpu, pipes[0], &got), -EBADF);
	check_eq(vprime_bo_flags(gpu, handle), 0);
	drm_close_handle(gpu, handle);
	check_ret(__drm_handle_to_fd(gpu, handle, RDWR, &fd), -ENOENT);
	close_fd(gpu);
}

/* The dma-buf as a file: its size, its name, its mapping. */
static void as_a_file(const struct test_case *row)
{
	int gpu = gpu_open(row->arg), fd, rdonly;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	void *at, *mapped;

	fd = vprime_export(gpu, handle);
	check_eq(lseek(fd, 0, SEEK_END), SIZE);
	check_eq(lseek(fd, 0, SEEK_SET), 0);
	check_eq(lseek(fd, 1, SEEK_SET), -1);
	check_eq(errno, EINVAL);
	at = vprime_bo_mmap(gpu, handle, SIZE);
	mapped = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	pattern_write(mapped, SIZE, 8);
	pattern_check(at, SIZE, 8);
	vprime_bo_move(gpu, handle, SYSTEM);
	pattern_check(mapped, SIZE, 8);
	pattern_write(mapped, SIZE, 9);
	vprime_bo_move(gpu, handle, VRAM);
	pattern_check(mapped, SIZE, 9);
	pattern_check(at, SIZE, 9);
	dmabuf_munmap(mapped, SIZE);
	/* A part of it is that part. */
	mapped = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 2 * PAGE_BYTES);
	check(mapped != MAP_FAILED);
	check(!memcmp(mapped, (char *)at + 2 * PAGE_BYTES, PAGE_BYTES));
	dmabuf_munmap(mapped, PAGE_BYTES);
	dmabuf_munmap(at, SIZE);

	rdonly = drm_handle_to_fd(gpu, handle, DRM_CLOEXEC_FLAG);
	check(dmabuf_same_file(fd, rdonly));
	close_fd(rdonly);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void sync_brackets(void)
{
	static const uint64_t directions[] = {
		DMA_BUF_SYNC_READ, DMA_BUF_SYNC_WRITE, DMA_BUF_SYNC_RW,
	};
	static const uint32_t places[] = { SYSTEM, TT, VRAM };
	int gpu = gpu_open(RENDER), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), seed = 0;
	size_t i, place;
	void *at;

	fd = vprime_export(gpu, handle);
	at = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	pattern_write(at, SIZE, seed);
	for (place = 0; place < ARRAY_SIZE(places); place++) {
		for (i = 0; i < ARRAY_SIZE(directions); i++) {
			vprime_bo_move(gpu, handle, places[place]);
			dmabuf_sync(fd, DMA_BUF_SYNC_START | directions[i]);
			pattern_check(at, SIZE, seed);
			if (directions[i] & DMA_BUF_SYNC_WRITE)
				pattern_write(at, SIZE, ++seed);
			dmabuf_sync(fd, DMA_BUF_SYNC_END | directions[i]);
			check_eq(engine_sum(gpu, handle, SIZE), pattern_sum(SIZE, seed));
		}
	}
	dmabuf_munmap(at, SIZE);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* Two threads do this and that to one buffer for a number of rounds. */
struct race {
	pthread_t thread;
	atomic_int *round;
	atomic_bool *stop;
	int gpu;
	int fd;
	uint32_t handle;
};

static void *close_all_the_time(void *arg)
{
	const struct race *race = arg;

	while (!atomic_load(race->stop)) {
		uint32_t handle = 0;

		/* Importing finds the handle that is there, or makes one. */
		if (!__vprime_import(race->gpu, race->fd, &handle))
			__drm_close_handle(race->gpu, handle);
	}
	return NULL;
}

static void import_races_close(void)
{
	int rounds = subtest_full() ? 4000 : 400, gpu = gpu_open(RENDER), fd, i;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	atomic_bool stop = false;
	struct race race;
	ino_t ino;

	engine_fill(gpu, handle, SIZE, 3);
	fd = vprime_export(gpu, handle);
	ino = dmabuf_ino(fd);
	race = (struct race){ .stop = &stop, .gpu = gpu, .fd = fd };
	check(!pthread_create(&race.thread, NULL, close_all_the_time, &race));
	for (i = 0; i < rounds; i++) {
		uint32_t mine = 0;
		int back, ret;

		check_ret(__vprime_import(gpu, fd, &mine), 0);
		ret = __drm_handle_to_fd(gpu, mine, RDWR, &back);
		/* The other thread may have closed it in between. */
		check_msg(!ret || ret == -ENOENT, "export gave %s", strerrorname_np(-ret));
		if (ret)
			continue;
		check_eq(dmabuf_ino(back), ino);
		close_fd(back);
	}
	atomic_store(&stop, true);
	check(!pthread_join(race.thread, NULL));
	handle = vprime_import(gpu, fd);
	check_eq(engine_sum(gpu, handle, SIZE), SIZE / 4 * 3);
	close_fd(fd);
	__drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void *export_all_the_time(void *arg)
{
	const struct race *race = arg;

	while (!atomic_load(race->stop)) {
		int fd;

		/* Whatever has that number just now, or nothing. */
		if (!__drm_handle_to_fd(race->gpu, race->handle, RDWR, &fd))
			close_fd(fd);
	}
	return NULL;
}

static void export_races_close(void)
{
	int rounds = subtest_full() ? 4000 : 400, gpu = gpu_open(RENDER), i;
	int before = bufinfo_count();
	atomic_bool stop = false;
	struct race race = { .stop = &stop, .gpu = gpu, .handle = 1 };

	check(!pthread_create(&race.thread, NULL, export_all_the_time, &race));
	for (i = 0; i < rounds; i++) {
		uint32_t handle = vprime_bo_create(gpu, PAGE_BYTES, ANYWHERE);

		drm_close_handle(gpu, handle);
	}
	atomic_store(&stop, true);
	check(!pthread_join(race.thread, NULL));
	check(bufinfo_settles_at(before));
	close_fd(gpu);
}

static const struct subtest subtests[] = {
	{
		.name = "same-file",
		.describe = "A client that imports its own buffer gets the handle it has, attached to nothing.",
		.run_case = same_file,
		.cases = gpus,
	}, {
		.name = "other-file",
		.describe = "Another client of the GPU gets the very buffer.",
		.run_case = other_file,
		.cases = gpus,
	}, {
		.name = "reexport",
		.describe = "A buffer is one dma-buf, however often and by whom it is exported.",
		.run_case = reexport,
		.cases = gpus,
	}, {
		.name = "export-again",
		.describe = "So it is after all its descriptors were closed.",
		.run = export_again,
	}, {
		.name = "close-order",
		.describe = "Handle, file and descriptor may be closed in any order; who is left has the buffer.",
		.run_case = close_order,
		.cases = orders,
	}, {
		.name = "handle-reuse",
		.describe = "A handle's number that is used again is not taken for the buffer it was.",
		.run = handle_reuse,
	}, {
		.name = "two-buffers",
		.describe = "Two buffers are never mixed up.",
		.run = two_buffers,
	}, {
		.name = "errnos",
		.describe = "Handles that are none, flags that are unknown and descriptors of something else.",
		.run_case = errnos,
		.cases = gpus,
	}, {
		.name = "as-a-file",
		.describe = "lseek, mmap and access rights of an exported buffer.",
		.run_case = as_a_file,
		.cases = gpus,
	}, {
		.name = "sync-brackets",
		.describe = "SYNC in each direction from each place sees and keeps the content.",
		.run = sync_brackets,
	}, {
		.name = "import-races-close",
		.describe = "Importing and closing one handle at once gives the buffer or ENOENT.",
		.run = import_races_close,
		.seconds = 300,
	}, {
		.name = "export-races-close",
		.describe = "Exporting what is being closed leaks nothing.",
		.run = export_races_close,
		.seconds = 300,
	},
};

TEST_MAIN("PRIME of a vprime GPU with itself.", subtests)
