// SPDX-License-Identifier: MIT
/*
 * The console of one GPU in the memory of another: the text stays right while
 * that memory moves, and when its owner goes away.
 */
#include <fcntl.h>
#include <linux/fb.h>
#include <linux/kd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dmabuf.h"
#include "gpu.h"
#include "picture.h"
#include "subtest.h"
#include "textscreen.h"
#include "vprime.h"

#define VRAM_BYTES "33554432"
/* More than a screen has. */
#define LINES 60
#define MOVES 20
/* Emulated machines draw text slowly. */
#define PATIENCE 900
#define SEED 5

struct reach {
	const char *p2p;
};

static const struct test_case reaches[] = {
	{ "in-place", &(const struct reach){ "1" } },
	{ "in-system-memory", &(const struct reach){ "0" } },
	{ }
};

/* The console's GPU, and the one whose memory it shall be in. */
struct guest {
	int gpu;
	int host;
	int log;
	struct textscreen screen;
};

/* What the kernel says from here on. */
static int open_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	check_ok(neg_errno(log));
	check_ok(neg_errno(lseek(log, 0, SEEK_END)));
	return log;
}

static bool log_says(int log, const char *words)
{
	char record[8192];
	ssize_t bytes;

	do {
		bytes = read(log, record, sizeof(record) - 1);
		if (bytes > 0)
			record[bytes] = '\0';
		if (bytes > 0 && strstr(record, words))
			return true;
	} while (bytes > 0 || errno == EPIPE);
	return false;
}

static int create_host(const char *p2p)
{
	const struct gpu_setting settings[] = {
		{ "vram_size", VRAM_BYTES }, { "p2p", p2p }, { }
	};

	return gpu_create(OWN_PEER, settings);
}

/* A screen has a master as soon as somebody opens its GPU: the console would have to wait. */
static int create_guest(const char *p2p)
{
	const struct gpu_setting settings[] = {
		{ "vram_size", VRAM_BYTES }, { "heads", "1" }, { "p2p", p2p },
		{ "fbdev_peer", OWN_PEER }, { }
	};
	int gpu = gpu_create(OWN, settings);

	gpu_drop_master(gpu);
	return gpu;
}

static void guest_init_alone(struct guest *guest, const char *p2p)
{
	guest->log = open_log();
	guest->gpu = create_guest(p2p);
	textscreen_init(&guest->screen, OWN, guest->gpu);
}

static void guest_init(struct guest *guest, const char *p2p)
{
	guest->host = create_host(p2p);
	guest_init_alone(guest, p2p);
	check(log_says(guest->log, "console: in memory of GPU \"" OWN_PEER "\""));
}

static void guest_fini_alone(struct guest *guest)
{
	textscreen_fini(&guest->screen);
	close_fd(guest->gpu);
	close_fd(guest->log);
	gpu_destroy(OWN);
}

static void guest_fini(struct guest *guest)
{
	guest_fini_alone(guest);
	close_fd(guest->host);
	gpu_destroy(OWN_PEER);
}

static void text(const struct test_case *row)
{
	const struct reach *reach = row->arg;
	struct guest guest;

	guest_init(&guest, reach->p2p);
	textscreen_print(&guest.screen, "hello\n");
	textscreen_check(&guest.screen);
	textscreen_scroll(&guest.screen, LINES, SEED);
	textscreen_check(&guest.screen);
	guest_fini(&guest);
}

static uint64_t count_moves(int gpu)
{
	struct drm_vprime_stats stats;

	vprime_stats(gpu, &stats);
	return stats.moves;
}

static void moved(void)
{
	unsigned int seed = SEED;
	struct guest guest;
	uint64_t before;

	guest_init(&guest, "1");
	before = count_moves(guest.host);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	do {
		textscreen_scroll(&guest.screen, LINES, seed++);
		textscreen_check(&guest.screen);
	} while (count_moves(guest.host) < before + MOVES);
	gpu_set(OWN_PEER, "faults/chaos_ms", "0");
	textscreen_check(&guest.screen);
	guest_fini(&guest);
}

/* What is drawn through a mapping comes to the screen as well. */
static void mapped(void)
{
	struct textscreen *screen;
	struct guest guest;
	char *at, *copy;

	guest_init(&guest, "1");
	screen = &guest.screen;
	textscreen_scroll(screen, LINES, SEED);
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
	guest_fini(&guest);
}

