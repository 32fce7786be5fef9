// SPDX-License-Identifier: GPL-2.0-only
/* Shapes as commands of the render engine. */
#include "painter.h"

#include <string.h>
#include <sys/mman.h>

struct painter painter_create(struct vprime *gpu, const uint32_t *sprite)
{
	struct painter painter = {
		.gpu = gpu,
		.sprite = vprime_create(gpu, SPRITE_BYTES, VPRIME_PLACEMENT_VRAM),
	};
	void *pixels = vprime_map(gpu, painter.sprite, SPRITE_BYTES);

	memcpy(pixels, sprite, SPRITE_BYTES);
	munmap(pixels, SPRITE_BYTES);
	return painter;
}

static uint64_t offset_of(unsigned int x, unsigned int y, uint32_t pitch)
{
	return (uint64_t)y * pitch + 4 * x;
}

static struct drm_vprime_command command_for(const struct painter *painter,
					     uint32_t canvas, const struct shape *shape)
{
	struct drm_vprime_command command = {
		.op = VPRIME_OP_COPY,
		.dst = canvas,
		.dst_offset = offset_of(shape->x, shape->y, SCENE_PITCH),
		.dst_pitch = SCENE_PITCH,
		.width = 4 * shape->width,
		.height = shape->height,
	};

	switch (shape->kind) {
	case SHAPE_FILL:
		command.op = VPRIME_OP_FILL;
		command.value = shape->colour;
		break;
	case SHAPE_SPRITE:
		command.src = painter->sprite;
		command.src_pitch = SPRITE_PITCH;
		break;
	case SHAPE_ECHO:
		command.src = canvas;
		command.src_pitch = SCENE_PITCH;
		break;
	}
	command.src_offset = offset_of(shape->from_x, shape->from_y, command.src_pitch);
	return command;
}

void painter_paint_layer(const struct painter *painter, uint32_t canvas,
			 const struct layer *layer)
{
	struct drm_vprime_command commands[LAYER_SHAPES];

	for (unsigned int i = 0; i < layer->count; i++)
		commands[i] = command_for(painter, canvas, &layer->shapes[i]);
	vprime_submit(painter->gpu, commands, layer->count);
}

void painter_paint(const struct painter *painter, uint32_t canvas, unsigned int frame)
{
	for (unsigned int i = 0; i < scene_layers; i++) {
		struct layer layer = scene_layer(i, frame);

		painter_paint_layer(painter, canvas, &layer);
	}
}

void painter_copy(const struct vprime *gpu, uint32_t to, uint32_t from)
{
	struct drm_vprime_command command = {
		.op = VPRIME_OP_COPY,
		.dst = to,
		.src = from,
		.dst_pitch = SCENE_PITCH,
		.src_pitch = SCENE_PITCH,
		.width = SCENE_PITCH,
		.height = SCENE_HEIGHT,
	};

	vprime_submit(gpu, &command, 1);
}
