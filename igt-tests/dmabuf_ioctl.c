// SPDX-License-Identifier: MIT
/*
 * DMA_BUF_IOCTL_SYNC, and what every dma-buf ioctl has in common: numbers,
 * pointers, descriptors of the wrong kind, the 32-bit entry.
 */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "blocked.h"
#include "compat32.h"
#include "dmabuf.h"
#include "exporter.h"
#include "memory.h"
#include "procfs.h"
#include "subtest.h"
#include "sw_sync.h"

#define SIZE PAGE_BYTES
#define START_READ (DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ)
#define START_WRITE (DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE)
#define START_RW (DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW)
#define END_RW (DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW)

static int __ioctl(int fd, unsigned long cmd, void *arg)
{
	return neg_errno(ioctl(fd, cmd, arg));
}

static void sync_flags(const struct exporter *exp)
{
	static const int expected[] = {
		[DMA_BUF_SYNC_START] = -EINVAL,
		[START_READ] = 0,
		[START_WRITE] = 0,
		[START_RW] = 0,
		[DMA_BUF_SYNC_END] = -EINVAL,
		[DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ] = 0,
		[DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE] = 0,
		[END_RW] = 0,
	};
	int fd = exporter_create_for_sync(exp, SIZE);
	uint64_t flags;

	for (flags = 0; flags < ARRAY_SIZE(expected); flags++)
		check_ret(__dmabuf_sync(fd, flags), expected[flags]);
	close_fd(fd);
}

static void sync_bad_flags(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	int bit;

	for (bit = 3; bit < 64; bit++) {
		check_ret(__dmabuf_sync(fd, 1ull << bit), -EINVAL);
		check_ret(__dmabuf_sync(fd, 1ull << bit | START_RW), -EINVAL);
		check_ret(__dmabuf_sync(fd, 1ull << bit | END_RW), -EINVAL);
	}
	check_ret(__dmabuf_sync(fd, UINT64_MAX), -EINVAL);
	close_fd(fd);
}

static void sync_bad_pointer(const struct exporter *exp)
{
	const struct bad_pointer *bad = bad_pointers();
	int fd = exporter_create(exp, SIZE);

	for (; bad->name; bad++)
		check_ret(__ioctl(fd, DMA_BUF_IOCTL_SYNC, bad->at), -EFAULT);
	check_ret(__ioctl(fd, DMA_BUF_IOCTL_SYNC,
			  memory_at_edge(sizeof(struct dma_buf_sync) - 1)), -EFAULT);
	close_fd(fd);
}

static void sync_end_without_start(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);

	check_ret(__dmabuf_sync(fd, END_RW), exp->end_needs_start ? -EINVAL : 0);
	dmabuf_sync(fd, START_RW);
	dmabuf_sync(fd, END_RW);
	close_fd(fd);
}

static void sync_unbalanced(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, SIZE);

	dmabuf_sync(fd, START_READ);
	dmabuf_sync(fd, START_RW);
	dmabuf_sync(fd, END_RW);
	dmabuf_sync(fd, START_WRITE);
	close_fd(fd);
}

static void sync_brackets_access(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, SIZE);
	uint32_t *words = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	uint32_t i;

	dmabuf_sync(fd, START_WRITE);
	for (i = 0; i < SIZE / 4; i++)
		words[i] = i ^ 0xa5a5a5a5;
	dmabuf_sync(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
	dmabuf_sync(fd, START_READ);
	for (i = 0; i < SIZE / 4; i++)
		check_eq(words[i], i ^ 0xa5a5a5a5);
	dmabuf_sync(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
	dmabuf_munmap(words, SIZE);
	close_fd(fd);
}

struct sync_call {
	int fd;
	uint64_t flags;
};

static int call_sync(void *arg)
{
	const struct sync_call *call = arg;

	return __dmabuf_sync(call->fd, call->flags);
}

/* START with these flags sleeps until a fence of that usage has signalled. */
static void check_sync_waits(const struct exporter *exp, uint64_t start, uint32_t usage)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	struct sync_call call = { .fd = fd, .flags = start };
	struct blocked blocked;

	sw_sync_attach(fd, timeline, 1, usage);
	blocked_start(&blocked, call_sync, &call);
	check(!blocked_returned(&blocked));
	sw_sync_advance(timeline, 1);
	check_ret(blocked_join(&blocked), 0);
	dmabuf_sync(fd, start | DMA_BUF_SYNC_END);
	close_fd(timeline);
	close_fd(fd);
}

static void sync_waits(const struct exporter *exp)
{
	check_sync_waits(exp, START_READ, DMA_BUF_SYNC_WRITE);
	check_sync_waits(exp, START_WRITE, DMA_BUF_SYNC_WRITE);
	check_sync_waits(exp, START_WRITE, DMA_BUF_SYNC_READ);
	check_sync_waits(exp, START_RW, DMA_BUF_SYNC_READ);
}

