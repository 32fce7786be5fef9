// SPDX-License-Identifier: MIT
/*
 * The console of one GPU in the memory of another: what becomes of the text
 * when its owner goes away, is not there, or refuses.
 */
#include <linux/fb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dmabuf.h"
#include "fbdev_guest.h"
#include "gpu.h"
#include "picture.h"
#include "subtest.h"
#include "textscreen.h"

/* Text that scrolls by until it is told to stop. */
struct writer {
	pthread_t thread;
	atomic_bool stop;
	atomic_uint rounds;
	const struct textscreen *screen;
};

static void *write_on(void *arg)
{
	struct writer *writer = arg;

	while (!writer->stop)
		textscreen_scroll(writer->screen, FBDEV_GUEST_LINES / 4, writer->rounds++);
	return NULL;
}

static void writer_start(struct writer *writer, const struct textscreen *screen)
{
	writer->stop = false;
	writer->rounds = 0;
	writer->screen = screen;
	check_eq(pthread_create(&writer->thread, NULL, write_on, writer), 0);
	while (!writer->rounds)
		kms_wait_vblanks(&screen->head, 1);
}

static void writer_stop(struct writer *writer)
{
	writer->stop = true;
	check_eq(pthread_join(writer->thread, NULL), 0);
}

static void peer_unplugged(const struct test_case *row)
{
	struct writer writer;
	struct fbdev_guest guest;

	fbdev_guest_init(&guest, row->arg);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	writer_start(&writer, &guest.screen);
	gpu_unplug(OWN_PEER);
	check(fbdev_guest_says(&guest, "console: goes on in memory of its own GPU"));
	writer_stop(&writer);
	textscreen_check(&guest.screen);

	/* It is not called back when a GPU of that name comes again. */
	gpu_plug(OWN_PEER);
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	textscreen_check(&guest.screen);
	fbdev_guest_fini(&guest);
}

/* Nothing of it is left behind for the console. */
static void peer_removed(void)
{
	struct fbdev_guest guest;

	fbdev_guest_init(&guest, "1");
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	close_fd(guest.host);
	gpu_destroy(OWN_PEER);
	textscreen_check(&guest.screen);
	fbdev_guest_fini_alone(&guest);
}

/* The picture is kept while nobody sees it, and the screen stays dark. */
static void peer_unplugged_while_blank(void)
{
	struct drm_vprime_capture arg = { };
	struct fbdev_guest guest;

	fbdev_guest_init(&guest, "1");
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	check_ok(neg_errno(ioctl(guest.screen.fb, FBIOBLANK, FB_BLANK_POWERDOWN)));
	gpu_unplug(OWN_PEER);
	check(fbdev_guest_says(&guest, "console: goes on in memory of its own GPU"));
	check_ret(__picture_capture(&guest.screen.head, &arg), -ENODATA);
	check_ok(neg_errno(ioctl(guest.screen.fb, FBIOBLANK, FB_BLANK_UNBLANK)));
	textscreen_check(&guest.screen);
	fbdev_guest_fini(&guest);
}

static void peer_unplugged_behind_a_master(void)
{
	struct picture_buffer picture;
	struct fbdev_guest guest;

	fbdev_guest_init(&guest, "1");
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	fbdev_guest_take_screen(&guest, &picture);
	gpu_unplug(OWN_PEER);
	check(fbdev_guest_says(&guest, "console: goes on in memory of its own GPU"));
	fbdev_guest_give_screen_back(&guest);
	textscreen_check(&guest.screen);
	picture_buffer_fini(&picture);
	fbdev_guest_fini(&guest);
}

static void peer_missing(void)
{
	struct fbdev_guest guest;

	fbdev_guest_init_alone(&guest, "1");
	check(fbdev_guest_says(&guest, "console: in memory of its own GPU, as GPU \"" OWN_PEER "\""));
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	textscreen_check(&guest.screen);
	fbdev_guest_fini_alone(&guest);
}

static void peer_refuses(void)
{
	struct fbdev_guest guest;

	guest.host = fbdev_guest_create_host("1");
	gpu_set(OWN_PEER, "faults/refuse_attach", "1");
	fbdev_guest_init_alone(&guest, "1");
	check(fbdev_guest_says(&guest, "console: in memory of its own GPU, as GPU \"" OWN_PEER "\""));
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	textscreen_check(&guest.screen);
	fbdev_guest_fini(&guest);
}

/* The console's GPU goes, and somebody still has the framebuffer device. */
static void console_unplugged(const struct test_case *row)
{
	struct fb_var_screeninfo var;
	volatile uint32_t *at;
	struct fbdev_guest guest;

	fbdev_guest_init(&guest, row->arg);
	textscreen_scroll(&guest.screen, FBDEV_GUEST_LINES, FBDEV_GUEST_SEED);
	at = mmap(NULL, guest.screen.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, guest.screen.fb,
		  0);
	check(at != MAP_FAILED);
	at[0] = 17;
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	textscreen_leave();
	gpu_unplug(OWN);
	at[1] = 18;
	check_eq(at[0], 17);
	check_eq(at[1], 18);
	check_ret(neg_errno(ioctl(guest.screen.fb, FBIOGET_VSCREENINFO, &var)), -ENODEV);

	/* What it still holds of its peer does not keep that from going. */
	close_fd(guest.host);
	gpu_destroy(OWN_PEER);
	check_ok(neg_errno(munmap((void *)at, guest.screen.bytes)));
	dmabuf_munmap(guest.screen.capture, guest.screen.width * guest.screen.height * 4);
	close_fd(guest.screen.vcsa);
	close_fd(guest.screen.tty);
	close_fd(guest.screen.fb);
	close_fd(guest.gpu);
	close_fd(guest.log);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "peer-unplugged",
		.describe = "The console goes on with all its text when its peer goes, under load.",
		.run_case = peer_unplugged,
		.cases = fbdev_guest_reaches,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "peer-removed",
		.describe = "A GPU whose memory the console is in can be removed altogether.",
		.run = peer_removed,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "peer-unplugged-while-blank",
		.describe = "A screen that is blank stays so when the console has to move.",
		.run = peer_unplugged_while_blank,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "peer-unplugged-behind-a-master",
		.describe = "A program that has the screen does not notice that the console moves.",
		.run = peer_unplugged_behind_a_master,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "peer-missing",
		.describe = "Without the peer, the console says so and uses memory of its own.",
		.run = peer_missing,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "peer-refuses",
		.describe = "A peer that does not share leaves the console in memory of its own.",
		.run = peer_refuses,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
	{
		.name = "console-unplugged",
		.describe = "The console's GPU goes while it is open, and then the peer does.",
		.run_case = console_unplugged,
		.cases = fbdev_guest_reaches,
		.seconds = FBDEV_GUEST_PATIENCE,
	},
};

TEST_MAIN("The console of one GPU, and another that goes away with its memory.", subtests)
