/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A screen of 1080p on any driver, what is shown on it, and what it tells. What fails ends the
 * program.
 */
#ifndef BENCH_DISPLAY_HEAD_H
#define BENCH_DISPLAY_HEAD_H

#include <stdint.h>

#include "kms.h"

#define WIDTH 1920
#define HEIGHT 1080
/* As fast as ours go; nobody composes that fast in an emulated machine. */
#define FAST_HZ 500
#define USUAL_HZ 60

/**
 * struct sheet - a framebuffer of 32 bits a pixel in a dumb buffer, mapped
 * @fb: its number
 * @handle: of the buffer
 * @width: in pixels
 * @height: in pixels
 * @pixels: without gaps between rows
 */
struct sheet {
	uint32_t fb;
	uint32_t handle;
	uint32_t width;
	uint32_t height;
	uint32_t *pixels;
};

/* Becomes the card's master. */
void head_init(struct kms_head *head, int card);
/* Shows a sheet on the primary plane and nothing on the others. */
void head_on(struct kms_head *head, const struct sheet *sheet, uint32_t hz);
void head_off(const struct kms_head *head);
/* The whole of a sheet, with its upper left corner there. */
void head_put(struct kms_commit *commit, const struct kms_head *head, uint32_t plane,
	      const struct sheet *sheet, int32_t x, int32_t y);

void sheet_create(int card, uint32_t width, uint32_t height, uint32_t format,
		  struct sheet *sheet);
void sheet_destroy(int card, struct sheet *sheet);
/* Each pixel differs from its neighbours, alpha does not. */
void sheet_weave(const struct sheet *sheet, uint32_t alpha);

/* A page flip as window systems of old ask for it; it tells when it is done. */
void head_flip(const struct kms_head *head, const struct sheet *sheet);
/* An event at the next vblank. */
void head_ask_for_vblank(const struct kms_head *head);

/* The file of CRCs, opened: each vblank has one from then on. */
int crc_open(const struct kms_head *head);
/* Reads one; waits if there is none. */
void crc_read(int crc);

#endif
