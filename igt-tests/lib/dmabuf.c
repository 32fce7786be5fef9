// SPDX-License-Identifier: MIT
/*
 * The dma-buf ioctls as functions, and what subtests ask of a buffer most
 * often.
 */
#include "dmabuf.h"

#include <linux/kcmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "procfs.h"

#define BREACHES_PATH "/sys/kernel/debug/dma_buf/breaches"

int __dmabuf_sync(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	return neg_errno(ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync));
}

void dmabuf_sync(int fd, uint64_t flags)
{
	check_ret(__dmabuf_sync(fd, flags), 0);
}

int __dmabuf_set_name(int fd, const char *name)
{
	return neg_errno(ioctl(fd, DMA_BUF_SET_NAME_B, name));
}

void dmabuf_set_name(int fd, const char *name)
{
	check_ret(__dmabuf_set_name(fd, name), 0);
}

int __dmabuf_export_sync_file(int fd, uint32_t flags)
{
	struct dma_buf_export_sync_file arg = { .flags = flags, .fd = -1 };

	return ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &arg) ? -errno : arg.fd;
}

int dmabuf_export_sync_file(int fd, uint32_t flags)
{
	return check_ok(__dmabuf_export_sync_file(fd, flags));
}

int __dmabuf_import_sync_file(int fd, uint32_t flags, int sync_file)
{
	struct dma_buf_import_sync_file arg = { .flags = flags, .fd = sync_file };

	return neg_errno(ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &arg));
}

void dmabuf_import_sync_file(int fd, uint32_t flags, int sync_file)
{
	check_ret(__dmabuf_import_sync_file(fd, flags, sync_file), 0);
}

static bool polls_at_once(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int ready = check_ok(neg_errno(poll(&pfd, 1, 0)));

	check_eq(pfd.revents & ~events, 0);
	return ready && pfd.revents == events;
}

bool dmabuf_readable(int fd)
{
	return polls_at_once(fd, POLLIN);
}

bool dmabuf_writable(int fd)
{
	return polls_at_once(fd, POLLOUT);
}

unsigned long long dmabuf_breaches(const char *rule)
{
	size_t len = strlen(rule);
	char text[4096], *line;

	check_lt(0, __procfs_read(BREACHES_PATH, text, sizeof(text)));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, rule, len) && line[len] == '\t')
			return strtoull(line + len, NULL, 10);
	check_msg(false, "%s has no rule %s", BREACHES_PATH, rule);
	return 0;
}

ino_t dmabuf_ino(int fd)
{
	struct stat st;

	check_ok(neg_errno(fstat(fd, &st)));
	return st.st_ino;
}

bool dmabuf_same_file(int a, int b)
{
	return !check_ok(neg_errno(syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE,
					   a, b)));
}

void *dmabuf_mmap(int fd, size_t size, int prot)
{
	void *at = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	check_msg(at != MAP_FAILED, "mmap of %zu bytes: %m", size);
	return at;
}

void dmabuf_munmap(void *at, size_t size)
{
	check_ok(neg_errno(munmap(at, size)));
}

void close_fd(int fd)
{
	check_ok(neg_errno(close(fd)));
}
