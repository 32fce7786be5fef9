// SPDX-License-Identifier: MIT
/*
 * EXPORT_SYNC_FILE and IMPORT_SYNC_FILE: the bridge between implicit and
 * explicit synchronisation.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "dmabuf.h"
#include "exporter.h"
#include "held_lock.h"
#include "memory.h"
#include "procfs.h"
#include "subtest.h"
#include "sw_sync.h"

#define SIZE PAGE_BYTES
#define READ DMA_BUF_SYNC_READ
#define WRITE DMA_BUF_SYNC_WRITE
#define RW DMA_BUF_SYNC_RW

static int __ioctl(int fd, unsigned long cmd, void *arg)
{
	return neg_errno(ioctl(fd, cmd, arg));
}

/* Whether a sync_file exported for such an access is signalled already. */
static bool free_for(int fd, uint32_t flags)
{
	int sync_file = dmabuf_export_sync_file(fd, flags);
	bool free = sync_file_signalled(sync_file);

	close_fd(sync_file);
	return free;
}

static void export_flags(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), bit;
	uint32_t flags;

	check_ret(__dmabuf_export_sync_file(fd, 0), -EINVAL);
	for (flags = READ; flags <= RW; flags++)
		close_fd(dmabuf_export_sync_file(fd, flags));
	for (bit = 2; bit < 32; bit++) {
		check_ret(__dmabuf_export_sync_file(fd, 1u << bit), -EINVAL);
		check_ret(__dmabuf_export_sync_file(fd, 1u << bit | RW), -EINVAL);
	}
	close_fd(fd);
}

static void export_refusal_writes_nothing(const struct exporter *exp)
{
	struct dma_buf_export_sync_file arg = { .flags = 0, .fd = 4711 };
	int fd = exporter_create(exp, SIZE), fds = procfs_count_fds();

	check_ret(__ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &arg), -EINVAL);
	check_eq(arg.fd, 4711);
	check_eq(procfs_count_fds(), fds);
	close_fd(fd);
}

static void export_bad_pointer(const struct exporter *exp)
{
	struct dma_buf_export_sync_file arg = { .flags = READ };
	const struct bad_pointer *bad = bad_pointers();
	int fd = exporter_create(exp, SIZE), fds = procfs_count_fds();

	for (; bad->name; bad++)
		check_ret(__ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, bad->at), -EFAULT);
	check_ret(__ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE,
			  memory_at_edge(sizeof(arg) - 1)), -EFAULT);
	/* Can be read, but the answer finds no place. */
	check_ret(__ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE,
			  memory_read_only(&arg, sizeof(arg))), -EFAULT);
	check_eq(procfs_count_fds(), fds);
	close_fd(fd);
}

static void export_without_descriptors(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), last, fds;
	struct rlimit limit, old;

	check_ok(neg_errno(getrlimit(RLIMIT_NOFILE, &old)));
	/* The lowest free number is one past the limit. */
	last = check_ok(neg_errno(fcntl(fd, F_DUPFD_CLOEXEC, 0)));
	fds = procfs_count_fds();
	limit = old;
	limit.rlim_cur = last + 1;
	check_ok(neg_errno(setrlimit(RLIMIT_NOFILE, &limit)));
	check_ret(__dmabuf_export_sync_file(fd, RW), -EMFILE);
	check_ok(neg_errno(setrlimit(RLIMIT_NOFILE, &old)));
	check_eq(procfs_count_fds(), fds);
	close_fd(dmabuf_export_sync_file(fd, RW));
	close_fd(last);
	close_fd(fd);
}

static void export_idle(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), sync_file;
	uint32_t flags;

	for (flags = READ; flags <= RW; flags++) {
		sync_file = dmabuf_export_sync_file(fd, flags);
		check(sync_file_signalled(sync_file));
		check_eq(fcntl(sync_file, F_GETFD), FD_CLOEXEC);
		close_fd(sync_file);
	}
	close_fd(fd);
}

