// SPDX-License-Identifier: MIT
/*
 * Threads of several processes that do everything to the same few buffers at
 * once, closing them included.  What counts is that every call gives a result
 * it may give, that nothing is left at the end, and that the kernel, with its
 * checkers on, has nothing to say.
 *
 * A buffer's place is a descriptor number: the slots.  A slot is refilled by
 * putting a new buffer on its number, which closes the old one under whoever
 * uses it, and never turns the number into anything but a dma-buf.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bufinfo.h"
#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "procfs.h"
#include "scm_rights.h"
#include "subtest.h"
#include "sw_sync.h"

#define SIZE (2 * PAGE_BYTES)
#define SLOTS 6
#define FIRST_SLOT 600
#define THREADS 4
#define PROCESSES 2
#define FENCE_USAGES 3

enum {
	REFILL, CLOSE, DUP, SEND, RECEIVE, STAT, RENAME, READ_NAME, FDINFO, WALK, MAP,
	SYNC, FENCE, POLL, EPOLL, IMPORT, OPERATIONS,
};

#define OP(operation) (1u << (operation))

/* What the threads of one process share. */
struct arena {
	int sockets[2];
	int epoll;
	int vkms;
	int rounds;
	unsigned int operations;
};

struct worker {
	const struct arena *arena;
	pthread_t thread;
	unsigned int seed;
	int timeline;
	uint32_t point;
};

/* Errors a call may give besides success, because the slot is closed. */
static void check_closed_or_ok(const char *what, int ret, int also)
{
	check_msg(ret >= 0 || ret == -EBADF || ret == also, "%s gave %s", what,
		  strerrorname_np(-ret));
}

static unsigned int pick(struct worker *worker, unsigned int count)
{
	return rand_r(&worker->seed) % count;
}

static int slot_of(struct worker *worker)
{
	return FIRST_SLOT + pick(worker, SLOTS);
}

static void put_into_slot(int fd, int slot)
{
	check_ok(neg_errno(dup3(fd, slot, O_CLOEXEC)));
	close_fd(fd);
}

/* What an exporter gets wrong without the core has no place in a race of the core. */
static bool may_take(const struct arena *arena, const struct exporter *exp)
{
	const unsigned int both = OP(SYNC) | OP(IMPORT);

	return !exp->syncs_unlocked || (arena->operations & both) != both;
}

static void do_refill(struct worker *worker, int slot)
{
	const struct exporter *exp;

	do {
		exp = &exporters[pick(worker, exporter_count)];
	} while (!may_take(worker->arena, exp));
	put_into_slot(exporter_create_for_sync(exp, SIZE), slot);
}

static void do_close(struct worker *worker, int slot)
{
	(void)worker;
	check_closed_or_ok("close", neg_errno(close(slot)), 0);
}

static void do_dup(struct worker *worker, int slot)
{
	int copy = neg_errno(dup(slot));

	(void)worker;
	check_closed_or_ok("dup", copy, 0);
	if (copy >= 0)
		close_fd(copy);
}

static void do_send(struct worker *worker, int slot)
{
	check_closed_or_ok("sendmsg", __scm_rights_send(worker->arena->sockets[0], slot),
			   -EAGAIN);
}

static void do_receive(struct worker *worker, int slot)
{
	int fd = __scm_rights_receive(worker->arena->sockets[1]);

	check_closed_or_ok("recvmsg", fd, -EAGAIN);
	if (fd >= 0)
		put_into_slot(fd, slot);
}

static void do_stat(struct worker *worker, int slot)
{
	off_t size = neg_errno(lseek(slot, 0, SEEK_END));
	struct stat st;

	(void)worker;
	check_closed_or_ok("lseek", size, 0);
	if (size >= 0)
		check_eq(size, SIZE);
	check_closed_or_ok("fstat", neg_errno(fstat(slot, &st)), 0);
}

static void do_rename(struct worker *worker, int slot)
{
	static const char * const names[] = {
		"", "a", "a name", "another, longer name of 31 byte",
	};

	check_closed_or_ok("SET_NAME", __dmabuf_set_name(slot, names[pick(worker, 4)]), 0);
}