static void sync_readers_share(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, SIZE), timeline = sw_sync_timeline();

	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_READ);
	dmabuf_sync(fd, START_READ);
	dmabuf_sync(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
	/* Ending an access waits for nobody. */
	sw_sync_attach(fd, timeline, 2, DMA_BUF_SYNC_WRITE);
	dmabuf_sync(fd, END_RW);
	close_fd(timeline);
	close_fd(fd);
}

static void sync_interrupted(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();
	struct sync_call call = { .fd = fd, .flags = START_RW };
	struct blocked blocked;

	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_WRITE);
	blocked_start(&blocked, call_sync, &call);
	blocked_interrupt(&blocked);
	check_ret(blocked_join(&blocked), -EINTR);
	check(!dmabuf_readable(fd));
	close_fd(timeline);
	close_fd(fd);
}

static void probe_has_no_effect(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), timeline = sw_sync_timeline();

	/* If the flags were looked at after the fences, this would never end. */
	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_WRITE);
	check_ret(__dmabuf_sync(fd, UINT64_MAX), -EINVAL);
	check_ret(__dmabuf_sync(fd, START_RW | 8), -EINVAL);
	check_ret(__dmabuf_sync(fd, 0), -EINVAL);
	check(!dmabuf_readable(fd));
	close_fd(timeline);
	close_fd(fd);
}

static void sync_read_only(const struct exporter *exp)
{
	int fd = exporter_create_rdonly(exp, SIZE);

	dmabuf_sync(fd, START_RW);
	dmabuf_sync(fd, END_RW);
	close_fd(fd);
}

static void unknown_number(const struct exporter *exp)
{
	static const unsigned int numbers[] = {
		_IO('b', 0), _IO('b', 1), _IO('b', 2), _IO('b', 3),
		_IOW('b', 0, uint32_t), _IOR('b', 0, uint64_t), _IOWR('b', 0, uint64_t),
		_IOW('b', 1, uint16_t), _IOR('b', 1, uint64_t),
		_IOW('b', 2, uint64_t), _IOWR('b', 2, uint32_t),
		_IOWR('b', 3, uint64_t), _IOW('b', 3, uint32_t),
		_IOW('b', 4, uint64_t), _IOWR('b', 255, uint64_t),
		_IOW('a', 0, uint64_t), _IOW('c', 0, uint64_t), _IOW('d', 0, uint64_t),
		0, UINT32_MAX,
	};
	int fd = exporter_create(exp, SIZE);
	uint64_t arg[8] = { START_RW };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		check_msg(__ioctl(fd, numbers[i], arg) == -ENOTTY,
			  "ioctl %#x is not refused with ENOTTY: %m", numbers[i]);
		check_msg(__ioctl(fd, numbers[i], NULL) == -ENOTTY,
			  "ioctl %#x looks at its argument before its number: %m",
			  numbers[i]);
	}
	close_fd(fd);
}

static void check_foreign(int fd, const char *what, int expected)
{
	static const unsigned int numbers[] = {
		DMA_BUF_IOCTL_SYNC, DMA_BUF_SET_NAME_A, DMA_BUF_SET_NAME_B,
		DMA_BUF_IOCTL_EXPORT_SYNC_FILE, DMA_BUF_IOCTL_IMPORT_SYNC_FILE,
	};
	uint64_t arg = UINT64_MAX;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		int ret = __ioctl(fd, numbers[i], &arg);

		check_msg(ret == expected, "ioctl %#x on %s gave %s", numbers[i], what,
			  strerror(-ret));
	}
}

static void foreign_descriptor(void)
{
	int memfd = memfd_create("foreign", MFD_CLOEXEC), event = eventfd(0, EFD_CLOEXEC);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int directory = open("/", O_DIRECTORY | O_CLOEXEC);
	int socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int timeline = sw_sync_timeline(), fence = sw_sync_fence(timeline, 1);

	check_foreign(memfd, "a memfd", -ENOTTY);
	check_foreign(event, "an eventfd", -ENOTTY);
	check_foreign(null, "/dev/null", -ENOTTY);
	check_foreign(directory, "a directory", -ENOTTY);
	check_foreign(socket_fd, "a socket", -ENOTTY);
	check_foreign(fence, "a sync_file", -ENOTTY);
	close_fd(fence);
	check_foreign(fence, "a closed descriptor", -EBADF);
	close_fd(memfd);
	close_fd(event);
	close_fd(null);
	close_fd(directory);
	close_fd(socket_fd);
	close_fd(timeline);
}

static void compat_sync(const struct exporter *exp)
{
	struct dma_buf_sync *sync;
	int fd;

	compat32_require();
	fd = exporter_create(exp, SIZE);
	sync = compat32_alloc(PAGE_BYTES);
	sync->flags = START_RW;
	check_ret(compat32_ioctl(fd, DMA_BUF_IOCTL_SYNC, sync), 0);
	sync->flags = END_RW;
	check_ret(compat32_ioctl(fd, DMA_BUF_IOCTL_SYNC, sync), 0);
	sync->flags = 1ull << 32 | START_RW;
	check_ret(compat32_ioctl(fd, DMA_BUF_IOCTL_SYNC, sync), -EINVAL);
	check_ret(compat32_ioctl(fd, DMA_BUF_IOCTL_SYNC, NULL), -EFAULT);
	check_ret(compat32_ioctl(fd, _IOW('b', 4, uint64_t), sync), -ENOTTY);
	compat32_free(sync, PAGE_BYTES);
	close_fd(fd);
}

