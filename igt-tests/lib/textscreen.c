// SPDX-License-Identifier: MIT
/*
 * What a text console has to look like follows from what its /dev/vcsa says,
 * its font and its colours: that is drawn anew here, pixel by pixel, and
 * compared with what the kernel has drawn.
 */
#include "textscreen.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fb.h>
#include <linux/kd.h>
#include <linux/vt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"
#include "drm.h"
#include "picture.h"
#include "procfs.h"
#include "vprime.h"

#define VT 9
#define TTY "/dev/tty9"
#define VCSA "/dev/vcsa9"
#define ELSEWHERE 1
#define FIRST_FB 0

#define PATH_BYTES 256
#define GLYPHS 256
#define GLYPH_ROWS 32	/* of the kernel's glyphs, whatever their height */
#define COLOURS 16
#define RGB 0xffffffu
/* A screen that is not right by then will not be. */
#define VBLANKS_MAX 300

/* All that is needed to draw the text. */
struct text {
	unsigned char rows;
	unsigned char columns;
	unsigned int glyph_width;
	unsigned int glyph_height;
	unsigned char glyphs[2 * GLYPHS * GLYPH_ROWS];
	uint32_t colours[COLOURS];
	unsigned char cells[256 * 256 * 2];
};

static int open_node(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	check_msg(fd >= 0, "%s does not open: %s", path, strerror(errno));
	return fd;
}

void gpu_set_master(int gpu)
{
	check_ok(neg_errno(ioctl(gpu, DRM_IOCTL_SET_MASTER, 0)));
}

void gpu_drop_master(int gpu)
{
	check_ok(neg_errno(ioctl(gpu, DRM_IOCTL_DROP_MASTER, 0)));
}

static unsigned int find_fb(const char *name)
{
	char path[PATH_BYTES], device[64];
	struct dirent *entry;
	int number = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/kernel/config/vprime/%s/device", name);
	check_ok(__procfs_read(path, device, sizeof(device)));
	device[strcspn(device, "\n")] = '\0';
	snprintf(path, sizeof(path), "/sys/devices/platform/%s/graphics", device);
	dir = opendir(path);
	check_msg(dir, "GPU %s has no framebuffer device: %s", name, strerror(errno));
	while (number < 0 && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "fb%d", &number) != 1)
			number = -1;
	closedir(dir);
	check_ge(number, 0);
	return number;
}

static void activate(int vt)
{
	int any = open_node("/dev/tty0", O_RDWR | O_NOCTTY);

	check_ok(neg_errno(ioctl(any, VT_ACTIVATE, vt)));
	check_ok(neg_errno(ioctl(any, VT_WAITACTIVE, vt)));
	close_fd(any);
}

void textscreen_leave(void)
{
	activate(ELSEWHERE);
}

void textscreen_enter(void)
{
	activate(VT);
}

static void map_console(const struct textscreen *screen, unsigned int fb_number)
{
	struct fb_con2fbmap map = { .console = VT, .framebuffer = fb_number };

	check_ok(neg_errno(ioctl(screen->fb, FBIOPUT_CON2FBMAP, &map)));
}

static void init_fb(struct textscreen *screen, const char *name)
{
	struct fb_var_screeninfo var;
	struct fb_fix_screeninfo fix;
	char path[PATH_BYTES];

	screen->fb_number = find_fb(name);
	snprintf(path, sizeof(path), "/dev/fb%u", screen->fb_number);
	screen->fb = open_node(path, O_RDWR);
	check_ok(neg_errno(ioctl(screen->fb, FBIOGET_VSCREENINFO, &var)));
	check_ok(neg_errno(ioctl(screen->fb, FBIOGET_FSCREENINFO, &fix)));
	check_eq(var.bits_per_pixel, 32);
	screen->width = var.xres;
	screen->height = var.yres;
	screen->pitch = fix.line_length;
	screen->bytes = (size_t)fix.line_length * var.yres;
	check_ge(fix.smem_len, screen->bytes);
}