static void do_read_name(struct worker *worker, int slot)
{
	char path[64], link[128] = "";
	int ret;

	(void)worker;
	ret = neg_errno(readlink(procfs_fd_path(slot, path, sizeof(path)), link,
				 sizeof(link) - 1));
	check_closed_or_ok("readlink", ret, -ENOENT);
	if (ret >= 0)
		check_msg(!strncmp(link, "/dmabuf:", 8), "a slot's link says %s", link);
}

static void do_fdinfo(struct worker *worker, int slot)
{
	char path[64], text[4096];

	(void)worker;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", slot);
	check_closed_or_ok("fdinfo", __procfs_read(path, text, sizeof(text)), -ENOENT);
}

static void do_walk(struct worker *worker, int slot)
{
	(void)worker;
	(void)slot;
	bufinfo_count();
}

static void do_map(struct worker *worker, int slot)
{
	volatile uint32_t *words;

	(void)worker;
	words = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, slot, 0);
	if (words == MAP_FAILED) {
		check_closed_or_ok("mmap", -errno, 0);
		return;
	}
	words[3] = words[PAGE_BYTES / 4] + 1;
	dmabuf_munmap((void *)words, SIZE);
}

/* Waits for fences, which their makers signal without waiting for anything. */
static void do_sync(struct worker *worker, int slot)
{
	uint64_t access = 1 + pick(worker, FENCE_USAGES);

	check_closed_or_ok("SYNC START", __dmabuf_sync(slot, access), 0);
	check_closed_or_ok("SYNC END", __dmabuf_sync(slot, access | DMA_BUF_SYNC_END), 0);
}

static void do_fence(struct worker *worker, int slot)
{
	int fence = sw_sync_fence(worker->timeline, ++worker->point);
	struct pollfd pfd = { .fd = slot, .events = POLLIN | POLLOUT };
	int sync_file;

	check_closed_or_ok("IMPORT_SYNC_FILE",
			   __dmabuf_import_sync_file(slot, 1 + pick(worker, FENCE_USAGES),
						     fence), 0);
	check_ok(neg_errno(poll(&pfd, 1, 0)));
	sync_file = __dmabuf_export_sync_file(slot, 1 + pick(worker, FENCE_USAGES));
	check_closed_or_ok("EXPORT_SYNC_FILE", sync_file, 0);
	sw_sync_advance(worker->timeline, 1);
	if (sync_file >= 0)
		close_fd(sync_file);
	close_fd(fence);
}

static void do_poll(struct worker *worker, int slot)
{
	struct pollfd pfd = { .fd = slot, .events = 1 + pick(worker, 7) };

	check_ok(neg_errno(poll(&pfd, 1, pick(worker, 2))));
}

static void do_epoll(struct worker *worker, int slot)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT }, ready[SLOTS];
	int set = worker->arena->epoll;

	if (pick(worker, 2))
		event.events |= EPOLLET;
	check_closed_or_ok("EPOLL_CTL_ADD",
			   neg_errno(epoll_ctl(set, EPOLL_CTL_ADD, slot, &event)), -EEXIST);
	check_ok(neg_errno(epoll_wait(set, ready, SLOTS, 0)));
	check_closed_or_ok("EPOLL_CTL_DEL",
			   neg_errno(epoll_ctl(set, EPOLL_CTL_DEL, slot, NULL)), -ENOENT);
}

/* All threads of a process are one client: they import into one handle. */
static void do_import(struct worker *worker, int slot)
{
	int vkms = worker->arena->vkms, fd = -1, ret;
	uint32_t handle = 0;

	ret = __drm_fd_to_handle(vkms, slot, &handle);
	check_closed_or_ok("FD_TO_HANDLE", ret, 0);
	if (ret)
		return;
	ret = __drm_handle_to_fd(vkms, handle, DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG, &fd);
	check_closed_or_ok("HANDLE_TO_FD", ret, -ENOENT);
	if (!ret)
		close_fd(fd);
	check_closed_or_ok("GEM_CLOSE", __drm_close_handle(vkms, handle), -EINVAL);
}

