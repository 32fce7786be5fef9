// SPDX-License-Identifier: GPL-2.0-only
/*
 * share FRAME-FILE COMMAND [ARGS...]: shares buffers between drivers, checks
 * the bytes on the other side, runs COMMAND while everything is still shared,
 * lets go, and checks that nothing is left behind.
 *
 * vgem -> vkms, vkms -> vgem, virtio-gpu -> vkms, vivid -> cirrus; and vgem ->
 * virtio-gpu, which has to be refused.  vkms shows what it imports and hands
 * the picture back through its writeback connector.  cirrus shows it on its
 * screen: the frame that belongs there is saved in FRAME-FILE, rows of 32-bit
 * pixels without padding, to be compared with a screenshot by who can take one.
 *
 * One verdict a line on standard output; exit status 1 if one is a FAIL.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <xf86drm.h>

#include "camera.h"
#include "dmabuf.h"
#include "gpu.h"
#include "picture.h"
#include "verdict.h"
#include "vgem.h"
#include "writeback.h"

/* Everything that is shared, from the first export to the last close. */
struct stage {
	struct gpu vgem, vkms, virtio, cirrus;
	struct camera vivid;
	int vgem_to_vkms, vkms_to_vgem, virtio_to_vkms, vivid_to_cirrus;
};

static void open_stage(struct stage *stage)
{
	*stage = (struct stage) {
		.vgem = gpu_open("vgem"),
		.vkms = gpu_open("vkms"),
		.virtio = gpu_open("virtio_gpu"),
		.cirrus = gpu_open("cirrus"),
		.vivid = camera_open("vivid"),
	};
}

/* Closing a device gives back its handles, the descriptors are ours to close. */
static void close_stage(const struct stage *stage)
{
	close(stage->vgem_to_vkms);
	close(stage->vkms_to_vgem);
	close(stage->virtio_to_vkms);
	close(stage->vivid_to_cirrus);
	close(stage->cirrus.fd);
	close(stage->virtio.fd);
	close(stage->vkms.fd);
	close(stage->vgem.fd);
}

static uint32_t import_or_stop(const struct gpu *gpu, int dmabuf, const char *name)
{
	uint32_t handle = gpu_import(gpu, dmabuf);

	must(handle, "%s: %s did not import it", name, gpu->driver);
	return handle;
}

/*
 * The exporter's program draws, the importer displays: twice, since a picture
 * that was copied at import would pass the first time.
 */
static int share_with_display(const struct gpu *exporter, const struct gpu *display,
			      const char *name, unsigned int first_seed)
{
	struct gpu_buffer buffer = gpu_buffer_create(exporter);
	int dmabuf = gpu_export(exporter, buffer.handle);
	uint32_t framebuffer;

	dmabuf_set_name(dmabuf, name);
	framebuffer = gpu_framebuffer(display, import_or_stop(display, dmabuf, name),
				      buffer.pitch);

	for (unsigned int seed = first_seed; seed < first_seed + 2; seed++) {
		struct gpu_buffer seen;
		unsigned int wrong;

		picture_draw(buffer.pixels, buffer.pitch, seed);
		seen = writeback_read(display, framebuffer);
		wrong = picture_differences(seen.pixels, seen.pitch, seed);
		verdict(!wrong, "%s: picture %u written by %s, shown by %s, %u of %u pixels wrong",
			name, seed, exporter->driver, display->driver, wrong,
			PICTURE_WIDTH * PICTURE_HEIGHT);
	}
	return dmabuf;
}

static void check_bytes_both_ways(const struct gpu_buffer *buffer,
				  uint32_t framebuffer, int dmabuf, const char *name)
{
	void *pixels = dmabuf_map(dmabuf, buffer->size);
	struct gpu_buffer seen;
	unsigned int wrong;

	picture_draw(buffer->pixels, buffer->pitch, 31);
	dmabuf_begin(dmabuf, DMA_BUF_SYNC_READ);
	wrong = picture_differences(pixels, buffer->pitch, 31);
	dmabuf_end(dmabuf, DMA_BUF_SYNC_READ);
	verdict(!wrong, "%s: written by vkms, read from what vgem has, %u pixels wrong",
		name, wrong);

	dmabuf_begin(dmabuf, DMA_BUF_SYNC_WRITE);
	picture_draw(pixels, buffer->pitch, 32);
	dmabuf_end(dmabuf, DMA_BUF_SYNC_WRITE);
	seen = writeback_read(buffer->gpu, framebuffer);
	wrong = picture_differences(seen.pixels, seen.pitch, 32);
	verdict(!wrong, "%s: written to what vgem has, displayed by vkms, %u pixels wrong",
		name, wrong);
}

static uint32_t attach_fence(const struct gpu *vgem, uint32_t handle, uint32_t flags)
{
	struct vgem_fence_attach attach = { .handle = handle, .flags = flags };

	must(!drmIoctl(vgem->fd, VGEM_IOCTL_FENCE_ATTACH, &attach),
	     "VGEM_FENCE_ATTACH");
	return attach.out_fence;
}

/*
 * A fence that the importer attaches is one that users of the buffer wait for.
 * Another one is left behind, for who looks: vgem signals it after 10 seconds.
 */
