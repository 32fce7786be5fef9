// SPDX-License-Identifier: MIT
/*
 * What root sees of all buffers: bufinfo in debugfs, the statistics in sysfs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bufinfo.h"
#include "child.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "held_lock.h"
#include "procfs.h"
#include "subtest.h"
#include "sw_sync.h"

#define SIZE (3 * PAGE_BYTES)
#define SYSFS "/sys/kernel/dmabuf/buffers"

static void listed_while_alive(const struct exporter *exp)
{
	int before = bufinfo_count(), fd = exporter_create(exp, SIZE);
	ino_t ino = dmabuf_ino(fd);

	check(bufinfo_find(ino, NULL));
	check_eq(bufinfo_count(), before + 1);
	close_fd(fd);
	check(!bufinfo_find(ino, NULL));
	check_eq(bufinfo_count(), before);
}

static void row_is_right(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), copy;
	struct bufinfo info;
	char exp_name[64];
	long alone;

	bufinfo_get(fd, &info);
	check_eq(info.size, SIZE);
	check(procfs_fdinfo(fd, "exp_name", exp_name, sizeof(exp_name)));
	check_str(info.exp_name, exp_name);
	alone = info.count;
	copy = check_ok(neg_errno(dup(fd)));
	bufinfo_get(fd, &info);
	check_eq(info.count, alone + 1);
	dmabuf_set_name(fd, "in the list");
	bufinfo_get(fd, &info);
	check_str(info.name, "in the list");
	close_fd(copy);
	close_fd(fd);
}

static void fences_listed(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	int reader = sw_sync_timeline(), writer = sw_sync_timeline();
	struct bufinfo info;

	sw_sync_attach(fd, writer, 3, DMA_BUF_SYNC_WRITE);
	sw_sync_attach(fd, reader, 5, DMA_BUF_SYNC_READ);
	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, "write fence:"), 1);
	check_eq(bufinfo_lines_with(&info, "read fence:"), 1);
	check_eq(bufinfo_lines_with(&info, "sw_sync"), 2);
	close_fd(reader);
	close_fd(writer);
	close_fd(fd);
}

static void many_fences_listed(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timelines[20], i;
	struct bufinfo info;

	for (i = 0; i < 20; i++) {
		timelines[i] = sw_sync_timeline();
		sw_sync_attach(fd, timelines[i], 1, DMA_BUF_SYNC_READ);
	}
	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, "read fence:"), 20);
	for (i = 0; i < 20; i++)
		close_fd(timelines[i]);
	close_fd(fd);
}

static void importers_listed(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	int a = drm_open_driver("vkms"), b = drm_open_driver("vkms");
	struct bufinfo info;

	drm_fd_to_handle(a, fd);
	drm_fd_to_handle(b, fd);
	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, "vkms"), 2);
	check(strstr(info.details, "Total 2 devices attached"));
	close_fd(a);
	bufinfo_get(fd, &info);
	check(strstr(info.details, "Total 1 devices attached"));
	close_fd(b);
	bufinfo_get(fd, &info);
	check(strstr(info.details, "Total 0 devices attached"));
	close_fd(fd);
}

static void importers_in_detail(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), vkms = drm_open_driver("vkms");
	struct bufinfo info;

	drm_fd_to_handle(vkms, fd);
	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, " static"), 1);
	check_eq(bufinfo_lines_with(&info, " pins:"), 1);
	check_eq(bufinfo_lines_with(&info, " maps:"), 1);
	close_fd(vkms);
	close_fd(fd);
}

static void totals_add_up(void)
{
	char *text = bufinfo_text(), *total = strstr(text, "\nTotal ");
	unsigned long objects = 0;

	/* The last one is about the whole list. */
	while (total && strstr(total + 1, "\nTotal "))
		total = strstr(total + 1, "\nTotal ");
	check_msg(total && sscanf(total, " Total %lu objects", &objects) == 1,
		  "the list does not end in its totals");
	free(text);
	check_eq(objects, bufinfo_count());
}

/* The whole list again, read in pieces of this size. */
static char *text_in_pieces(size_t piece)
{
	int list = open(BUFINFO_PATH, O_RDONLY | O_CLOEXEC);
	char *text = malloc(1 << 16);
	size_t len = 0;
	ssize_t got;

	check(text && list >= 0);
	while ((got = check_ok(neg_errno(read(list, text + len, piece)))))
		len += got;
	text[len] = '\0';
	close_fd(list);
	return text;
}

static void read_in_pieces(const struct exporter *exp)
{
	static const size_t pieces[] = { 1, 7, 100, 4096 };
	char *whole, *pieced;
	int fds[20];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = exporter_create(exp, SIZE);
	whole = bufinfo_text();
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		pieced = text_in_pieces(pieces[i]);
		check_msg(!strcmp(whole, pieced),
			  "read %zu bytes at a time, the list is another one", pieces[i]);
		free(pieced);
	}
	free(whole);
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close_fd(fds[i]);
}

