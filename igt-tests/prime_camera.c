// SPDX-License-Identifier: MIT
/*
 * vprime and V4L2: a camera's buffers on a GPU, and pictures taken right into a
 * GPU's buffers, which the camera's driver writes through vmap.
 */
#include <sys/mman.h>

#include "blocked.h"
#include "camera.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "submit.h"
#include "subtest.h"
#include "sw_sync.h"
#include "vprime.h"

#define DRIVER "vivid"

static size_t whole_pages(size_t bytes)
{
	return (bytes + PAGE_BYTES - 1) & -(size_t)PAGE_BYTES;
}

static uint64_t cpu_sum(const void *at, size_t bytes)
{
	const uint32_t *words = at;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < bytes / 4; i++)
		sum += words[i];
	return sum;
}

/* The engine reads the picture that the camera has in its own buffer. */
static void from_camera(const struct test_case *row)
{
	int gpu = gpu_open(row->arg), fd;
	struct camera camera;
	uint32_t handle;
	uint64_t sum;
	void *at;

	camera_init(&camera, DRIVER);
	camera_allocate(&camera);
	fd = camera_export(&camera, 0);
	handle = vprime_import(gpu, fd);
	at = dmabuf_mmap(fd, camera.size, PROT_READ);
	camera_queue(&camera, 0, -1);
	camera_start(&camera);
	check_eq(camera_dequeue(&camera), 0);
	sum = cpu_sum(at, camera.size);
	check_lt(0, sum);
	check_eq(engine_sum(gpu, handle, camera.size), sum);
	camera_stop(&camera);
	dmabuf_munmap(at, camera.size);
	drm_close_handle(gpu, handle);
	close_fd(fd);
	camera_fini(&camera);
	close_fd(gpu);
}

static const struct test_case places[] = {
	{ "system", &(const uint32_t){ SYSTEM } },
	{ "tt", &(const uint32_t){ TT } },
	{ "vram", &(const uint32_t){ VRAM } },
	{ }
};

/* A camera that keeps a buffer mapped between two pictures may keep it from moving. */
static void move_if_free(int gpu, uint32_t handle, uint32_t place)
{
	int ret = __vprime_bo_move(gpu, handle, place);

	check_msg(!ret || ret == -EBUSY, "a move gave %s", strerrorname_np(-ret));
	vprime_bo_wait(gpu, handle);
}

/* From wherever the buffer was, and again after it was moved about. */
static void into_gpu(const struct test_case *row)
{
	int gpu = gpu_open(RENDER), display = gpu_open(DISPLAY), fd, round;
	uint32_t handle, abroad;
	struct camera camera;
	size_t size;
	void *at;

	camera_init(&camera, DRIVER);
	camera_expect_dmabufs(&camera);
	size = whole_pages(camera.size);
	handle = vprime_bo_create(gpu, size, ANYWHERE);
	fd = vprime_export(gpu, handle);
	abroad = vprime_import(display, fd);
	at = vprime_bo_mmap(gpu, handle, size);
	for (round = 0; round < 3; round++) {
		uint64_t sum;

		engine_fill(gpu, handle, size, 0);
		move_if_free(gpu, handle, VRAM);
		move_if_free(gpu, handle, *(const uint32_t *)row->arg);
		camera_queue(&camera, 0, fd);
		camera_start(&camera);
		check_eq(camera_dequeue(&camera), 0);
		camera_stop(&camera);
		sum = cpu_sum(at, camera.size);
		check_lt(0, sum);
		check_eq(engine_sum(gpu, handle, camera.size), sum);
		check_eq(engine_sum(display, abroad, camera.size), sum);
	}
	dmabuf_munmap(at, size);
	camera_fini(&camera);
	check_eq(vprime_bo_pins(gpu, handle), 0);
	drm_close_handle(display, abroad);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(display);
	close_fd(gpu);
}

