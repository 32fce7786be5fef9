// SPDX-License-Identifier: MIT
/*
 * BPF programs that walk all buffers: as an iterator one reads like a file, and
 * as a loop inside a program.  bpftool loads the object that lies beside this
 * program, and what it finds is compared with bufinfo.
 */
#include <libgen.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bufinfo.h"
#include "child.h"
#include "command.h"
#include "dmabuf.h"
#include "exporter.h"
#include "procfs.h"
#include "subtest.h"

/* Names there may not have a dot in them. */
#define BPFFS "/sys/fs/bpf/"
#define MANY 100

static char message[16384];

static void object_path(char *path, size_t size)
{
	char self[PATH_MAX] = "";

	check_ok(neg_errno(readlink("/proc/self/exe", self, sizeof(self) - 1)));
	snprintf(path, size, "%s/dmabuf_iter.bpf.o", dirname(self));
}

static void run_bpftool(char *const argv[])
{
	int status = command_run(argv, message, sizeof(message));

	require(status != 127, "bpftool is not installed");
	check_msg(!status, "bpftool %s %s failed: %.500s", argv[1], argv[2], message);
}

/* A pinned iterator: each time its file is opened the walk begins anew. */
static void iterator_pin(char *pin, size_t size)
{
	char object[PATH_MAX + 32];

	object_path(object, sizeof(object));
	snprintf(pin, size, BPFFS "dmabuf_iter_%d", getpid());
	run_bpftool((char *[]){ "bpftool", "iter", "pin", object, pin, NULL });
}

/* The iterator's line for the inode: size and exporter; false if it has none. */
static bool line_of(const char *text, unsigned long ino, size_t *size, char *exp_name)
{
	const char *line = text;

	while (line && *line) {
		unsigned long line_ino;

		if (sscanf(line, "%lu %zu %63s", &line_ino, size, exp_name) == 3 &&
		    line_ino == ino)
			return true;
		line = strchr(line, '\n');
		line += !!line;
	}
	return false;
}

static int count_lines(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void agrees_with_bufinfo(const struct exporter *exp)
{
	int fd = exporter_create(exp, 5 * PAGE_BYTES);
	char pin[64], text[16384], exp_name[64] = "";
	struct bufinfo info;
	size_t size = 0;

	iterator_pin(pin, sizeof(pin));
	check_ok(__procfs_read(pin, text, sizeof(text)));
	check(line_of(text, dmabuf_ino(fd), &size, exp_name));
	bufinfo_get(fd, &info);
	check_eq(size, info.size);
	check_str(exp_name, info.exp_name);
	check_eq(count_lines(text), bufinfo_count());

	size = dmabuf_ino(fd);
	close_fd(fd);
	check_ok(__procfs_read(pin, text, sizeof(text)));
	check(!line_of(text, size, &size, exp_name));
	check_ok(neg_errno(unlink(pin)));
}

static void many_buffers(void)
{
	const struct exporter *exp = exporter_get("udmabuf");
	char pin[64], text[16384], exp_name[64];
	int fds[MANY], i;
	size_t size;

	for (i = 0; i < MANY; i++)
		fds[i] = exporter_create(exp, PAGE_BYTES);
	iterator_pin(pin, sizeof(pin));
	check_ok(__procfs_read(pin, text, sizeof(text)));
	check_eq(count_lines(text), bufinfo_count());
	for (i = 0; i < MANY; i++) {
		check(line_of(text, dmabuf_ino(fds[i]), &size, exp_name));
		close_fd(fds[i]);
	}
	check_ok(neg_errno(unlink(pin)));
}

static int __bpf(int cmd, union bpf_attr *attr)
{
	return neg_errno(syscall(SYS_bpf, cmd, attr, sizeof(*attr)));
}

/* Runs the counting program once: what it returned. */
static int count_by_program(const char *pin)
{
	union bpf_attr get, run;
	int prog;

	memset(&get, 0, sizeof(get));
	get.pathname = (uintptr_t)pin;
	prog = check_ok(__bpf(BPF_OBJ_GET, &get));

	memset(&run, 0, sizeof(run));
	run.test.prog_fd = prog;
	check_ret(__bpf(BPF_PROG_TEST_RUN, &run), 0);
	close_fd(prog);
	return run.test.retval;
}

static void loop_in_program(void)
{
	const struct exporter *exp = exporter_get("udmabuf");
	char object[PATH_MAX + 32], dir[64], pin[128], list[128];
	int before, fds[MANY], i;

	object_path(object, sizeof(object));
	snprintf(dir, sizeof(dir), BPFFS "dmabuf_progs_%d", getpid());
	snprintf(pin, sizeof(pin), "%s/count_dmabufs", dir);
	snprintf(list, sizeof(list), "%s/list_dmabufs", dir);
	run_bpftool((char *[]){ "bpftool", "prog", "loadall", object, dir, NULL });

	before = count_by_program(pin);
	check_eq(before, bufinfo_count());
	for (i = 0; i < MANY; i++)
		fds[i] = exporter_create(exp, PAGE_BYTES);
	check_eq(count_by_program(pin), before + MANY);
	for (i = 0; i < MANY; i++)
		close_fd(fds[i]);
	check_eq(count_by_program(pin), before);

	check_ok(neg_errno(unlink(pin)));
	check_ok(neg_errno(unlink(list)));
	check_ok(neg_errno(rmdir(dir)));
}

static void walk_beside_close(void)
{
	const struct exporter *exp = exporter_get("udmabuf");
	char pin[64], text[16384];
	pid_t maker;
	int i;

	iterator_pin(pin, sizeof(pin));
	maker = child_fork();
	if (!maker) {
		for (;;)
			close_fd(exporter_create(exp, PAGE_BYTES));
	}
	for (i = 0; i < (subtest_full() ? 5000 : 300); i++)
		check_ok(__procfs_read(pin, text, sizeof(text)));
	child_kill(maker);
	check_ok(neg_errno(unlink(pin)));
}

#define NO_ITERATOR "it has no BPF iterator for dma-bufs"

static const struct subtest subtests[] = {
	{
		.name = "agrees-with-bufinfo",
		.describe = "The iterator shows the buffers bufinfo shows, with their sizes and exporters.",
		.beyond_stock = NO_ITERATOR,
		.run_on = agrees_with_bufinfo,
	}, {
		.name = "many-buffers",
		.describe = "No buffer is left out or shown twice when there are many.",
		.beyond_stock = NO_ITERATOR,
		.run = many_buffers,
	}, {
		.name = "loop-in-program",
		.describe = "A program that may sleep can walk all buffers by itself.",
		.beyond_stock = NO_ITERATOR,
		.run = loop_in_program,
	}, {
		.name = "walk-beside-close",
		.describe = "Walking does no harm to buffers that come and go meanwhile, nor they to it.",
		.beyond_stock = NO_ITERATOR,
		.run = walk_beside_close,
	},
};

TEST_MAIN("BPF programs that walk all dma-bufs.", subtests)
