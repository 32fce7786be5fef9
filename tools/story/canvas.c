// SPDX-License-Identifier: GPL-2.0-only
/* Sharing the canvas, and reading it while it may be moving. */
#include "canvas.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-buf.h>

#include "../share/dmabuf.h"
#include "scene.h"

void canvas_create(struct canvas *canvas, struct vprime *owner, struct vprime *importer)
{
	uint32_t handle = vprime_create(owner, SCENE_BYTES, VPRIME_PLACEMENT_MASK);
	int dmabuf = gpu_export(&owner->base, handle);
	uint32_t imported = vprime_import(importer, dmabuf);
	const struct canvas_view views[CANVAS_VIEWS] = {
		{ "a moving buffer was read through its owner's mapping",
		  vprime_map(owner, handle, SCENE_BYTES), -1 },
		{ "a moving buffer was read through the dma-buf's mapping",
		  dmabuf_map(dmabuf, SCENE_BYTES), dmabuf },
		{ "a moving buffer was read through its importer's mapping",
		  vprime_map(importer, imported, SCENE_BYTES), -1 },
	};

	dmabuf_set_name(dmabuf, "moving-picture");
	*canvas = (struct canvas) {
		.owner = owner,
		.importer = importer,
		.handle = handle,
		.imported = imported,
		.dmabuf = dmabuf,
	};
	memcpy(canvas->views, views, sizeof(views));
}

void canvas_destroy(struct canvas *canvas)
{
	for (unsigned int i = 0; i < CANVAS_VIEWS; i++)
		munmap((void *)canvas->views[i].pixels, SCENE_BYTES);
	close(canvas->dmabuf);
	vprime_destroy(canvas->importer, canvas->imported);
	vprime_destroy(canvas->owner, canvas->handle);
}

uint32_t canvas_handle(const struct canvas *canvas, const struct vprime *gpu)
{
	return gpu == canvas->owner ? canvas->handle : canvas->imported;
}

unsigned int canvas_compare(const struct canvas *canvas, unsigned int view,
			    const uint32_t *expected)
{
	const struct canvas_view *from = &canvas->views[view];
	unsigned int count;

	vprime_wait(canvas->owner, canvas->handle);
	if (from->sync_fd < 0)
		return scene_differences(from->pixels, expected);

	dmabuf_begin(from->sync_fd, DMA_BUF_SYNC_READ);
	count = scene_differences(from->pixels, expected);
	dmabuf_end(from->sync_fd, DMA_BUF_SYNC_READ);
	return count;
}
