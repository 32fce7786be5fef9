/* SPDX-License-Identifier: MIT */
/*
 * A text console on a GPU's framebuffer device, and the picture that the text
 * has to make: in /dev/fbN, and on the screen.
 */
#ifndef IGT_TESTS_TEXTSCREEN_H
#define IGT_TESTS_TEXTSCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kms.h"

/**
 * struct textscreen - the console
 * @tty: it, with nothing on it but what the subtest writes
 * @vcsa: what is on it, in characters
 * @fb: the framebuffer device that it is drawn on
 * @fb_number: of that
 * @head: the screen, on a file that is not its master
 * @width: of the picture
 * @height: of the picture
 * @pitch: bytes from row to row of @fb
 * @bytes: of all rows
 * @capture: mapping of a buffer for the picture that the screen shows
 * @capture_handle: of that
 */
struct textscreen {
	int tty;
	int vcsa;
	int fb;
	unsigned int fb_number;
	struct kms_head head;
	uint32_t width;
	uint32_t height;
	uint32_t pitch;
	size_t bytes;
	uint32_t *capture;
	uint32_t capture_handle;
};

/* @gpu is a file of the GPU of that name, and is not its master any more. */
void textscreen_init(struct textscreen *screen, const char *name, int gpu);
/* Everything that is open; the text goes back to where it was first. */
void textscreen_fini(struct textscreen *screen);

void textscreen_print(const struct textscreen *screen, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Lines of text in all colours, more than there is room for. */
void textscreen_scroll(const struct textscreen *screen, unsigned int lines, unsigned int seed);

/* To another console, and back. */
void textscreen_leave(void);
void textscreen_enter(void);

/* What was written last is in /dev/fbN now, and on the screen soon. */
void textscreen_check_fb(const struct textscreen *screen);
void textscreen_check_screen(const struct textscreen *screen);
/* The screen is, or will soon be, all of one colour. */
void textscreen_check_colour(const struct textscreen *screen, uint32_t colour);
void textscreen_check(const struct textscreen *screen);

void gpu_set_master(int gpu);
void gpu_drop_master(int gpu);

#endif
