// SPDX-License-Identifier: GPL-2.0-only
/* V4L2: finding a camera, asking for buffers, VIDIOC_EXPBUF, one frame. */
#include "camera.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/videodev2.h>

#include "picture.h"
#include "verdict.h"

/* The frame is taken into the first; the driver wants a second one to go on. */
#define BUFFERS			2
#define FRAME_TIMEOUT_MS	120000

static int open_if_camera(int dir, const char *node, const char *driver)
{
	int fd = openat(dir, node, O_RDWR | O_CLOEXEC);
	struct v4l2_capability caps = { };

	if (fd < 0)
		return -1;

	if (!ioctl(fd, VIDIOC_QUERYCAP, &caps) &&
	    !strcmp((const char *)caps.driver, driver) &&
	    caps.device_caps & V4L2_CAP_VIDEO_CAPTURE)
		return fd;

	close(fd);
	return -1;
}

static void set_format(struct camera *camera)
{
	struct v4l2_format format = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.fmt.pix = {
			.width = PICTURE_WIDTH,
			.height = PICTURE_HEIGHT,
			.pixelformat = V4L2_PIX_FMT_XBGR32,
			.field = V4L2_FIELD_NONE,
		},
	};

	must(!ioctl(camera->fd, VIDIOC_S_FMT, &format), "%s: S_FMT", camera->driver);
	errno = EINVAL;
	must(format.fmt.pix.width == PICTURE_WIDTH &&
	     format.fmt.pix.height == PICTURE_HEIGHT &&
	     format.fmt.pix.pixelformat == V4L2_PIX_FMT_XBGR32,
	     "%s: no pictures of our size and format", camera->driver);
	camera->pitch = format.fmt.pix.bytesperline;
	camera->size = format.fmt.pix.sizeimage;
}

struct camera camera_open(const char *driver)
{
	struct camera camera = { .driver = driver, .fd = -1 };
	struct v4l2_requestbuffers request = {
		.count = BUFFERS,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
	DIR *dir = opendir("/dev");
	struct dirent *entry;

	must(dir, "no /dev");
	while (camera.fd < 0 && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "video", 5))
			camera.fd = open_if_camera(dirfd(dir), entry->d_name, driver);
	closedir(dir);
	errno = ENODEV;
	must(camera.fd >= 0, "no camera of driver %s", driver);

	set_format(&camera);
	must(!ioctl(camera.fd, VIDIOC_REQBUFS, &request), "%s: REQBUFS", driver);
	return camera;
}

int camera_export(const struct camera *camera)
{
	struct v4l2_exportbuffer export = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.index = 0,
		.flags = O_RDWR | O_CLOEXEC,
	};

	must(!ioctl(camera->fd, VIDIOC_EXPBUF, &export), "%s: EXPBUF",
	     camera->driver);
	return export.fd;
}

static void queue(const struct camera *camera, unsigned int index,
		  struct v4l2_buffer *buffer)
{
	*buffer = (struct v4l2_buffer) {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
		.index = index,
	};
	must(!ioctl(camera->fd, VIDIOC_QBUF, buffer), "%s: QBUF", camera->driver);
}

/* Wait until the camera has filled the first buffer. */
static void dequeue_first(const struct camera *camera)
{
	struct v4l2_buffer buffer;

	do {
		struct pollfd pollfd = { .fd = camera->fd, .events = POLLIN };

		must(poll(&pollfd, 1, FRAME_TIMEOUT_MS) == 1, "%s: no frame came",
		     camera->driver);
		buffer = (struct v4l2_buffer) {
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP,
		};
		must(!ioctl(camera->fd, VIDIOC_DQBUF, &buffer), "%s: DQBUF",
		     camera->driver);
	} while (buffer.index != 0);
}

const void *camera_shoot(const struct camera *camera)
{
	enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	struct v4l2_buffer first, buffer;
	void *pixels;

	queue(camera, 0, &first);
	for (unsigned int i = 1; i < BUFFERS; i++)
		queue(camera, i, &buffer);
	must(!ioctl(camera->fd, VIDIOC_STREAMON, &type), "%s: STREAMON",
	     camera->driver);
	dequeue_first(camera);
	must(!ioctl(camera->fd, VIDIOC_STREAMOFF, &type), "%s: STREAMOFF",
	     camera->driver);

	pixels = mmap(NULL, camera->size, PROT_READ, MAP_SHARED, camera->fd,
		      first.m.offset);
	must(pixels != MAP_FAILED, "%s: mmap", camera->driver);
	return pixels;
}
