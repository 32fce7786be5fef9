// SPDX-License-Identifier: MIT
/*
 * vprime and everybody else: buffers of vgem, virtio-gpu, udmabuf and the
 * system heap on vprime's GPUs, buffers of vprime with vgem, vkms, cirrus; and
 * virtio-gpu, which takes nothing foreign and has to say so.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "scanout.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE (16 * PAGE_BYTES)
#define WORDS (SIZE / 4)
#define START_RW (DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW)
#define END_RW (DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW)

/* The CPU's access to a foreign buffer, in the brackets it may need. */
static void write_foreign(int dmabuf, void *at, uint32_t seed)
{
	dmabuf_sync(dmabuf, START_RW);
	pattern_write(at, SIZE, seed);
	dmabuf_sync(dmabuf, END_RW);
}

static void check_foreign_fill(int dmabuf, const void *at, uint32_t value)
{
	dmabuf_sync(dmabuf, START_RW);
	pattern_check_fill(at, SIZE, value);
	dmabuf_sync(dmabuf, END_RW);
}

static void check_unattached(int dmabuf)
{
	check(bufinfo_detaches(dmabuf));
}

/* CPU writes, engine reads; engine writes, CPU reads. */
static void content_in(const struct exporter *exp)
{
	static const char * const gpus[] = { DISPLAY, RENDER };
	int fd = exporter_create_for_sync(exp, SIZE);
	void *at = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(gpus); i++) {
		int gpu = gpu_open(gpus[i]);
		uint32_t handle = vprime_import(gpu, fd);

		write_foreign(fd, at, i);
		check_eq(engine_sum(gpu, handle, SIZE), pattern_sum(SIZE, i));
		engine_fill(gpu, handle, SIZE, i + 40);
		check_foreign_fill(fd, at, i + 40);
		drm_close_handle(gpu, handle);
		check_unattached(fd);
		close_fd(gpu);
	}
	dmabuf_munmap(at, SIZE);
	close_fd(fd);
}

static void info_in(const struct exporter *exp)
{
	int gpu = gpu_open(RENDER), fd = exporter_create(exp, SIZE);
	struct drm_vprime_bo_info info;
	uint32_t handle = vprime_import(gpu, fd);

	vprime_bo_info(gpu, handle, &info);
	check_eq(info.size, SIZE);
	check(info.flags & VPRIME_BO_IMPORTED);
	check(!(info.flags & VPRIME_BO_PEER));
	check_ret(__vprime_bo_move(gpu, handle, VRAM), -EINVAL);
	check_ret(__vprime_bo_move(gpu, handle, TT), -EINVAL);
	check_eq(engine_sum(gpu, handle, PAGE_BYTES), 0);
	vprime_bo_info(gpu, handle, &info);
	check(info.flags & VPRIME_BO_MAPPED);
	check_eq(info.placement, TT);
	check_eq(info.moves, 0);
	drm_close_handle(gpu, handle);
	close_fd(fd);
	close_fd(gpu);
}

static void identity_in(const struct exporter *exp)
{
	int gpu = gpu_open(RENDER), display = gpu_open(DISPLAY), back;
	int fd = exporter_create(exp, SIZE);
	uint32_t handle = vprime_import(gpu, fd);

	check_eq(vprime_import(gpu, fd), handle);
	back = vprime_export(gpu, handle);
	check(dmabuf_same_file(back, fd));
	close_fd(back);
	back = vprime_export(display, vprime_import(display, fd));
	check(dmabuf_same_file(back, fd));
	close_fd(back);
	drm_close_handle(gpu, handle);
	close_fd(display);
	close_fd(fd);
	close_fd(gpu);
}

/* A foreign buffer is what two of our GPUs meet on. */
static void two_gpus_in(const struct exporter *exp)
{
	int render = gpu_open(RENDER), display = gpu_open(DISPLAY);
	int fd = exporter_create(exp, SIZE);
	uint32_t in_render = vprime_import(render, fd), in_display = vprime_import(display, fd);
	uint32_t i;

	for (i = 1; i <= 5; i++) {
		struct drm_vprime_command fill = command_fill(in_render, 0, SIZE, i);

		submit_command(render, &fill);
		check_eq(engine_sum(display, in_display, SIZE), WORDS * (uint64_t)i);
		fill = command_fill(in_display, 0, SIZE, i + 9);
		submit_command(display, &fill);
		check_eq(engine_sum(render, in_render, SIZE), WORDS * (i + 9ull));
	}
	drm_close_handle(display, in_display);
	drm_close_handle(render, in_render);
	close_fd(fd);
	close_fd(display);
	close_fd(render);
}

