// SPDX-License-Identifier: MIT
/*
 * One buffer behind many descriptors: dup(), fork(), sockets, other processes'
 * descriptors; and the last one to go.
 */
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bufinfo.h"
#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "scm_rights.h"
#include "subtest.h"

#define SIZE PAGE_BYTES

static void dup_is_same(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), other = exporter_create(exp, SIZE);
	int copy = check_ok(neg_errno(dup(fd)));
	int high = check_ok(neg_errno(fcntl(fd, F_DUPFD_CLOEXEC, 100)));

	check(dmabuf_same_file(fd, copy) && dmabuf_same_file(fd, high));
	check(!dmabuf_same_file(fd, other));
	check_eq(dmabuf_ino(fd), dmabuf_ino(high));
	check_ne(dmabuf_ino(fd), dmabuf_ino(other));
	close_fd(fd);
	close_fd(copy);
	close_fd(high);
	close_fd(other);
}

static void inodes_are_unique(void)
{
	ino_t inos[64];
	int fds[64], i, j;

	for (i = 0; i < 64; i++) {
		const struct exporter *exp = &exporters[i % exporter_count];

		if (!exporter_exists(exp))
			exp = exporter_get("udmabuf");
		fds[i] = exporter_create(exp, SIZE);
		inos[i] = dmabuf_ino(fds[i]);
		check_ne(inos[i], 0);
		for (j = 0; j < i; j++)
			check_ne(inos[i], inos[j]);
		/* A number that was in use once does not come again. */
		if (i % 4 == 3) {
			close_fd(fds[i]);
			fds[i] = -1;
		}
	}
	for (i = 0; i < 64; i++)
		if (fds[i] >= 0)
			close_fd(fds[i]);
}

static void through_socket(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), pair[2], received;

	scm_rights_pair(pair);
	scm_rights_send(pair[0], fd);
	received = scm_rights_receive(pair[1]);
	check_ne(received, fd);
	check(dmabuf_same_file(fd, received));
	close_fd(received);
	close_fd(pair[0]);
	close_fd(pair[1]);
	close_fd(fd);
}

static void in_flight(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), pair[2], received;
	ino_t ino = dmabuf_ino(fd);

	scm_rights_pair(pair);
	scm_rights_send(pair[0], fd);
	close_fd(fd);
	check(bufinfo_find(ino, NULL));
	received = scm_rights_receive(pair[1]);
	check_eq(dmabuf_ino(received), ino);
	close_fd(received);
	check(!bufinfo_find(ino, NULL));
	close_fd(pair[0]);
	close_fd(pair[1]);
}

static void dropped_in_flight(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), pair[2];
	ino_t ino = dmabuf_ino(fd);

	scm_rights_pair(pair);
	scm_rights_send(pair[0], fd);
	close_fd(fd);
	close_fd(pair[0]);
	close_fd(pair[1]);
	check(bufinfo_forgets(ino));
}

static void between_processes(const struct exporter *exp)
{
	int pair[2], fd;
	uint32_t *words;
	pid_t pid;

	scm_rights_pair(pair);
	pid = child_fork();
	if (!pid) {
		fd = exporter_create(exp, SIZE);
		words = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
		words[7] = 0x600d600d;
		scm_rights_send(pair[0], fd);
		_exit(0);
	}
	child_join(pid);
	/* Its maker is gone for good. */
	fd = scm_rights_receive(pair[1]);
	words = dmabuf_mmap(fd, SIZE, PROT_READ);
	check_eq(words[7], 0x600d600d);
	dmabuf_munmap(words, SIZE);
	close_fd(fd);
	close_fd(pair[0]);
	close_fd(pair[1]);
}

static void inherited(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	ino_t ino = dmabuf_ino(fd);
	pid_t pid;

	pid = child_fork();
	if (!pid) {
		check_eq(dmabuf_ino(fd), ino);
		check(!syscall(SYS_kcmp, getpid(), getppid(), KCMP_FILE, fd, fd));
		dmabuf_set_name(fd, "by the child");
		_exit(0);
	}
	child_join(pid);
	check(bufinfo_find(ino, NULL));
	close_fd(fd);
	check(!bufinfo_find(ino, NULL));
}

static void pidfd_getfd_is_same(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), pidfd, copy;

	pidfd = check_ok(neg_errno(syscall(SYS_pidfd_open, getpid(), 0)));
	copy = check_ok(neg_errno(syscall(SYS_pidfd_getfd, pidfd, fd, 0)));
	check(dmabuf_same_file(fd, copy));
	close_fd(copy);
	close_fd(pidfd);
	close_fd(fd);
}

static void exported_twice(const struct exporter *exp)
{
	int device = exporter_device(exp), first, second, third;
	uint32_t handle = drm_create_dumb(device, SIZE);

	first = drm_handle_to_fd(device, handle, DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG);
	second = drm_handle_to_fd(device, handle, DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG);
	check_ne(first, second);
	check(dmabuf_same_file(first, second));
	close_fd(first);
	close_fd(second);
	/* The handle keeps the dma-buf, and with it its number. */
	third = drm_handle_to_fd(device, handle, DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG);
	drm_close_handle(device, handle);
	close_fd(third);
}

static void gone_with_last(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), copy = check_ok(neg_errno(dup(fd)));
	void *at = dmabuf_mmap(fd, SIZE, PROT_READ);
	ino_t ino = dmabuf_ino(fd);

	close_fd(fd);
	check(bufinfo_find(ino, NULL));
	close_fd(copy);
	check(bufinfo_find(ino, NULL));
	dmabuf_munmap(at, SIZE);
	check(!bufinfo_find(ino, NULL));
}

static void closed_on_exec(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close_fd(fd);
}

static const struct subtest subtests[] = {
	{
		.name = "dup",
		.describe = "Duplicates are one file and one inode; another buffer is another.",
		.run_on = dup_is_same,
	}, {
		.name = "inodes-are-unique",
		.describe = "Inode numbers tell buffers apart, whoever made them, and are not dealt twice.",
		.run = inodes_are_unique,
	}, {
		.name = "through-socket",
		.describe = "What comes out of a socket is the buffer that went in.",
		.run_on = through_socket,
	}, {
		.name = "in-flight",
		.describe = "A buffer that is only in a socket's queue is alive.",
		.run_on = in_flight,
	}, {
		.name = "dropped-in-flight",
		.describe = "A buffer whose message nobody reads goes away with the socket.",
		.run_on = dropped_in_flight,
	}, {
		.name = "between-processes",
		.describe = "The content outlives the process that made the buffer.",
		.run_on = between_processes,
	}, {
		.name = "inherited",
		.describe = "fork() shares the file; the buffer goes with the last process.",
		.run_on = inherited,
	}, {
		.name = "pidfd-getfd",
		.describe = "A descriptor fetched out of a process is the same file.",
		.run_on = pidfd_getfd_is_same,
	}, {
		.name = "exported-twice",
		.describe = "One object exported again is the same dma-buf, not a second one.",
		.run_on = exported_twice,
		.needs = EXPORTER_CAN_DUP,
	}, {
		.name = "gone-with-last",
		.describe = "Descriptors and mappings all keep the buffer; the last to go takes it along at once.",
		.run_on = gone_with_last,
	}, {
		.name = "closed-on-exec",
		.describe = "A descriptor asked for with close-on-exec has it.",
		.run_on = closed_on_exec,
	},
};

TEST_MAIN("One buffer behind many descriptors.", subtests)
