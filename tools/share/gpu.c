// SPDX-License-Identifier: GPL-2.0-only
/* DRM devices: finding them, their dumb buffers, PRIME, simple modesetting. */
#include "gpu.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm_fourcc.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "picture.h"
#include "verdict.h"

/*
 * Asks debugfs, as who opens a card becomes the master of its screens if nobody
 * is: the cards of other drivers are left alone.
 */
static bool is_driver(int card, const char *driver)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/name", card);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fscanf(file, "%31s", name) != 1)
		name[0] = '\0';
	fclose(file);
	return !strcmp(name, driver);
}

struct gpu gpu_open(const char *driver)
{
	struct gpu gpu = { .driver = driver, .fd = -1 };
	DIR *dir = opendir("/dev/dri");
	struct dirent *entry;
	int card;

	must(dir, "no /dev/dri in this machine");
	while (gpu.fd < 0 && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "card%d", &card) == 1 && is_driver(card, driver))
			gpu.fd = openat(dirfd(dir), entry->d_name, O_RDWR | O_CLOEXEC);
	closedir(dir);

	errno = ENODEV;
	must(gpu.fd >= 0, "no card of driver %s", driver);
	return gpu;
}

static void *map_dumb(const struct gpu *gpu, uint32_t handle, size_t size)
{
	struct drm_mode_map_dumb map = { .handle = handle };
	void *pixels;

	must(!drmIoctl(gpu->fd, DRM_IOCTL_MODE_MAP_DUMB, &map),
	     "%s: MAP_DUMB", gpu->driver);
	pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, gpu->fd,
		      map.offset);
	must(pixels != MAP_FAILED, "%s: mmap", gpu->driver);
	return pixels;
}

struct gpu_buffer gpu_buffer_create(const struct gpu *gpu)
{
	struct drm_mode_create_dumb dumb = {
		.width = PICTURE_WIDTH,
		.height = PICTURE_HEIGHT,
		.bpp = 32,
	};

	must(!drmIoctl(gpu->fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb),
	     "%s: CREATE_DUMB", gpu->driver);

	return (struct gpu_buffer) {
		.gpu = gpu,
		.handle = dumb.handle,
		.pitch = dumb.pitch,
		.size = dumb.size,
		.pixels = map_dumb(gpu, dumb.handle, dumb.size),
	};
}

int gpu_export(const struct gpu *gpu, uint32_t handle)
{
	int fd = -1;

	must(!drmPrimeHandleToFD(gpu->fd, handle, DRM_CLOEXEC | DRM_RDWR, &fd),
	     "%s: PRIME_HANDLE_TO_FD", gpu->driver);
	return fd;
}

uint32_t gpu_import(const struct gpu *gpu, int dmabuf)
{
	uint32_t handle = 0;

	return drmPrimeFDToHandle(gpu->fd, dmabuf, &handle) ? 0 : handle;
}

uint32_t gpu_framebuffer(const struct gpu *gpu, uint32_t handle, uint32_t pitch)
{
	uint32_t handles[4] = { handle }, pitches[4] = { pitch }, offsets[4] = { 0 };
	uint32_t id = 0;

	must(!drmModeAddFB2(gpu->fd, PICTURE_WIDTH, PICTURE_HEIGHT,
			    DRM_FORMAT_XRGB8888, handles, pitches, offsets, &id, 0),
	     "%s: ADDFB2", gpu->driver);
	return id;
}

static drmModeModeInfo *find_mode(drmModeConnectorPtr connector)
{
	for (int i = 0; i < connector->count_modes; i++)
		if (connector->modes[i].hdisplay == PICTURE_WIDTH &&
		    connector->modes[i].vdisplay == PICTURE_HEIGHT)
			return &connector->modes[i];
	return NULL;
}

void gpu_show(const struct gpu *gpu, uint32_t framebuffer)
{
	drmModeResPtr resources = drmModeGetResources(gpu->fd);
	drmModeConnectorPtr connector;
	drmModeModeInfo *mode;

	must(resources && resources->count_connectors && resources->count_crtcs,
	     "%s: no display", gpu->driver);
	connector = drmModeGetConnector(gpu->fd, resources->connectors[0]);
	must(connector, "%s: GETCONNECTOR", gpu->driver);
	mode = find_mode(connector);
	must(mode, "%s: no mode of the picture's size", gpu->driver);

	must(!drmModeSetCrtc(gpu->fd, resources->crtcs[0], framebuffer, 0, 0,
			     &connector->connector_id, 1, mode),
	     "%s: SETCRTC", gpu->driver);

	drmModeFreeConnector(connector);
	drmModeFreeResources(resources);
}
