// SPDX-License-Identifier: MIT
/*
 * The console of one GPU in the memory of another: the text stays right while
 * that memory moves.
 */
#include <linux/fb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "dmabuf.h"
#include "fbdev_guest.h"
#include "gpu.h"
#include "picture.h"
#include "subtest.h"
#include "textscreen.h"
#include "vprime.h"

#define MOVES 20

static void text(const struct test_case *row)
{
	struct fbdev_guest guest;

	fbdev_guest_init(&guest, row->arg);
	textscreen_print(&guest.screen, "hello\n");
	textscreen_check(&guest.screen);
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	textscreen_check(&guest.screen);
	fbdev_guest_fini(&guest);
}

static uint64_t count_moves(int gpu)
{
	struct drm_vprime_stats stats;

	vprime_stats(gpu, &stats);
	return stats.moves;
}

static void moved(void)
{
	unsigned int seed = FBDEV_GUEST_SEED;
	struct fbdev_guest guest;
	uint64_t before;

	fbdev_guest_init(&guest, "1");
	before = count_moves(guest.host);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	do {
		textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, seed++);
		textscreen_check(&guest.screen);
	} while (count_moves(guest.host) < before + MOVES);
	gpu_set(OWN_PEER, "faults/chaos_ms", "0");
	textscreen_check(&guest.screen);
	fbdev_guest_fini(&guest);
}

/* What is drawn through a mapping comes to the screen as well. */
static void mapped(void)
{
	struct textscreen *screen;
	struct fbdev_guest guest;
	char *at, *copy;

	fbdev_guest_init(&guest, "1");
	screen = &guest.screen;
	textscreen_scroll(screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	textscreen_check(screen);
	at = mmap(NULL, screen->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, screen->fb, 0);
	copy = malloc(screen->bytes);
	check(at != MAP_FAILED && copy);
	memcpy(copy, at, screen->bytes);
	/* The program paints over the text, and puts it back. */
	memset(at, 0xff, screen->bytes);
	textscreen_check_colour(screen, 0xffffff);
	memcpy(at, copy, screen->bytes);
	textscreen_check(screen);

	free(copy);
	check_ok(neg_errno(munmap(at, screen->bytes)));
	fbdev_guest_fini(&guest);
}

static void vt_switch(const struct test_case *row)
{
	struct fbdev_guest guest;
	unsigned int i;

	fbdev_guest_init(&guest, row->arg);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	for (i = 0; i < 4; i++) {
		textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, i);
		textscreen_leave();
		textscreen_print(&guest.screen, "written while nobody looked, %u\n", i);
		textscreen_enter();
		textscreen_check(&guest.screen);
	}
	fbdev_guest_fini(&guest);
}

/* What a screen cannot read in place is held in system memory as long as it is shown. */
static void moved_when_unseen(void)
{
	struct picture_buffer picture;
	unsigned int seed = FBDEV_GUEST_SEED;
	struct fbdev_guest guest;
	uint64_t before;

	fbdev_guest_init(&guest, "0");
	before = count_moves(guest.host);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, seed++);
	textscreen_check(&guest.screen);
	check_eq(count_moves(guest.host), before);

	fbdev_guest_take_screen(&guest, &picture);
	do {
		textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, seed++);
	} while (count_moves(guest.host) < before + MOVES);
	fbdev_guest_give_screen_back(&guest);

	textscreen_check(&guest.screen);
	picture_buffer_fini(&picture);
	textscreen_check(&guest.screen);
	fbdev_guest_fini(&guest);
}

static void other_master(const struct test_case *row)
{
	struct picture_buffer picture;
	struct fbdev_guest guest;

	fbdev_guest_init(&guest, row->arg);
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	textscreen_check(&guest.screen);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");

	fbdev_guest_take_screen(&guest, &picture);
	textscreen_print(&guest.screen, "written behind a picture\n");
	fbdev_guest_give_screen_back(&guest);

	textscreen_check(&guest.screen);
	picture_buffer_fini(&picture);
	textscreen_check(&guest.screen);
	fbdev_guest_fini(&guest);
}

static const struct subtest subtests[] = {
	{
		.name = "text",
		.describe = "Text is right in /dev/fb and on the screen, in the memory of a peer.",
		.run_case = text,
		.cases = fbdev_guest_reaches,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "moved",
		.describe = "Text that scrolls stays right while the peer moves its memory about.",
		.run = moved,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "moved-when-unseen",
		.describe = "Memory that is held for the screen moves when a program has that.",
		.run = moved_when_unseen,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "mapped",
		.describe = "What a program draws through a mapping comes to the screen.",
		.run = mapped,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "vt-switch",
		.describe = "Text is right after the screen has belonged to another console.",
		.run_case = vt_switch,
		.cases = fbdev_guest_reaches,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "other-master",
		.describe = "Text is right after the screen has belonged to a program.",
		.run_case = other_master,
		.cases = fbdev_guest_reaches,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
};

TEST_MAIN("The console of one GPU in the memory of another.", subtests)
