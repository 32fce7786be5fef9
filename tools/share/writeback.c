// SPDX-License-Identifier: GPL-2.0-only
/*
 * One atomic commit that shows a framebuffer and writes the picture back into
 * another one, and the wait for its out-fence.
 */
#include "writeback.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <xf86drm.h>
#include <xf86drmMode.h>

#include "picture.h"
#include "verdict.h"

/* Slow motion is no failure; a fence that never comes is one. */
#define FENCE_TIMEOUT_MS	120000

/* What a commit needs to name. */
struct pipe {
	uint32_t crtc, plane, connector, writeback;
	uint32_t mode_blob;
};

static uint32_t property_id(const struct gpu *gpu, uint32_t object, uint32_t type,
			    const char *name, uint64_t *value)
{
	drmModeObjectPropertiesPtr list =
		drmModeObjectGetProperties(gpu->fd, object, type);
	uint32_t found = 0;

	must(list, "%s: OBJ_GETPROPERTIES", gpu->driver);
	for (uint32_t i = 0; i < list->count_props && !found; i++) {
		drmModePropertyPtr property =
			drmModeGetProperty(gpu->fd, list->props[i]);

		if (property && !strcmp(property->name, name)) {
			found = property->prop_id;
			if (value)
				*value = list->prop_values[i];
		}
		drmModeFreeProperty(property);
	}
	drmModeFreeObjectProperties(list);
	must(found, "%s: no property %s", gpu->driver, name);
	return found;
}

static void add(drmModeAtomicReqPtr request, const struct gpu *gpu,
		uint32_t object, uint32_t type, const char *name, uint64_t value)
{
	uint32_t id = property_id(gpu, object, type, name, NULL);

	must(drmModeAtomicAddProperty(request, object, id, value) >= 0,
	     "%s: out of memory", gpu->driver);
}

static uint32_t primary_plane(const struct gpu *gpu)
{
	drmModePlaneResPtr planes = drmModeGetPlaneResources(gpu->fd);
	uint32_t found = 0;

	must(planes, "%s: GETPLANERESOURCES", gpu->driver);
	for (uint32_t i = 0; i < planes->count_planes && !found; i++) {
		uint64_t type = 0;

		property_id(gpu, planes->planes[i], DRM_MODE_OBJECT_PLANE, "type",
			    &type);
		if (type == DRM_PLANE_TYPE_PRIMARY)
			found = planes->planes[i];
	}
	drmModeFreePlaneResources(planes);
	must(found, "%s: no primary plane", gpu->driver);
	return found;
}

static uint32_t mode_blob(const struct gpu *gpu, drmModeConnectorPtr connector)
{
	uint32_t blob = 0;

	for (int i = 0; i < connector->count_modes && !blob; i++) {
		drmModeModeInfo *mode = &connector->modes[i];

		if (mode->hdisplay == PICTURE_WIDTH && mode->vdisplay == PICTURE_HEIGHT)
			must(!drmModeCreatePropertyBlob(gpu->fd, mode, sizeof(*mode),
							&blob),
			     "%s: CREATEPROPBLOB", gpu->driver);
	}
	return blob;
}

static struct pipe find_pipe(const struct gpu *gpu)
{
	drmModeResPtr resources = drmModeGetResources(gpu->fd);
	struct pipe pipe = { .plane = primary_plane(gpu) };

	must(resources && resources->count_crtcs, "%s: no CRTC", gpu->driver);
	pipe.crtc = resources->crtcs[0];
	for (int i = 0; i < resources->count_connectors; i++) {
		drmModeConnectorPtr connector =
			drmModeGetConnector(gpu->fd, resources->connectors[i]);

		must(connector, "%s: GETCONNECTOR", gpu->driver);
		if (connector->connector_type == DRM_MODE_CONNECTOR_WRITEBACK) {
			pipe.writeback = connector->connector_id;
		} else {
			pipe.connector = connector->connector_id;
			pipe.mode_blob = mode_blob(gpu, connector);
		}
		drmModeFreeConnector(connector);
	}
	drmModeFreeResources(resources);
	must(pipe.writeback && pipe.mode_blob,
	     "%s: no writeback connector or no mode of the picture's size",
	     gpu->driver);
	return pipe;
}

