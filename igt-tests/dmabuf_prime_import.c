// SPDX-License-Identifier: MIT
/*
 * PRIME: buffers of every exporter into GEM drivers and back out.  vkms takes
 * what it is given, virtio-gpu takes only its own.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "subtest.h"

#define SIZE (4 * PAGE_BYTES)
#define RDWR (DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG)

static void into_vkms(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), vkms = drm_open_driver("vkms");
	uint32_t handle = drm_fd_to_handle(vkms, fd);
	struct bufinfo info;

	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, "vkms"), 1);
	drm_close_handle(vkms, handle);
	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, "vkms"), 0);
	close_fd(vkms);
	close_fd(fd);
}

static void import_keeps_buffer(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), vkms = drm_open_driver("vkms"), back;
	uint32_t *words = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	uint32_t handle = drm_fd_to_handle(vkms, fd);
	ino_t ino = dmabuf_ino(fd);

	words[5] = 0xcafe;
	dmabuf_munmap(words, SIZE);
	close_fd(fd);
	check(bufinfo_find(ino, NULL));

	back = drm_handle_to_fd(vkms, handle, RDWR);
	check_eq(dmabuf_ino(back), ino);
	words = dmabuf_mmap(back, SIZE, PROT_READ);
	check_eq(words[5], 0xcafe);
	dmabuf_munmap(words, SIZE);
	close_fd(back);
	drm_close_handle(vkms, handle);
	check(!bufinfo_find(ino, NULL));
	close_fd(vkms);
}

static void reexport_is_original(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), vkms = drm_open_driver("vkms"), back;
	uint32_t handle = drm_fd_to_handle(vkms, fd);

	back = drm_handle_to_fd(vkms, handle, RDWR);
	check(dmabuf_same_file(fd, back));
	close_fd(back);
	drm_close_handle(vkms, handle);
	close_fd(vkms);
	close_fd(fd);
}

static void import_twice(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), copy = check_ok(neg_errno(dup(fd)));
	int vkms = drm_open_driver("vkms");
	uint32_t first = drm_fd_to_handle(vkms, fd);
	struct bufinfo info;

	check_eq(drm_fd_to_handle(vkms, fd), first);
	check_eq(drm_fd_to_handle(vkms, copy), first);
	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, "vkms"), 1);
	drm_close_handle(vkms, first);
	check_ret(__drm_close_handle(vkms, first), -EINVAL);
	close_fd(vkms);
	close_fd(copy);
	close_fd(fd);
}

static void two_clients(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE);
	int a = drm_open_driver("vkms"), b = drm_open_driver("vkms");
	uint32_t in_a = drm_fd_to_handle(a, fd), in_b = drm_fd_to_handle(b, fd);
	int back = drm_handle_to_fd(b, in_b, RDWR);

	check(dmabuf_same_file(fd, back));
	drm_close_handle(a, in_a);
	check_ret(__drm_close_handle(a, in_a), -EINVAL);
	close_fd(a);
	close_fd(back);
	drm_close_handle(b, in_b);
	close_fd(b);
	close_fd(fd);
}

static void client_dies(const struct exporter *exp)
{
	int fd = exporter_create(exp, SIZE), vkms = drm_open_driver("vkms");
	struct bufinfo info;

	drm_fd_to_handle(vkms, fd);
	close_fd(vkms);
	bufinfo_get(fd, &info);
	check_eq(bufinfo_lines_with(&info, "vkms"), 0);
	close_fd(fd);
}

static void self_import(const struct exporter *exp)
{
	int device = exporter_device(exp), fd;
	uint32_t handle = drm_create_dumb(device, SIZE);
	struct bufinfo info;

	fd = drm_handle_to_fd(device, handle, RDWR);
	check_eq(drm_fd_to_handle(device, fd), handle);
	/* It never left home: nothing is attached. */
	bufinfo_get(fd, &info);
	check(strstr(info.details, "Total 0 devices attached"));
	close_fd(fd);
	drm_close_handle(device, handle);
}

static void self_import_after_close(const struct exporter *exp)
{
	int device = exporter_device(exp), fd = exporter_create(exp, SIZE), back;
	uint32_t handle = drm_fd_to_handle(device, fd);

	back = drm_handle_to_fd(device, handle, RDWR);
	check_eq(dmabuf_ino(back), dmabuf_ino(fd));
	close_fd(back);
	drm_close_handle(device, handle);
	close_fd(fd);
}