static void vt_switch(const struct test_case *row)
{
	const struct reach *reach = row->arg;
	struct guest guest;
	unsigned int i;

	guest_init(&guest, reach->p2p);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	for (i = 0; i < 4; i++) {
		textscreen_scroll(&guest.screen, LINES, i);
		textscreen_leave();
		textscreen_print(&guest.screen, "written while nobody looked, %u\n", i);
		textscreen_enter();
		textscreen_check(&guest.screen);
	}
	guest_fini(&guest);
}

/* As a compositor does it: the screen shows its picture, and nothing is drawn on the console. */
static void take_screen(const struct guest *guest, struct picture_buffer *picture)
{
	check_ok(neg_errno(ioctl(guest->screen.tty, KDSETMODE, KD_GRAPHICS)));
	gpu_set_master(guest->gpu);
	picture_buffer_init(picture, guest->gpu);
	picture_draw(picture->at, SEED);
	kms_show(&guest->screen.head, picture->fb);
}

/* The picture is still there, and nobody sees it. */
static void give_screen_back(const struct guest *guest)
{
	picture_check(&guest->screen.head, SEED);
	gpu_drop_master(guest->gpu);
	check_ok(neg_errno(ioctl(guest->screen.tty, KDSETMODE, KD_TEXT)));
}

/* What a screen cannot read in place is held in system memory as long as it is shown. */
static void moved_when_unseen(void)
{
	struct picture_buffer picture;
	unsigned int seed = SEED;
	struct guest guest;
	uint64_t before;

	guest_init(&guest, "0");
	before = count_moves(guest.host);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	textscreen_scroll(&guest.screen, LINES, seed++);
	textscreen_check(&guest.screen);
	check_eq(count_moves(guest.host), before);

	take_screen(&guest, &picture);
	do {
		textscreen_scroll(&guest.screen, LINES, seed++);
	} while (count_moves(guest.host) < before + MOVES);
	give_screen_back(&guest);

	textscreen_check(&guest.screen);
	picture_buffer_fini(&picture);
	textscreen_check(&guest.screen);
	guest_fini(&guest);
}

static void other_master(const struct test_case *row)
{
	const struct reach *reach = row->arg;
	struct picture_buffer picture;
	struct guest guest;

	guest_init(&guest, reach->p2p);
	textscreen_scroll(&guest.screen, LINES, SEED);
	textscreen_check(&guest.screen);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");

	take_screen(&guest, &picture);
	textscreen_print(&guest.screen, "written behind a picture\n");
	give_screen_back(&guest);

	textscreen_check(&guest.screen);
	picture_buffer_fini(&picture);
	textscreen_check(&guest.screen);
	guest_fini(&guest);
}

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
		textscreen_scroll(writer->screen, LINES / 4, writer->rounds++);
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
	const struct reach *reach = row->arg;
	struct writer writer;
	struct guest guest;

	guest_init(&guest, reach->p2p);
	gpu_set(OWN_PEER, "faults/chaos_ms", "1");
	writer_start(&writer, &guest.screen);
	gpu_unplug(OWN_PEER);
	check(log_says(guest.log, "console: goes on in memory of its own GPU"));
	writer_stop(&writer);
	textscreen_check(&guest.screen);

	/* It is not called back when a GPU of that name comes again. */
	gpu_plug(OWN_PEER);
	textscreen_scroll(&guest.screen, LINES, SEED);
	textscreen_check(&guest.screen);
	guest_fini(&guest);
}

/* Nothing of it is left behind for the console. */
static void peer_removed(void)
{
	struct guest guest;

	guest_init(&guest, "1");
	textscreen_scroll(&guest.screen, LINES, SEED);
	close_fd(guest.host);
	gpu_destroy(OWN_PEER);
	textscreen_check(&guest.screen);
	guest_fini_alone(&guest);
}

/* The picture is kept while nobody sees it, and the screen stays dark. */
static void peer_unplugged_while_blank(void)
{
	struct drm_vprime_capture arg = { };
	struct guest guest;

	guest_init(&guest, "1");
	textscreen_scroll(&guest.screen, LINES, SEED);
	check_ok(neg_errno(ioctl(guest.screen.fb, FBIOBLANK, FB_BLANK_POWERDOWN)));
	gpu_unplug(OWN_PEER);
	check(log_says(guest.log, "console: goes on in memory of its own GPU"));
	check_ret(__picture_capture(&guest.screen.head, &arg), -ENODATA);
	check_ok(neg_errno(ioctl(guest.screen.fb, FBIOBLANK, FB_BLANK_UNBLANK)));
	textscreen_check(&guest.screen);
	guest_fini(&guest);
}

