// SPDX-License-Identifier: MIT
/*
 * One table of all ways to be told that a dma-buf is ready: what each of them
 * reports as fences come and signal.  It is the same on the kernel's own core.
 */
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include "dmabuf.h"
#include "exporter.h"
#include "subtest.h"
#include "sw_sync.h"
#include "uring.h"

#define MAX_STEPS 8

/* What happens to the buffer before the program looks. */
enum step {
	LOOK,
	FENCE,
	SIGNAL,
	REARM,
};

/* A program that begins with an idle buffer, and one that begins with a busy one. */
static const enum step from_idle[MAX_STEPS] = {
	LOOK, LOOK, FENCE, SIGNAL, LOOK, FENCE, SIGNAL, REARM,
};

static const enum step from_busy[MAX_STEPS] = {
	LOOK, SIGNAL, LOOK, LOOK, FENCE, SIGNAL, FENCE, SIGNAL,
};

struct watch;

/**
 * struct way - one way to be told
 * @begin: start to watch the buffer; NULL where each look is a call of its own
 * @look: the events that are there just now, 0 for none
 * @rearm: ask again, where something else than another look does that
 * @end: stop
 * @flags: of epoll or of io_uring
 * @idle: whether there is an event at each step of from_idle
 * @busy: whether there is one at each step of from_busy
 */
struct way {
	void (*begin)(struct watch *watch);
	uint32_t (*look)(struct watch *watch);
	void (*rearm)(struct watch *watch);
	void (*end)(struct watch *watch);
	uint32_t flags;
	bool idle[MAX_STEPS];
	bool busy[MAX_STEPS];
};

/**
 * struct watch - a program that watches a buffer
 * @way: how
 * @fd: the buffer
 * @events: for what
 * @set: of epoll
 * @ring: of io_uring
 * @more: the last completion there said that others follow
 */
struct watch {
	const struct way *way;
	int fd;
	uint32_t events;
	int set;
	struct uring ring;
	bool more;
};

static uint32_t look_by_poll(struct watch *watch)
{
	struct pollfd pfd = { .fd = watch->fd, .events = watch->events };

	check_ok(neg_errno(poll(&pfd, 1, 0)));
	return pfd.revents;
}

static uint32_t look_by_select(struct watch *watch)
{
	struct timeval now = { .tv_sec = 0 };
	fd_set in, out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(watch->fd, watch->events & EPOLLIN ? &in : &out);
	return check_ok(neg_errno(select(watch->fd + 1, &in, &out, NULL, &now))) ?
		watch->events : 0;
}

static void epoll_change(struct watch *watch, int op)
{
	struct epoll_event event = { .events = watch->events | watch->way->flags };

	check_ok(neg_errno(epoll_ctl(watch->set, op, watch->fd, &event)));
}

static void begin_epoll(struct watch *watch)
{
	watch->set = check_ok(neg_errno(epoll_create1(EPOLL_CLOEXEC)));
	epoll_change(watch, EPOLL_CTL_ADD);
}

static uint32_t look_by_epoll(struct watch *watch)
{
	struct epoll_event event = { .events = 0 };

	return check_ok(neg_errno(epoll_wait(watch->set, &event, 1, 0))) ? event.events : 0;
}

static void rearm_epoll(struct watch *watch)
{
	epoll_change(watch, EPOLL_CTL_MOD);
}

static void end_epoll(struct watch *watch)
{
	close_fd(watch->set);
}

/* Again, if it has ended. */
static void rearm_uring(struct watch *watch)
{
	if (watch->more)
		return;
	uring_poll_add(&watch->ring, watch->fd, watch->events, watch->way->flags);
}

static void begin_uring(struct watch *watch)
{
	uring_init(&watch->ring);
	rearm_uring(watch);
}

/* All of them at once: a multishot poll of what is ready completes until its ring is full. */
static uint32_t look_by_uring(struct watch *watch)
{
	uint32_t events = 0;
	int result;

	while (uring_poll_next(&watch->ring, &result, &watch->more))
		events |= check_ok(result);
	return events;
}

static void end_uring(struct watch *watch)
{
	uring_fini(&watch->ring);
}

#define EPOLL_WAY	.begin = begin_epoll, .look = look_by_epoll, .end = end_epoll
#define URING_WAY	.begin = begin_uring, .look = look_by_uring, \
			.rearm = rearm_uring, .end = end_uring

/* What tells of the state, whenever it is asked. */
#define AS_LEVEL	.idle = { 1, 1, 0, 1, 1, 0, 1, 1 }, .busy = { 0, 1, 1, 1, 0, 1, 0, 1 }
/* What tells once, until it is asked again. */
#define ONCE		.idle = { 1, 0, 0, 0, 0, 0, 0, 1 }, .busy = { 0, 1, 0, 0, 0, 0, 0, 0 }