static void virtio_refuses_foreign(const struct exporter *exp)
{
	int virtio = drm_open_driver("virtio_gpu"), fd = exporter_create(exp, SIZE);
	uint32_t handle = 0;
	struct bufinfo info;
	int ret;

	ret = __drm_fd_to_handle(virtio, fd, &handle);
	if (!strcmp(exp->name, "virtio_gpu")) {
		check_ret(ret, 0);
		drm_close_handle(virtio, handle);
	} else {
		check_ret(ret, -ENODEV);
		bufinfo_get(fd, &info);
		check(strstr(info.details, "Total 0 devices attached"));
	}
	close_fd(fd);
	close_fd(virtio);
}

static void bad_descriptor(void)
{
	int vkms = drm_open_driver("vkms"), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	uint32_t handle;

	check_ret(__drm_fd_to_handle(vkms, -1, &handle), -EBADF);
	check_ret(__drm_fd_to_handle(vkms, null, &handle), -EINVAL);
	check_ret(__drm_fd_to_handle(vkms, vkms, &handle), -EINVAL);
	close_fd(null);
	check_ret(__drm_fd_to_handle(vkms, null, &handle), -EBADF);
	close_fd(vkms);
}

static void bad_handle(const struct exporter *exp)
{
	int device = exporter_device(exp), fd = -1, bit;
	uint32_t handle = drm_create_dumb(device, SIZE);

	check_ret(__drm_handle_to_fd(device, 0, RDWR, &fd), -ENOENT);
	check_ret(__drm_handle_to_fd(device, 4711, RDWR, &fd), -ENOENT);
	for (bit = 0; bit < 32; bit++)
		if (!(1u << bit & RDWR))
			check_ret(__drm_handle_to_fd(device, handle, 1u << bit, &fd),
				  -EINVAL);
	drm_close_handle(device, handle);
	check_ret(__drm_handle_to_fd(device, handle, RDWR, &fd), -ENOENT);
}

static void read_only_export(const struct exporter *exp)
{
	int device = exporter_device(exp), fd;
	uint32_t handle = drm_create_dumb(device, SIZE);

	fd = drm_handle_to_fd(device, handle, DRM_CLOEXEC_FLAG);
	check_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	check(mmap(NULL, SIZE, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	check_eq(errno, EACCES);
	close_fd(fd);
	drm_close_handle(device, handle);
}

static const struct subtest subtests[] = {
	{
		.name = "into-vkms",
		.describe = "A foreign driver can attach to every kind of buffer, and lets go of it.",
		.run_on = into_vkms,
	}, {
		.name = "import-keeps-buffer",
		.describe = "An importer's handle keeps buffer and content when all descriptors are gone.",
		.run_on = import_keeps_buffer,
	}, {
		.name = "reexport-is-original",
		.describe = "An import exported again is the buffer it came from, not a wrapper.",
		.run_on = reexport_is_original,
	}, {
		.name = "import-twice",
		.describe = "One buffer is one handle of a client, however often it comes.",
		.run_on = import_twice,
	}, {
		.name = "two-clients",
		.describe = "Two clients of one driver hold a buffer independently.",
		.run_on = two_clients,
	}, {
		.name = "client-dies",
		.describe = "A client that goes without a word leaves no attachment.",
		.run_on = client_dies,
	}, {
		.name = "self-import",
		.describe = "A driver that meets its own buffer finds the object, and attaches nothing.",
		.run_on = self_import,
		.needs = EXPORTER_CAN_DUP,
	}, {
		.name = "self-import-after-close",
		.describe = "The same when the client's handle was closed in between.",
		.run_on = self_import_after_close,
		.needs = EXPORTER_CAN_DUP,
	}, {
		.name = "virtio-refuses-foreign",
		.describe = "virtio-gpu imports nothing foreign: it says so, and leaves no trace.",
		.run_on = virtio_refuses_foreign,
	}, {
		.name = "bad-descriptor",
		.describe = "What is no descriptor is EBADF, what is no dma-buf EINVAL.",
		.run = bad_descriptor,
	}, {
		.name = "bad-handle",
		.describe = "Handles that do not exist are ENOENT, unknown flags EINVAL.",
		.run_on = bad_handle,
		.needs = EXPORTER_CAN_DUP,
	}, {
		.name = "read-only-export",
		.describe = "An export without the right to write cannot be mapped to write.",
		.run_on = read_only_export,
		.needs = EXPORTER_CAN_DUP,
	},
};

TEST_MAIN("PRIME import and export between drivers.", subtests)