static void usage_decides(const struct exporter *exp)
{
	static const struct {
		uint32_t import, export;
		bool free;
	} table[] = {
		{ .import = READ, .export = READ, .free = true },
		{ .import = READ, .export = WRITE },
		{ .import = READ, .export = RW },
		{ .import = WRITE, .export = READ },
		{ .import = WRITE, .export = WRITE },
		{ .import = WRITE, .export = RW },
		{ .import = RW, .export = READ },
		{ .import = RW, .export = WRITE },
		{ .import = RW, .export = RW },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();

		sw_sync_attach(fd, timeline, 1, table[i].import);
		check_msg(free_for(fd, table[i].export) == table[i].free,
			  "a fence imported with %#x, exported with %#x: should %swait",
			  table[i].import, table[i].export, table[i].free ? "not " : "");
		sw_sync_advance(timeline, 1);
		check(free_for(fd, table[i].export));
		close_fd(timeline);
		close_fd(fd);
	}
}

static void export_is_snapshot(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int before, after;

	sw_sync_attach(fd, timeline, 1, WRITE);
	before = dmabuf_export_sync_file(fd, READ);
	sw_sync_attach(fd, timeline, 2, WRITE);
	after = dmabuf_export_sync_file(fd, READ);

	sw_sync_advance(timeline, 1);
	check(sync_file_signalled(before));
	check(!sync_file_signalled(after));
	sw_sync_advance(timeline, 1);
	check(sync_file_signalled(after));
	close_fd(before);
	close_fd(after);
	close_fd(timeline);
	close_fd(fd);
}

static void export_outlives_buffer(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline(), sync_file;

	sw_sync_attach(fd, timeline, 1, WRITE);
	sync_file = dmabuf_export_sync_file(fd, RW);
	close_fd(fd);
	check(!sync_file_signalled(sync_file));
	sw_sync_advance(timeline, 1);
	check(sync_file_signalled(sync_file));
	close_fd(sync_file);
	close_fd(timeline);
}

static void import_flags(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int fence = sw_sync_fence(timeline, 1), bit;

	check_ret(__dmabuf_import_sync_file(fd, 0, fence), -EINVAL);
	for (bit = 2; bit < 32; bit++) {
		check_ret(__dmabuf_import_sync_file(fd, 1u << bit, fence), -EINVAL);
		check_ret(__dmabuf_import_sync_file(fd, 1u << bit | RW, fence), -EINVAL);
	}
	check(dmabuf_readable(fd) && dmabuf_writable(fd));
	close_fd(fence);
	close_fd(timeline);
	close_fd(fd);
}

static void import_bad_descriptor(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	int memfd = memfd_create("no fence", MFD_CLOEXEC);

	check_ret(__dmabuf_import_sync_file(fd, RW, -1), -EINVAL);
	check_ret(__dmabuf_import_sync_file(fd, RW, INT32_MAX), -EINVAL);
	check_ret(__dmabuf_import_sync_file(fd, RW, memfd), -EINVAL);
	check_ret(__dmabuf_import_sync_file(fd, RW, timeline), -EINVAL);
	check_ret(__dmabuf_import_sync_file(fd, RW, fd), -EINVAL);
	close_fd(memfd);
	check_ret(__dmabuf_import_sync_file(fd, RW, memfd), -EINVAL);
	check(dmabuf_readable(fd) && dmabuf_writable(fd));
	close_fd(timeline);
	close_fd(fd);
}

static void import_bad_pointer(const struct exporter *exp)
{
	const struct bad_pointer *bad = bad_pointers();
	int fd = exporter_create(exp, SIZE);

	for (; bad->name; bad++)
		check_ret(__ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, bad->at), -EFAULT);
	check_ret(__ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE,
			  memory_at_edge(sizeof(struct dma_buf_import_sync_file) - 1)),
		  -EFAULT);
	close_fd(fd);
}

static void import_merged(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	int a = sw_sync_timeline(), b = sw_sync_timeline();
	int fence_a = sw_sync_fence(a, 1), fence_b = sw_sync_fence(b, 1);
	int merged = sync_file_merge(fence_a, fence_b), back;

	dmabuf_import_sync_file(fd, WRITE, merged);
	back = dmabuf_export_sync_file(fd, READ);
	check_eq(sync_file_fences(back), 2);
	sw_sync_advance(a, 1);
	check(!free_for(fd, READ));
	sw_sync_advance(b, 1);
	check(free_for(fd, RW));
	check(sync_file_signalled(back));
	close_fd(back);
	close_fd(merged);
	close_fd(fence_a);
	close_fd(fence_b);
	close_fd(a);
	close_fd(b);
	close_fd(fd);
}

