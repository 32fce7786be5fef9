// SPDX-License-Identifier: MIT
/*
 * Very many buffers at once.  FULL=1 makes it 100,000; without it there are
 * fewer, for kernels whose checkers make everything slow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bufinfo.h"
#include "child.h"
#include "dmabuf.h"
#include "exporter.h"
#include "procfs.h"
#include "subtest.h"

#define SIZE PAGE_BYTES
#define SPARE_FDS 256
#define PROCESSES 4

static int how_many(void)
{
	return subtest_full() ? 100000 : 5000;
}

static void allow_descriptors(int count)
{
	const struct rlimit limit = {
		.rlim_cur = count + SPARE_FDS,
		.rlim_max = count + SPARE_FDS,
	};

	require(!setrlimit(RLIMIT_NOFILE, &limit), "cannot have %d descriptors: %m", count);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Kilobytes the system has available, as it says itself. */
static long available_kib(void)
{
	char text[4096], *line;

	check_ok(__procfs_read("/proc/meminfo", text, sizeof(text)));
	line = strstr(text, "MemAvailable:");
	check(line);
	return atol(line + strlen("MemAvailable:"));
}

/* All of them show the same page: what is measured is the buffers. */
static int *create_buffers(int count)
{
	int device = exporter_device(exporter_get("udmabuf"));
	int memfd = udmabuf_create_memfd(SIZE), i;
	int *fds = calloc(count, sizeof(*fds));

	check(fds);
	for (i = 0; i < count; i++)
		fds[i] = check_ok(__udmabuf_create(device, memfd, SIZE));
	close_fd(memfd);
	return fds;
}

static void close_buffers(int *fds, int count)
{
	int i;

	for (i = 0; i < count; i++)
		close_fd(fds[i]);
	free(fds);
}

static int compare_inos(const void *a, const void *b)
{
	const ino_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static ino_t *sorted_inos(const int *fds, int count)
{
	ino_t *inos = calloc(count, sizeof(*inos));
	int i;

	check(inos);
	for (i = 0; i < count; i++)
		inos[i] = dmabuf_ino(fds[i]);
	qsort(inos, count, sizeof(*inos), compare_inos);
	return inos;
}

/* Each of the inodes is in the list exactly once. */
static void check_listed_once(const ino_t *inos, int count)
{
	char *list = bufinfo_text(), *rest = list, *line;
	unsigned char *seen = calloc(count, 1);
	int found = 0;

	check(seen);
	while ((line = strsep(&rest, "\n"))) {
		unsigned long ino;
		ino_t *at;

		if (sscanf(line, "%*u\t%*x\t%*x\t%*d\t%*s\t%lu", &ino) != 1)
			continue;
		at = bsearch(&(ino_t){ ino }, inos, count, sizeof(*inos), compare_inos);
		if (!at)
			continue;
		check_msg(!seen[at - inos]++, "inode %lu is listed twice", ino);
		found++;
	}
	check_eq(found, count);
	free(seen);
	free(list);
}

static void alive_at_once(void)
{
	int count = how_many(), before = bufinfo_count(), i, *fds;
	double start, created, listed, closed;
	long memory;
	ino_t *inos;

	allow_descriptors(count);
	memory = available_kib();
	start = now();
	fds = create_buffers(count);
	created = now();
	memory -= available_kib();

	inos = sorted_inos(fds, count);
	for (i = 1; i < count; i++)
		check_ne(inos[i - 1], inos[i]);
	check_eq(bufinfo_count(), before + count);
	listed = now();
	check_listed_once(inos, count);
	listed = now() - listed;
	free(inos);

	closed = now();
	close_buffers(fds, count);
	closed = now() - closed;
	check_eq(bufinfo_count(), before);
	subtest_info("%d buffers: created in %.2f s, listed in %.2f s, closed in %.2f s, %ld bytes each",
		     count, created - start, listed, closed, memory * 1024 / count);
}

/* Says that its buffers are there, and keeps them until it is told. */
static void keep_buffers(int count, int ready, int go)
{
	int *fds = create_buffers(count);
	char byte = 0;

	check_eq(write(ready, &byte, 1), 1);
	check_eq(read(go, &byte, 1), 0);
	free(fds);
	_exit(0);
}

static void across_processes(void)
{
	int each = how_many() / PROCESSES, before = bufinfo_count();
	int ready[2], go[2], status, i;
	char byte;

	allow_descriptors(each);
	exporter_get("udmabuf");
	check_ok(neg_errno(pipe(ready)));
	check_ok(neg_errno(pipe(go)));
	for (i = 0; i < PROCESSES; i++) {
		if (child_fork())
			continue;
		close_fd(go[1]);
		keep_buffers(each, ready[1], go[0]);
	}
	/* If one of them fails, this ends instead of waiting for it. */
	close_fd(ready[1]);
	for (i = 0; i < PROCESSES; i++)
		check_eq(read(ready[0], &byte, 1), 1);
	check_eq(bufinfo_count(), before + PROCESSES * each);

	/* All of them exit at once, and the kernel closes for them. */
	close_fd(go[1]);
	for (i = 0; i < PROCESSES; i++) {
		check_ok(neg_errno(wait(&status)));
		check_eq(status, 0);
	}
	check_eq(bufinfo_count(), before);
	close_fd(ready[0]);
	close_fd(go[0]);
}

static void churn_beside_walk(void)
{
	int rounds = subtest_full() ? 5000 : 1000, before = bufinfo_count(), i, *fds;
	pid_t walker;

	fds = create_buffers(SPARE_FDS);
	walker = child_fork();
	if (!walker) {
		for (;;)
			free(bufinfo_text());
	}
	for (i = 0; i < rounds; i++) {
		int one = exporter_create(exporter_get("udmabuf"), SIZE);
		unsigned long ino = dmabuf_ino(one);

		if (i % 100 == 0)
			check(bufinfo_find(ino, NULL));
		close_fd(one);
		if (i % 100 == 0)
			check(bufinfo_forgets(ino));
	}
	child_kill(walker);
	close_buffers(fds, SPARE_FDS);
	check(bufinfo_settles_at(before));
}

static const struct subtest subtests[] = {
	{
		.name = "alive-at-once",
		.describe = "Very many buffers live side by side, each with its own inode and its place in the list, and are all gone afterwards.",
		.run = alive_at_once,
		.seconds = 900,
	}, {
		.name = "across-processes",
		.describe = "The same number made by several processes at once, and closed by their exit at once.",
		.run = across_processes,
		.seconds = 900,
	}, {
		.name = "churn-beside-walk",
		.describe = "Buffers come and go while somebody reads the list all the time.",
		.run = churn_beside_walk,
		.seconds = 900,
	},
};

TEST_MAIN("Very many dma-bufs at once.", subtests)
