// SPDX-License-Identifier: MIT
/*
 * V4L2 as far as it takes to have a picture in a buffer.
 */
#include "camera.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"

#define WIDTH 320
#define HEIGHT 180

static int __ioctl(const struct camera *camera, unsigned long request, void *arg)
{
	return neg_errno(ioctl(camera->fd, request, arg));
}

static int open_if_camera(int dir, const char *node, const char *driver)
{
	int fd = openat(dir, node, O_RDWR | O_CLOEXEC);
	struct v4l2_capability caps = { .device_caps = 0 };

	if (fd < 0)
		return -1;
	if (!ioctl(fd, VIDIOC_QUERYCAP, &caps) && !strcmp((char *)caps.driver, driver) &&
	    caps.device_caps & V4L2_CAP_VIDEO_CAPTURE)
		return fd;
	close(fd);
	return -1;
}

static int open_camera(const char *driver)
{
	DIR *dir = opendir("/dev");
	struct dirent *entry;
	int fd = -1;

	check_msg(dir, "/dev: %m");
	while (fd < 0 && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "video", 5))
			fd = open_if_camera(dirfd(dir), entry->d_name, driver);
	closedir(dir);
	return fd;
}

void camera_init(struct camera *camera, const char *driver)
{
	struct v4l2_format format = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.fmt.pix = {
			.width = WIDTH,
			.height = HEIGHT,
			.pixelformat = V4L2_PIX_FMT_XBGR32,
			.field = V4L2_FIELD_NONE,
		},
	};

	*camera = (struct camera){ .fd = open_camera(driver) };
	require(camera->fd >= 0, "no camera of driver %s", driver);
	check_ret(__ioctl(camera, VIDIOC_S_FMT, &format), 0);
	camera->size = format.fmt.pix.sizeimage;
}

void camera_fini(struct camera *camera)
{
	close_fd(camera->fd);
}

static void request_buffers(struct camera *camera, uint32_t memory)
{
	struct v4l2_requestbuffers request = {
		.count = CAMERA_BUFFERS,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = memory,
	};

	camera->memory = memory;
	check_ret(__ioctl(camera, VIDIOC_REQBUFS, &request), 0);
	check_eq(request.count, CAMERA_BUFFERS);
}

void camera_allocate(struct camera *camera)
{
	request_buffers(camera, V4L2_MEMORY_MMAP);
}

void camera_expect_dmabufs(struct camera *camera)
{
	request_buffers(camera, V4L2_MEMORY_DMABUF);
}

int camera_export(const struct camera *camera, uint32_t index)
{
	struct v4l2_exportbuffer arg = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.index = index,
		.flags = O_RDWR | O_CLOEXEC,
	};

	check_ret(__ioctl(camera, VIDIOC_EXPBUF, &arg), 0);
	return arg.fd;
}

int __camera_queue(const struct camera *camera, uint32_t index, int dmabuf)
{
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = camera->memory,
		.index = index,
		.m.fd = camera->memory == V4L2_MEMORY_DMABUF ? dmabuf : 0,
	};

	return __ioctl(camera, VIDIOC_QBUF, &buffer);
}

void camera_queue(const struct camera *camera, uint32_t index, int dmabuf)
{
	check_ret(__camera_queue(camera, index, dmabuf), 0);
}

void camera_start(const struct camera *camera)
{
	enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	check_ret(__ioctl(camera, VIDIOC_STREAMON, &type), 0);
}

uint32_t camera_dequeue(const struct camera *camera)
{
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = camera->memory,
	};
	struct pollfd pfd = { .fd = camera->fd, .events = POLLIN };

	check_eq(check_ok(neg_errno(poll(&pfd, 1, -1))), 1);
	check_ret(__ioctl(camera, VIDIOC_DQBUF, &buffer), 0);
	return buffer.index;
}

void camera_stop(const struct camera *camera)
{
	enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	check_ret(__ioctl(camera, VIDIOC_STREAMOFF, &type), 0);
}
