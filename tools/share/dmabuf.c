// SPDX-License-Identifier: GPL-2.0-only
/* dma-buf descriptors: names, identity, fdinfo, mmap, brackets, poll. */
#include "dmabuf.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <linux/dma-buf.h>

#include "verdict.h"

#define BUFINFO "/sys/kernel/debug/dma_buf/bufinfo"

void dmabuf_set_name(int dmabuf, const char *name)
{
	must(!ioctl(dmabuf, DMA_BUF_SET_NAME_B, name), "SET_NAME %s", name);
}

ino_t dmabuf_inode(int dmabuf)
{
	struct stat stat;

	must(!fstat(dmabuf, &stat), "fstat of a dma-buf");
	return stat.st_ino;
}

struct dmabuf_info dmabuf_info(int dmabuf)
{
	struct dmabuf_info info = { };
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", dmabuf);
	file = fopen(path, "r");
	must(file, "%s", path);
	must(fread(info.text, 1, sizeof(info.text) - 1, file) > 0, "%s", path);
	fclose(file);
	return info;
}

bool dmabuf_info_equal(const struct dmabuf_info *a, const struct dmabuf_info *b)
{
	return !strcmp(a->text, b->text);
}

void *dmabuf_map(int dmabuf, size_t size)
{
	void *pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0);

	must(pixels != MAP_FAILED, "mmap of a dma-buf");
	return pixels;
}

static void sync_ioctl(int dmabuf, __u64 flags)
{
	struct dma_buf_sync sync = { .flags = flags };
	int ret;

	do {
		ret = ioctl(dmabuf, DMA_BUF_IOCTL_SYNC, &sync);
	} while (ret && (errno == EINTR || errno == EAGAIN));
	must(!ret, "DMA_BUF_IOCTL_SYNC");
}

void dmabuf_begin(int dmabuf, unsigned int access)
{
	sync_ioctl(dmabuf, DMA_BUF_SYNC_START | access);
}

void dmabuf_end(int dmabuf, unsigned int access)
{
	sync_ioctl(dmabuf, DMA_BUF_SYNC_END | access);
}

bool dmabuf_is_readable(int dmabuf)
{
	struct pollfd pollfd = { .fd = dmabuf, .events = POLLIN };
	int ret = poll(&pollfd, 1, 0);

	must(ret >= 0, "poll of a dma-buf");
	return ret && pollfd.revents == POLLIN;
}

unsigned long dmabuf_count_all(void)
{
	FILE *file = fopen(BUFINFO, "r");
	unsigned long count = 0;
	bool found = false;
	char line[512];

	must(file, BUFINFO);
	while (fgets(line, sizeof(line), file))
		found |= sscanf(line, "Total %lu objects,", &count) == 1;
	fclose(file);

	errno = ENODATA;
	must(found, BUFINFO " has no line of totals");
	return count;
}