static void *map_dumb(int gpu, uint32_t handle)
{
	struct drm_mode_map_dumb arg = { .handle = handle };
	void *at;

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_MAP_DUMB, &arg), 0);
	at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, gpu, arg.offset);
	check_msg(at != MAP_FAILED, "mmap of an import by MAP_DUMB: %m");
	return at;
}

/* Mapped on our side, by either ioctl, it is the foreign buffer's memory. */
static void mmap_in(const struct exporter *exp)
{
	int gpu = gpu_open(DISPLAY), fd = exporter_create_for_sync(exp, SIZE);
	uint32_t handle = vprime_import(gpu, fd);
	void *theirs = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	void *ours = vprime_bo_mmap(gpu, handle, SIZE), *dumb = map_dumb(gpu, handle);

	write_foreign(fd, theirs, 3);
	dmabuf_sync(fd, START_RW);
	pattern_check(ours, SIZE, 3);
	pattern_check(dumb, SIZE, 3);
	pattern_write(ours, SIZE, 4);
	pattern_check(theirs, SIZE, 4);
	dmabuf_sync(fd, END_RW);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
	/* The mapping keeps it all. */
	pattern_check(dumb, SIZE, 4);
	dmabuf_munmap(dumb, SIZE);
	dmabuf_munmap(ours, SIZE);
	dmabuf_munmap(theirs, SIZE);
	close_fd(fd);
}

/* A foreign fence holds our job up, and ours shows on the foreign buffer. */
static void fences_in(const struct exporter *exp)
{
	int gpu = gpu_open(RENDER), fd = exporter_create(exp, SIZE);
	int timeline = sw_sync_timeline();
	uint32_t handle = vprime_import(gpu, fd), done = syncobj_create(gpu);
	struct drm_vprime_command fill = command_fill(handle, 0, SIZE, 5);

	sw_sync_attach(fd, timeline, 1, DMA_BUF_SYNC_READ);
	submit_synced(gpu, &fill, 0, done, 0);
	check(!syncobj_signalled(gpu, done));
	check(!dmabuf_readable(fd));
	sw_sync_advance(timeline, 1);
	syncobj_wait(gpu, done);
	check(dmabuf_writable(fd));
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 5);
	syncobj_destroy(gpu, done);
	drm_close_handle(gpu, handle);
	close_fd(timeline);
	close_fd(fd);
	close_fd(gpu);
}

/* Every descriptor and the exporter's own device are closed before it is used. */
static void import_keeps_buffer(const struct exporter *exp)
{
	int gpu = gpu_open(RENDER), fd = exporter_create_for_sync(exp, SIZE);
	void *at = dmabuf_mmap(fd, SIZE, PROT_READ | PROT_WRITE);
	uint32_t handle;

	write_foreign(fd, at, 6);
	dmabuf_munmap(at, SIZE);
	handle = vprime_import(gpu, fd);
	close_fd(fd);
	check_eq(engine_sum(gpu, handle, SIZE), pattern_sum(SIZE, 6));
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* Buffers smaller than a page of ours do not exist; those that are large do. */
static void sizes_in(const struct exporter *exp)
{
	static const size_t sizes[] = { PAGE_BYTES, 3 * PAGE_BYTES, 1 << 20, 4 << 20 };
	int gpu = gpu_open(RENDER);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		int fd = exporter_create(exp, sizes[i]);
		uint32_t handle = vprime_import(gpu, fd);
		struct drm_vprime_command over = command_fill(handle, sizes[i], 4, 1);

		engine_fill(gpu, handle, sizes[i], 2);
		check_eq(engine_sum(gpu, handle, sizes[i]), sizes[i] / 4 * 2);
		check_ret(__submit_command(gpu, &over), -EINVAL);
		drm_close_handle(gpu, handle);
		close_fd(fd);
	}
	close_fd(gpu);
}

/* Drivers that take any dma-buf, as static importers. */
static const struct test_case static_importers[] = {
	{ "vkms", "vkms" },
	{ "vgem", "vgem" },
	{ "cirrus", "cirrus" },
	{ }
};

