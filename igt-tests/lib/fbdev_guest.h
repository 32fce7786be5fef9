/* SPDX-License-Identifier: MIT */
/*
 * The console of one GPU in the memory of another.  Both are the subtest's own.
 */
#ifndef IGT_TESTS_FBDEV_GUEST_H
#define IGT_TESTS_FBDEV_GUEST_H

#include <stdbool.h>

#include "picture.h"
#include "subtest.h"
#include "textscreen.h"

/* More than a screen has. */
#define FBDEV_GUEST_LINES 60
/* Emulated machines draw text slowly. */
#define FBDEV_GUEST_PATIENCE 900
#define FBDEV_GUEST_SEED 5

/* Whether the console's GPU reads its peer's memory in place: "1" or "0". */
extern const struct test_case fbdev_guest_reaches[];

/**
 * struct fbdev_guest - a console, and whose memory it shall be in
 * @gpu: the console's
 * @host: whose memory
 * @log: what the kernel says from the beginning on
 * @screen: of the console
 */
struct fbdev_guest {
	int gpu;
	int host;
	int log;
	struct textscreen screen;
};

int fbdev_guest_create_host(const char *p2p);
void fbdev_guest_init(struct fbdev_guest *guest, const char *p2p);
void fbdev_guest_fini(struct fbdev_guest *guest);
/* Without the host. */
void fbdev_guest_init_alone(struct fbdev_guest *guest, const char *p2p);
void fbdev_guest_fini_alone(struct fbdev_guest *guest);

/* Reads the log up to these words; false if they are not there. */
bool fbdev_guest_says(const struct fbdev_guest *guest, const char *words);

/* As a compositor does it: the screen shows its picture, and nothing is drawn on the console. */
void fbdev_guest_take_screen(const struct fbdev_guest *guest, struct picture_buffer *picture);
/* The picture is still there, and nobody sees it. */
void fbdev_guest_give_screen_back(const struct fbdev_guest *guest);

#endif