static void check_fence_crosses(const struct gpu *vgem, uint32_t handle, int dmabuf,
				const char *name)
{
	struct vgem_fence_signal signal = { };
	bool before, during, after;

	before = dmabuf_is_readable(dmabuf);
	signal.fence = attach_fence(vgem, handle, VGEM_FENCE_WRITE);
	during = dmabuf_is_readable(dmabuf);
	must(!drmIoctl(vgem->fd, VGEM_IOCTL_FENCE_SIGNAL, &signal),
	     "%s: VGEM_FENCE_SIGNAL", name);
	after = dmabuf_is_readable(dmabuf);

	verdict(before && !during && after,
		"%s: poll() is ready, busy, ready around a fence of vgem (%d %d %d)",
		name, before, !during, after);
	attach_fence(vgem, handle, 0);
}

/* vgem can only hand the buffer on: it must be the same one. */
static int share_with_vgem(const struct gpu *vkms, const struct gpu *vgem,
			   const char *name)
{
	struct gpu_buffer buffer = gpu_buffer_create(vkms);
	int exported = gpu_export(vkms, buffer.handle), again;
	uint32_t handle, framebuffer;

	dmabuf_set_name(exported, name);
	framebuffer = gpu_framebuffer(vkms, buffer.handle, buffer.pitch);
	handle = import_or_stop(vgem, exported, name);
	again = gpu_export(vgem, handle);
	verdict(dmabuf_inode(again) == dmabuf_inode(exported),
		"%s: what vgem exports again is the buffer of vkms, inode %lu",
		name, (unsigned long)dmabuf_inode(again));

	check_bytes_both_ways(&buffer, framebuffer, again, name);
	check_fence_crosses(vgem, handle, exported, name);
	close(again);
	return exported;
}

static void save_frame(const char *path, const void *pixels, size_t pitch)
{
	FILE *file = fopen(path, "w");
	size_t written = 0;

	must(file, "%s", path);
	for (unsigned int y = 0; y < PICTURE_HEIGHT; y++)
		written += fwrite((const char *)pixels + y * pitch, 4, PICTURE_WIDTH,
				  file);
	must(written == PICTURE_WIDTH * PICTURE_HEIGHT && !fclose(file), "%s", path);
}

static int share_camera(const struct camera *camera, const struct gpu *display,
			const char *name, const char *frame_file)
{
	int dmabuf = camera_export(camera);
	uint32_t handle, framebuffer;
	const void *frame, *seen;
	int difference;

	dmabuf_set_name(dmabuf, name);
	handle = import_or_stop(display, dmabuf, name);
	framebuffer = gpu_framebuffer(display, handle, camera->pitch);

	frame = camera_shoot(camera);
	seen = dmabuf_map(dmabuf, camera->size);
	dmabuf_begin(dmabuf, DMA_BUF_SYNC_READ);
	difference = memcmp(frame, seen, camera->size);
	dmabuf_end(dmabuf, DMA_BUF_SYNC_READ);
	verdict(!difference, "%s: the frame in the dma-buf is what %s took",
		name, camera->driver);

	gpu_show(display, framebuffer);
	save_frame(frame_file, frame, camera->pitch);
	return dmabuf;
}

static void check_refusal(const struct gpu *gpu, int dmabuf, const char *name)
{
	struct dmabuf_info before = dmabuf_info(dmabuf), after;
	unsigned long count = dmabuf_count_all();
	uint32_t handle;

	errno = 0;
	handle = gpu_import(gpu, dmabuf);
	verdict(!handle && errno == ENODEV, "%s: %s refuses to import it: %s", name,
		gpu->driver, handle ? "no, it did import it" : strerror(errno));

	after = dmabuf_info(dmabuf);
	verdict(dmabuf_info_equal(&before, &after) && dmabuf_count_all() == count,
		"%s: %s left nothing behind: same users, importers, pins, maps as before",
		name, gpu->driver);
}

static void share_all(struct stage *stage, const char *frame_file)
{
	stage->vgem_to_vkms = share_with_display(&stage->vgem, &stage->vkms,
						 "vgem-to-vkms", 11);
	stage->virtio_to_vkms = share_with_display(&stage->virtio, &stage->vkms,
						   "virtio-to-vkms", 21);
	stage->vivid_to_cirrus = share_camera(&stage->vivid, &stage->cirrus,
					      "vivid-to-cirrus", frame_file);
	check_refusal(&stage->virtio, stage->vgem_to_vkms, "vgem-to-virtio");
	stage->vkms_to_vgem = share_with_vgem(&stage->vkms, &stage->vgem,
					      "vkms-to-vgem");
}

static void run(char **command)
{
	pid_t child = fork();
	int status;

	must(child >= 0, "fork");
	if (!child) {
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	must(waitpid(child, &status, 0) == child, "waitpid");
	verdict(WIFEXITED(status) && !WEXITSTATUS(status),
		"what is shared was looked at (%s, status %#x)", command[0], status);
}

/*
 * Runs in a process of its own, so that its mappings are gone as well when it
 * is over.
 */
static int perform(const char *frame_file, char **command)
{
	struct stage stage;

	open_stage(&stage);
	share_all(&stage, frame_file);
	run(command);
	close_stage(&stage);
	return verdict_status();
}

int main(int argc, char **argv)
{
	unsigned long before, after;
	pid_t child;
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: share FRAME-FILE COMMAND [ARGS...]\n");
		return 2;
	}

	before = dmabuf_count_all();
	child = fork();
	must(child >= 0, "fork");
	if (!child)
		return perform(argv[1], argv + 2);
	must(waitpid(child, &status, 0) == child, "waitpid");
	if (!WIFEXITED(status))
		verdict(false, "sharing ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		return WEXITSTATUS(status);

	after = dmabuf_count_all();
	verdict(after == before, "nothing left: %lu dma-bufs before, %lu after",
		before, after);
	return verdict_status();
}
