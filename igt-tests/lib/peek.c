// SPDX-License-Identifier: MIT
/*
 * Reads and writes at addresses as offsets of /proc/self/mem, which is opened
 * each time: it belongs to who opened it, and a subtest may change who it is.
 */
#include "peek.h"

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"

static int open_memory(int flags)
{
	return check_ok(neg_errno(open("/proc/self/mem", flags | O_CLOEXEC)));
}

ssize_t __peek(const void *at, void *buf, size_t bytes)
{
	int fd = open_memory(O_RDONLY);
	ssize_t ret = neg_errno(pread(fd, buf, bytes, (off_t)(uintptr_t)at));

	close_fd(fd);
	return ret;
}

ssize_t __poke(void *at, const void *buf, size_t bytes)
{
	int fd = open_memory(O_RDWR);
	ssize_t ret = neg_errno(pwrite(fd, buf, bytes, (off_t)(uintptr_t)at));

	close_fd(fd);
	return ret;
}

void peek(const void *at, void *buf, size_t bytes)
{
	check_eq(__peek(at, buf, bytes), bytes);
}

void poke(void *at, const void *buf, size_t bytes)
{
	check_eq(__poke(at, buf, bytes), bytes);
}
