// SPDX-License-Identifier: MIT
/*
 * The exporter gets its memory back with the last descriptor, whatever user
 * space still holds of the buffer's path and inode.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "exporter.h"
#include "procfs.h"
#include "subtest.h"

#define SIZE (16 * PAGE_BYTES)

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200
#endif

/* Statistics in sysfs last until right before the exporter's release. */
static bool has_memory(ino_t ino)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/dmabuf/buffers/%lu", (unsigned long)ino);
	return !access(path, F_OK);
}

static void check_close_releases(int fd)
{
	ino_t ino = dmabuf_ino(fd);

	require(has_memory(ino), "no statistics of dma-bufs in sysfs");
	close_fd(fd);
	check(!bufinfo_find(ino, NULL));
	check_msg(!has_memory(ino), "the exporter still has the memory of buffer %lu",
		  (unsigned long)ino);
}

static void watched(const struct exporter *exp)
{
	int inotify = check_ok(neg_errno(inotify_init1(IN_CLOEXEC)));
	int fd = exporter_create(exp, SIZE);
	char path[64];

	procfs_fd_path(fd, path, sizeof(path));
	check_ok(neg_errno(inotify_add_watch(inotify, path, IN_ATTRIB)));
	check_close_releases(fd);
	close_fd(inotify);
}

static void path_open(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), held;
	char path[64], link[64], link_after[64];

	dmabuf_set_name(fd, "held");
	procfs_readlink(fd, link, sizeof(link));
	procfs_fd_path(fd, path, sizeof(path));
	held = check_ok(neg_errno(open(path, O_PATH | O_CLOEXEC)));
	check_close_releases(fd);
	procfs_readlink(held, link_after, sizeof(link_after));
	check_str(link_after, link);
	close_fd(held);
}

static void file_handle(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), mount;
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} held = { .handle.handle_bytes = MAX_HANDLE_SZ };

	require(!name_to_handle_at(fd, "", &held.handle, &mount, AT_EMPTY_PATH | AT_HANDLE_FID),
		"no file handles of dma-bufs: %m");
	check_close_releases(fd);
}

static const struct subtest subtests[] = {
	{
		.name = "watched",
		.describe = "A watch of inotify does not keep the memory of a closed buffer.",
		.run_on = watched,
	}, {
		.name = "path-open",
		.describe = "A descriptor opened with O_PATH keeps the name of a closed buffer and nothing else.",
		.beyond_stock = "its exporter has to wait for the path",
		.run_on = path_open,
	}, {
		.name = "file-handle",
		.describe = "A file handle does not keep the memory of a closed buffer.",
		.run_on = file_handle,
	},
};

TEST_MAIN("The end of a dma-buf that is still held by its path or inode.", subtests)
