// SPDX-License-Identifier: MIT
/*
 * /proc/PID/fdinfo of a dma-buf.  Lines are looked up by their key, so that a
 * kernel may add to them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "procfs.h"
#include "scm_rights.h"
#include "subtest.h"
#include "sw_sync.h"

#define SIZE (2 * PAGE_BYTES)

static unsigned long long count_of(int fd)
{
	return procfs_fdinfo_number(fd, "count");
}

/* The fdinfo has this text somewhere. */
static bool mentions(int fd, const char *text)
{
	char path[64], all[4096];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	check_ok(__procfs_read(path, all, sizeof(all)));
	return strstr(all, text);
}

static void size(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_eq(procfs_fdinfo_number(fd, "size"), SIZE);
	close_fd(fd);
}

static void inode(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_eq(procfs_fdinfo_number(fd, "ino"), dmabuf_ino(fd));
	close_fd(fd);
}

static void exporter_name(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), other = exporter_create(exp, SIZE);
	char name[64], other_name[64];

	check(procfs_fdinfo(fd, "exp_name", name, sizeof(name)));
	check(procfs_fdinfo(other, "exp_name", other_name, sizeof(other_name)));
	check_ne(strlen(name), 0);
	check_str(other_name, name);
	close_fd(other);
	close_fd(fd);
}

static void name_line(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char name[64];

	check(!procfs_fdinfo(fd, "name", name, sizeof(name)));
	dmabuf_set_name(fd, "a name");
	check(procfs_fdinfo(fd, "name", name, sizeof(name)));
	check_str(name, "a name");
	close_fd(fd);
}

static void count_follows_users(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), copy, pair[2];
	unsigned long long alone = count_of(fd);
	void *at;

	check_ge(alone, 1);
	copy = check_ok(neg_errno(dup(fd)));
	check_eq(count_of(fd), alone + 1);
	check_eq(count_of(copy), alone + 1);
	at = dmabuf_mmap(fd, SIZE, PROT_READ);
	check_eq(count_of(fd), alone + 2);
	scm_rights_pair(pair);
	scm_rights_send(pair[0], copy);
	check_eq(count_of(fd), alone + 3);

	close_fd(scm_rights_receive(pair[1]));
	check_eq(count_of(fd), alone + 2);
	dmabuf_munmap(at, SIZE);
	close_fd(copy);
	check_eq(count_of(fd), alone);
	close_fd(pair[0]);
	close_fd(pair[1]);
	close_fd(fd);
}

static void access_flags(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char flags[32];

	check(procfs_fdinfo(fd, "flags", flags, sizeof(flags)));
	check_eq(strtol(flags, NULL, 8) & O_ACCMODE, O_RDWR);
	close_fd(fd);
}

static void from_outside(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), info;
	char path[64], text[2048];
	ssize_t len;

	/* Opened before the buffer goes, read afterwards. */
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", getpid(), fd);
	info = check_ok(neg_errno(open(path, O_RDONLY | O_CLOEXEC)));
	close_fd(fd);
	len = read(info, text, sizeof(text));
	check_ret(len < 0 ? -errno : len, -ENOENT);
	close_fd(info);
}

static void importers_show(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), vkms = drm_open_driver("vkms");
	uint32_t handle;

	check(!mentions(fd, "vkms"));
	handle = drm_fd_to_handle(vkms, fd);
	check(mentions(fd, "vkms"));
	drm_close_handle(vkms, handle);
	check(!mentions(fd, "vkms"));
	close_fd(vkms);
	close_fd(fd);
}

static void fences_show(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();

	check(!mentions(fd, "write fence:"));
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_WRITE);
	check(mentions(fd, "write fence:"));
	check(mentions(fd, "sw_sync"));
	close_fd(timeline);
	close_fd(fd);
}

static void dynamic_shows(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char dynamic[16];

	check(procfs_fdinfo(fd, "dynamic", dynamic, sizeof(dynamic)));
	check_str(dynamic, "no");
	check_eq(procfs_fdinfo_number(fd, "vmaps"), 0);
	close_fd(fd);
}

static const struct subtest subtests[] = {
	{
		.name = "size",
		.describe = "The size is the buffer's.",
		.run_on = size,
	}, {
		.name = "inode",
		.describe = "The inode is the one stat tells, so that tools can join the two.",
		.run_on = inode,
	}, {
		.name = "exporter-name",
		.describe = "The exporter is named, the same for all its buffers.",
		.run_on = exporter_name,
	}, {
		.name = "name",
		.describe = "There is a name where one was given, and else none.",
		.run_on = name_line,
	}, {
		.name = "count-follows-users",
		.describe = "The count rises and falls with descriptors, mappings and messages under way.",
		.run_on = count_follows_users,
	}, {
		.name = "access-flags",
		.describe = "The flags every fdinfo has are there.",
		.run_on = access_flags,
	}, {
		.name = "from-outside",
		.describe = "A reader that comes too late finds nothing, and nothing stale.",
		.run_on = from_outside,
	}, {
		.name = "importers",
		.describe = "Who has attached shows as long as it is attached.",
		.beyond_stock = "its fdinfo shows no importers",
		.run_on = importers_show,
	}, {
		.name = "fences",
		.describe = "What the buffer waits for shows without root's debugfs.",
		.beyond_stock = "its fdinfo shows no fences",
		.run_on = fences_show,
	}, {
		.name = "dynamic",
		.describe = "Whether the buffer may move, and who has it mapped in the kernel, shows.",
		.beyond_stock = "its fdinfo shows neither",
		.run_on = dynamic_shows,
	},
};

TEST_MAIN("fdinfo of a dma-buf.", subtests)
