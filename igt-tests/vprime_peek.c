// SPDX-License-Identifier: MIT
/*
 * vprime's buffers by way of /proc/self/mem, as a debugger sees them, and by
 * other system calls that take the address of a mapping.  All find what is in
 * the buffer, wherever it is, and never what others have left there.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "blocked.h"
#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "peek.h"
#include "subtest.h"
#include "sw_sync.h"
#include "vprime.h"

#define SIZE (16 * PAGE_BYTES)
#define OWN_VRAM (4u << 20)

static void check_peek(const void *at, size_t bytes, uint32_t seed)
{
	static uint32_t buf[SIZE / 4];

	peek(at, buf, bytes);
	pattern_check(buf, bytes, seed);
}

static void follows_moves(void)
{
	static const uint32_t path[] = { SYSTEM, TT, VRAM, SYSTEM, VRAM, TT, SYSTEM };
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), buf[SIZE / 4], i;
	void *at = vprime_bo_mmap(gpu, handle, SIZE);

	for (i = 0; i < ARRAY_SIZE(path); i++) {
		pattern_write(at, SIZE, i);
		check_peek(at, SIZE, i);
		vprime_bo_move(gpu, handle, path[i]);
		check_peek(at, SIZE, i);
		pattern_write(buf, SIZE, ~i);
		poke(at, buf, SIZE);
		pattern_check(at, SIZE, ~i);
	}
	dmabuf_munmap(at, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* Nobody has touched it: there is no memory for it yet. */