static const struct way by_poll = { .look = look_by_poll, AS_LEVEL };
static const struct way by_select = { .look = look_by_select, AS_LEVEL };
static const struct way epoll_level = { EPOLL_WAY, AS_LEVEL };
static const struct way epoll_exclusive = { EPOLL_WAY, .flags = EPOLLEXCLUSIVE, AS_LEVEL };
/* A dma-buf that is ready is always a new event. */
static const struct way epoll_edge = { EPOLL_WAY, .flags = EPOLLET, AS_LEVEL };
static const struct way epoll_one_shot = {
	EPOLL_WAY, .rearm = rearm_epoll, .flags = EPOLLONESHOT, ONCE,
};
static const struct way epoll_edge_one_shot = {
	EPOLL_WAY, .rearm = rearm_epoll, .flags = EPOLLONESHOT | EPOLLET, ONCE,
};
static const struct way uring_one_shot = { URING_WAY, ONCE };
/*
 * On an idle buffer it fills its ring and ends, and so can be rearmed; on a busy
 * one it completes with the first fence, and does not look for others after that.
 */
static const struct way uring_multishot = {
	URING_WAY, .flags = IORING_POLL_ADD_MULTI, ONCE,
};

static const struct test_case ways[] = {
	{ "poll", &by_poll },
	{ "select", &by_select },
	{ "epoll", &epoll_level },
	{ "epoll-exclusive", &epoll_exclusive },
	{ "epoll-edge", &epoll_edge },
	{ "epoll-one-shot", &epoll_one_shot },
	{ "epoll-edge-one-shot", &epoll_edge_one_shot },
	{ "uring-one-shot", &uring_one_shot },
	{ "uring-multishot", &uring_multishot },
	{ }
};

/* What is waited for, and the fences that are in the way of it. */
struct direction {
	const char *name;
	uint32_t events;
	uint32_t usage;
};

static const struct direction directions[] = {
	{ .name = "in, writer", .events = EPOLLIN, .usage = DMA_BUF_SYNC_WRITE },
	{ .name = "out, writer", .events = EPOLLOUT, .usage = DMA_BUF_SYNC_WRITE },
	{ .name = "out, reader", .events = EPOLLOUT, .usage = DMA_BUF_SYNC_READ },
};

/* The timeline of one run: fences signal in the order in which they came. */
struct fences {
	int timeline;
	uint32_t points;
};

static void take_step(struct watch *watch, enum step step, struct fences *fences, uint32_t usage)
{
	switch (step) {
	case FENCE:
		sw_sync_attach(watch->fd, fences->timeline, ++fences->points, usage);
		break;
	case SIGNAL:
		sw_sync_advance(fences->timeline, 1);
		break;
	case REARM:
		if (watch->way->rearm)
			watch->way->rearm(watch);
		break;
	case LOOK:
		break;
	}
}

static void run_steps(const struct way *way, const struct direction *direction,
		      const enum step *steps, const bool *expected, bool busy)
{
	struct fences fences = { .timeline = sw_sync_timeline() };
	struct watch watch = {
		.way = way,
		.fd = exporter_create(exporter_get("system-heap"), PAGE_BYTES),
		.events = direction->events,
	};
	int i;

	if (busy)
		take_step(&watch, FENCE, &fences, direction->usage);
	if (way->begin)
		way->begin(&watch);
	for (i = 0; i < MAX_STEPS; i++) {
		uint32_t events;

		take_step(&watch, steps[i], &fences, direction->usage);
		events = way->look(&watch);
		check_msg(events == (expected[i] ? direction->events : 0),
			  "%s: step %d reports %#x", direction->name, i, events);
	}
	if (way->end)
		way->end(&watch);
	close_fd(watch.fd);
	close_fd(fences.timeline);
}

static void idle_first(const struct test_case *row)
{
	const struct way *way = row->arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directions); i++)
		run_steps(way, &directions[i], from_idle, way->idle, false);
}

static void busy_first(const struct test_case *row)
{
	const struct way *way = row->arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directions); i++)
		run_steps(way, &directions[i], from_busy, way->busy, true);
}

static const struct subtest subtests[] = {
	{
		.name = "idle-first",
		.describe = "Watched while it is idle: what is reported as fences come and signal.",
		.run_case = idle_first,
		.cases = ways,
	}, {
		.name = "busy-first",
		.describe = "Watched while it is busy: what is reported as fences signal and come.",
		.run_case = busy_first,
		.cases = ways,
	},
};

TEST_MAIN("Readiness of a dma-buf by poll, select, epoll and io_uring.", subtests)