/* Its import pins the buffer in system memory, and its content stays right all along. */
static void out(const struct test_case *row)
{
	static const uint32_t places[] = { SYSTEM, TT, VRAM };
	int gpu = gpu_open(RENDER), importer = drm_open_driver(row->arg);
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;
		void *at = vprime_bo_mmap(gpu, handle, SIZE), *theirs;
		struct drm_vprime_bo_info info;
		struct bufinfo listed;
		int fd, back;

		pattern_write(at, SIZE, i);
		vprime_bo_move(gpu, handle, places[i]);
		fd = vprime_export(gpu, handle);
		abroad = drm_fd_to_handle(importer, fd);
		vprime_bo_info(gpu, handle, &info);
		check_eq(info.pins, 1);
		check_eq(info.importers, 1);
		check_ne(info.placement, VRAM);
		bufinfo_get(fd, &listed);
		check_eq(bufinfo_lines_with(&listed, row->arg), 1);
		pattern_check(at, SIZE, i);
		check_ret(__vprime_bo_move(gpu, handle, VRAM), -EBUSY);

		/* What it hands on is still our dma-buf. */
		back = drm_handle_to_fd(importer, abroad, DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG);
		check(dmabuf_same_file(back, fd));
		theirs = dmabuf_mmap(back, SIZE, PROT_READ | PROT_WRITE);
		pattern_check(theirs, SIZE, i);
		engine_fill(gpu, handle, SIZE, i + 60);
		dmabuf_sync(fd, START_RW);
		pattern_check_fill(theirs, SIZE, i + 60);
		dmabuf_sync(fd, END_RW);
		dmabuf_munmap(theirs, SIZE);
		close_fd(back);

		drm_close_handle(importer, abroad);
		check_eq(vprime_bo_pins(gpu, handle), 0);
		check_unattached(fd);
		vprime_bo_move(gpu, handle, VRAM);
		pattern_check_fill(at, SIZE, i + 60);
		dmabuf_munmap(at, SIZE);
		close_fd(fd);
		drm_close_handle(gpu, handle);
	}
	close_fd(importer);
	close_fd(gpu);
}

/* Pins are counted by importer: the last one to go lets it move. */
static void several_out(void)
{
	int gpu = gpu_open(RENDER), vkms = drm_open_driver("vkms");
	int vgem = drm_open_driver("vgem"), display = gpu_open(DISPLAY), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), a, b, c;

	fd = vprime_export(gpu, handle);
	c = vprime_import(display, fd);
	a = drm_fd_to_handle(vkms, fd);
	b = drm_fd_to_handle(vgem, fd);
	check_eq(vprime_bo_pins(gpu, handle), 2);
	/* A dynamic importer works beside them, and pins nothing. */
	engine_fill(display, c, SIZE, 12);
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 12);
	check_eq(vprime_bo_pins(gpu, handle), 2);
	drm_close_handle(vkms, a);
	check_eq(vprime_bo_pins(gpu, handle), 1);
	check_ret(__vprime_bo_move(gpu, handle, VRAM), -EBUSY);
	drm_close_handle(vgem, b);
	check_eq(vprime_bo_pins(gpu, handle), 0);
	vprime_bo_move(gpu, handle, VRAM);
	check_eq(engine_sum(display, c, SIZE), WORDS * 12);
	drm_close_handle(display, c);
	close_fd(fd);
	close_fd(display);
	close_fd(vgem);
	close_fd(vkms);
	close_fd(gpu);
}

/* The importer's file goes without closing its handle. */
static void importer_goes(const struct test_case *row)
{
	int gpu = gpu_open(RENDER), importer = drm_open_driver(row->arg), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);

	fd = vprime_export(gpu, handle);
	drm_fd_to_handle(importer, fd);
	check_eq(vprime_bo_pins(gpu, handle), 1);
	close_fd(importer);
	check_eq(vprime_bo_pins(gpu, handle), 0);
	vprime_bo_move(gpu, handle, SYSTEM);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

/* The exporter's file goes while a static importer has it pinned. */
static void exporter_goes(const struct test_case *row)
{
	int gpu = gpu_open(RENDER), importer = drm_open_driver(row->arg), fd, back;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;
	void *at;

	engine_fill(gpu, handle, SIZE, 99);
	fd = vprime_export(gpu, handle);
	abroad = drm_fd_to_handle(importer, fd);
	close_fd(fd);
	close_fd(gpu);
	back = drm_handle_to_fd(importer, abroad, DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG);
	at = dmabuf_mmap(back, SIZE, PROT_READ);
	dmabuf_sync(back, START_RW);
	pattern_check_fill(at, SIZE, 99);
	dmabuf_sync(back, END_RW);
	dmabuf_munmap(at, SIZE);
	close_fd(back);
	drm_close_handle(importer, abroad);
	close_fd(importer);
}

/* The screen may hold what it has shown for a moment longer. */
static uint32_t import_soon(const struct kms_head *head, int importer, int fd)
{
	uint32_t handle;
	int ret;

	while ((ret = __drm_fd_to_handle(importer, fd, &handle)) == -EBUSY)
		kms_wait_vblanks(head, 1);
	check_ret(ret, 0);
	return handle;
}

