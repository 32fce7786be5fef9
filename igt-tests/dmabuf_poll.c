// SPDX-License-Identifier: MIT
/*
 * poll() and select() on a dma-buf: fences seen as readiness.  Readable means
 * that no writer is left, writable that nobody is.
 */
#include <poll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "blocked.h"
#include "bufinfo.h"
#include "child.h"
#include "dmabuf.h"
#include "exporter.h"
#include "held_lock.h"
#include "subtest.h"
#include "sw_sync.h"

#define SIZE PAGE_BYTES
#define READ DMA_BUF_SYNC_READ
#define WRITE DMA_BUF_SYNC_WRITE
#define BOTH (POLLIN | POLLOUT)
#define POLLERS 16

/* The events poll() reports, or -errno; 0 is a time-out. */
static int __poll(int fd, short events, int timeout)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int ret = neg_errno(poll(&pfd, 1, timeout));

	return ret < 0 ? ret : pfd.revents;
}

struct poll_call {
	int fd;
	short events;
};

static int call_poll(void *arg)
{
	const struct poll_call *call = arg;

	return __poll(call->fd, call->events, -1);
}

static void idle(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_eq(__poll(fd, POLLIN, 0), POLLIN);
	check_eq(__poll(fd, POLLOUT, 0), POLLOUT);
	check_eq(__poll(fd, BOTH, 0), BOTH);
	check_eq(__poll(fd, BOTH, -1), BOTH);
	close_fd(fd);
}

static void other_events(const struct exporter *exp)
{
	static const short events[] = { 0, POLLPRI, POLLRDHUP, POLLRDBAND, POLLWRBAND };
	int fd = exporter_create(exp, SIZE);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		check_eq(__poll(fd, events[i], 0), 0);
	check_eq(__poll(fd, POLLIN | POLLPRI, 0), POLLIN);
	close_fd(fd);
}

static void usage_decides(const struct exporter *exp)
{
	static const struct {
		uint32_t usage;
		int ready;
	} table[] = {
		{ .usage = READ, .ready = POLLIN },
		{ .usage = WRITE, .ready = 0 },
		{ .usage = READ | WRITE, .ready = 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();

		sw_sync_attach(fd, timeline, 1, table[i].usage);
		check_eq(__poll(fd, POLLIN, 0), table[i].ready & POLLIN);
		check_eq(__poll(fd, POLLOUT, 0), table[i].ready & POLLOUT);
		check_eq(__poll(fd, BOTH, 0), table[i].ready);
		sw_sync_advance(timeline, 1);
		check_eq(__poll(fd, BOTH, 0), BOTH);
		close_fd(timeline);
		close_fd(fd);
	}
}

static void wakes(const struct exporter *exp)
{
	static const struct {
		uint32_t usage;
		short events;
	} table[] = {
		{ .usage = WRITE, .events = POLLIN },
		{ .usage = WRITE, .events = POLLOUT },
		{ .usage = WRITE, .events = BOTH },
		{ .usage = READ, .events = POLLOUT },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
		struct poll_call call = { .fd = fd, .events = table[i].events };
		struct blocked blocked;
		int ready;

		sw_sync_attach(fd, timeline, 1, table[i].usage);
		blocked_start(&blocked, call_poll, &call);
		check(!blocked_returned(&blocked));
		sw_sync_advance(timeline, 1);
		ready = blocked_join(&blocked);
		/* The first direction that is ready is enough to return. */
		check_ne(ready, 0);
		check_eq(ready & ~table[i].events, 0);
		check_eq(__poll(fd, BOTH, 0), BOTH);
		close_fd(timeline);
		close_fd(fd);
	}
}

static void many_pollers(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline(), i;
	struct blocked blocked[POLLERS];
	struct poll_call calls[POLLERS];

	sw_sync_attach(fd, timeline, 1, WRITE);
	for (i = 0; i < POLLERS; i++) {
		calls[i].fd = i % 4 < 2 ? fd : check_ok(neg_errno(dup(fd)));
		calls[i].events = i % 2 ? POLLOUT : POLLIN;
		blocked_start(&blocked[i], call_poll, &calls[i]);
		check(!blocked_returned(&blocked[i]));
	}
	sw_sync_advance(timeline, 1);
	for (i = 0; i < POLLERS; i++) {
		check_eq(blocked_join(&blocked[i]), calls[i].events);
		if (calls[i].fd != fd)
			close_fd(calls[i].fd);
	}
	close_fd(timeline);
	close_fd(fd);
}

static void waits_for_all(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timelines[8], i;
	struct poll_call call = { .fd = fd, .events = POLLIN };
	struct blocked blocked;

	for (i = 0; i < 8; i++) {
		timelines[i] = sw_sync_timeline();
		sw_sync_attach(fd, timelines[i], 1, WRITE);
	}
	blocked_start(&blocked, call_poll, &call);
	for (i = 0; i < 8; i++) {
		check_eq(__poll(fd, POLLIN, 0), 0);
		check(!blocked_returned(&blocked));
		sw_sync_advance(timelines[i], 1);
	}
	check_eq(blocked_join(&blocked), POLLIN);
	for (i = 0; i < 8; i++)
		close_fd(timelines[i]);
	close_fd(fd);
}

static void reader_then_writer(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	int reader = sw_sync_timeline(), writer = sw_sync_timeline();
	struct poll_call in = { .fd = fd, .events = POLLIN };
	struct poll_call out = { .fd = fd, .events = POLLOUT };
	struct blocked wait_in, wait_out;

	sw_sync_attach(fd, reader, 1, READ);
	sw_sync_attach(fd, writer, 1, WRITE);
	blocked_start(&wait_in, call_poll, &in);
	blocked_start(&wait_out, call_poll, &out);
	sw_sync_advance(writer, 1);
	check_eq(blocked_join(&wait_in), POLLIN);
	check(!blocked_returned(&wait_out));
	check_eq(__poll(fd, BOTH, 0), POLLIN);
	sw_sync_advance(reader, 1);
	check_eq(blocked_join(&wait_out), POLLOUT);
	close_fd(reader);
	close_fd(writer);
	close_fd(fd);
}

static void again_and_again(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	struct poll_call call = { .fd = fd, .events = POLLIN };
	struct blocked blocked;
	uint32_t point;

	for (point = 1; point <= 50; point++) {
		call.events = point % 2 ? POLLIN : POLLOUT;
		sw_sync_attach(fd, timeline, point, WRITE);
		check_eq(__poll(fd, call.events, 0), 0);
		blocked_start(&blocked, call_poll, &call);
		sw_sync_advance(timeline, 1);
		check_eq(blocked_join(&blocked), call.events);
	}
	close_fd(timeline);
	close_fd(fd);
}

static void several_buffers(const struct exporter *exp)
{
	struct pollfd pfds[4];
	int timelines[4], i;

	for (i = 0; i < 4; i++) {
		pfds[i].fd = exporter_create(exp, SIZE);
		pfds[i].events = i % 2 ? POLLOUT : POLLIN;
		timelines[i] = sw_sync_timeline();
		sw_sync_attach(pfds[i].fd, timelines[i], 1, WRITE);
	}
	check_eq(poll(pfds, 4, 0), 0);
	for (i = 3; i >= 0; i--) {
		sw_sync_advance(timelines[i], 1);
		check_eq(poll(pfds, 4, -1), 4 - i);
		check_eq(pfds[i].revents, pfds[i].events);
	}
	for (i = 0; i < 4; i++) {
		close_fd(timelines[i]);
		close_fd(pfds[i].fd);
	}
}

static double elapsed(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) + (now.tv_nsec - start->tv_nsec) / 1e9;
}

