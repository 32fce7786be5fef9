// SPDX-License-Identifier: MIT
/*
 * Every call on a dma-buf with its first allocation refused, then with its
 * second, and so on until it makes no more.  It has to fail cleanly or to get
 * along without; either way nothing else may have changed.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "fault.h"
#include "procfs.h"
#include "scm_rights.h"
#include "subtest.h"
#include "sw_sync.h"

#define SIZE (4 * PAGE_BYTES)
#define MOST_ALLOCATIONS 2000
/*
 * How many numbers in a row have to find nothing to refuse before a call is
 * done with.  The count differs from one time to the next: a cache that has
 * to grow, or a stack trace that KASAN stores for the first time, adds some.
 */
#define IDLE_ROUNDS 16

/**
 * struct scene - what the calls work on, made anew for each failure
 * @vgem: device
 * @vkms: device
 * @idle: a buffer called "old" without fences
 * @busy: a buffer with a reader's and a writer's fence
 * @timelines: of the fences
 * @fence: a sync_file that is in no buffer yet
 * @handle: an object of vgem that was never exported
 * @memfd: what a udmabuf can be made of
 * @epoll: an empty set
 * @sockets: a pair
 * @next_fd: the descriptor that a call gets if it gets one
 * @at: where the call mapped the buffer
 */
struct scene {
	int vgem;
	int vkms;
	int idle;
	int busy;
	int timelines[2];
	int fence;
	uint32_t handle;
	int memfd;
	int epoll;
	int sockets[2];
	int next_fd;
	void *at;
};

/**
 * struct faulty_call - a call to be robbed of its allocations
 * @call: a value that is not negative, or -errno
 * @undo: takes back what a successful call did
 * @unanswered: takes back what one did whose answer could not be copied to
 *	its caller (EFAULT); NULL if there may be nothing
 * @unchanged: checks that a failed one did nothing; may be NULL
 * @also: an error that is right beside ENOMEM
 */
struct faulty_call {
	int (*call)(struct scene *scene);
	void (*undo)(struct scene *scene, int ret);
	void (*unanswered)(struct scene *scene);
	void (*unchanged)(struct scene *scene);
	int also;
};

static char text[1 << 16];

static void scene_make(struct scene *scene, int vgem, int vkms)
{
	scene->vgem = vgem;
	scene->vkms = vkms;
	scene->idle = exporter_create(exporter_get("vgem"), SIZE);
	dmabuf_set_name(scene->idle, "old");
	scene->busy = exporter_create(exporter_get("vgem"), SIZE);
	scene->timelines[0] = sw_sync_timeline();
	scene->timelines[1] = sw_sync_timeline();
	sw_sync_attach(scene->busy, scene->timelines[0], 2, DMA_BUF_SYNC_READ);
	sw_sync_attach(scene->busy, scene->timelines[1], 2, DMA_BUF_SYNC_WRITE);
	scene->fence = sw_sync_fence(scene->timelines[0], 1);
	scene->handle = drm_create_dumb(vgem, SIZE);
	scene->memfd = udmabuf_create_memfd(SIZE);
	scene->epoll = check_ok(neg_errno(epoll_create1(EPOLL_CLOEXEC)));
	scm_rights_pair(scene->sockets);
	scene->next_fd = check_ok(neg_errno(fcntl(scene->idle, F_DUPFD_CLOEXEC, 0)));
	close_fd(scene->next_fd);
}

static void scene_unmake(struct scene *scene)
{
	close_fd(scene->sockets[0]);
	close_fd(scene->sockets[1]);
	close_fd(scene->epoll);
	close_fd(scene->memfd);
	drm_close_handle(scene->vgem, scene->handle);
	close_fd(scene->fence);
	close_fd(scene->timelines[0]);
	close_fd(scene->timelines[1]);
	close_fd(scene->busy);
	close_fd(scene->idle);
}

static void undo_nothing(struct scene *scene, int ret)
{
	(void)scene;
	(void)ret;
}

static void undo_descriptor(struct scene *scene, int ret)
{
	(void)scene;
	close_fd(ret);
}

static int call_set_name(struct scene *scene)
{
	return __dmabuf_set_name(scene->idle, "a new name");
}

static void still_old_name(struct scene *scene)
{
	char link[64];

	procfs_readlink(scene->idle, link, sizeof(link));
	check_str(link, "/dmabuf:old");
}

static int call_export_idle(struct scene *scene)
{
	return __dmabuf_export_sync_file(scene->idle, DMA_BUF_SYNC_RW);
}

