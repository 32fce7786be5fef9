/* SPDX-License-Identifier: MIT */
/*
 * A screen that is looked at, and a peer's buffer on it.  Both GPUs are the
 * subtest's own.
 */
#ifndef IGT_TESTS_SCANOUT_H
#define IGT_TESTS_SCANOUT_H

#include "gpu.h"
#include "picture.h"
#include "subtest.h"

/* Of the picture that is there in between. */
#define SCANOUT_OWN_SEED 999

/* A GPU with a screen that reads peers' buffers in place, or has them pinned for it. */
extern const struct gpu_setting scanout_p2p[];
extern const struct gpu_setting scanout_pinning[];
/* Either. */
extern const struct test_case scanout_peers[];
/* Of a peer without a screen: little VRAM, so that it is soon full. */
extern const struct gpu_setting scanout_exporter[];
#define SCANOUT_EXPORTER_VRAM (2u << 20)

/**
 * struct scanout - a GPU with a screen that is looked at
 * @head: the screen
 * @own: what it shows in between
 * @crc: of the screen
 */
struct scanout {
	struct kms_head head;
	struct picture_buffer own;
	struct picture_crc crc;
};

void scanout_init(struct scanout *scanout, const struct gpu_setting *settings);
void scanout_fini(struct scanout *scanout);
void scanout_show_own(struct scanout *scanout);
/* The CRC that a picture has in a buffer of the screen's own GPU. */
uint32_t scanout_crc_of(struct scanout *scanout, uint32_t seed);
/* Flips to a framebuffer and looks, in both ways. */
void scanout_check(struct scanout *scanout, uint32_t fb, uint32_t seed, uint32_t crc);

/**
 * struct scanout_shared - a buffer that can move, and a screen that shows it
 * @scanout: which
 * @gpu: whose it is
 * @handle: of it there
 * @at: mapping of it
 * @dmabuf: of it, -1 if nobody else has it
 * @fb: of the screen
 */
struct scanout_shared {
	struct scanout scanout;
	int gpu;
	uint32_t handle;
	void *at;
	int dmabuf;
	struct picture_buffer fb;
};

/* The screen's own; or a peer's. */
void scanout_shared_init_own(struct scanout_shared *shared, const struct gpu_setting *settings);
void scanout_shared_init(struct scanout_shared *shared, const struct gpu_setting *settings);
void scanout_shared_fini(struct scanout_shared *shared);

#endif
