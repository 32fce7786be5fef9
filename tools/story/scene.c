// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layers of the picture, and the CPU's way to draw them.  Each layer paints
 * over the ones below, so that one that is lost or comes too late shows.
 */
#include "scene.h"

#include <string.h>

#define BARS		8
#define BAR_WIDTH	(SCENE_WIDTH / BARS)
#define SQUARES		6
#define SQUARE_SIZE	48
#define SPRITES		3
#define ECHO_WIDTH	160
#define ECHO_HEIGHT	120
#define ECHO_BORDER	2
#define PROGRESS_HEIGHT	8
#define PROGRESS_STEP	4

#define WHITE		0x00ffffffu
#define BLACK		0x00000000u

static const uint32_t bar_colours[BARS] = {
	0x00203c5a, 0x00285078, 0x00306496, 0x003878b4,
	0x00408cd2, 0x003878b4, 0x00306496, 0x00285078,
};

static const uint32_t square_colours[SQUARES] = {
	0x00e6194b, 0x003cb44b, 0x00ffe119, 0x00f58231, 0x00911eb4, 0x0046f0f0,
};

static void add(struct layer *layer, struct shape shape)
{
	layer->shapes[layer->count++] = shape;
}

static void add_fill(struct layer *layer, unsigned int x, unsigned int y,
		     unsigned int width, unsigned int height, uint32_t colour)
{
	add(layer, (struct shape) {
		.kind = SHAPE_FILL,
		.x = x,
		.y = y,
		.width = width,
		.height = height,
		.colour = colour,
	});
}

/* There and back again between 0 and @range. */
static unsigned int bounce(unsigned int way, unsigned int range)
{
	way %= 2 * range;
	return way < range ? way : 2 * range - way;
}

/* Bars that cover everything and wander to the right, round the edge. */
static void add_bars(struct layer *layer, unsigned int frame)
{
	for (unsigned int i = 0; i < BARS; i++) {
		unsigned int x = (i * BAR_WIDTH + 4 * frame) % SCENE_WIDTH;
		unsigned int left = SCENE_WIDTH - x;

		if (left >= BAR_WIDTH) {
			add_fill(layer, x, 0, BAR_WIDTH, SCENE_HEIGHT, bar_colours[i]);
			continue;
		}
		add_fill(layer, x, 0, left, SCENE_HEIGHT, bar_colours[i]);
		add_fill(layer, 0, 0, BAR_WIDTH - left, SCENE_HEIGHT, bar_colours[i]);
	}
}

static void add_squares(struct layer *layer, unsigned int frame)
{
	for (unsigned int i = 0; i < SQUARES; i++)
		add_fill(layer, bounce((3 + i) * frame + 90 * i, SCENE_WIDTH - SQUARE_SIZE),
			 bounce((7 - i) * frame + 60 * i, SCENE_HEIGHT - SQUARE_SIZE),
			 SQUARE_SIZE, SQUARE_SIZE, square_colours[i]);
}

static void add_sprites(struct layer *layer, unsigned int frame)
{
	for (unsigned int i = 0; i < SPRITES; i++)
		add(layer, (struct shape) {
			.kind = SHAPE_SPRITE,
			.x = bounce((5 + 2 * i) * frame + 200 * i, SCENE_WIDTH - SPRITE_SIZE),
			.y = bounce((6 - i) * frame + 100 * i, SCENE_HEIGHT - SPRITE_SIZE),
			.width = SPRITE_SIZE,
			.height = SPRITE_SIZE,
		});
}

/* The top left corner again, framed, at the bottom right. */
static void add_echo(struct layer *layer, unsigned int frame)
{
	unsigned int x = SCENE_WIDTH - ECHO_WIDTH - 2 * ECHO_BORDER;
	unsigned int y = SCENE_HEIGHT - ECHO_HEIGHT - 2 * ECHO_BORDER - PROGRESS_HEIGHT;

	add_fill(layer, x, y, ECHO_WIDTH + 2 * ECHO_BORDER,
		 ECHO_HEIGHT + 2 * ECHO_BORDER, frame & 1 ? WHITE : BLACK);
	add(layer, (struct shape) {
		.kind = SHAPE_ECHO,
		.x = x + ECHO_BORDER,
		.y = y + ECHO_BORDER,
		.width = ECHO_WIDTH,
		.height = ECHO_HEIGHT,
	});
}

static void (*const layers[])(struct layer *layer, unsigned int frame) = {
	add_bars,
	add_squares,
	add_sprites,
	add_echo,
};

const unsigned int scene_layers = sizeof(layers) / sizeof(layers[0]);

struct layer scene_layer(unsigned int index, unsigned int frame)
{
	struct layer layer = { };

	layers[index](&layer, frame);
	return layer;
}

struct layer scene_progress(unsigned int frame)
{
	unsigned int done = PROGRESS_STEP * (1 + frame % (SCENE_WIDTH / PROGRESS_STEP - 1));
	unsigned int y = SCENE_HEIGHT - PROGRESS_HEIGHT;
	struct layer layer = { };

	add_fill(&layer, 0, y, done, PROGRESS_HEIGHT, WHITE);
	add_fill(&layer, done, y, SCENE_WIDTH - done, PROGRESS_HEIGHT, BLACK);
	return layer;
}

/* Rings of many colours. */
void scene_make_sprite(uint32_t *sprite)
{
	for (int y = 0; y < SPRITE_SIZE; y++) {
		for (int x = 0; x < SPRITE_SIZE; x++) {
			int dx = 2 * x - SPRITE_SIZE + 1, dy = 2 * y - SPRITE_SIZE + 1;

			sprite[y * SPRITE_SIZE + x] =
				((dx * dx + dy * dy) / 16 * 0x00040201) & WHITE;
		}
	}
}

static void fill(uint32_t *to, const struct shape *shape)
{
	for (unsigned int y = 0; y < shape->height; y++)
		for (unsigned int x = 0; x < shape->width; x++)
			to[y * SCENE_WIDTH + x] = shape->colour;
}

static void copy(uint32_t *to, const uint32_t *from, unsigned int from_width,
		 const struct shape *shape)
{
	for (unsigned int y = 0; y < shape->height; y++)
		memcpy(to + y * SCENE_WIDTH, from + y * from_width, 4 * shape->width);
}

void scene_draw_layer(uint32_t *picture, const uint32_t *sprite,
		      const struct layer *layer)
{
	for (unsigned int i = 0; i < layer->count; i++) {
		const struct shape *shape = &layer->shapes[i];
		uint32_t *to = picture + shape->y * SCENE_WIDTH + shape->x;

		switch (shape->kind) {
		case SHAPE_FILL:
			fill(to, shape);
			break;
		case SHAPE_SPRITE:
			copy(to, sprite + shape->from_y * SPRITE_SIZE + shape->from_x,
			     SPRITE_SIZE, shape);
			break;
		case SHAPE_ECHO:
			copy(to, picture + shape->from_y * SCENE_WIDTH + shape->from_x,
			     SCENE_WIDTH, shape);
			break;
		}
	}
}

void scene_draw(uint32_t *picture, const uint32_t *sprite, unsigned int frame)
{
	for (unsigned int i = 0; i < scene_layers; i++) {
		struct layer layer = scene_layer(i, frame);

		scene_draw_layer(picture, sprite, &layer);
	}
}

unsigned int scene_differences(const uint32_t *picture, const uint32_t *expected)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < SCENE_PIXELS; i++)
		count += picture[i] != expected[i];
	return count;
}