static void closed_under_reader(const struct exporter *exp)
{
	int list, fds[50];
	char buf[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = exporter_create(exp, SIZE);
	list = check_ok(neg_errno(open(BUFINFO_PATH, O_RDONLY | O_CLOEXEC)));
	check_ok(neg_errno(read(list, buf, sizeof(buf))));
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close_fd(fds[i]);
	while (check_ok(neg_errno(read(list, buf, sizeof(buf)))))
		;
	close_fd(list);
}

/* Whoever reads a part of the list and then waits keeps none of what is in it. */
static void paused_reader(const struct exporter *exp)
{
	int list, fds[50];
	char buf[4096];
	ino_t inos[50];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = exporter_create(exp, SIZE);
		inos[i] = dmabuf_ino(fds[i]);
	}
	list = check_ok(neg_errno(open(BUFINFO_PATH, O_RDONLY | O_CLOEXEC)));
	check_lt(0, check_ok(neg_errno(read(list, buf, sizeof(buf)))));
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close_fd(fds[i]);
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		check_msg(bufinfo_forgets(inos[i]), "buffer %zu is kept by a reader that waits", i);
	while (check_ok(neg_errno(read(list, buf, sizeof(buf)))))
		;
	close_fd(list);
}

static void for_root_only(void)
{
	struct stat dir, file;

	check_ok(neg_errno(stat("/sys/kernel/debug", &dir)));
	check_eq(dir.st_mode & 077, 0);
	check_ok(neg_errno(stat(BUFINFO_PATH, &file)));
	check_eq(file.st_mode & 0777, 0444);
}

static void read_list(int fd)
{
	char *text = bufinfo_text();

	(void)fd;
	free(text);
}

static void stuck_buffer_stalls_nobody(void)
{
	check(held_lock_stalls_nobody(read_list));
}

static void create_and_close(int fd)
{
	const struct exporter *exp = exporter_get("udmabuf");

	(void)fd;
	close_fd(exporter_create(exp, PAGE_BYTES));
}

/* Reads the list in a child for as long as the parent lives. */
static void create_beside_stuck_reader(void)
{
	pid_t reader;

	exporter_get("udmabuf");
	reader = child_fork();
	if (!reader) {
		for (;;)
			read_list(-1);
	}
	check(held_lock_stalls_nobody(create_and_close));
	child_kill(reader);
}

static void in_sysfs(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char path[128], value[128], exp_name[64], expected[80];
	unsigned long ino = dmabuf_ino(fd);

	require(!access(SYSFS, F_OK), "no %s (CONFIG_DMABUF_SYSFS_STATS)", SYSFS);
	snprintf(path, sizeof(path), SYSFS "/%lu/size", ino);
	check_ok(__procfs_read(path, value, sizeof(value)));
	check_eq(atol(value), SIZE);
	snprintf(path, sizeof(path), SYSFS "/%lu/exporter_name", ino);
	check_ok(__procfs_read(path, value, sizeof(value)));
	check(procfs_fdinfo(fd, "exp_name", exp_name, sizeof(exp_name)));
	snprintf(expected, sizeof(expected), "%s\n", exp_name);
	check_str(value, expected);
	close_fd(fd);
	check_ret(neg_errno(access(path, F_OK)), -ENOENT);
}

static const struct subtest subtests[] = {
	{
		.name = "listed-while-alive",
		.describe = "A buffer is in the list from its creation to its last close, and not longer.",
		.run_on = listed_while_alive,
	}, {
		.name = "row-is-right",
		.describe = "Size, exporter, count and name in the list agree with the descriptor's.",
		.run_on = row_is_right,
	}, {
		.name = "fences",
		.describe = "What is pending on a buffer is listed with its usage and its driver.",
		.run_on = fences_listed,
	}, {
		.name = "many-fences",
		.describe = "All fences are listed, not only the first.",
		.run_on = many_fences_listed,
	}, {
		.name = "importers",
		.describe = "Each attachment is listed, and leaves the list with its owner.",
		.run_on = importers_listed,
	}, {
		.name = "importers-in-detail",
		.describe = "Of each importer it shows whether it is dynamic, and its pins and mappings.",
		.beyond_stock = "its bufinfo shows names of devices only",
		.run_on = importers_in_detail,
	}, {
		.name = "totals-add-up",
		.describe = "The list ends in the number of buffers it has.",
		.run = totals_add_up,
	}, {
		.name = "read-in-pieces",
		.describe = "Small reads give the same list as large ones: nothing twice, nothing left out.",
		.run_on = read_in_pieces,
	}, {
		.name = "closed-under-reader",
		.describe = "Buffers may go while somebody is in the middle of the list.",
		.run_on = closed_under_reader,
	}, {
		.name = "paused-reader",
		.describe = "A reader that pauses in the middle of the list keeps no buffer alive.",
		.run_on = paused_reader,
	}, {
		.name = "for-root-only",
		.describe = "Only root gets as far as the list.",
		.run = for_root_only,
	}, {
		.name = "stuck-buffer-stalls-nobody",
		.describe = "A buffer whose reservation lock is held does not hold up who reads the list.",
		.beyond_stock = "its bufinfo takes every buffer's reservation lock",
		.run = stuck_buffer_stalls_nobody,
		.seconds = 300,
	}, {
		.name = "create-beside-stuck-reader",
		.describe = "Buffers are made and closed as ever while a reader of the list meets a held lock.",
		.beyond_stock = "its bufinfo waits for that lock under the lock that creating a buffer needs",
		.run = create_beside_stuck_reader,
		.seconds = 300,
	}, {
		.name = "in-sysfs",
		.describe = "Where the kernel keeps statistics in sysfs, they agree and go with the buffer.",
		.run_on = in_sysfs,
	},
};

TEST_MAIN("What root sees of all buffers.", subtests)
