// SPDX-License-Identifier: MIT
/*
 * The descriptor as a file: what stat says of it, and the calls of a file that
 * a dma-buf answers or refuses.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "dmabuf.h"
#include "exporter.h"
#include "procfs.h"
#include "subtest.h"

#define SIZE (3 * PAGE_BYTES)
#define DMA_BUF_MAGIC 0x444d4142

static struct stat fstat_of(int fd)
{
	struct stat st;

	check_ok(neg_errno(fstat(fd, &st)));
	return st;
}

static void size_and_blocks(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	struct stat st = fstat_of(fd);

	check_eq(st.st_size, SIZE);
	check_eq(st.st_blocks, SIZE / 512);
	check_eq(st.st_nlink, 1);
	close_fd(fd);
}

static void mode(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	struct stat st = fstat_of(fd);

	check_eq(st.st_mode & 07777, 0600);
	check_eq(st.st_mode & S_IFMT, 0);
	close_fd(fd);
}

static void one_file_system(void)
{
	const struct exporter *first = exporter_get("udmabuf");
	int fd = exporter_create(first, SIZE), other;
	dev_t device = fstat_of(fd).st_dev;
	size_t i;

	for (i = 0; i < exporter_count; i++) {
		if (!exporter_exists(&exporters[i]))
			continue;
		other = exporter_create(&exporters[i], SIZE);
		check_eq(fstat_of(other).st_dev, device);
		close_fd(other);
	}
	close_fd(fd);
}

static void file_system_type(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	struct statfs fs;

	check_ok(neg_errno(fstatfs(fd, &fs)));
	check_eq(fs.f_type, DMA_BUF_MAGIC);
	check_eq(fs.f_bsize, PAGE_BYTES);
	close_fd(fd);
}

static void link_text(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char link[128];

	procfs_readlink(fd, link, sizeof(link));
	check_str(link, "/dmabuf:");
	close_fd(fd);
}

static void no_reopen(const struct exporter *exp)
{
	static const int flags[] = { O_RDONLY, O_RDWR, O_WRONLY };
	int fd = exporter_create(exp, SIZE);
	char path[64];
	size_t i;

	procfs_fd_path(fd, path, sizeof(path));
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		check_ret(neg_errno(open(path, flags[i] | O_CLOEXEC)), -ENXIO);
	close_fd(fd);
}

static void path_only(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), path_fd;
	char path[64];

	path_fd = check_ok(neg_errno(open(procfs_fd_path(fd, path, sizeof(path)),
					  O_PATH | O_CLOEXEC)));
	check_eq(dmabuf_ino(path_fd), dmabuf_ino(fd));
	check_ret(__dmabuf_sync(path_fd, DMA_BUF_SYNC_RW), -EBADF);
	check_ret(neg_errno(lseek(path_fd, 0, SEEK_END)), -EBADF);
	close_fd(path_fd);
	close_fd(fd);
}

static void no_read_no_write(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };

	check_ret(neg_errno(read(fd, &byte, 1)), -EINVAL);
	check_ret(neg_errno(write(fd, &byte, 1)), -EINVAL);
	check_ret(neg_errno(readv(fd, &iov, 1)), -EINVAL);
	check_ret(neg_errno(writev(fd, &iov, 1)), -EINVAL);
	close_fd(fd);
}

static void no_position(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char byte = 0;

	check_ret(neg_errno(pread(fd, &byte, 1, 0)), -ESPIPE);
	check_ret(neg_errno(pwrite(fd, &byte, 1, 0)), -ESPIPE);
	close_fd(fd);
}

static void no_write_when_read_only(const struct exporter *exp)
{
	int fd = exporter_create_rdonly(exp, SIZE);
	char byte = 0;

	check_ret(neg_errno(write(fd, &byte, 1)), -EBADF);
	check_ret(neg_errno(read(fd, &byte, 1)), -EINVAL);
	close_fd(fd);
}

static void size_is_fixed(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_ret(neg_errno(ftruncate(fd, 0)), -EINVAL);
	check_ret(neg_errno(ftruncate(fd, 2 * SIZE)), -EINVAL);
	check_lt(neg_errno(fallocate(fd, 0, 0, 2 * SIZE)), 0);
	check_eq(fstat_of(fd).st_size, SIZE);
	close_fd(fd);
}

static void no_sync_to_disk(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_ret(neg_errno(fsync(fd)), -EINVAL);
	check_ret(neg_errno(fdatasync(fd)), -EINVAL);
	close_fd(fd);
}

static void access_mode(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), flags;

	flags = check_ok(neg_errno(fcntl(fd, F_GETFL)));
	check_eq(flags & O_ACCMODE, O_RDWR);
	/* It cannot be changed later. */
	check_ok(neg_errno(fcntl(fd, F_SETFL, (flags & ~O_ACCMODE) | O_RDONLY)));
	check_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	close_fd(fd);
}

static void access_mode_read_only(const struct exporter *exp)
{
	int fd = exporter_create_rdonly(exp, SIZE);

	check_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	check_ok(neg_errno(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK)));
	check_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close_fd(fd);
}

static void non_blocking(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	check_ok(neg_errno(fcntl(fd, F_SETFL, O_NONBLOCK)));
	check_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	close_fd(fd);
}

static const struct subtest subtests[] = {
	{
		.name = "size-and-blocks",
		.describe = "stat tells the size, which programs use as much as lseek.",
		.run_on = size_and_blocks,
	}, {
		.name = "mode",
		.describe = "The owner's to read and write, and no type of file that user space knows.",
		.run_on = mode,
	}, {
		.name = "one-file-system",
		.describe = "Device and inode together identify a buffer across all exporters.",
		.run = one_file_system,
	}, {
		.name = "file-system-type",
		.describe = "fstatfs knows a dma-buf by its magic number.",
		.run_on = file_system_type,
	}, {
		.name = "link-text",
		.describe = "The link in /proc says dmabuf, and a name only where there is one.",
		.run_on = link_text,
	}, {
		.name = "no-reopen",
		.describe = "The link cannot be opened: that would be a second file on one buffer.",
		.run_on = no_reopen,
	}, {
		.name = "path-only",
		.describe = "An O_PATH descriptor names the buffer and does nothing with it.",
		.run_on = path_only,
	}, {
		.name = "no-read-no-write",
		.describe = "read and write are refused: the content is for mmap.",
		.run_on = no_read_no_write,
	}, {
		.name = "no-position",
		.describe = "pread and pwrite are refused as on a pipe.",
		.run_on = no_position,
	}, {
		.name = "no-write-when-read-only",
		.describe = "Without the right to write, that is what a write fails for.",
		.run_on = no_write_when_read_only,
		.needs = EXPORTER_CAN_RDONLY,
	}, {
		.name = "size-is-fixed",
		.describe = "A buffer cannot be cut or grown through its descriptor.",
		.run_on = size_is_fixed,
	}, {
		.name = "no-sync-to-disk",
		.describe = "There is nothing to write back.",
		.run_on = no_sync_to_disk,
	}, {
		.name = "access-mode",
		.describe = "The access mode is fixed when the buffer is exported.",
		.run_on = access_mode,
	}, {
		.name = "access-mode-read-only",
		.describe = "A read-only descriptor stays one.",
		.run_on = access_mode_read_only,
		.needs = EXPORTER_CAN_RDONLY,
	}, {
		.name = "non-blocking",
		.describe = "O_NONBLOCK can be set and is kept, as on any file.",
		.run_on = non_blocking,
	},
};

TEST_MAIN("A dma-buf as a file: stat, links, and the calls it refuses.", subtests)
