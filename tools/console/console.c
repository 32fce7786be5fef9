// SPDX-License-Identifier: GPL-2.0-only
/*
 * console TTY VCSA FILE: saves what the kernel wants a text console to show,
 * for who wants to compare it with a picture of the screen.
 *
 * FILE is text: "size ROWS COLUMNS", "font WIDTH HEIGHT", 16 lines "colour
 * RRGGBB", 256 lines "glyph HEX" (its rows from top to bottom, most significant
 * bit left), and one line "row HEX" for each row of the screen, two bytes a
 * cell: character and attribute.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kd.h>

#define GLYPHS		256
#define GLYPH_ROWS	32	/* of the kernel's glyphs, whatever their height */

static void die(const char *what)
{
	fprintf(stderr, "console: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_or_die(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static void print_hex(FILE *out, const char *word, const unsigned char *bytes,
		      size_t count)
{
	fprintf(out, "%s ", word);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%02x", bytes[i]);
	fputc('\n', out);
}

static void save_font(int tty, FILE *out)
{
	static unsigned char glyphs[2 * GLYPHS * GLYPH_ROWS * 8];
	struct console_font_op op = {
		.op = KD_FONT_OP_GET,
		.charcount = 2 * GLYPHS,
		.width = 64,
		.height = GLYPH_ROWS,
		.data = glyphs,
	};
	unsigned int row_bytes;

	if (ioctl(tty, KDFONTOP, &op))
		die("KDFONTOP");

	row_bytes = (op.width + 7) / 8;
	fprintf(out, "font %u %u\n", op.width, op.height);
	for (unsigned int i = 0; i < GLYPHS; i++)
		print_hex(out, "glyph", glyphs + i * GLYPH_ROWS * row_bytes,
			  op.height * row_bytes);
}

static void save_colours(int tty, FILE *out)
{
	unsigned char map[16 * 3];

	if (ioctl(tty, GIO_CMAP, map))
		die("GIO_CMAP");
	for (unsigned int i = 0; i < 16; i++)
		print_hex(out, "colour", map + 3 * i, 3);
}

static void save_cells(int vcsa, FILE *out)
{
	unsigned char header[4]; /* rows, columns, cursor x, cursor y */
	unsigned char cells[2 * 256];

	if (read(vcsa, header, sizeof(header)) != sizeof(header))
		die("size of the console");
	fprintf(out, "size %u %u\n", header[0], header[1]);

	for (unsigned int row = 0; row < header[0]; row++) {
		ssize_t bytes = 2 * header[1];

		if (read(vcsa, cells, bytes) != bytes)
			die("text of the console");
		print_hex(out, "row", cells, bytes);
	}
}

int main(int argc, char **argv)
{
	int tty, vcsa;
	FILE *out;

	if (argc != 4) {
		fprintf(stderr, "usage: console TTY VCSA FILE\n");
		return 2;
	}

	tty = open_or_die(argv[1]);
	vcsa = open_or_die(argv[2]);
	out = fopen(argv[3], "w");
	if (!out)
		die(argv[3]);

	save_colours(tty, out);
	save_font(tty, out);
	save_cells(vcsa, out);
	if (fclose(out))
		die(argv[3]);
	return 0;
}