static void peer_unplugged_behind_a_master(void)
{
	struct picture_buffer picture;
	struct guest guest;

	guest_init(&guest, "1");
	textscreen_scroll(&guest.screen, LINES, SEED);
	take_screen(&guest, &picture);
	gpu_unplug(OWN_PEER);
	check(log_says(guest.log, "console: goes on in memory of its own GPU"));
	give_screen_back(&guest);
	textscreen_check(&guest.screen);
	picture_buffer_fini(&picture);
	guest_fini(&guest);
}

static void peer_missing(void)
{
	struct guest guest;

	guest_init_alone(&guest, "1");
	check(log_says(guest.log, "console: in memory of its own GPU, as GPU \"" OWN_PEER "\""));
	textscreen_scroll(&guest.screen, LINES, SEED);
	textscreen_check(&guest.screen);
	guest_fini_alone(&guest);
}

static void peer_refuses(void)
{
	struct guest guest;

	guest.host = create_host("1");
	gpu_set(OWN_PEER, "faults/refuse_attach", "1");
	guest_init_alone(&guest, "1");
	check(log_says(guest.log, "console: in memory of its own GPU, as GPU \"" OWN_PEER "\""));
	textscreen_scroll(&guest.screen, LINES, SEED);
	textscreen_check(&guest.screen);
	guest_fini(&guest);
}

/* The console's GPU goes, and somebody still has the framebuffer device. */
static void console_unplugged(const struct test_case *row)
{
	const struct reach *reach = row->arg;
	struct fb_var_screeninfo var;
	volatile uint32_t *at;
	struct guest guest;

	guest_init(&guest, reach->p2p);
	textscreen_scroll(&guest.screen, LINES, SEED);
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
		.name = "text",
		.describe = "Text is right in /dev/fb and on the screen, in the memory of a peer.",
		.run_case = text,
		.cases = reaches,
		.seconds = PATIENCE,
	},
	{
		.name = "moved",
		.describe = "Text that scrolls stays right while the peer moves its memory about.",
		.run = moved,
		.seconds = PATIENCE,
	},
	{
		.name = "moved-when-unseen",
		.describe = "Memory that is held for the screen moves when a program has that.",
		.run = moved_when_unseen,
		.seconds = PATIENCE,
	},
	{
		.name = "mapped",
		.describe = "What a program draws through a mapping comes to the screen.",
		.run = mapped,
		.seconds = PATIENCE,
	},
	{
		.name = "vt-switch",
		.describe = "Text is right after the screen has belonged to another console.",
		.run_case = vt_switch,
		.cases = reaches,
		.seconds = PATIENCE,
	},
	{
		.name = "other-master",
		.describe = "Text is right after the screen has belonged to a program.",
		.run_case = other_master,
		.cases = reaches,
		.seconds = PATIENCE,
	},
	{
		.name = "peer-unplugged",
		.describe = "The console goes on with all its text when its peer goes, under load.",
		.run_case = peer_unplugged,
		.cases = reaches,
		.seconds = PATIENCE,
	},
	{
		.name = "peer-removed",
		.describe = "A GPU whose memory the console is in can be removed altogether.",
		.run = peer_removed,
		.seconds = PATIENCE,
	},
	{
		.name = "peer-unplugged-while-blank",
		.describe = "A screen that is blank stays so when the console has to move.",
		.run = peer_unplugged_while_blank,
		.seconds = PATIENCE,
	},
	{
		.name = "peer-unplugged-behind-a-master",
		.describe = "A program that has the screen does not notice that the console moves.",
		.run = peer_unplugged_behind_a_master,
		.seconds = PATIENCE,
	},
	{
		.name = "peer-missing",
		.describe = "Without the peer, the console says so and uses memory of its own.",
		.run = peer_missing,
		.seconds = PATIENCE,
	},
	{
		.name = "peer-refuses",
		.describe = "A peer that does not share leaves the console in memory of its own.",
		.run = peer_refuses,
		.seconds = PATIENCE,
	},
	{
		.name = "console-unplugged",
		.describe = "The console's GPU goes while it is open, and then the peer does.",
		.run_case = console_unplugged,
		.cases = reaches,
		.seconds = PATIENCE,
	},
};

TEST_MAIN("The console of one GPU in the memory of another.", subtests)
