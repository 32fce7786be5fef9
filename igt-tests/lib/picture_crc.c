// SPDX-License-Identifier: MIT
/*
 * The CRCs of a screen, from debugfs.  A thread keeps reading them: who looks
 * for one comes when it likes.
 */
#include "picture.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"

#define NAME_BYTES 64
#define PATH_BYTES 128
#define LINE_BYTES 128

static int open_crc(const struct kms_head *head, const char *name, int flags)
{
	char file[NAME_BYTES], path[PATH_BYTES];

	snprintf(file, sizeof(file), "crtc-%u/crc/%s", head->pipe, name);
	kms_debugfs_path(head->gpu, file, path, sizeof(path));
	return check_ok(neg_errno(open(path, flags | O_CLOEXEC)));
}

int picture_crc_open(const struct kms_head *head, int flags)
{
	return open_crc(head, "data", O_RDONLY | flags);
}

static void take(struct picture_crc *crc, const char *line)
{
	uint32_t frame, value, at;

	check_msg(sscanf(line, "%" SCNx32 " %" SCNx32, &frame, &value) == 2,
		  "a CRC reads \"%s\"", line);
	check(!pthread_mutex_lock(&crc->lock));
	at = crc->count++ % PICTURE_CRCS;
	crc->frames[at] = frame;
	crc->crcs[at] = value;
	check(!pthread_cond_broadcast(&crc->came));
	check(!pthread_mutex_unlock(&crc->lock));
}

/* Until nobody wants any more, or the GPU is gone. */
static void *read_all_the_time(void *arg)
{
	struct picture_crc *crc = arg;
	struct pollfd pollers[] = {
		{ .fd = crc->data, .events = POLLIN },
		{ .fd = crc->stop[0], .events = POLLIN },
	};
	char line[LINE_BYTES];
	ssize_t len;

	for (;;) {
		check_lt(0, neg_errno(poll(pollers, ARRAY_SIZE(pollers), -1)));
		if (pollers[1].revents)
			return NULL;
		len = read(crc->data, line, sizeof(line) - 1);
		if (len <= 0)
			return NULL;
		line[len] = '\0';
		take(crc, line);
	}
}

void picture_crc_start(struct picture_crc *crc, const struct kms_head *head)
{
	int control = open_crc(head, "control", O_WRONLY);

	check_eq(neg_errno(write(control, "auto", 4)), 4);
	close_fd(control);
	crc->data = picture_crc_open(head, O_NONBLOCK);
	check_ok(neg_errno(pipe2(crc->stop, O_CLOEXEC)));
	crc->count = 0;
	check(!pthread_mutex_init(&crc->lock, NULL));
	check(!pthread_cond_init(&crc->came, NULL));
	check(!pthread_create(&crc->thread, NULL, read_all_the_time, crc));
}

void picture_crc_stop(struct picture_crc *crc)
{
	close_fd(crc->stop[1]);
	check(!pthread_join(crc->thread, NULL));
	close_fd(crc->stop[0]);
	close_fd(crc->data);
	check(!pthread_cond_destroy(&crc->came));
	check(!pthread_mutex_destroy(&crc->lock));
}

/* Returns false where it has not come yet. */
static bool find(const struct picture_crc *crc, uint32_t sequence, uint32_t *value)
{
	unsigned int oldest = crc->count > PICTURE_CRCS ? crc->count - PICTURE_CRCS : 0, i;

	for (i = oldest; i < crc->count; i++) {
		if ((int32_t)(crc->frames[i % PICTURE_CRCS] - sequence) < 0)
			continue;
		*value = crc->crcs[i % PICTURE_CRCS];
		return true;
	}
	return false;
}

uint32_t picture_crc_at(struct picture_crc *crc, uint64_t sequence)
{
	uint32_t value;

	check(!pthread_mutex_lock(&crc->lock));
	while (!find(crc, sequence, &value))
		check(!pthread_cond_wait(&crc->came, &crc->lock));
	check(!pthread_mutex_unlock(&crc->lock));
	return value;
}
