// SPDX-License-Identifier: MIT
/*
 * Small readers of /proc.  fdinfo is taken as lines of "key:\tvalue"; what a
 * kernel adds to it does not disturb them.
 */
#include "procfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

int procfs_count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int count = 0;

	check_msg(dir, "/proc/self/fd: %m");
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count - 1;	/* the directory's own */
}

ssize_t __procfs_read(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		got = read(fd, buf + len, size - 1 - len);
		if (got < 0) {
			got = -errno;
			close(fd);
			return got;
		}
		len += got;
	} while (got && len < size - 1);
	close(fd);
	buf[len] = '\0';
	return len;
}

int __procfs_write(const char *path, const char *text)
{
	ssize_t len = strlen(text);
	int fd, ret = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		ret = -errno;
	close(fd);
	return ret;
}

const char *procfs_fd_path(int fd, char *buf, size_t size)
{
	snprintf(buf, size, "/proc/self/fd/%d", fd);
	return buf;
}

void procfs_readlink(int fd, char *buf, size_t size)
{
	char path[64];
	ssize_t len;

	len = check_ok(neg_errno(readlink(procfs_fd_path(fd, path, sizeof(path)),
					  buf, size - 1)));
	buf[len] = '\0';
}

bool procfs_fdinfo(int fd, const char *key, char *value, size_t size)
{
	char path[64], text[4096];
	size_t key_len = strlen(key);
	char *rest = text, *line;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	check_ok(__procfs_read(path, text, sizeof(text)));
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, key, key_len) || line[key_len] != ':')
			continue;
		line += key_len + 1;
		snprintf(value, size, "%s", line + strspn(line, " \t"));
		return true;
	}
	return false;
}

unsigned long long procfs_fdinfo_number(int fd, const char *key)
{
	unsigned long long number;
	char value[256], *end;

	check_msg(procfs_fdinfo(fd, key, value, sizeof(value)),
		  "fdinfo has no line \"%s:\"", key);
	errno = 0;
	number = strtoull(value, &end, 10);
	check_msg(!errno && end != value && !*end,
		  "fdinfo line \"%s:\" is no number: \"%s\"", key, value);
	return number;
}

bool procfs_thread_sleeps(pid_t tid)
{
	char path[64], text[512], *state;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (__procfs_read(path, text, sizeof(text)) < 0)
		return false;
	state = strrchr(text, ')');
	return state && (state[2] == 'S' || state[2] == 'D');
}
