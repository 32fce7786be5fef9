// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results, time, and calls that end the program when they fail: a benchmark
 * that goes on after an error measures the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

void die(const char *what)
{
	fprintf(stderr, "dma-buf-bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

void report(const char *name, const char *unit, double value)
{
	printf("%s\t%s\t%.1f\n", name, unit, value);
	fflush(stdout);
}

uint64_t now_ns(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now))
		die("clock_gettime");
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

int bench_device(void)
{
	static int device = -1;

	if (device < 0)
		device = open("/dev/dma-buf-bench", O_RDWR | O_CLOEXEC);
	if (device < 0)
		die("open /dev/dma-buf-bench");
	return device;
}

int new_buffer(enum bench_exporter exporter)
{
	int fd = ioctl(bench_device(), BENCH_IOCTL_EXPORT, exporter);

	if (fd < 0)
		die("BENCH_IOCTL_EXPORT");
	return fd;
}

void close_buffer(int fd)
{
	if (close(fd))
		die("close");
}

void set_fences(int fd, unsigned int count, int signalled)
{
	struct bench_fences fences = { .fd = fd, .count = count, .signalled = signalled };

	if (ioctl(bench_device(), BENCH_IOCTL_FENCES, &fences))
		die("BENCH_IOCTL_FENCES");
}

void populate(unsigned int count)
{
	if (ioctl(bench_device(), BENCH_IOCTL_POPULATE, (unsigned long)count))
		die("BENCH_IOCTL_POPULATE");
}

int poll_now(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	if (poll(&pfd, 1, 0) < 0)
		die("poll");
	return pfd.revents;
}

/* As cat does. Returns how many bytes there were. */
uint64_t read_whole(const char *path)
{
	static char buffer[128 * 1024];
	uint64_t total = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		total += got;
	if (got < 0)
		die(path);
	close(fd);
	return total;
}
