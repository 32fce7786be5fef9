/* SPDX-License-Identifier: MIT */
/*
 * A GPU of the subtest's own with one screen or two, and pictures for them.
 */
#ifndef IGT_TESTS_SCREEN_H
#define IGT_TESTS_SCREEN_H

#include "picture.h"

/* Of the first picture, and of the second where there is one. */
#define SCREEN_SEED 1
#define SCREEN_OTHER_SEED 2

/**
 * struct screen - a screen, and two pictures for it
 * @head: the screen
 * @buffers: the pictures
 */
struct screen {
	struct kms_head head;
	struct picture_buffer buffers[2];
};

/* It is off. */
void screen_init(struct screen *screen);
/* It shows the first picture. */
void screen_init_on(struct screen *screen);
void screen_fini(struct screen *screen);
/* After gpu_unplug(). */
void screen_fini_unplugged(struct screen *screen);

/**
 * struct screen_pair - two screens, of which the first shows a picture
 * @gpu: whose
 * @heads: the screens
 * @buffer: the picture, of SCREEN_SEED
 */
struct screen_pair {
	int gpu;
	struct kms_head heads[2];
	struct picture_buffer buffer;
};

void screen_pair_init(struct screen_pair *pair);
void screen_pair_fini(struct screen_pair *pair);
/* After gpu_unplug(). */
void screen_pair_fini_unplugged(struct screen_pair *pair);

#endif
