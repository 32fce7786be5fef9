// SPDX-License-Identifier: GPL-2.0-only
/* vprime's ioctls and its files in configfs. */
#include "vprime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xf86drm.h>

#include "../share/verdict.h"

#define TREE		"/sys/kernel/config/vprime"
#define PATH_BYTES	256
#define REGIONS		8

static void request(const struct vprime *vprime, unsigned long number, void *arg,
		    const char *what)
{
	must(!drmIoctl(vprime->base.fd, number, arg), "%s: %s", vprime->base.driver,
	     what);
}

/* The platform device that the GPU is while it is switched on. */
static void find_device(const char *name, char device[static PATH_BYTES])
{
	char path[PATH_BYTES];
	FILE *file;

	snprintf(path, sizeof(path), TREE "/%s/device", name);
	file = fopen(path, "r");
	must(file, "%s", path);
	errno = ENODEV;
	must(fgets(device, PATH_BYTES, file), "%s: GPU %s is switched off", path, name);
	fclose(file);
	device[strcspn(device, "\n")] = '\0';
}

static int open_node(const char *device, const char *kind)
{
	char path[2 * PATH_BYTES];

	snprintf(path, sizeof(path), "/dev/dri/by-path/platform-%s-%s", device, kind);
	return open(path, O_RDWR | O_CLOEXEC);
}

/*
 * Who opens the card of a GPU that nobody uses becomes the master of its
 * screens. A GPU without a render node has nothing else to open.
 */
struct vprime vprime_open(const char *name)
{
	struct vprime vprime = { .base.driver = name };
	char device[PATH_BYTES];

	find_device(name, device);
	vprime.base.fd = open_node(device, "render");
	if (vprime.base.fd < 0) {
		vprime.base.fd = open_node(device, "card");
		must(vprime.base.fd >= 0, "the card of GPU %s", name);
		drmDropMaster(vprime.base.fd);
	}
	return vprime;
}

void vprime_set(const struct vprime *vprime, const char *key, const char *value)
{
	char path[PATH_BYTES];
	int fd;

	snprintf(path, sizeof(path), TREE "/%s/%s", vprime->base.driver, key);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value),
	     "%s does not become %s", path, value);
	close(fd);
}

uint32_t vprime_create(struct vprime *vprime, uint64_t size, uint32_t placements)
{
	struct drm_vprime_bo_create arg = { .size = size, .placements = placements };

	request(vprime, DRM_IOCTL_VPRIME_BO_CREATE, &arg, "BO_CREATE");
	vprime->buffers++;
	return arg.handle;
}

void vprime_destroy(const struct vprime *vprime, uint32_t handle)
{
	struct drm_gem_close arg = { .handle = handle };

	request(vprime, DRM_IOCTL_GEM_CLOSE, &arg, "GEM_CLOSE");
}

uint32_t vprime_import(const struct vprime *vprime, int dmabuf)
{
	uint32_t handle = gpu_import(&vprime->base, dmabuf);

	must(handle, "%s: PRIME_FD_TO_HANDLE", vprime->base.driver);
	return handle;
}

void *vprime_map(const struct vprime *vprime, uint32_t handle, size_t size)
{
	struct drm_vprime_bo_mmap_offset arg = { .handle = handle };
	void *pixels;

	request(vprime, DRM_IOCTL_VPRIME_BO_MMAP_OFFSET, &arg, "BO_MMAP_OFFSET");
	pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vprime->base.fd,
		      arg.offset);
	must(pixels != MAP_FAILED, "%s: mmap", vprime->base.driver);
	return pixels;
}

void vprime_move(const struct vprime *vprime, uint32_t handle, uint32_t placement)
{
	struct drm_vprime_bo_move arg = { .handle = handle, .placement = placement };

	request(vprime, DRM_IOCTL_VPRIME_BO_MOVE, &arg, "BO_MOVE");
}

void vprime_wait(const struct vprime *vprime, uint32_t handle)
{
	struct drm_vprime_bo_wait arg = {
		.handle = handle,
		.flags = VPRIME_WAIT_READ,
		.timeout_ns = INT64_MAX,
	};

	request(vprime, DRM_IOCTL_VPRIME_BO_WAIT, &arg, "BO_WAIT");
}

uint64_t vprime_moves(const struct vprime *vprime, uint32_t handle)
{
	struct drm_vprime_bo_info arg = { .handle = handle };

	request(vprime, DRM_IOCTL_VPRIME_BO_INFO, &arg, "BO_INFO");
	return arg.moves;
}

void vprime_submit(const struct vprime *vprime,
		   const struct drm_vprime_command *commands, uint32_t count)
{
	struct drm_vprime_submit arg = {
		.commands = (uintptr_t)commands,
		.command_count = count,
	};

	request(vprime, DRM_IOCTL_VPRIME_SUBMIT, &arg, "SUBMIT");
}

static uint32_t query(const struct vprime *vprime, uint32_t what, void *data,
		      uint32_t size)
{
	struct drm_vprime_query arg = {
		.query = what,
		.size = size,
		.data = (uintptr_t)data,
	};

	request(vprime, DRM_IOCTL_VPRIME_QUERY, &arg, "QUERY");
	return arg.size;
}

uint64_t vprime_vram(const struct vprime *vprime)
{
	struct drm_vprime_region regions[REGIONS];
	uint32_t count = query(vprime, VPRIME_QUERY_REGIONS, regions, sizeof(regions)) /
			 sizeof(regions[0]);

	for (uint32_t i = 0; i < count; i++)
		if (regions[i].placement == VPRIME_PLACEMENT_VRAM)
			return regions[i].size;
	errno = ENODATA;
	must(false, "%s: no region of VRAM", vprime->base.driver);
	return 0;
}

struct drm_vprime_stats vprime_stats(const struct vprime *vprime)
{
	struct drm_vprime_stats stats;

	query(vprime, VPRIME_QUERY_STATS, &stats, sizeof(stats));
	return stats;
}
