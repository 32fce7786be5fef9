/* SPDX-License-Identifier: MIT */
/*
 * Pictures: in buffers, and as a screen shows them.  Every pixel depends on
 * where it is and on a seed.  __x() returns -errno, x() asserts.
 */
#ifndef IGT_TESTS_PICTURE_H
#define IGT_TESTS_PICTURE_H

#include <pthread.h>

#include "kms.h"

#include <drm/vprime_drm.h>

/* XRGB8888, with X as a screen's picture has it. */
uint32_t picture_pixel(uint32_t x, uint32_t y, uint32_t seed);
/* The usual size, without gaps. */
void picture_draw(void *at, uint32_t seed);
/* Any size. */
void picture_draw_rows(void *at, uint32_t pitch, uint32_t width, uint32_t height, uint32_t seed);
void picture_fill(void *at, size_t bytes, uint32_t pixel);

/**
 * struct picture_buffer - a framebuffer of XRGB8888
 * @gpu: on which
 * @handle: of the buffer
 * @fb: object id
 * @pitch: bytes from row to row
 * @bytes: of the buffer
 * @at: mapping, NULL where there is none
 */
struct picture_buffer {
	int gpu;
	uint32_t handle;
	uint32_t fb;
	uint32_t pitch;
	size_t bytes;
	void *at;
};

/* The GPU's own, of the usual size, mapped. */
void picture_buffer_init(struct picture_buffer *buffer, int gpu);
void picture_buffer_init_size(struct picture_buffer *buffer, int gpu, uint32_t width,
			      uint32_t height);
/* Somebody else's, with KMS_BYTES in it; not mapped. */
void picture_buffer_import(struct picture_buffer *buffer, int gpu, int dmabuf);
/* Also takes it off the screen, if it is there, and with it the screen. */
void picture_buffer_fini(struct picture_buffer *buffer);

int __picture_add_fb(int gpu, uint32_t handle, uint32_t format, uint32_t width, uint32_t height,
		     uint32_t pitch, uint32_t *fb);

/* The pixels of a picture of the usual size, without gaps. */
void picture_check_pixels(const uint32_t *at, uint32_t seed);

/* What asks for a screen of the usual size, without gaps. */
struct drm_vprime_capture picture_capture_to(uint32_t handle);
/* What is on the screen; @capture says all but the CRTC. */
int __picture_capture(const struct kms_head *head, struct drm_vprime_capture *capture);
/* What is on the screen, without gaps, to be unmapped. */
uint32_t *picture_take(const struct kms_head *head);
/* The screen shows a picture of the usual size, to the pixel. */
void picture_check(const struct kms_head *head, uint32_t seed);
/* All of it has this colour. */
void picture_check_fill(const struct kms_head *head, uint32_t pixel);
/* For when either would be right: true if it is the picture, false if it is dark. */
bool picture_or_dark(const struct kms_head *head, uint32_t seed);

#define PICTURE_CRCS 256

/**
 * struct picture_crc - the CRCs of a screen, one for each vblank
 * @data: where they come from
 * @stop: pipe; when its other end is closed, the thread ends
 * @thread: reads them all the time, as the kernel keeps only some
 * @lock: protects the rest
 * @came: another one has come
 * @count: so many have come
 * @frames: of the last of them: number of the vblank
 * @crcs: the same: the CRC
 */
struct picture_crc {
	int data;
	int stop[2];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t came;
	unsigned int count;
	uint32_t frames[PICTURE_CRCS];
	uint32_t crcs[PICTURE_CRCS];
};

void picture_crc_start(struct picture_crc *crc, const struct kms_head *head);
void picture_crc_stop(struct picture_crc *crc);
/* Waits for that of the first vblank from @sequence on that has one. */
uint32_t picture_crc_at(struct picture_crc *crc, uint64_t sequence);
/* The file that they come from, for who reads it without a thread. */
int picture_crc_open(const struct kms_head *head, int flags);

#endif
