// SPDX-License-Identifier: MIT
/*
 * epoll on a dma-buf: the same readiness, kept over many waits, and what
 * happens to it when either side goes.
 */
#include <sys/epoll.h>
#include <unistd.h>

#include "blocked.h"
#include "bufinfo.h"
#include "dmabuf.h"
#include "exporter.h"
#include "subtest.h"
#include "sw_sync.h"

#define SIZE PAGE_BYTES
#define READ DMA_BUF_SYNC_READ
#define WRITE DMA_BUF_SYNC_WRITE
#define BOTH (EPOLLIN | EPOLLOUT)

static int epoll_create_set(void)
{
	return check_ok(neg_errno(epoll_create1(EPOLL_CLOEXEC)));
}

static void epoll_change(int set, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	check_ok(neg_errno(epoll_ctl(set, op, fd, &event)));
}

/* The events of the one buffer in the set; 0 is a time-out. */
static int epoll_events(int set, int timeout)
{
	struct epoll_event event = { .events = 0 };
	int ready = check_ok(neg_errno(epoll_wait(set, &event, 1, timeout)));

	return ready ? (int)event.events : 0;
}

static int call_wait(void *arg)
{
	return epoll_events(*(int *)arg, -1);
}

/* The events a sleeper gets once the timeline advances. */
static int events_after(int set, int timeline)
{
	struct blocked blocked;

	blocked_start(&blocked, call_wait, &set);
	check(!blocked_returned(&blocked));
	sw_sync_advance(timeline, 1);
	return blocked_join(&blocked);
}

static void level(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int set = epoll_create_set(), i;
	uint32_t point;

	epoll_change(set, EPOLL_CTL_ADD, fd, EPOLLIN);
	for (point = 1; point <= 10; point++) {
		sw_sync_attach(fd, timeline, point, WRITE);
		check_eq(epoll_events(set, 0), 0);
		check_eq(events_after(set, timeline), EPOLLIN);
		for (i = 0; i < 3; i++)
			check_eq(epoll_events(set, 0), EPOLLIN);
	}
	close_fd(set);
	close_fd(timeline);
	close_fd(fd);
}

static void edge(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int set = epoll_create_set();

	sw_sync_attach(fd, timeline, 1, WRITE);
	epoll_change(set, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET);
	check_eq(epoll_events(set, 0), 0);
	check_eq(events_after(set, timeline), EPOLLIN);
	/* Each look at a ready buffer is an event, so a later fence is seen by the next one. */
	check_eq(epoll_events(set, 0), EPOLLIN);
	check_eq(epoll_events(set, 0), EPOLLIN);
	sw_sync_attach(fd, timeline, 2, WRITE);
	check_eq(epoll_events(set, 0), 0);
	check_eq(events_after(set, timeline), EPOLLIN);
	close_fd(set);
	close_fd(timeline);
	close_fd(fd);
}

static void both_directions(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), set = epoll_create_set();
	int reader = sw_sync_timeline(), writer = sw_sync_timeline();

	epoll_change(set, EPOLL_CTL_ADD, fd, BOTH);
	check_eq(epoll_events(set, 0), BOTH);
	sw_sync_attach(fd, reader, 1, READ);
	check_eq(epoll_events(set, 0), EPOLLIN);
	sw_sync_attach(fd, writer, 1, WRITE);
	check_eq(epoll_events(set, 0), 0);
	sw_sync_advance(writer, 1);
	check_eq(epoll_events(set, -1), EPOLLIN);
	sw_sync_advance(reader, 1);
	check_eq(epoll_events(set, -1) & ~BOTH, 0);
	check_eq(epoll_events(set, 0), BOTH);
	close_fd(set);
	close_fd(reader);
	close_fd(writer);
	close_fd(fd);
}

static void one_shot(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int set = epoll_create_set();

	sw_sync_attach(fd, timeline, 1, WRITE);
	epoll_change(set, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLONESHOT);
	check_eq(events_after(set, timeline), EPOLLIN);
	sw_sync_attach(fd, timeline, 2, WRITE);
	sw_sync_advance(timeline, 1);
	check_eq(epoll_events(set, 0), 0);
	epoll_change(set, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT);
	check_eq(epoll_events(set, 0), EPOLLIN);
	close_fd(set);
	close_fd(timeline);
	close_fd(fd);
}

