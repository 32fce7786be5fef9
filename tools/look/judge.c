// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be asked of a picture. Each kind of condition says what it has seen, whether it holds or
 * not.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define MOST_COLOURS 4096
/* Pixels that a bar is wide, at least. */
#define BAR_WIDTH 4

static unsigned int distance(uint32_t a, uint32_t b)
{
	unsigned int most = 0;

	for (int shift = 0; shift < 24; shift += 8) {
		int one = abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff));

		most = (unsigned int)one > most ? (unsigned int)one : most;
	}
	return most;
}

/* A colour is RRGGBB, or RRGGBB~N if every channel may be N off. */
struct colour {
	uint32_t value;
	unsigned int tolerance;
};

static struct colour parse_colour(const char *text)
{
	struct colour colour = { 0 };
	char *end;

	colour.value = strtoul(text, &end, 16);
	if (end - text != 6)
		errx(2, "'%s' is no colour RRGGBB", text);
	if (*end == '~')
		colour.tolerance = strtoul(end + 1, NULL, 10);
	return colour;
}

static bool is_colour(uint32_t pixel, struct colour colour)
{
	return distance(pixel, colour.value) <= colour.tolerance;
}

static bool judge_size(const struct picture *picture, const char *text, char *reason)
{
	unsigned int width, height;

	if (sscanf(text, "%ux%u", &width, &height) != 2)
		errx(2, "size=%s: not WIDTHxHEIGHT", text);
	snprintf(reason, REASON_SIZE, "%u x %u pixels", picture->width, picture->height);
	return picture->width == width && picture->height == height;
}

/* box=X,Y,W,H:COLOUR */
static bool judge_box(const struct picture *picture, const char *text, char *reason)
{
	unsigned int x, y, width, height;
	unsigned long wrong = 0;
	struct colour colour;
	char name[32];

	if (sscanf(text, "%u,%u,%u,%u:%31s", &x, &y, &width, &height, name) != 5)
		errx(2, "box=%s: not X,Y,WIDTH,HEIGHT:COLOUR", text);
	colour = parse_colour(name);
	if (x + width > picture->width || y + height > picture->height) {
		snprintf(reason, REASON_SIZE, "%s is not inside %u x %u", text, picture->width,
			 picture->height);
		return false;
	}
	for (unsigned int row = y; row < y + height; row++)
		for (unsigned int column = x; column < x + width; column++)
			wrong += !is_colour(picture_pixel(picture, column, row), colour);
	snprintf(reason, REASON_SIZE, "%lu of %u pixels at %u,%u are not %s, the first is %06x",
		 wrong, width * height, x, y, name, picture_pixel(picture, x, y));
	return !wrong;
}

/* share=COLOUR:LEAST[-MOST], in per cent of all pixels */
static bool judge_share(const struct picture *picture, const char *text, char *reason)
{
	size_t count = (size_t)picture->width * picture->height, seen = 0;
	double least, most = 100, share;
	struct colour colour;
	char name[32];

	if (sscanf(text, "%31[^:]:%lf-%lf", name, &least, &most) < 2)
		errx(2, "share=%s: not COLOUR:LEAST[-MOST]", text);
	colour = parse_colour(name);
	for (size_t i = 0; i < count; i++)
		seen += is_colour(picture->pixels[i], colour);
	share = 100.0 * seen / count;
	snprintf(reason, REASON_SIZE, "%s on %.2f %%", name, share);
	return share >= least && share <= most;
}

/* A set that is open at its end: colours are never black plus one. */
static unsigned int count_colours(const struct picture *picture, unsigned int most)
{
	static uint32_t seen[4 * MOST_COLOURS];
	unsigned int count = 0;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < (size_t)picture->width * picture->height && count < most; i++) {
		uint32_t key = picture->pixels[i] | 1u << 31;
		unsigned int slot = (picture->pixels[i] * 2654435761u >> 18) % (4 * MOST_COLOURS);

		while (seen[slot] && seen[slot] != key)
			slot = (slot + 1) % (4 * MOST_COLOURS);
		count += !seen[slot];
		seen[slot] = key;
	}
	return count;
}

/* colours=LEAST */
static bool judge_colours(const struct picture *picture, const char *text, char *reason)
{
	unsigned int least = strtoul(text, NULL, 10), count = count_colours(picture, MOST_COLOURS);

	snprintf(reason, REASON_SIZE, "%u colours%s", count,
		 count == MOST_COLOURS ? " or more" : "");
	return count >= least;
}

/* 0 to 7: red, green and blue, each on or off. */
static unsigned int hue(uint32_t pixel)
{
	return (pixel >> 23 & 1) << 2 | (pixel >> 15 & 1) << 1 | (pixel >> 7 & 1);
}

/*
 * Counts how many of these follow each other in a row, from the first on. What is narrower than a
 * bar is where two of them meet.
 */