static void times_out(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	struct timespec start;

	sw_sync_attach(fd, timeline, 1, WRITE);
	clock_gettime(CLOCK_MONOTONIC, &start);
	check_eq(__poll(fd, BOTH, 20), 0);
	check(elapsed(&start) >= 0.020);
	close_fd(timeline);
	close_fd(fd);
}

static void interrupted(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	struct poll_call call = { .fd = fd, .events = POLLIN };
	struct blocked blocked;

	sw_sync_attach(fd, timeline, 1, WRITE);
	blocked_start(&blocked, call_poll, &call);
	blocked_interrupt(&blocked);
	check_ret(blocked_join(&blocked), -EINTR);
	close_fd(timeline);
	close_fd(fd);
}

static int select_now(int fd, bool in, bool out)
{
	struct timeval none = { 0 };
	fd_set reads, writes;
	int ready;

	FD_ZERO(&reads);
	FD_ZERO(&writes);
	if (in)
		FD_SET(fd, &reads);
	if (out)
		FD_SET(fd, &writes);
	ready = check_ok(neg_errno(select(fd + 1, &reads, &writes, NULL, &none)));
	check_eq(ready, FD_ISSET(fd, &reads) + FD_ISSET(fd, &writes));
	return (FD_ISSET(fd, &reads) ? POLLIN : 0) | (FD_ISSET(fd, &writes) ? POLLOUT : 0);
}

static void select_agrees(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();

	check_eq(select_now(fd, true, true), BOTH);
	sw_sync_attach(fd, timeline, 1, READ);
	check_eq(select_now(fd, true, true), POLLIN);
	check_eq(select_now(fd, false, true), 0);
	sw_sync_attach(fd, timeline, 2, WRITE);
	check_eq(select_now(fd, true, true), 0);
	sw_sync_advance(timeline, 2);
	check_eq(select_now(fd, true, true), BOTH);
	check_eq(select_now(fd, true, false), POLLIN);
	close_fd(timeline);
	close_fd(fd);
}