static void new_memory(const struct test_case *row)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, *(const uint32_t *)row->arg);
	void *at = vprime_bo_mmap(gpu, handle, SIZE);
	uint32_t buf[SIZE / 4];

	peek(at, buf, SIZE);
	pattern_check_fill(buf, SIZE, 0);
	dmabuf_munmap(at, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* The job that clears begins late enough to be overtaken. */
static void memory_of_others(void)
{
	static const struct gpu_setting late[] = {
		{ "vram_size", "4194304" }, { "render_node", "1" }, { "poison", "0" },
		{ "engine_latency_us", "500000" }, { }
	};
	int gpu = gpu_create(OWN, late), other = gpu_open(OWN);
	uint32_t handle = vprime_bo_create(gpu, OWN_VRAM, VRAM), buf[SIZE / 4];
	void *at = vprime_bo_mmap(gpu, handle, OWN_VRAM);

	pattern_write(at, OWN_VRAM, 5);
	dmabuf_munmap(at, OWN_VRAM);
	drm_close_handle(gpu, handle);
	handle = vprime_bo_create(other, OWN_VRAM, VRAM);
	at = vprime_bo_mmap(other, handle, OWN_VRAM);
	peek(at, buf, SIZE);
	pattern_check_fill(buf, SIZE, 0);
	dmabuf_munmap(at, OWN_VRAM);
	drm_close_handle(other, handle);
	close_fd(other);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/**
 * struct moving - a buffer on its way, which arrives when the timeline advances
 * @gpu: its GPU
 * @handle: of it
 * @at: where it is mapped
 * @dmabuf: made of it, for the fence that the move waits for
 * @timeline: of that fence
 * @word: what is read or written
 */
struct moving {
	int gpu;
	uint32_t handle;
	uint32_t *at;
	int dmabuf;
	int timeline;
	uint32_t word;
};

#define WORD_IN_BETWEEN 100

/* Where it goes, others have been before. */
static void moving_init(struct moving *moving, uint32_t to)
{
	moving->gpu = gpu_create_small(OWN, OWN_VRAM);
	moving->handle = vprime_bo_create(moving->gpu, SIZE, VRAM | TT);
	moving->at = vprime_bo_mmap(moving->gpu, moving->handle, SIZE);
	vprime_bo_move(moving->gpu, moving->handle, to == VRAM ? TT : VRAM);
	pattern_write(moving->at, SIZE, 6);
	moving->dmabuf = vprime_export(moving->gpu, moving->handle);
	moving->timeline = sw_sync_timeline();
	sw_sync_attach(moving->dmabuf, moving->timeline, 1, DMA_BUF_SYNC_WRITE);
	check_ret(__vprime_bo_move(moving->gpu, moving->handle, to), 0);
}

static void moving_arrives(struct moving *moving)
{
	sw_sync_advance(moving->timeline, 1);
}

static void moving_fini(struct moving *moving)
{
	dmabuf_munmap(moving->at, SIZE);
	close_fd(moving->timeline);
	close_fd(moving->dmabuf);
	drm_close_handle(moving->gpu, moving->handle);
	close_fd(moving->gpu);
	gpu_destroy(OWN);
}

static int call_peek(void *arg)
{
	struct moving *moving = arg;

	return __peek(moving->at, &moving->word, sizeof(moving->word));
}

static int call_poke(void *arg)
{
	struct moving *moving = arg;

	return __poke(moving->at + WORD_IN_BETWEEN, &moving->word, sizeof(moving->word));
}

static const struct test_case targets[] = {
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ }
};

/* It waits, whatever signals come, for the content. */
static void during_a_move(const struct test_case *row)
{
	struct blocked blocked;
	struct moving moving;

	moving_init(&moving, *(const uint32_t *)row->arg);
	blocked_start(&blocked, call_peek, &moving);
	check(!blocked_returned(&blocked));
	blocked_interrupt(&blocked);
	check(!blocked_returned(&blocked));
	moving_arrives(&moving);
	check_eq(blocked_join(&blocked), sizeof(moving.word));
	pattern_check(&moving.word, sizeof(moving.word), 6);
	moving_fini(&moving);
}

static void poke_during_a_move(const struct test_case *row)
{
	struct blocked blocked;
	struct moving moving;

	moving_init(&moving, *(const uint32_t *)row->arg);
	moving.word = 4711;
	blocked_start(&blocked, call_poke, &moving);
	check(!blocked_returned(&blocked));
	moving_arrives(&moving);
	check_eq(blocked_join(&blocked), sizeof(moving.word));
	vprime_bo_wait(moving.gpu, moving.handle);
	check_eq(moving.at[WORD_IN_BETWEEN], 4711);
	pattern_check(moving.at, WORD_IN_BETWEEN * sizeof(moving.word), 6);
	moving_fini(&moving);
}

static void killed_while_waiting(void)
{
	struct moving moving;
	int ready[2];
	pid_t pid;
	char byte;

	moving_init(&moving, TT);
	check_ok(neg_errno(pipe2(ready, O_CLOEXEC)));
	pid = child_fork();
	if (!pid) {
		check_eq(write(ready[1], "", 1), 1);
		call_peek(&moving);
		_exit(0);
	}
	check_eq(read(ready[0], &byte, 1), 1);
	child_kill(pid);
	moving_arrives(&moving);
	vprime_bo_wait(moving.gpu, moving.handle);
	close_fd(ready[0]);
	close_fd(ready[1]);
	moving_fini(&moving);
}

/* While it waits the process cannot be looked at, so it does not do so for good. */
static void gives_up(void)
{
	struct moving moving;
	uint32_t word = 0;

	moving_init(&moving, TT);
	check_ret(__peek(moving.at, &word, sizeof(word)), -EIO);
	check_eq(word, 0);
	moving_arrives(&moving);
	check_peek(moving.at, SIZE, 6);
	moving_fini(&moving);
}

static void check_not_poked(uint32_t *at)
{
	uint32_t word = 666;

	check_ret(__poke(at + 3, &word, sizeof(word)), -EIO);
	check_peek(at, SIZE, 7);
}

/* However it was made so, and wherever the buffer is. */
static void read_only_mapping(void)
{
	static const uint32_t places[] = { SYSTEM, TT, VRAM };
	int gpu = gpu_open(RENDER), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), *maps[3];
	void *at = vprime_bo_mmap(gpu, handle, SIZE);
	size_t i, j;

	pattern_write(at, SIZE, 7);
	fd = drm_handle_to_fd(gpu, handle, DRM_CLOEXEC_FLAG);
	maps[0] = dmabuf_mmap(fd, SIZE, PROT_READ);
	maps[1] = __vprime_bo_mmap(gpu, handle, SIZE, PROT_READ);
	maps[2] = vprime_bo_mmap(gpu, handle, SIZE);
	check(maps[1] != MAP_FAILED);
	check_ok(neg_errno(mprotect(maps[2], SIZE, PROT_READ)));
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		vprime_bo_move(gpu, handle, places[i]);
		for (j = 0; j < ARRAY_SIZE(maps); j++)
			check_not_poked(maps[j]);
	}
	pattern_check(at, SIZE, 7);
	for (j = 0; j < ARRAY_SIZE(maps); j++)
		dmabuf_munmap(maps[j], SIZE);
	close_fd(fd);
	dmabuf_munmap(at, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* What lies behind a mapping of a part is not the rest of the buffer. */
static void end_of_mapping(void)
{
	int gpu = gpu_open(RENDER);
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	uint8_t *at = vprime_bo_mmap(gpu, handle, SIZE);
	char buf[64];

	pattern_write(at, SIZE, 8);
	check_ok(neg_errno(munmap(at + PAGE_BYTES, SIZE - PAGE_BYTES)));
	check_eq(__peek(at + PAGE_BYTES - 16, buf, sizeof(buf)), 16);
	check(!memcmp(buf, at + PAGE_BYTES - 16, 16));
	check_eq(__poke(at + PAGE_BYTES - 16, buf, sizeof(buf)), 16);
	dmabuf_munmap(at, PAGE_BYTES);
	at = vprime_bo_mmap(gpu, handle, SIZE);
	pattern_check(at, SIZE, 8);
	check_eq(__peek(at + SIZE - 16, buf, 16), 16);
	dmabuf_munmap(at, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* None of them could follow the buffer. */
static void pages_are_not_handed_out(void)
{
	int gpu = gpu_open(RENDER), pipes[2];
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), buf[4], *at;
	struct iovec local = { buf, sizeof(buf) }, remote;

	at = vprime_bo_mmap(gpu, handle, SIZE);
	pattern_write(at, SIZE, 9);
	remote = (struct iovec){ at, sizeof(buf) };
	check_ok(neg_errno(pipe2(pipes, O_CLOEXEC)));
	check_ret(neg_errno(process_vm_readv(getpid(), &local, 1, &remote, 1, 0)), -EFAULT);
	check_ret(neg_errno(process_vm_writev(getpid(), &local, 1, &remote, 1, 0)), -EFAULT);
	check_ret(neg_errno(vmsplice(pipes[1], &remote, 1, 0)), -EFAULT);
	check_ret(neg_errno(syscall(SYS_futex, at, FUTEX_WAIT, at[0] + 1, NULL, NULL, 0)),
		  -EFAULT);
	/* A copy is another matter. */
	check_eq(write(pipes[1], at, sizeof(buf)), sizeof(buf));
	check_eq(read(pipes[0], buf, sizeof(buf)), sizeof(buf));
	pattern_check(buf, sizeof(buf), 9);
	close_fd(pipes[0]);
	close_fd(pipes[1]);
	dmabuf_munmap(at, SIZE);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static const struct test_case places[] = {
	{ "system", &(const uint32_t){ SYSTEM } },
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ }
};

static const struct subtest subtests[] = {
	{
		.name = "follows-moves",
		.describe = "A debugger reads and writes a buffer wherever it is.",
		.run = follows_moves,
	}, {
		.name = "new-memory",
		.describe = "A buffer that nobody has used is zero.",
		.run_case = new_memory,
		.cases = places,
	}, {
		.name = "memory-of-others",
		.describe = "Video memory is zero even for who reads it before it has been cleared.",
		.run = memory_of_others,
	}, {
		.name = "during-a-move",
		.describe = "Reading a buffer on its way waits for the content, and no signal makes it fail.",
		.run_case = during_a_move,
		.cases = targets,
	}, {
		.name = "poke-during-a-move",
		.describe = "What is written to a buffer on its way is there when it has arrived.",
		.run_case = poke_during_a_move,
		.cases = targets,
	}, {
		.name = "killed-while-waiting",
		.describe = "A process that waits for a buffer on its way can be killed.",
		.run = killed_while_waiting,
	}, {
		.name = "gives-up",
		.describe = "Reading a buffer that does not arrive is an error after some seconds.",
		.run = gives_up,
	}, {
		.name = "read-only-mapping",
		.describe = "A mapping for reading is no way to write.",
		.run = read_only_mapping,
	}, {
		.name = "end-of-mapping",
		.describe = "Reading and writing ends where the mapping does.",
		.run = end_of_mapping,
	}, {
		.name = "pages-are-not-handed-out",
		.describe = "No system call gets hold of the pages behind a mapping.",
		.run = pages_are_not_handed_out,
	},
};

TEST_MAIN("vprime's buffers, as a debugger sees them.", subtests)