static void import_signalled(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();

	sw_sync_advance(timeline, 1);
	sw_sync_attach(fd, timeline, 1, RW);
	check(dmabuf_readable(fd) && dmabuf_writable(fd));
	check(free_for(fd, RW));
	close_fd(timeline);
	close_fd(fd);
}

static void import_later_point(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();

	sw_sync_attach(fd, timeline, 1, WRITE);
	sw_sync_attach(fd, timeline, 5, WRITE);
	/* An earlier point of the same timeline changes nothing. */
	sw_sync_attach(fd, timeline, 2, WRITE);
	sw_sync_advance(timeline, 4);
	check(!free_for(fd, READ));
	sw_sync_advance(timeline, 1);
	check(free_for(fd, READ));
	close_fd(timeline);
	close_fd(fd);
}

static void import_reader_and_writer(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	int reader = sw_sync_timeline(), writer = sw_sync_timeline();

	sw_sync_attach(fd, reader, 1, READ);
	sw_sync_attach(fd, writer, 1, WRITE);
	check(!free_for(fd, READ) && !free_for(fd, WRITE));
	sw_sync_advance(writer, 1);
	check(free_for(fd, READ) && !free_for(fd, WRITE));
	sw_sync_advance(reader, 1);
	check(free_for(fd, READ) && free_for(fd, WRITE));
	close_fd(reader);
	close_fd(writer);
	close_fd(fd);
}

static void import_many_timelines(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timelines[64], i;

	for (i = 0; i < 64; i++) {
		timelines[i] = sw_sync_timeline();
		sw_sync_attach(fd, timelines[i], 1, i % 2 ? READ : WRITE);
	}
	for (i = 0; i < 64; i++) {
		check_eq(free_for(fd, READ), i == 63);
		check(!free_for(fd, WRITE));
		sw_sync_advance(timelines[i], 1);
	}
	check(free_for(fd, READ) && free_for(fd, WRITE));
	for (i = 0; i < 64; i++)
		close_fd(timelines[i]);
	close_fd(fd);
}

static void import_own_export(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline(), i;

	sw_sync_attach(fd, timeline, 1, WRITE);
	for (i = 0; i < 8; i++) {
		int sync_file = dmabuf_export_sync_file(fd, RW);

		dmabuf_import_sync_file(fd, RW, sync_file);
		close_fd(sync_file);
	}
	check(!free_for(fd, READ));
	sw_sync_advance(timeline, 1);
	check(free_for(fd, RW));
	close_fd(timeline);
	close_fd(fd);
}

static void dead_timeline(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();

	sw_sync_attach(fd, timeline, 1, WRITE);
	check(!dmabuf_readable(fd));
	/* Its fences end in an error, which is an end. */
	close_fd(timeline);
	check(dmabuf_readable(fd) && dmabuf_writable(fd));
	check(free_for(fd, RW));
	dmabuf_sync(fd, DMA_BUF_SYNC_RW);
	close_fd(fd);
}

static void buffers_are_independent(const struct exporter *exp)
{
	int busy = exporter_create(exp, SIZE), idle = exporter_create(exp, SIZE);
	int timeline = sw_sync_timeline();

	sw_sync_attach(busy, timeline, 1, WRITE);
	check(!free_for(busy, READ));
	check(free_for(idle, RW));
	close_fd(timeline);
	close_fd(busy);
	close_fd(idle);
}

static int fence_for_probe;

static void ignore_signal(int number)
{
	(void)number;
}

/* The signal comes again and again, so that it also comes while this waits. */
static void import_under_signals(int fd)
{
	const struct itimerspec often = {
		.it_value = { .tv_nsec = 1000000 },
		.it_interval = { .tv_nsec = 1000000 },
	};
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t timer;
	int ret;

	check_ok(neg_errno(timer_create(CLOCK_MONOTONIC, &event, &timer)));
	check_ok(neg_errno(timer_settime(timer, 0, &often, NULL)));
	ret = __dmabuf_import_sync_file(fd, READ, fence_for_probe);
	check_ok(neg_errno(timer_delete(timer)));
	check_msg(!ret || ret == -EINTR, "import gave %s", strerror(-ret));
}

