// SPDX-License-Identifier: MIT
/*
 * DMA_BUF_SET_NAME: what a name may be, what a refused one leaves behind, and
 * where a name shows.
 */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "memory.h"
#include "procfs.h"
#include "subtest.h"

#define SIZE PAGE_BYTES
#define LONGEST (DMABUF_NAME_BYTES - 1)

static int __ioctl(int fd, unsigned long cmd, void *arg)
{
	return neg_errno(ioctl(fd, cmd, arg));
}

/* The name as the link says it, which is how most tools come by it. */
static void check_name(int fd, const char *name)
{
	char link[256], expected[256];

	procfs_readlink(fd, link, sizeof(link));
	snprintf(expected, sizeof(expected), "/dmabuf:%s", name);
	check_str(link, expected);
}

static void both_numbers(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_ret(__ioctl(fd, DMA_BUF_SET_NAME_A, "number A"), 0);
	check_name(fd, "number A");
	check_ret(__ioctl(fd, DMA_BUF_SET_NAME_B, "number B"), 0);
	check_name(fd, "number B");
	check_ret(__ioctl(fd, DMA_BUF_SET_NAME, "the old number"), 0);
	check_name(fd, "the old number");
	close_fd(fd);
}

static void every_length(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char name[LONGEST + 1] = "";
	int len;

	check_name(fd, "");
	for (len = 0; len < LONGEST; len++) {
		name[len] = 'a' + len % 26;
		dmabuf_set_name(fd, name);
		check_name(fd, name);
	}
	dmabuf_set_name(fd, "short");
	check_name(fd, "short");
	close_fd(fd);
}

static void too_long(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char name[256];
	size_t len;

	dmabuf_set_name(fd, "kept");
	for (len = LONGEST + 1; len < sizeof(name); len++) {
		memset(name, 'x', len);
		name[len] = '\0';
		check_ret(__dmabuf_set_name(fd, name), -EINVAL);
	}
	check_name(fd, "kept");
	close_fd(fd);
}

static void empty(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char shown[64];

	dmabuf_set_name(fd, "something");
	dmabuf_set_name(fd, "");
	check_name(fd, "");
	if (procfs_fdinfo(fd, "name", shown, sizeof(shown)))
		check_str(shown, "");
	close_fd(fd);
}

static void bad_pointer(const struct exporter *exp)
{
	const struct bad_pointer *bad = bad_pointers();
	int fd = exporter_create(exp, SIZE);

	dmabuf_set_name(fd, "kept");
	for (; bad->name; bad++) {
		check_ret(__ioctl(fd, DMA_BUF_SET_NAME_A, bad->at), -EFAULT);
		check_ret(__ioctl(fd, DMA_BUF_SET_NAME_B, bad->at), -EFAULT);
	}
	check_name(fd, "kept");
	close_fd(fd);
}

static void ends_at_edge(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	char *edge;

	dmabuf_set_name(fd, "kept");
	/* No NUL before memory ends. */
	edge = memory_at_edge(LONGEST);
	memset(edge, 'x', LONGEST);
	check_ret(__dmabuf_set_name(fd, edge), -EFAULT);
	/* No NUL where one is due: nobody has to look further. */
	edge = memory_at_edge(DMABUF_NAME_BYTES);
	memset(edge, 'x', DMABUF_NAME_BYTES);
	check_ret(__dmabuf_set_name(fd, edge), -EINVAL);
	check_name(fd, "kept");
	/* The NUL is the last byte there is. */
	edge[LONGEST] = '\0';
	dmabuf_set_name(fd, edge);
	check_name(fd, edge);
	edge = memory_at_edge(1);
	dmabuf_set_name(fd, edge);
	check_name(fd, "");
	close_fd(fd);
}

static void shows_everywhere(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	struct bufinfo info;
	char shown[64];

	dmabuf_set_name(fd, "first");
	dmabuf_set_name(fd, "second one");
	check_name(fd, "second one");
	check(procfs_fdinfo(fd, "name", shown, sizeof(shown)));
	check_str(shown, "second one");
	bufinfo_get(fd, &info);
	check_str(info.name, "second one");
	close_fd(fd);
}

static void belongs_to_buffer(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), copy = check_ok(neg_errno(dup(fd)));

	dmabuf_set_name(copy, "by the copy");
	check_name(fd, "by the copy");
	close_fd(fd);
	check_name(copy, "by the copy");
	close_fd(copy);
}

static void any_holder(const struct exporter *exp)
{
	int fd = exporter_create_rdonly(exp, SIZE);

	dmabuf_set_name(fd, "cannot write");
	check_name(fd, "cannot write");
	close_fd(fd);
}

static void while_shared(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), vkms = drm_open_driver("vkms");
	void *at = dmabuf_mmap(fd, SIZE, 1);
	uint32_t handle = drm_fd_to_handle(vkms, fd);

	dmabuf_set_name(fd, "mapped and attached");
	check_name(fd, "mapped and attached");
	drm_close_handle(vkms, handle);
	close_fd(vkms);
	dmabuf_munmap(at, SIZE);
	close_fd(fd);
}

static void any_bytes(const struct exporter *exp)
{
	static const char * const names[] = {
		"%s%n%p", "a/b", "..", " ", "\xc3\xa4\xff",
	};
	int fd = exporter_create(exp, SIZE);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		dmabuf_set_name(fd, names[i]);
		check_name(fd, names[i]);
		check_eq(procfs_fdinfo_number(fd, "size"), SIZE);
	}
	close_fd(fd);
}

static const struct subtest subtests[] = {
	{
		.name = "both-numbers",
		.describe = "The ioctl has two numbers by mistake; programs of both kinds are out there.",
		.run_on = both_numbers,
	}, {
		.name = "every-length",
		.describe = "Names of 0 to 31 bytes are kept to the byte, longer after shorter and back.",
		.run_on = every_length,
	}, {
		.name = "too-long",
		.describe = "A name of 32 bytes or more is refused, and the old one stays.",
		.run_on = too_long,
	}, {
		.name = "empty",
		.describe = "The empty name is a name like others, and clears what was there.",
		.run_on = empty,
	}, {
		.name = "bad-pointer",
		.describe = "A name that cannot be read is EFAULT, and the old one stays.",
		.run_on = bad_pointer,
	}, {
		.name = "ends-at-edge",
		.describe = "A name is read up to its NUL or 32 bytes, not a byte further.",
		.run_on = ends_at_edge,
	}, {
		.name = "shows-everywhere",
		.describe = "One rename shows in the link, in fdinfo and in bufinfo.",
		.run_on = shows_everywhere,
	}, {
		.name = "belongs-to-buffer",
		.describe = "The name is the buffer's: all descriptors see it, and it outlives the one it came by.",
		.run_on = belongs_to_buffer,
	}, {
		.name = "any-holder",
		.describe = "Whoever holds the buffer may name it, also without the right to write.",
		.run_on = any_holder,
		.needs = EXPORTER_CAN_RDONLY,
	}, {
		.name = "while-shared",
		.describe = "A buffer that is mapped and attached can be renamed: it is never busy.",
		.run_on = while_shared,
	}, {
		.name = "any-bytes",
		.describe = "Format characters, slashes and bytes that are no text do no harm.",
		.run_on = any_bytes,
	},
};

TEST_MAIN("DMA_BUF_SET_NAME: what a name may be and where it shows.", subtests)