static void (* const operations[])(struct worker *worker, int slot) = {
	[REFILL] = do_refill,
	[CLOSE] = do_close,
	[DUP] = do_dup,
	[SEND] = do_send,
	[RECEIVE] = do_receive,
	[STAT] = do_stat,
	[RENAME] = do_rename,
	[READ_NAME] = do_read_name,
	[FDINFO] = do_fdinfo,
	[WALK] = do_walk,
	[MAP] = do_map,
	[SYNC] = do_sync,
	[FENCE] = do_fence,
	[POLL] = do_poll,
	[EPOLL] = do_epoll,
	[IMPORT] = do_import,
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	int round;

	for (round = 0; round < worker->arena->rounds; round++) {
		unsigned int operation = pick(worker, OPERATIONS);

		while (!(worker->arena->operations & 1u << operation))
			operation = (operation + 1) % OPERATIONS;
		operations[operation](worker, slot_of(worker));
	}
	return NULL;
}

static void run_threads(const struct arena *arena, unsigned int process)
{
	struct worker workers[THREADS];
	int i;

	for (i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){
			.arena = arena,
			.seed = 1 + process * THREADS + i,
			.timeline = sw_sync_timeline(),
		};
		check_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		check_eq(pthread_join(workers[i].thread, NULL), 0);
		close_fd(workers[i].timeline);
	}
}

/* One process: its slots and devices are its own, the sockets everybody's. */
static void run_process(struct arena *arena, unsigned int process)
{
	int i;

	arena->epoll = check_ok(neg_errno(epoll_create1(EPOLL_CLOEXEC)));
	arena->vkms = drm_open_driver("vkms");
	for (i = 0; i < SLOTS; i++)
		put_into_slot(exporter_create_for_sync(&exporters[i % 2], SIZE),
			      FIRST_SLOT + i);
	run_threads(arena, process);
	for (i = 0; i < SLOTS; i++)
		check_closed_or_ok("close", neg_errno(close(FIRST_SLOT + i)), 0);
	close_fd(arena->vkms);
	close_fd(arena->epoll);
}

static void race(const struct test_case *row)
{
	struct arena arena = {
		.rounds = subtest_full() ? 2000 : 400,
		.operations = *(const unsigned int *)row->arg,
	};
	unsigned int process;
	int status;
	size_t i;

	/* Opening a device is not for threads to do. */
	for (i = 0; i < exporter_count; i++)
		require(exporter_exists(&exporters[i]), "no exporter %s", exporters[i].name);
	scm_rights_pair(arena.sockets);
	for (process = 1; process < PROCESSES; process++) {
		if (child_fork())
			continue;
		run_process(&arena, process);
		_exit(0);
	}
	run_process(&arena, 0);
	while (--process) {
		check_ok(neg_errno(wait(&status)));
		check_eq(status, 0);
	}
	close_fd(arena.sockets[0]);
	close_fd(arena.sockets[1]);
}

#define SET(...) (&(const unsigned int){ __VA_ARGS__ })
#define COME_AND_GO (OP(REFILL) | OP(CLOSE))

static const struct test_case sets[] = {
	{ "everything", SET(OP(OPERATIONS) - 1) },
	{ "close-and-poll", SET(COME_AND_GO | OP(POLL) | OP(EPOLL) | OP(FENCE)) },
	{ "close-and-fences", SET(COME_AND_GO | OP(FENCE) | OP(SYNC) | OP(FDINFO)) },
	{ "close-and-walk", SET(COME_AND_GO | OP(WALK) | OP(FDINFO) | OP(RENAME)) },
	{ "close-and-rename", SET(COME_AND_GO | OP(RENAME) | OP(READ_NAME) | OP(FDINFO)) },
	{ "close-and-import", SET(COME_AND_GO | OP(IMPORT) | OP(WALK) | OP(FDINFO)) },
	{ "close-and-map", SET(COME_AND_GO | OP(MAP) | OP(SYNC) | OP(STAT)) },
	{ "close-and-send", SET(COME_AND_GO | OP(SEND) | OP(RECEIVE) | OP(DUP)) },
	{ }
};

static const struct subtest subtests[] = {
	{
		.name = "race",
		.describe = "All calls on the same buffers at once, while the buffers are closed and replaced: every call gives a result it may give, and nothing is left.",
		.run_case = race,
		.cases = sets,
		.seconds = 1800,
	},
};

TEST_MAIN("Many threads, the same buffers, everything at once.", subtests)