/* Two fences have to go into one container. */
static int call_export_busy(struct scene *scene)
{
	return __dmabuf_export_sync_file(scene->busy, DMA_BUF_SYNC_WRITE);
}

static void still_busy(struct scene *scene)
{
	check(!dmabuf_readable(scene->busy) && !dmabuf_writable(scene->busy));
}

static int call_import(struct scene *scene)
{
	return __dmabuf_import_sync_file(scene->idle, DMA_BUF_SYNC_WRITE, scene->fence);
}

static void undo_import(struct scene *scene, int ret)
{
	(void)ret;
	check(!dmabuf_readable(scene->idle));
	sw_sync_advance(scene->timelines[0], 1);
	check(dmabuf_readable(scene->idle));
}

static void still_idle(struct scene *scene)
{
	check(dmabuf_readable(scene->idle) && dmabuf_writable(scene->idle));
}

static int call_sync(struct scene *scene)
{
	int ret = __dmabuf_sync(scene->idle, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);

	return ret ? ret : __dmabuf_sync(scene->idle, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
}

static int call_udmabuf(struct scene *scene)
{
	return __udmabuf_create(exporter_device(exporter_get("udmabuf")), scene->memfd,
				SIZE);
}

static int call_heap(struct scene *scene)
{
	(void)scene;
	return __heap_allocate(exporter_device(exporter_get("system-heap")), SIZE, O_RDWR);
}

static int call_gem_export(struct scene *scene)
{
	int fd = -1, ret;

	ret = __drm_handle_to_fd(scene->vgem, scene->handle,
				 DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG, &fd);
	return ret ? ret : fd;
}

/* The dma-buf of an object stays as long as its handle, also after a failure. */
static void renew_handle(struct scene *scene)
{
	drm_close_handle(scene->vgem, scene->handle);
	scene->handle = drm_create_dumb(scene->vgem, SIZE);
}

static void undo_gem_export(struct scene *scene, int ret)
{
	close_fd(ret);
	renew_handle(scene);
}

/*
 * DRM hands a descriptor or a handle out before it copies the answer to its
 * caller.  If that copy is refused, the caller has something it has not been
 * told of: DRM's matter and not the core's.
 */
static void unanswered_gem_export(struct scene *scene)
{
	if (fcntl(scene->next_fd, F_GETFD) < 0)
		return;
	check_eq(lseek(scene->next_fd, 0, SEEK_END), SIZE);
	close_fd(scene->next_fd);
}

static int call_gem_import(struct scene *scene)
{
	uint32_t handle = 0;
	int ret = __drm_fd_to_handle(scene->vkms, scene->idle, &handle);

	return ret ? ret : (int)handle;
}

static void undo_gem_import(struct scene *scene, int ret)
{
	drm_close_handle(scene->vkms, ret);
}

static bool attached_to_vkms(struct scene *scene)
{
	struct bufinfo info;

	bufinfo_get(scene->idle, &info);
	return bufinfo_lines_with(&info, "vkms");
}

/* A second import gives the handle of the first, which is one to be closed. */
static void unanswered_gem_import(struct scene *scene)
{
	if (attached_to_vkms(scene))
		drm_close_handle(scene->vkms, drm_fd_to_handle(scene->vkms, scene->idle));
}

static void still_not_attached(struct scene *scene)
{
	check(!attached_to_vkms(scene));
}

static int call_mmap(struct scene *scene)
{
	scene->at = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, scene->idle, 0);
	return scene->at == MAP_FAILED ? -errno : 0;
}

static void undo_mmap(struct scene *scene, int ret)
{
	(void)ret;
	dmabuf_munmap(scene->at, SIZE);
}

static int call_poll(struct scene *scene)
{
	struct pollfd pfd = { .fd = scene->busy, .events = POLLIN | POLLOUT };

	return neg_errno(poll(&pfd, 1, 0));
}

static int call_epoll_add(struct scene *scene)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };

	return neg_errno(epoll_ctl(scene->epoll, EPOLL_CTL_ADD, scene->busy, &event));
}

static void undo_epoll_add(struct scene *scene, int ret)
{
	(void)ret;
	check_ok(neg_errno(epoll_ctl(scene->epoll, EPOLL_CTL_DEL, scene->busy, NULL)));
}

static int call_fdinfo(struct scene *scene)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", scene->busy);
	return __procfs_read(path, text, sizeof(text));
}

static int call_bufinfo(struct scene *scene)
{
	(void)scene;
	return __procfs_read(BUFINFO_PATH, text, sizeof(text));
}

