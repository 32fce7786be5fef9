// SPDX-License-Identifier: MIT
/*
 * mmap() of a dma-buf: bounds, permissions, what is shared with whom, and how
 * long a mapping lives.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bufinfo.h"
#include "child.h"
#include "dmabuf.h"
#include "exporter.h"
#include "procfs.h"
#include "subtest.h"

#define PAGES 4
#define SIZE (PAGES * PAGE_BYTES)

/* 0 and the mapping undone, or -errno. */
static int __try_mmap(int fd, size_t size, int prot, int flags, off_t offset)
{
	void *at = mmap(NULL, size, prot, flags, fd, offset);

	if (at == MAP_FAILED)
		return -errno;
	dmabuf_munmap(at, size);
	return 0;
}

static int __try_shared(int fd, size_t size, off_t offset)
{
	return __try_mmap(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, offset);
}

static void starts_zeroed(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	const uint64_t *words = dmabuf_mmap(fd, SIZE, PROT_READ);
	size_t i;

	for (i = 0; i < SIZE / sizeof(*words); i++)
		check_eq(words[i], 0);
	dmabuf_munmap((void *)words, SIZE);
	close_fd(fd);
}

static void bounds(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_ret(__try_shared(fd, SIZE, 0), 0);
	check_ret(__try_shared(fd, PAGE_BYTES, SIZE - PAGE_BYTES), 0);
	check_ret(__try_shared(fd, 1, SIZE - PAGE_BYTES), 0);
	check_ret(__try_shared(fd, SIZE + 1, 0), -EINVAL);
	check_ret(__try_shared(fd, SIZE + PAGE_BYTES, 0), -EINVAL);
	check_ret(__try_shared(fd, SIZE, PAGE_BYTES), -EINVAL);
	check_ret(__try_shared(fd, PAGE_BYTES, SIZE), -EINVAL);
	check_ret(__try_shared(fd, PAGE_BYTES + 1, SIZE - PAGE_BYTES), -EINVAL);
	check_ret(__try_shared(fd, 0, 0), -EINVAL);
	close_fd(fd);
}

static void far_offsets(const struct exporter *exp)
{
	static const off_t offsets[] = {
		(off_t)1 << 32, (off_t)1 << 44, INT64_MAX - PAGE_BYTES + 1,
		INT64_MIN, -(off_t)PAGE_BYTES, -(off_t)SIZE,
	};
	int fd = exporter_create(exp, SIZE);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		int ret = __try_shared(fd, PAGE_BYTES, offsets[i]);

		check_msg(ret == -EINVAL || ret == -EOVERFLOW,
			  "a page at offset %#llx gave %d", (long long)offsets[i], ret);
	}
	check_ret(__try_shared(fd, PAGE_BYTES, 1), -EINVAL);
	close_fd(fd);
}

static void offset_is_honoured(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), page;
	uint32_t *all = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE), *one;

	for (page = 0; page < PAGES; page++)
		all[page * PAGE_BYTES / 4] = 1000 + page;
	for (page = 0; page < PAGES; page++) {
		one = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, fd, page * PAGE_BYTES);
		check(one != MAP_FAILED);
		check_eq(*one, 1000 + page);
		dmabuf_munmap(one, PAGE_BYTES);
	}
	dmabuf_munmap(all, SIZE);
	close_fd(fd);
}

static void one_content(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	volatile uint32_t *a = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	volatile uint32_t *b = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	uint32_t i;

	check(a != b);
	for (i = 0; i < SIZE / 4; i += 127) {
		a[i] = i;
		check_eq(b[i], i);
		b[i] = ~i;
		check_eq(a[i], ~i);
	}
	dmabuf_munmap((void *)a, SIZE);
	dmabuf_munmap((void *)b, SIZE);
	close_fd(fd);
}

static void read_only(const struct exporter *exp)
{
	int fd = exporter_create_rdonly(exp, SIZE);
	void *at;

	check_ret(__try_mmap(fd, SIZE, PROT_READ, MAP_SHARED, 0), 0);
	check_ret(__try_mmap(fd, SIZE, PROT_WRITE, MAP_SHARED, 0), -EACCES);
	check_ret(__try_mmap(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0), -EACCES);
	at = dmabuf_mmap(fd, SIZE, PROT_READ);
	check_ret(neg_errno(mprotect(at, SIZE, PROT_READ | PROT_WRITE)), -EACCES);
	dmabuf_munmap(at, SIZE);
	close_fd(fd);
}

static void private_writable(const struct exporter *exp)
{
	int fd = exporter_create(exp, PAGE_BYTES);
	volatile uint32_t *shared, *own;

	check_ret(__try_mmap(fd, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0),
		  exp->private_writable);
	if (exp->private_writable) {
		close_fd(fd);
		return;
	}
	shared = dmabuf_mmap(fd, PAGE_BYTES, PROT_READ | PROT_WRITE);
	shared[0] = 1;
	own = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	check(own != MAP_FAILED);
	check_eq(own[0], 1);
	own[0] = 2;
	check_eq(shared[0], 1);
	dmabuf_munmap((void *)own, PAGE_BYTES);
	dmabuf_munmap((void *)shared, PAGE_BYTES);
	close_fd(fd);
}