static void add_plane(drmModeAtomicReqPtr request, const struct gpu *gpu,
		      const struct pipe *pipe, uint32_t framebuffer)
{
	const struct {
		const char *name;
		uint64_t value;
	} properties[] = {
		{ "FB_ID", framebuffer },
		{ "CRTC_ID", pipe->crtc },
		{ "SRC_X", 0 },
		{ "SRC_Y", 0 },
		{ "SRC_W", (uint64_t)PICTURE_WIDTH << 16 },
		{ "SRC_H", (uint64_t)PICTURE_HEIGHT << 16 },
		{ "CRTC_X", 0 },
		{ "CRTC_Y", 0 },
		{ "CRTC_W", PICTURE_WIDTH },
		{ "CRTC_H", PICTURE_HEIGHT },
	};

	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		add(request, gpu, pipe->plane, DRM_MODE_OBJECT_PLANE,
		    properties[i].name, properties[i].value);
}

static int commit(const struct gpu *gpu, const struct pipe *pipe,
		  uint32_t framebuffer, uint32_t target)
{
	drmModeAtomicReqPtr request = drmModeAtomicAlloc();
	int32_t fence = -1;

	must(request, "%s: out of memory", gpu->driver);
	add(request, gpu, pipe->crtc, DRM_MODE_OBJECT_CRTC, "MODE_ID",
	    pipe->mode_blob);
	add(request, gpu, pipe->crtc, DRM_MODE_OBJECT_CRTC, "ACTIVE", 1);
	/* vkms cannot feed a screen and write back at the same time. */
	add(request, gpu, pipe->connector, DRM_MODE_OBJECT_CONNECTOR, "CRTC_ID", 0);
	add_plane(request, gpu, pipe, framebuffer);
	add(request, gpu, pipe->writeback, DRM_MODE_OBJECT_CONNECTOR, "CRTC_ID",
	    pipe->crtc);
	add(request, gpu, pipe->writeback, DRM_MODE_OBJECT_CONNECTOR,
	    "WRITEBACK_FB_ID", target);
	add(request, gpu, pipe->writeback, DRM_MODE_OBJECT_CONNECTOR,
	    "WRITEBACK_OUT_FENCE_PTR", (uintptr_t)&fence);

	must(!drmModeAtomicCommit(gpu->fd, request, DRM_MODE_ATOMIC_ALLOW_MODESET,
				  NULL),
	     "%s: ATOMIC", gpu->driver);
	drmModeAtomicFree(request);
	return fence;
}

static void wait_for(const struct gpu *gpu, int fence)
{
	struct pollfd pollfd = { .fd = fence, .events = POLLIN };

	must(poll(&pollfd, 1, FENCE_TIMEOUT_MS) == 1 && pollfd.revents == POLLIN,
	     "%s: the picture was not written back", gpu->driver);
	close(fence);
}

struct gpu_buffer writeback_read(const struct gpu *gpu, uint32_t framebuffer)
{
	struct gpu_buffer target = gpu_buffer_create(gpu);
	uint32_t target_id = gpu_framebuffer(gpu, target.handle, target.pitch);
	struct pipe pipe;

	must(!drmSetClientCap(gpu->fd, DRM_CLIENT_CAP_ATOMIC, 1) &&
	     !drmSetClientCap(gpu->fd, DRM_CLIENT_CAP_WRITEBACK_CONNECTORS, 1),
	     "%s: no atomic writeback", gpu->driver);
	pipe = find_pipe(gpu);
	wait_for(gpu, commit(gpu, &pipe, framebuffer, target_id));

	drmModeRmFB(gpu->fd, target_id);
	drmModeDestroyPropertyBlob(gpu->fd, pipe.mode_blob);
	return target;
}