/* A camera keeps the buffer vmapped without attaching; a static importer finds room beside it. */
static void beside_camera(const struct test_case *row)
{
	int gpu = gpu_open(RENDER), vgem = drm_open_driver("vgem"), display = gpu_open(DISPLAY), fd;
	uint32_t handle, abroad, foreign;
	struct camera camera;
	size_t size;

	camera_init(&camera, DRIVER);
	camera_expect_dmabufs(&camera);
	size = whole_pages(camera.size);
	handle = vprime_bo_create(gpu, size, ANYWHERE);
	fd = vprime_export(gpu, handle);
	abroad = vprime_import(display, fd);
	vprime_bo_move(gpu, handle, *(const uint32_t *)row->arg);

	camera_queue(&camera, 0, fd);
	check_eq(vprime_bo_pins(gpu, handle), 1);
	foreign = drm_fd_to_handle(vgem, fd);
	check_eq(vprime_bo_pins(gpu, handle), 2);
	camera_start(&camera);
	check_eq(camera_dequeue(&camera), 0);
	camera_stop(&camera);
	check_lt(0, engine_sum(gpu, handle, camera.size));

	camera_fini(&camera);
	drm_close_handle(vgem, foreign);
	check_eq(vprime_bo_pins(gpu, handle), 0);
	drm_close_handle(display, abroad);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(display);
	close_fd(vgem);
	close_fd(gpu);
}

static void too_small(void)
{
	int gpu = gpu_open(RENDER), fd;
	uint32_t handle = vprime_bo_create(gpu, PAGE_BYTES, ANYWHERE);
	struct camera camera;

	fd = vprime_export(gpu, handle);
	camera_init(&camera, DRIVER);
	camera_expect_dmabufs(&camera);
	check_ret(__camera_queue(&camera, 0, fd), -EINVAL);
	camera_fini(&camera);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

struct queue_call {
	const struct camera *camera;
	int dmabuf;
};

static int call_queue(void *arg)
{
	const struct queue_call *call = arg;

	return __camera_queue(call->camera, 0, call->dmabuf);
}

/* videobuf2 has one errno for all that goes wrong with a mapping, also for a signal. */
static void signal_while_moving(void)
{
	int gpu = gpu_open(RENDER), timeline = sw_sync_timeline();
	struct camera camera;
	struct queue_call call = { .camera = &camera };
	struct blocked blocked;
	uint32_t handle;

	camera_init(&camera, DRIVER);
	camera_expect_dmabufs(&camera);
	handle = vprime_bo_create(gpu, whole_pages(camera.size), TT | VRAM);
	vprime_bo_move(gpu, handle, VRAM);
	call.dmabuf = vprime_export(gpu, handle);
	sw_sync_attach(call.dmabuf, timeline, 1, DMA_BUF_SYNC_WRITE);
	check_ret(__vprime_bo_move(gpu, handle, TT), 0);

	blocked_start(&blocked, call_queue, &call);
	check(!blocked_returned(&blocked));
	blocked_interrupt(&blocked);
	sw_sync_advance(timeline, 1);
	check_ret(blocked_join(&blocked), 0);

	camera_fini(&camera);
	close_fd(timeline);
	close_fd(call.dmabuf);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static const struct test_case gpus[] = {
	{ DISPLAY, DISPLAY },
	{ RENDER, RENDER },
	{ }
};

static const struct subtest subtests[] = {
	{
		.name = "from-camera",
		.describe = "A GPU reads the picture in a camera's buffer.",
		.run_case = from_camera,
		.cases = gpus,
	}, {
		.name = "into-gpu",
		.describe = "A camera takes pictures into a GPU's buffer, wherever it was, and both GPUs read them.",
		.run_case = into_gpu,
		.cases = places,
	}, {
		.name = "beside-camera",
		.describe = "While a camera has a GPU's buffer vmapped, a driver that needs it pinned gets it too.",
		.run_case = beside_camera,
		.cases = places,
	}, {
		.name = "too-small",
		.describe = "A camera refuses a buffer that its picture does not fit into.",
		.run = too_small,
	}, {
		.name = "signal-while-moving",
		.describe = "A camera takes a buffer that is still moving, although a signal comes meanwhile.",
		.run = signal_while_moving,
	},
};

TEST_MAIN("PRIME between vprime and V4L2.", subtests)