static int call_readlink(struct scene *scene)
{
	char path[64];

	return neg_errno(readlink(procfs_fd_path(scene->idle, path, sizeof(path)), text,
				  sizeof(text)));
}

static int call_send(struct scene *scene)
{
	return __scm_rights_send(scene->sockets[0], scene->idle);
}

static void undo_send(struct scene *scene, int ret)
{
	(void)ret;
	close_fd(scm_rights_receive(scene->sockets[1]));
}

#define CALL(label, ...) { .name = label, .arg = &(const struct faulty_call){ __VA_ARGS__ } }

static const struct test_case calls[] = {
	CALL("set-name", .call = call_set_name, .undo = undo_nothing, .unchanged = still_old_name),
	CALL("export-sync-file-idle", .call = call_export_idle, .undo = undo_descriptor),
	CALL("export-sync-file-busy", .call = call_export_busy, .undo = undo_descriptor,
	     .unchanged = still_busy),
	CALL("import-sync-file", .call = call_import, .undo = undo_import,
	     .unchanged = still_idle),
	CALL("sync", .call = call_sync, .undo = undo_nothing),
	CALL("udmabuf-create", .call = call_udmabuf, .undo = undo_descriptor),
	CALL("heap-allocate", .call = call_heap, .undo = undo_descriptor),
	CALL("gem-export", .call = call_gem_export, .undo = undo_gem_export,
	     .unanswered = unanswered_gem_export, .unchanged = renew_handle),
	CALL("gem-import", .call = call_gem_import, .undo = undo_gem_import,
	     .unanswered = unanswered_gem_import, .unchanged = still_not_attached),
	CALL("mmap", .call = call_mmap, .undo = undo_mmap),
	CALL("poll", .call = call_poll, .undo = undo_nothing, .unchanged = still_busy),
	CALL("epoll-add", .call = call_epoll_add, .undo = undo_epoll_add,
	     .unchanged = still_busy),
	CALL("read-fdinfo", .call = call_fdinfo, .undo = undo_nothing),
	CALL("read-bufinfo", .call = call_bufinfo, .undo = undo_nothing),
	CALL("readlink", .call = call_readlink, .undo = undo_nothing),
	CALL("send", .call = call_send, .undo = undo_send, .also = -ENOBUFS),
	{ }
};

/* Makes the call with its nth allocation refused; false once it has none. */
static bool fail_once(const struct faulty_call *faulty, struct scene *scene, int nth)
{
	int fds = procfs_count_fds(), buffers = bufinfo_count(), ret;
	bool injected;

	fault_arm(nth);
	ret = faulty->call(scene);
	injected = fault_disarm();

	if (ret >= 0) {
		faulty->undo(scene, ret);
	} else {
		/* A copy to or from user space is refused with EFAULT. */
		check_msg(injected && (ret == -ENOMEM || ret == -EFAULT ||
				       ret == faulty->also),
			  "allocation %d refused: %s", nth, strerror(-ret));
		if (ret == -EFAULT && faulty->unanswered)
			faulty->unanswered(scene);
		if (faulty->unchanged)
			faulty->unchanged(scene);
		check_eq(procfs_count_fds(), fds);
		check_eq(bufinfo_count(), buffers);
		/* And with nothing refused it works. */
		ret = check_ok(faulty->call(scene));
		faulty->undo(scene, ret);
	}
	check_eq(procfs_count_fds(), fds);
	check_eq(bufinfo_count(), buffers);
	return injected;
}

static void every_allocation(const struct test_case *row)
{
	const struct exporter *vgem = exporter_get("vgem");
	int vkms = drm_open_driver("vkms"), nth = 0, last = 0;

	exporter_get("udmabuf");
	exporter_get("system-heap");
	fault_setup();
	while (nth++ < last + IDLE_ROUNDS) {
		struct scene scene;

		check_lt(nth, MOST_ALLOCATIONS);
		scene_make(&scene, exporter_device(vgem), vkms);
		if (fail_once(row->arg, &scene, nth))
			last = nth;
		scene_unmake(&scene);
	}
	subtest_info("%s: %d points of failure", row->name, last);
	fault_teardown();
	close_fd(vkms);
}

static const struct subtest subtests[] = {
	{
		.name = "every-allocation",
		.describe = "Whatever allocation is refused, the call fails with ENOMEM or succeeds, leaves no descriptor and no buffer behind, and works the next time.",
		.run_case = every_allocation,
		.cases = calls,
		.seconds = 300,
	},
};

TEST_MAIN("Dma-buf calls when memory is refused, at every point of each.", subtests)