static void compat_name(const struct exporter *exp)
{
	char link[128], *name;
	int fd;

	compat32_require();
	fd = exporter_create(exp, SIZE);
	name = compat32_alloc(PAGE_BYTES);
	strcpy(name, "by A");
	check_ret(compat32_ioctl(fd, DMA_BUF_SET_NAME_A, name), 0);
	procfs_readlink(fd, link, sizeof(link));
	check_str(link, "/dmabuf:by A");
	strcpy(name, "by B");
	check_ret(compat32_ioctl(fd, DMA_BUF_SET_NAME_B, name), 0);
	procfs_readlink(fd, link, sizeof(link));
	check_str(link, "/dmabuf:by B");
	check_ret(compat32_ioctl(fd, DMA_BUF_SET_NAME_A, NULL), -EFAULT);
	compat32_free(name, PAGE_BYTES);
	close_fd(fd);
}

static void compat_sync_file(const struct exporter *exp)
{
	struct dma_buf_export_sync_file *export;
	struct dma_buf_import_sync_file *import;
	int fd, timeline, fence;

	compat32_require();
	fd = exporter_create(exp, SIZE);
	timeline = sw_sync_timeline();
	fence = sw_sync_fence(timeline, 1);
	export = compat32_alloc(PAGE_BYTES);
	import = (void *)(export + 1);

	import->flags = DMA_BUF_SYNC_WRITE;
	import->fd = fence;
	check_ret(compat32_ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, import), 0);
	check(!dmabuf_readable(fd));
	export->flags = DMA_BUF_SYNC_READ;
	export->fd = -1;
	check_ret(compat32_ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, export), 0);
	check(!sync_file_signalled(export->fd));
	sw_sync_advance(timeline, 1);
	check(sync_file_signalled(export->fd));

	close_fd(export->fd);
	compat32_free(export, PAGE_BYTES);
	close_fd(fence);
	close_fd(timeline);
	close_fd(fd);
}

static const struct subtest subtests[] = {
	{
		.name = "sync-flags",
		.describe = "START and END take read, write or both, and refuse neither.",
		.run_on = sync_flags,
	}, {
		.name = "sync-bad-flags",
		.describe = "Every flag that means nothing yet is refused, alone and beside good ones.",
		.run_on = sync_bad_flags,
	}, {
		.name = "sync-bad-pointer",
		.describe = "A structure that cannot be read, or not to its end, is EFAULT.",
		.run_on = sync_bad_pointer,
	}, {
		.name = "sync-end-without-start",
		.describe = "The core lets END pass without START; only an exporter may object.",
		.run_on = sync_end_without_start,
	}, {
		.name = "sync-unbalanced",
		.describe = "Brackets may overlap, and one left open costs nothing when the buffer goes.",
		.run_on = sync_unbalanced,
	}, {
		.name = "sync-brackets-access",
		.describe = "What is written inside one bracket is read inside the next.",
		.run_on = sync_brackets_access,
	}, {
		.name = "sync-waits",
		.describe = "START sleeps until the fences in the way of its direction have signalled.",
		.run_on = sync_waits,
	}, {
		.name = "sync-readers-share",
		.describe = "A reader does not wait for readers, and END waits for nobody.",
		.run_on = sync_readers_share,
	}, {
		.name = "sync-interrupted",
		.describe = "A signal ends the wait with EINTR and changes nothing.",
		.run_on = sync_interrupted,
	}, {
		.name = "probe-has-no-effect",
		.describe = "Programs tell a dma-buf by SYNC with bad flags: EINVAL at once, whatever the buffer is busy with.",
		.run_on = probe_has_no_effect,
	}, {
		.name = "sync-read-only",
		.describe = "The bracket can be used without the right to write.",
		.run_on = sync_read_only,
		.needs = EXPORTER_CAN_RDONLY,
	}, {
		.name = "unknown-number",
		.describe = "Numbers, sizes and directions that are not the dma-buf ioctls' are ENOTTY, before any argument is touched.",
		.run_on = unknown_number,
	}, {
		.name = "foreign-descriptor",
		.describe = "The ioctls on anything but a dma-buf are ENOTTY, the other half of the probe.",
		.run = foreign_descriptor,
	}, {
		.name = "compat-sync",
		.describe = "SYNC means the same to 32-bit programs.",
		.run_on = compat_sync,
	}, {
		.name = "compat-name",
		.describe = "Both numbers of SET_NAME are taken from 32-bit programs.",
		.run_on = compat_name,
	}, {
		.name = "compat-sync-file",
		.describe = "Sync files go in and out for 32-bit programs.",
		.run_on = compat_sync_file,
	},
};

TEST_MAIN("The dma-buf ioctls: SYNC, numbers, pointers, and the 32-bit entry.", subtests)
