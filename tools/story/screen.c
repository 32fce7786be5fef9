// SPDX-License-Identifier: GPL-2.0-only
/* Modesetting on virtio-gpu, and handing out what it scans out. */
#include "screen.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xf86drmMode.h>

#include "../share/dmabuf.h"
#include "../share/verdict.h"
#include "scene.h"

void screen_open(struct screen *screen)
{
	screen->gpu = gpu_open("virtio_gpu");
	screen->buffer = gpu_buffer_create(&screen->gpu);
	errno = EINVAL;
	must(screen->buffer.pitch == SCENE_PITCH, "virtio_gpu: rows of %u bytes",
	     screen->buffer.pitch);
	memset(screen->buffer.pixels, 0, screen->buffer.size);
	screen->framebuffer = gpu_framebuffer(&screen->gpu, screen->buffer.handle,
					      screen->buffer.pitch);
	gpu_show(&screen->gpu, screen->framebuffer);
	screen->dmabuf = gpu_export(&screen->gpu, screen->buffer.handle);
	dmabuf_set_name(screen->dmabuf, "virtio-scanout");
}

void screen_close(struct screen *screen)
{
	munmap(screen->buffer.pixels, screen->buffer.size);
	close(screen->dmabuf);
	close(screen->gpu.fd);
}

void screen_refresh(const struct screen *screen)
{
	drmModeClip all = { .x2 = SCENE_WIDTH, .y2 = SCENE_HEIGHT };

	must(!drmModeDirtyFB(screen->gpu.fd, screen->framebuffer, &all, 1),
	     "virtio_gpu: DIRTYFB");
}
