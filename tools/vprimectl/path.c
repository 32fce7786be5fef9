// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads and writes the files by which the kernel shows itself, and walks its
 * folders.  Knows nothing of what is in them.
 */
#include "path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *root = "";

void path_set_root(const char *dir)
{
	root = dir;
}

int path_make(char *path, size_t size, const char *format, ...)
{
	int len = snprintf(path, size, "%s", root), more;
	va_list args;

	if (len < 0 || (size_t)len >= size)
		return -ENAMETOOLONG;
	va_start(args, format);
	more = vsnprintf(path + len, size - len, format, args);
	va_end(args);
	return more < 0 || (size_t)more >= size - len ? -ENAMETOOLONG : 0;
}

static int read_whole(int fd, char *bytes, size_t size)
{
	size_t len = 0;
	ssize_t got;

	do {
		got = read(fd, bytes + len, size - len);
		if (got < 0)
			return -errno;
		len += got;
	} while (got && len < size);
	return len;
}

int path_read_bytes(const char *path, void *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), len;

	if (fd < 0)
		return -errno;
	len = read_whole(fd, bytes, size);
	close(fd);
	return len;
}

int path_read(const char *path, char *text, size_t size)
{
	int len = path_read_bytes(path, text, size - 1);

	if (len < 0)
		return len;
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return 0;
}

int path_write(const char *path, const char *text)
{
	return path_write_bytes(path, text, strlen(text));
}

int path_write_bytes(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t put;
	int ret = 0;

	if (fd < 0)
		return -errno;
	put = write(fd, bytes, len);
	if (put < 0)
		ret = -errno;
	else if ((size_t)put != len)
		ret = -EIO;
	close(fd);
	return ret;
}

int path_for_each(const char *dir, const char *prefix,
		  int (*visit)(const char *name, void *context), void *context)
{
	struct dirent **entries;
	int count, i, ret = 0;

	count = scandir(dir, &entries, NULL, versionsort);
	if (count < 0)
		return -errno;
	for (i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (!ret && *name != '.' && !strncmp(name, prefix, strlen(prefix)))
			ret = visit(name, context);
		free(entries[i]);
	}
	free(entries);
	return ret;
}