static void close_after_poll(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	ino_t ino = dmabuf_ino(fd);

	sw_sync_attach(fd, timeline, 1, WRITE);
	check_eq(__poll(fd, BOTH, 0), 0);
	check(bufinfo_find(ino, NULL));
	close_fd(fd);
	check_msg(!bufinfo_find(ino, NULL),
		  "the buffer outlives its last descriptor because of a fence");
	/* The fence still knows its way. */
	sw_sync_advance(timeline, 1);
	close_fd(timeline);
}

static void close_while_polled(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	struct poll_call call = { .fd = fd, .events = BOTH };
	ino_t ino = dmabuf_ino(fd);
	struct blocked blocked;

	sw_sync_attach(fd, timeline, 1, WRITE);
	blocked_start(&blocked, call_poll, &call);
	close_fd(fd);
	check(bufinfo_find(ino, NULL));
	sw_sync_advance(timeline, 1);
	check_ne(blocked_join(&blocked), 0);
	check(bufinfo_forgets(ino));
	close_fd(timeline);
}

static void process_dies(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int ready[2];
	char byte;
	pid_t pid;

	sw_sync_attach(fd, timeline, 1, WRITE);
	check_ok(neg_errno(pipe(ready)));
	pid = child_fork();
	if (!pid) {
		check_eq(__poll(fd, BOTH, 0), 0);
		check_eq(write(ready[1], "", 1), 1);
		__poll(fd, BOTH, -1);
		_exit(1);
	}
	check_eq(read(ready[0], &byte, 1), 1);
	child_kill(pid);
	check_eq(__poll(fd, BOTH, 0), 0);
	sw_sync_advance(timeline, 1);
	check_eq(__poll(fd, BOTH, -1), BOTH);
	close_fd(ready[0]);
	close_fd(ready[1]);
	close_fd(timeline);
	close_fd(fd);
}

static void poll_without_waiting(int fd)
{
	check_ok(__poll(fd, BOTH, 0));
}

static void zero_timeout_never_blocks(void)
{
	check(held_lock_stalls_nobody(poll_without_waiting));
}

static const struct subtest subtests[] = {
	{
		.name = "idle",
		.describe = "With no fence in it a buffer is readable and writable at once.",
		.run_on = idle,
	}, {
		.name = "other-events",
		.describe = "Events that mean nothing to a dma-buf are not reported.",
		.run_on = other_events,
	}, {
		.name = "usage-decides",
		.describe = "A reader's fence stops writers only; a writer's stops everybody.",
		.run_on = usage_decides,
	}, {
		.name = "wakes",
		.describe = "A sleeper wakes when the fence in its way signals, in each direction.",
		.run_on = wakes,
	}, {
		.name = "many-pollers",
		.describe = "All who wait for one fence wake, by whatever descriptor and direction.",
		.run_on = many_pollers,
	}, {
		.name = "waits-for-all",
		.describe = "With several fences in the way it is the last that counts.",
		.run_on = waits_for_all,
	}, {
		.name = "reader-then-writer",
		.describe = "Both directions wait side by side, each for its own.",
		.run_on = reader_then_writer,
	}, {
		.name = "again-and-again",
		.describe = "Fence after fence, no wake-up is lost.",
		.run_on = again_and_again,
		.seconds = 240,
	}, {
		.name = "several-buffers",
		.describe = "One poll() of several buffers reports those that are ready.",
		.run_on = several_buffers,
	}, {
		.name = "times-out",
		.describe = "A time-out is kept when nothing happens.",
		.run_on = times_out,
	}, {
		.name = "interrupted",
		.describe = "A signal ends the wait.",
		.run_on = interrupted,
	}, {
		.name = "select",
		.describe = "select() says the same as poll().",
		.run_on = select_agrees,
	}, {
		.name = "close-after-poll",
		.describe = "A buffer somebody has polled goes away with its last descriptor, although its fence never signals.",
		.beyond_stock = "its poll keeps the file open until the fence signals",
		.run_on = close_after_poll,
	}, {
		.name = "close-while-polled",
		.describe = "Who sleeps in poll() keeps the buffer; with its wake-up the buffer goes.",
		.run_on = close_while_polled,
	}, {
		.name = "process-dies",
		.describe = "A poller that is killed takes nothing from the others.",
		.run_on = process_dies,
	}, {
		.name = "zero-timeout-never-blocks",
		.describe = "poll() without a time-out returns at once although somebody else holds the reservation lock.",
		.beyond_stock = "its poll waits for the reservation lock",
		.run = zero_timeout_never_blocks,
		.seconds = 300,
	},
};

TEST_MAIN("poll() and select() on a dma-buf: fences seen as readiness.", subtests)