static unsigned int bars_in_row(const struct picture *picture, unsigned int y)
{
	/* White, yellow, cyan, green, magenta, red, blue, black. */
	static const unsigned int order[] = { 7, 6, 3, 2, 5, 4, 1, 0 };
	unsigned int found = 0, most = 0, width = 0, last = 8;

	for (unsigned int x = 0; x < picture->width && found < 8; x++) {
		unsigned int seen = hue(picture_pixel(picture, x, y));

		width = seen == last ? width + 1 : 1;
		last = seen;
		if (width != BAR_WIDTH || (found && seen == order[found - 1]))
			continue;
		found = seen == order[found] ? found + 1 : seen == order[0];
		most = found > most ? found : most;
	}
	return most;
}

/* bars=COUNT[:ROWS]: colour bars in their order, in so many rows at least */
static bool judge_bars(const struct picture *picture, const char *text, char *reason)
{
	unsigned int wanted, rows = 16, seen = 0;

	if (sscanf(text, "%u:%u", &wanted, &rows) < 1 || !wanted || wanted > 8)
		errx(2, "bars=%s: not COUNT[:ROWS]", text);
	for (unsigned int y = 0; y < picture->height; y++)
		seen += bars_in_row(picture, y) >= wanted;
	snprintf(reason, REASON_SIZE, "%u colour bars in %u rows", wanted, seen);
	return seen >= rows;
}

/* Between a red, a green and a blue corner these share what one of them has there. */
static bool is_of_triangle(uint32_t pixel)
{
	int sum = (int)((pixel >> 16) + (pixel >> 8 & 0xff) + (pixel & 0xff));

	return abs(sum - 255) <= 6;
}

/* Only what has black on both sides counts, as other clients have all colours, too. */
static unsigned int triangle_in_row(const struct picture *picture, unsigned int y)
{
	unsigned int seen = 0, run = 0;
	bool after_black = false;

	for (unsigned int x = 0; x < picture->width; x++) {
		uint32_t pixel = picture_pixel(picture, x, y);

		if (after_black && is_of_triangle(pixel)) {
			run++;
			continue;
		}
		after_black = !pixel;
		seen += after_black ? run : 0;
		run = 0;
	}
	return seen;
}

/* triangle=LEAST: so many pixels of it, as weston-simple-egl -o has it */
static bool judge_triangle(const struct picture *picture, const char *text, char *reason)
{
	unsigned long least = strtoul(text, NULL, 10), seen = 0;

	for (unsigned int y = 0; y < picture->height; y++)
		seen += triangle_in_row(picture, y);
	snprintf(reason, REASON_SIZE, "a triangle of %lu pixels between red, green and blue", seen);
	return seen >= least;
}

static unsigned long count_differences(const struct picture *picture, const char *path)
{
	struct picture other = { 0 };
	unsigned long count = 0;

	if (!picture_read(&other, path))
		errx(2, "%s is no picture to compare with", path);
	if (other.width != picture->width || other.height != picture->height)
		count = (unsigned long)picture->width * picture->height;
	else
		for (size_t i = 0; i < (size_t)picture->width * picture->height; i++)
			count += picture->pixels[i] != other.pixels[i];
	free(other.pixels);
	return count;
}

/* differs=LEAST-MOST:FILE.png, in pixels */
static bool judge_differs(const struct picture *picture, const char *text, char *reason)
{
	unsigned long least, most, count;
	char path[128];

	if (sscanf(text, "%lu-%lu:%127s", &least, &most, path) != 3)
		errx(2, "differs=%s: not LEAST-MOST:FILE.png", text);
	count = count_differences(picture, path);
	snprintf(reason, REASON_SIZE, "%lu pixels are not those of %s", count, path);
	return count >= least && count <= most;
}

static const struct kind {
	const char *name;
	const char *syntax;
	bool (*judge)(const struct picture *picture, const char *text, char *reason);
} kinds[] = {
	{ "size", "WIDTHxHEIGHT", judge_size },
	{ "box", "X,Y,WIDTH,HEIGHT:RRGGBB[~TOLERANCE]", judge_box },
	{ "share", "RRGGBB[~TOLERANCE]:LEAST[-MOST]  per cent of the pixels", judge_share },
	{ "colours", "LEAST", judge_colours },
	{ "bars", "COUNT[:ROWS]  colour bars, white first", judge_bars },
	{ "triangle", "LEAST  pixels between red, green and blue, on black", judge_triangle },
	{ "differs", "LEAST-MOST:FILE.png  pixels", judge_differs },
};

/* @reason says what was seen, in any case. */
bool judge(const struct picture *picture, const char *condition, char reason[static REASON_SIZE])
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].name);

		if (!strncmp(condition, kinds[i].name, length) && condition[length] == '=')
			return kinds[i].judge(picture, condition + length + 1, reason);
	}
	errx(2, "there is no condition '%s'", condition);
}

void judge_explain(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		fprintf(stderr, "  %s=%s\n", kinds[i].name, kinds[i].syntax);
}
