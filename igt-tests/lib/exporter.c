// SPDX-License-Identifier: MIT
/*
 * The table of exporters, and how each is asked for a buffer.  A device is
 * opened once in a process and stays open, so that what a subtest itself opens
 * and closes can be counted.
 */
#include "exporter.h"

#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"
#include "drm.h"

static int open_vgem(void)
{
	return __drm_open_driver("vgem");
}

static int open_virtio_gpu(void)
{
	return __drm_open_driver("virtio_gpu");
}

static int open_udmabuf(void)
{
	return neg_errno(open("/dev/udmabuf", O_RDWR | O_CLOEXEC));
}

static int open_system_heap(void)
{
	return neg_errno(open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC));
}

static int create_from_gem(int device, size_t size, int access)
{
	uint32_t handle;
	int fd, ret;

	ret = __drm_create_dumb(device, size, &handle);
	if (ret)
		return ret;
	ret = __drm_handle_to_fd(device, handle, DRM_CLOEXEC_FLAG |
				 (access == O_RDWR ? DRM_RDWR_FLAG : 0), &fd);
	if (__drm_close_handle(device, handle) && !ret)
		close(fd);
	return ret ? ret : fd;
}

int udmabuf_create_memfd(size_t size)
{
	int memfd;

	memfd = check_ok(neg_errno(memfd_create("udmabuf", MFD_CLOEXEC |
						MFD_ALLOW_SEALING)));
	check_ok(neg_errno(ftruncate(memfd, size)));
	check_ok(neg_errno(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK)));
	return memfd;
}

int __udmabuf_create(int device, int memfd, size_t size)
{
	struct udmabuf_create create = {
		.memfd = memfd,
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.size = size,
	};

	return neg_errno(ioctl(device, UDMABUF_CREATE, &create));
}

static int create_udmabuf(int device, size_t size, int access)
{
	int memfd, fd;

	if (access != O_RDWR)
		return -EINVAL;
	memfd = udmabuf_create_memfd(size);
	fd = __udmabuf_create(device, memfd, size);
	close(memfd);
	return fd;
}

int __heap_allocate(int device, size_t size, int access)
{
	struct dma_heap_allocation_data data = {
		.len = size,
		.fd_flags = access | O_CLOEXEC,
	};

	return ioctl(device, DMA_HEAP_IOCTL_ALLOC, &data) ? -errno : (int)data.fd;
}

const struct exporter exporters[] = {
	{
		.name = "vgem",
		.can = EXPORTER_CAN_RDONLY | EXPORTER_CAN_DUP,
		.private_writable = -EINVAL,
		.open = open_vgem,
		.create = create_from_gem,
	},
	{
		.name = "udmabuf",
		.can = EXPORTER_CAN_MAP_PART,
		.private_writable = -EINVAL,
		.end_needs_start = true,
		.binds_direction = true,
		.open = open_udmabuf,
		.create = create_udmabuf,
	},
	{
		.name = "system-heap",
		.can = EXPORTER_CAN_RDONLY | EXPORTER_CAN_MAP_PART,
		.private_writable = 0,
		.syncs_unlocked = true,
		.open = open_system_heap,
		.create = __heap_allocate,
	},
	{
		.name = "virtio_gpu",
		.can = EXPORTER_CAN_RDONLY | EXPORTER_CAN_DUP,
		.private_writable = -EINVAL,
		.open = open_virtio_gpu,
		.create = create_from_gem,
	},
};

const size_t exporter_count = ARRAY_SIZE(exporters);

/* 0 where it is not open yet. */
static int devices[ARRAY_SIZE(exporters)];

static int *device_of(const struct exporter *exp)
{
	return &devices[exp - exporters];
}

bool exporter_exists(const struct exporter *exp)
{
	int *device = device_of(exp);

	if (*device <= 0)
		*device = exp->open();
	return *device > 0;
}

bool exporter_can(const struct exporter *exp, unsigned int needs)
{
	return (exp->can & needs) == needs;
}

void exporter_require(const struct exporter *exp)
{
	require(exporter_exists(exp), "this machine has no exporter %s: %s",
		exp->name, strerror(-*device_of(exp)));
}

int exporter_device(const struct exporter *exp)
{
	check(*device_of(exp) > 0);
	return *device_of(exp);
}

int exporter_open_devices(void)
{
	int count = 0;
	size_t i;

	for (i = 0; i < exporter_count; i++)
		count += devices[i] > 0;
	return count;
}

const struct exporter *exporter_get(const char *name)
{
	size_t i;

	for (i = 0; i < exporter_count; i++) {
		if (strcmp(exporters[i].name, name))
			continue;
		exporter_require(&exporters[i]);
		return &exporters[i];
	}
	check_msg(false, "there is no exporter called %s", name);
	return NULL;
}

int __exporter_create(const struct exporter *exp, size_t size, int access)
{
	return exp->create(exporter_device(exp), size, access);
}

int exporter_create(const struct exporter *exp, size_t size)
{
	return check_ok(__exporter_create(exp, size, O_RDWR));
}

int exporter_create_for_sync(const struct exporter *exp, size_t size)
{
	int fd = exporter_create(exp, size);

	if (exp->binds_direction)
		dmabuf_sync(fd, DMA_BUF_SYNC_RW);
	return fd;
}

int exporter_create_rdonly(const struct exporter *exp, size_t size)
{
	return check_ok(__exporter_create(exp, size, O_RDONLY));
}