static void several_sets(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	struct blocked blocked[4];
	int sets[4], i;

	sw_sync_attach(fd, timeline, 1, WRITE);
	for (i = 0; i < 4; i++) {
		sets[i] = epoll_create_set();
		epoll_change(sets[i], EPOLL_CTL_ADD, fd, i % 2 ? EPOLLOUT : EPOLLIN);
		blocked_start(&blocked[i], call_wait, &sets[i]);
	}
	sw_sync_advance(timeline, 1);
	for (i = 0; i < 4; i++) {
		check_eq(blocked_join(&blocked[i]), i % 2 ? EPOLLOUT : EPOLLIN);
		close_fd(sets[i]);
	}
	close_fd(timeline);
	close_fd(fd);
}

static void set_in_set(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int inner = epoll_create_set(), outer = epoll_create_set();

	sw_sync_attach(fd, timeline, 1, WRITE);
	epoll_change(inner, EPOLL_CTL_ADD, fd, EPOLLIN);
	epoll_change(outer, EPOLL_CTL_ADD, inner, EPOLLIN);
	check_eq(epoll_events(outer, 0), 0);
	check_eq(events_after(outer, timeline), EPOLLIN);
	check_eq(epoll_events(inner, 0), EPOLLIN);
	close_fd(outer);
	close_fd(inner);
	close_fd(timeline);
	close_fd(fd);
}

static void removed_while_busy(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int set = epoll_create_set();

	sw_sync_attach(fd, timeline, 1, WRITE);
	epoll_change(set, EPOLL_CTL_ADD, fd, BOTH);
	check_eq(epoll_events(set, 0), 0);
	epoll_change(set, EPOLL_CTL_DEL, fd, 0);
	sw_sync_advance(timeline, 1);
	check_eq(epoll_events(set, 0), 0);
	epoll_change(set, EPOLL_CTL_ADD, fd, BOTH);
	check_eq(epoll_events(set, 0), BOTH);
	close_fd(set);
	close_fd(timeline);
	close_fd(fd);
}

static void set_closed_while_busy(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int set = epoll_create_set();

	sw_sync_attach(fd, timeline, 1, WRITE);
	epoll_change(set, EPOLL_CTL_ADD, fd, BOTH);
	close_fd(set);
	sw_sync_advance(timeline, 1);
	check(dmabuf_readable(fd) && dmabuf_writable(fd));
	close_fd(timeline);
	close_fd(fd);
}

static void buffer_closed_while_busy(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int set = epoll_create_set();
	ino_t ino = dmabuf_ino(fd);

	sw_sync_attach(fd, timeline, 1, WRITE);
	epoll_change(set, EPOLL_CTL_ADD, fd, BOTH);
	check_eq(epoll_events(set, 0), 0);
	close_fd(fd);
	check_msg(!bufinfo_find(ino, NULL),
		  "the buffer outlives its last descriptor because of a fence");
	check_eq(epoll_events(set, 0), 0);
	sw_sync_advance(timeline, 1);
	check_eq(epoll_events(set, 0), 0);
	close_fd(set);
	close_fd(timeline);
}

static const struct subtest subtests[] = {
	{
		.name = "level",
		.describe = "Level-triggered: reported as long as it holds, round after round.",
		.run_on = level,
	}, {
		.name = "edge",
		.describe = "Edge-triggered: every fence that comes and signals is reported, without asking anew.",
		.run_on = edge,
	}, {
		.name = "both-directions",
		.describe = "One entry for both directions reports what holds of them just now.",
		.run_on = both_directions,
	}, {
		.name = "one-shot",
		.describe = "A one-shot entry is silent until it is armed again.",
		.run_on = one_shot,
	}, {
		.name = "several-sets",
		.describe = "Several sets that hold one buffer all hear of it.",
		.run_on = several_sets,
	}, {
		.name = "set-in-set",
		.describe = "A set inside a set passes the news on.",
		.run_on = set_in_set,
	}, {
		.name = "removed-while-busy",
		.describe = "A buffer can leave the set with its fence pending, and come back.",
		.run_on = removed_while_busy,
	}, {
		.name = "set-closed-while-busy",
		.describe = "A set that is closed leaves nothing behind for the fence to find.",
		.run_on = set_closed_while_busy,
	}, {
		.name = "buffer-closed-while-busy",
		.describe = "A buffer in a set goes away with its last descriptor, although its fence is pending.",
		.beyond_stock = "its poll keeps the file open until the fence signals",
		.run_on = buffer_closed_while_busy,
	},
};

TEST_MAIN("epoll on a dma-buf: readiness over many waits.", subtests)