static void import_can_be_interrupted(void)
{
	const struct sigaction action = { .sa_handler = ignore_signal };
	int timeline = sw_sync_timeline();

	check_ok(neg_errno(sigaction(SIGUSR1, &action, NULL)));
	fence_for_probe = sw_sync_fence(timeline, 1);
	check(held_lock_stalls_nobody(import_under_signals));
	close_fd(fence_for_probe);
	close_fd(timeline);
}

static const struct subtest subtests[] = {
	{
		.name = "export-flags",
		.describe = "A sync_file is for reading, writing or both; neither, or anything else, is refused.",
		.run_on = export_flags,
	}, {
		.name = "export-refusal-writes-nothing",
		.describe = "A refused export leaves the caller's structure and descriptors as they were.",
		.run_on = export_refusal_writes_nothing,
	}, {
		.name = "export-bad-pointer",
		.describe = "EFAULT going in and EFAULT coming back; no descriptor is left behind by either.",
		.run_on = export_bad_pointer,
	}, {
		.name = "export-without-descriptors",
		.describe = "With no descriptor left it is EMFILE, and it works again once there is one.",
		.run_on = export_without_descriptors,
	}, {
		.name = "export-idle",
		.describe = "An idle buffer gives a sync_file that is signalled, and closes on exec.",
		.run_on = export_idle,
	}, {
		.name = "usage-decides",
		.describe = "Readers wait for writers, writers for everybody: the whole table of import against export.",
		.run_on = usage_decides,
	}, {
		.name = "export-is-snapshot",
		.describe = "What comes into the buffer later does not hold up an earlier sync_file.",
		.run_on = export_is_snapshot,
	}, {
		.name = "export-outlives-buffer",
		.describe = "A sync_file stays good when its buffer is gone.",
		.run_on = export_outlives_buffer,
	}, {
		.name = "import-flags",
		.describe = "Bad flags are refused before any fence is added.",
		.run_on = import_flags,
	}, {
		.name = "import-bad-descriptor",
		.describe = "What is no sync_file is EINVAL, also where it is no descriptor at all.",
		.run_on = import_bad_descriptor,
	}, {
		.name = "import-bad-pointer",
		.describe = "A structure that cannot be read is EFAULT.",
		.run_on = import_bad_pointer,
	}, {
		.name = "import-merged",
		.describe = "A merged sync_file is taken apart: the buffer waits for all of it.",
		.run_on = import_merged,
	}, {
		.name = "import-signalled",
		.describe = "A fence that is over makes nobody wait.",
		.run_on = import_signalled,
	}, {
		.name = "import-later-point",
		.describe = "Of one timeline only the latest point counts, whatever the order they come in.",
		.run_on = import_later_point,
	}, {
		.name = "import-reader-and-writer",
		.describe = "A reader's and a writer's fence in one buffer each hold up whom they should.",
		.run_on = import_reader_and_writer,
	}, {
		.name = "import-many-timelines",
		.describe = "64 timelines in one buffer: it is free with the last of them, not before.",
		.run_on = import_many_timelines,
	}, {
		.name = "import-own-export",
		.describe = "What was exported can come back in, again and again, without a knot.",
		.run_on = import_own_export,
	}, {
		.name = "dead-timeline",
		.describe = "Fences that end in an error end the wait all the same.",
		.run_on = dead_timeline,
	}, {
		.name = "buffers-are-independent",
		.describe = "A fence in one buffer does not hold up another of the same exporter.",
		.run_on = buffers_are_independent,
	}, {
		.name = "import-can-be-interrupted",
		.describe = "Who waits for the reservation lock to put a fence in can be got out by a signal.",
		.beyond_stock = "its import waits for the reservation lock come what may",
		.run = import_can_be_interrupted,
		.seconds = 300,
	},
};

TEST_MAIN("EXPORT_SYNC_FILE and IMPORT_SYNC_FILE: fences in and out of a buffer.", subtests)