void textscreen_init(struct textscreen *screen, const char *name, int gpu)
{
	kms_client_init(gpu);
	kms_head_init(&screen->head, gpu, 0);
	init_fb(screen, name);
	screen->capture_handle = vprime_bo_create(gpu, screen->width * screen->height * 4, TT);
	screen->capture = vprime_bo_mmap(gpu, screen->capture_handle,
					 screen->width * screen->height * 4);

	/* It comes to be when it is opened. */
	screen->tty = open_node(TTY, O_RDWR | O_NOCTTY);
	screen->vcsa = open_node(VCSA, O_RDONLY);
	map_console(screen, screen->fb_number);
	textscreen_enter();
	/* A cursor would blink. */
	textscreen_print(screen, "\033c\033[?25l\033[2J\033[H");
}

void textscreen_fini(struct textscreen *screen)
{
	textscreen_print(screen, "\033c");
	textscreen_leave();
	map_console(screen, FIRST_FB);
	dmabuf_munmap(screen->capture, screen->width * screen->height * 4);
	drm_close_handle(screen->head.gpu, screen->capture_handle);
	close_fd(screen->vcsa);
	close_fd(screen->tty);
	close_fd(screen->fb);
}

void textscreen_print(const struct textscreen *screen, const char *format, ...)
{
	char line[1024];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	check_lt(length, sizeof(line));
	check_eq(neg_errno(write(screen->tty, line, length)), length);
}

void textscreen_scroll(const struct textscreen *screen, unsigned int lines, unsigned int seed)
{
	unsigned int i;

	for (i = 0; i < lines; i++)
		textscreen_print(screen, "\033[3%um%u: \033[4%umline %u of %u\033[0m %*s|\n",
				 (i + seed) % 8, seed, (i / 8 + seed) % 8, i, lines, i % 40, "");
}

static void read_font(const struct textscreen *screen, struct text *text)
{
	struct console_font_op op = {
		.op = KD_FONT_OP_GET,
		.charcount = 2 * GLYPHS,
		.width = 8,
		.height = GLYPH_ROWS,
		.data = text->glyphs,
	};

	check_ok(neg_errno(ioctl(screen->tty, KDFONTOP, &op)));
	check_eq(op.charcount, GLYPHS);
	check_eq(op.width, 8);
	text->glyph_width = op.width;
	text->glyph_height = op.height;
}

static void read_colours(const struct textscreen *screen, struct text *text)
{
	/* Terminals count from red, and cells as VGA did, from blue. */
	static const unsigned char cell_colour[COLOURS] = {
		0, 4, 2, 6, 1, 5, 3, 7, 8, 12, 10, 14, 9, 13, 11, 15,
	};
	unsigned char map[COLOURS][3];
	unsigned int i;

	check_ok(neg_errno(ioctl(screen->tty, GIO_CMAP, map)));
	for (i = 0; i < COLOURS; i++)
		text->colours[cell_colour[i]] = map[i][0] << 16 | map[i][1] << 8 | map[i][2];
}

static void read_cells(const struct textscreen *screen, struct text *text)
{
	unsigned char header[4];
	ssize_t bytes;

	check_eq(neg_errno(pread(screen->vcsa, header, sizeof(header), 0)), sizeof(header));
	text->rows = header[0];
	text->columns = header[1];
	bytes = text->rows * text->columns * 2;
	check_eq(neg_errno(pread(screen->vcsa, text->cells, bytes, sizeof(header))), bytes);
}

static uint32_t pixel_of(const struct text *text, uint32_t x, uint32_t y)
{
	uint32_t column = x / text->glyph_width, row = y / text->glyph_height;
	const unsigned char *cell;
	unsigned char bits;

	/* What is left beside whole characters is dark. */
	if (column >= text->columns || row >= text->rows)
		return 0;
	cell = &text->cells[(row * text->columns + column) * 2];
	bits = text->glyphs[cell[0] * GLYPH_ROWS + y % text->glyph_height];
	if (bits & 0x80 >> x % text->glyph_width)
		return text->colours[cell[1] & 0xf];
	return text->colours[cell[1] >> 4];
}