static void no_growth(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	void *at = dmabuf_mmap(fd, SIZE, PROT_READ), *moved;

	moved = mremap(at, SIZE, 2 * SIZE, MREMAP_MAYMOVE);
	check_msg(moved == MAP_FAILED, "a mapping can be grown past the buffer");
	dmabuf_munmap(at, SIZE);
	close_fd(fd);
}

static void outlives_descriptor(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	volatile uint32_t *words = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	ino_t ino = dmabuf_ino(fd);

	close_fd(fd);
	words[0] = 42;
	words[SIZE / 4 - 1] = 43;
	check_eq(words[0] + words[SIZE / 4 - 1], 85);
	check(bufinfo_find(ino, NULL));
	dmabuf_munmap((void *)words, SIZE);
	check(!bufinfo_find(ino, NULL));
}

static void piecewise_unmap(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), page;
	char *at = dmabuf_mmap(fd, SIZE, PROT_READ);
	ino_t ino = dmabuf_ino(fd);

	close_fd(fd);
	dmabuf_munmap(at + PAGE_BYTES, PAGE_BYTES);
	for (page = 0; page < PAGES; page++) {
		check(bufinfo_find(ino, NULL));
		if (page != 1)
			dmabuf_munmap(at + page * PAGE_BYTES, PAGE_BYTES);
	}
	check(!bufinfo_find(ino, NULL));
}

static void shared_by_fork(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	volatile uint32_t *words = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	pid_t pid;

	words[0] = 1;
	pid = child_fork();
	if (!pid) {
		check_eq(words[0], 1);
		words[1] = 2;
		_exit(0);
	}
	child_join(pid);
	check_eq(words[1], 2);
	dmabuf_munmap((void *)words, SIZE);
	close_fd(fd);
}

static void shows_in_maps(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char line[512], range[64], expected[64];
	bool found = false;
	void *at;
	FILE *maps;

	dmabuf_set_name(fd, "seen");
	at = dmabuf_mmap(fd, SIZE, PROT_READ);
	snprintf(range, sizeof(range), "%lx-", (unsigned long)at);
	snprintf(expected, sizeof(expected), " %lu ", (unsigned long)dmabuf_ino(fd));
	maps = fopen("/proc/self/maps", "re");
	check(maps);
	while (!found && fgets(line, sizeof(line), maps))
		found = !strncmp(line, range, strlen(range));
	fclose(maps);
	check_msg(found, "no line in /proc/self/maps for the mapping");
	check_msg(strstr(line, "/dmabuf:seen") && strstr(line, expected),
		  "a mapping nobody can trace to its buffer: %s", line);
	dmabuf_munmap(at, SIZE);
	close_fd(fd);
}

static const struct subtest subtests[] = {
	{
		.name = "starts-zeroed",
		.describe = "A new buffer shows nothing of what was in its memory before.",
		.run_on = starts_zeroed,
	}, {
		.name = "bounds",
		.describe = "All of the buffer can be mapped, and not a page past its end.",
		.run_on = bounds,
	}, {
		.name = "far-offsets",
		.describe = "Offsets that overflow are caught as well as those that are only too large.",
		.run_on = far_offsets,
	}, {
		.name = "offset-is-honoured",
		.describe = "A mapping that begins inside the buffer shows that part.",
		.run_on = offset_is_honoured,
		.needs = EXPORTER_CAN_MAP_PART,
	}, {
		.name = "one-content",
		.describe = "Two shared mappings are one memory.",
		.run_on = one_content,
	}, {
		.name = "read-only",
		.describe = "Without the right to write there is no writable mapping, now or later.",
		.run_on = read_only,
		.needs = EXPORTER_CAN_RDONLY,
	}, {
		.name = "private-writable",
		.describe = "A private copy is refused by who cannot give one, and private where it is given.",
		.run_on = private_writable,
	}, {
		.name = "no-growth",
		.describe = "A mapping cannot be grown past the buffer by moving it.",
		.run_on = no_growth,
	}, {
		.name = "outlives-descriptor",
		.describe = "A mapping keeps the buffer when all descriptors are closed, and not longer.",
		.run_on = outlives_descriptor,
	}, {
		.name = "piecewise-unmap",
		.describe = "A mapping can go in pieces; the buffer goes with the last of them.",
		.run_on = piecewise_unmap,
	}, {
		.name = "shared-by-fork",
		.describe = "A child inherits the mapping, not a copy.",
		.run_on = shared_by_fork,
	}, {
		.name = "shows-in-maps",
		.describe = "/proc/PID/maps names the buffer behind a mapping, by name and inode.",
		.run_on = shows_in_maps,
	},
};

TEST_MAIN("mmap() of a dma-buf.", subtests)
