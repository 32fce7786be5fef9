// SPDX-License-Identifier: MIT
/*
 * lseek() on a dma-buf: the one way to ask a bare descriptor for its size, and
 * nothing else.
 */
#include <fcntl.h>
#include <unistd.h>

#include "dmabuf.h"
#include "exporter.h"
#include "procfs.h"
#include "subtest.h"

#define SIZE (5 * PAGE_BYTES)

static long long __seek(int fd, off_t offset, int whence)
{
	return neg_errno(lseek(fd, offset, whence));
}

static void size_at_end(const struct exporter *exp)
{
	static const size_t pages[] = { 1, 2, 3, 16, 257 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		int fd = exporter_create(exp, pages[i] * PAGE_BYTES);

		check_eq(__seek(fd, 0, SEEK_END), pages[i] * PAGE_BYTES);
		close_fd(fd);
	}
}

static void back_to_start(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_eq(__seek(fd, 0, SEEK_END), SIZE);
	check_eq(__seek(fd, 0, SEEK_SET), 0);
	check_eq(__seek(fd, 0, SEEK_END), SIZE);
	close_fd(fd);
}

static void bad_offset(const struct exporter *exp)
{
	static const off_t offsets[] = { 1, -1, PAGE_BYTES, SIZE, INT64_MAX, INT64_MIN };
	int fd = exporter_create(exp, SIZE);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		check_ret(__seek(fd, offsets[i], SEEK_SET), -EINVAL);
		check_ret(__seek(fd, offsets[i], SEEK_END), -EINVAL);
	}
	close_fd(fd);
}

static void bad_whence(const struct exporter *exp)
{
	static const int whences[] = { SEEK_CUR, SEEK_DATA, SEEK_HOLE, SEEK_HOLE + 1, -1 };
	int fd = exporter_create(exp, SIZE);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(whences); i++) {
		check_ret(__seek(fd, 0, whences[i]), -EINVAL);
		check_ret(__seek(fd, PAGE_BYTES, whences[i]), -EINVAL);
	}
	close_fd(fd);
}

static void position_stays(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_eq(__seek(fd, 0, SEEK_END), SIZE);
	check_eq(procfs_fdinfo_number(fd, "pos"), 0);
	close_fd(fd);
}

static void read_only_descriptor(const struct exporter *exp)
{
	int fd = exporter_create_rdonly(exp, SIZE);

	check_eq(__seek(fd, 0, SEEK_END), SIZE);
	check_eq(__seek(fd, 0, SEEK_SET), 0);
	close_fd(fd);
}

static const struct subtest subtests[] = {
	{
		.name = "size-at-end",
		.describe = "Seeking to the end tells the size: importers without other means depend on it.",
		.run_on = size_at_end,
	}, {
		.name = "back-to-start",
		.describe = "Seeking to the start gives 0 and can be repeated, as size probes do.",
		.run_on = back_to_start,
	}, {
		.name = "bad-offset",
		.describe = "Any offset but 0 is refused: a dma-buf has no position to move.",
		.run_on = bad_offset,
	}, {
		.name = "bad-whence",
		.describe = "SEEK_CUR, SEEK_DATA, SEEK_HOLE and nonsense are refused.",
		.run_on = bad_whence,
	}, {
		.name = "position-stays",
		.describe = "Asking for the size moves no position that another holder could see.",
		.run_on = position_stays,
	}, {
		.name = "read-only-descriptor",
		.describe = "The size can be asked for without the right to write.",
		.run_on = read_only_descriptor,
		.needs = EXPORTER_CAN_RDONLY,
	},
};

TEST_MAIN("lseek() on a dma-buf tells its size and does nothing else.", subtests)