/* To be freed. */
static uint32_t *draw_text(const struct textscreen *screen)
{
	uint32_t *pixels = malloc(screen->width * screen->height * 4), x, y;
	struct text *text = calloc(1, sizeof(*text));

	check(pixels && text);
	read_font(screen, text);
	read_colours(screen, text);
	read_cells(screen, text);
	for (y = 0; y < screen->height; y++)
		for (x = 0; x < screen->width; x++)
			pixels[y * screen->width + x] = pixel_of(text, x, y);
	free(text);
	return pixels;
}

/* How many pixels are wrong, and where the first one is. */
static unsigned int compare(const struct textscreen *screen, const uint32_t *want,
			    const void *got, uint32_t pitch, uint32_t first[2])
{
	unsigned int wrong = 0;
	uint32_t x, y;

	for (y = 0; y < screen->height; y++) {
		const uint32_t *line = (const void *)((const char *)got + (size_t)y * pitch);

		for (x = 0; x < screen->width; x++) {
			if ((line[x] & RGB) == want[y * screen->width + x])
				continue;
			if (!wrong++) {
				first[0] = x;
				first[1] = y;
			}
		}
	}
	return wrong;
}

/* Text that is all of one colour would prove nothing. */
static void check_is_text(const struct textscreen *screen, const uint32_t *pixels)
{
	size_t i, lit = 0;

	for (i = 0; i < (size_t)screen->width * screen->height; i++)
		lit += !!pixels[i];
	check_ge(lit, 100);
}

void textscreen_check_fb(const struct textscreen *screen)
{
	uint32_t *want = draw_text(screen), first[2] = { };
	char *got = malloc(screen->bytes);
	unsigned int wrong;
	size_t done = 0;

	check(got);
	check_is_text(screen, want);
	while (done < screen->bytes)
		done += check_ok(neg_errno(pread(screen->fb, got + done, screen->bytes - done,
						 done)));
	wrong = compare(screen, want, got, screen->pitch, first);
	check_msg(!wrong, "%u pixels of /dev/fb%u are wrong, the first at %" PRIu32 ", %" PRIu32,
		  wrong, screen->fb_number, first[0], first[1]);
	free(got);
	free(want);
}

static void capture(const struct textscreen *screen)
{
	struct drm_vprime_capture arg = {
		.handle = screen->capture_handle,
		.format = DRM_FORMAT_XRGB8888,
		.pitch = screen->width * 4,
		.width = screen->width,
		.height = screen->height,
	};

	check_ret(__picture_capture(&screen->head, &arg), 0);
}

/* The picture follows what is drawn after a while that nothing tells: look again at each vblank. */
static void wait_for_picture(const struct textscreen *screen, const uint32_t *want)
{
	unsigned int wrong = 1, vblanks;
	uint32_t first[2] = { };

	for (vblanks = 0; wrong && vblanks < VBLANKS_MAX; vblanks++) {
		kms_wait_vblanks(&screen->head, 1);
		capture(screen);
		wrong = compare(screen, want, screen->capture, screen->width * 4, first);
	}
	check_msg(!wrong, "%u pixels on the screen are wrong, the first at %" PRIu32 ", %" PRIu32,
		  wrong, first[0], first[1]);
}

void textscreen_check_screen(const struct textscreen *screen)
{
	uint32_t *want = draw_text(screen);

	check_is_text(screen, want);
	wait_for_picture(screen, want);
	free(want);
}

void textscreen_check_colour(const struct textscreen *screen, uint32_t colour)
{
	uint32_t *want = malloc(screen->width * screen->height * 4);

	check(want);
	picture_fill(want, screen->width * screen->height * 4, colour);
	wait_for_picture(screen, want);
	free(want);
}

void textscreen_check(const struct textscreen *screen)
{
	textscreen_check_fb(screen);
	textscreen_check_screen(screen);
}