/* On a screen it is pinned in VRAM, which is out of reach; shared first, it is shown from memory. */
static void shown_out(const struct test_case *row)
{
	unsigned long long busy = dmabuf_breaches("pin-busy");
	int importer = drm_open_driver(row->arg), fd;
	struct picture_buffer other;
	struct scanout scanout;
	struct kms_event event;
	uint32_t abroad;

	scanout_init(&scanout, scanout_p2p);
	check_eq(vprime_bo_placement(scanout.head.gpu, scanout.own.handle), VRAM);
	fd = vprime_export(scanout.head.gpu, scanout.own.handle);
	check_ret(__drm_fd_to_handle(importer, fd, &abroad), -EBUSY);
	check_unattached(fd);
	picture_check(&scanout.head, SCANOUT_OWN_SEED);

	picture_buffer_init(&other, scanout.head.gpu);
	kms_flip(&scanout.head, other.fb, &event);
	abroad = import_soon(&scanout.head, importer, fd);
	scanout_show_own(&scanout);
	picture_check(&scanout.head, SCANOUT_OWN_SEED);
	check_eq(vprime_bo_placement(scanout.head.gpu, scanout.own.handle), TT);
	drm_close_handle(importer, abroad);
	check_eq(dmabuf_breaches("pin-busy"), busy);

	close_fd(fd);
	picture_buffer_fini(&other);
	scanout_fini(&scanout);
	close_fd(importer);
}

/* To find that out it has the buffer mapped, so it has been brought to system memory. */
static void virtio_takes_nothing(void)
{
	int gpu = gpu_open(RENDER), virtio = drm_open_driver("virtio_gpu"), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE), abroad;
	struct drm_vprime_bo_info info;

	engine_fill(gpu, handle, SIZE, 3);
	fd = vprime_export(gpu, handle);
	check_ret(__drm_fd_to_handle(virtio, fd, &abroad), -ENODEV);
	check_unattached(fd);
	vprime_bo_info(gpu, handle, &info);
	check_eq(info.pins + info.importers, 0);
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 3);
	vprime_bo_move(gpu, handle, VRAM);
	check_eq(engine_sum(gpu, handle, SIZE), WORDS * 3);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(virtio);
	close_fd(gpu);
}

static const struct subtest subtests[] = {
	{
		.name = "content-in",
		.describe = "What the CPU writes into a foreign buffer our engines read, and the reverse.",
		.run_on = content_in,
	}, {
		.name = "info-in",
		.describe = "A foreign buffer is an import that never moves.",
		.run_on = info_in,
	}, {
		.name = "identity-in",
		.describe = "It is one handle, and exported again it is what it was.",
		.run_on = identity_in,
	}, {
		.name = "two-gpus-in",
		.describe = "Two of our GPUs work on one foreign buffer in turn.",
		.run_on = two_gpus_in,
	}, {
		.name = "mmap-in",
		.describe = "A mapping of the import is the foreign buffer.",
		.run_on = mmap_in,
	}, {
		.name = "fences-in",
		.describe = "Foreign fences hold up our jobs, and ours are seen by others.",
		.run_on = fences_in,
	}, {
		.name = "import-keeps-buffer",
		.describe = "An import outlives every descriptor of the buffer.",
		.run_on = import_keeps_buffer,
	}, {
		.name = "sizes-in",
		.describe = "From one page to many, to the byte.",
		.run_on = sizes_in,
	}, {
		.name = "out",
		.describe = "A static importer gets the buffer pinned in system memory, from wherever it was.",
		.run_case = out,
		.cases = static_importers,
	}, {
		.name = "several-out",
		.describe = "Static importers are counted, a dynamic one beside them is not.",
		.run = several_out,
	}, {
		.name = "importer-goes",
		.describe = "A static importer that goes without a word leaves no pin.",
		.run_case = importer_goes,
		.cases = static_importers,
	}, {
		.name = "exporter-goes",
		.describe = "Pinned or not, the buffer outlives its exporter's file.",
		.run_case = exporter_goes,
		.cases = static_importers,
	}, {
		.name = "shown-out",
		.describe = "What a screen has pinned in VRAM is refused, and what others have attached to is shown from memory.",
		.run_case = shown_out,
		.cases = static_importers,
	}, {
		.name = "virtio-takes-nothing",
		.describe = "virtio-gpu refuses with ENODEV, and the buffer is as it was.",
		.run = virtio_takes_nothing,
	},
};

TEST_MAIN("PRIME between vprime and other drivers.", subtests)
