// SPDX-License-Identifier: MIT
/*
 * DRM ioctls by their numbers: the headers that carry them are in a package of
 * their own on some systems, and four structures are little to state.
 */
#include "drm.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"

#define PAGE 4096u

struct drm_version_abi {
	int version_major, version_minor, version_patchlevel;
	size_t name_len;
	char *name;
	size_t date_len;
	char *date;
	size_t desc_len;
	char *desc;
};

struct drm_gem_close_abi {
	uint32_t handle, pad;
};

struct drm_prime_handle_abi {
	uint32_t handle, flags;
	int32_t fd;
};

struct drm_create_dumb_abi {
	uint32_t height, width, bpp, flags;
	uint32_t handle, pitch;
	uint64_t size;
};

#define IOC_VERSION _IOWR('d', 0x00, struct drm_version_abi)
#define IOC_GEM_CLOSE _IOW('d', 0x09, struct drm_gem_close_abi)
#define IOC_HANDLE_TO_FD _IOWR('d', 0x2d, struct drm_prime_handle_abi)
#define IOC_FD_TO_HANDLE _IOWR('d', 0x2e, struct drm_prime_handle_abi)
#define IOC_CREATE_DUMB _IOWR('d', 0xb2, struct drm_create_dumb_abi)

static bool is_driver(int drm, const char *driver)
{
	char name[64] = "";
	struct drm_version_abi version = {
		.name_len = sizeof(name) - 1,
		.name = name,
	};

	return !ioctl(drm, IOC_VERSION, &version) && !strcmp(name, driver);
}

int __drm_open_driver(const char *driver)
{
	DIR *dir = opendir("/dev/dri");
	struct dirent *entry;
	int found = -ENODEV;

	if (!dir)
		return -errno;
	while (found < 0 && (entry = readdir(dir))) {
		int drm;

		if (strncmp(entry->d_name, "card", 4))
			continue;
		drm = openat(dirfd(dir), entry->d_name, O_RDWR | O_CLOEXEC);
		if (drm < 0)
			continue;
		if (is_driver(drm, driver))
			found = drm;
		else
			close(drm);
	}
	closedir(dir);
	return found;
}

int drm_open_driver(const char *driver)
{
	int drm = __drm_open_driver(driver);

	require(drm >= 0, "no DRM device of driver %s", driver);
	return drm;
}

int __drm_create_dumb(int drm, size_t size, uint32_t *handle)
{
	/* A page in a row: every driver takes that pitch as it is. */
	struct drm_create_dumb_abi dumb = {
		.width = PAGE / 4,
		.height = size / PAGE,
		.bpp = 32,
	};

	if (ioctl(drm, IOC_CREATE_DUMB, &dumb))
		return -errno;
	*handle = dumb.handle;
	return 0;
}

uint32_t drm_create_dumb(int drm, size_t size)
{
	uint32_t handle = 0;

	check_ret(__drm_create_dumb(drm, size, &handle), 0);
	return handle;
}

int __drm_close_handle(int drm, uint32_t handle)
{
	struct drm_gem_close_abi close = { .handle = handle };

	return ioctl(drm, IOC_GEM_CLOSE, &close) ? -errno : 0;
}

void drm_close_handle(int drm, uint32_t handle)
{
	check_ret(__drm_close_handle(drm, handle), 0);
}

int __drm_handle_to_fd(int drm, uint32_t handle, uint32_t flags, int *fd)
{
	struct drm_prime_handle_abi prime = {
		.handle = handle,
		.flags = flags,
		.fd = -1,
	};

	if (ioctl(drm, IOC_HANDLE_TO_FD, &prime))
		return -errno;
	*fd = prime.fd;
	return 0;
}

int drm_handle_to_fd(int drm, uint32_t handle, uint32_t flags)
{
	int fd = -1;

	check_ret(__drm_handle_to_fd(drm, handle, flags, &fd), 0);
	return fd;
}

int __drm_fd_to_handle(int drm, int fd, uint32_t *handle)
{
	struct drm_prime_handle_abi prime = { .fd = fd };

	if (ioctl(drm, IOC_FD_TO_HANDLE, &prime))
		return -errno;
	*handle = prime.handle;
	return 0;
}

uint32_t drm_fd_to_handle(int drm, int fd)
{
	uint32_t handle = 0;

	check_ret(__drm_fd_to_handle(drm, fd, &handle), 0);
	return handle;
}
