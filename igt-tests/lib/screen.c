// SPDX-License-Identifier: MIT
#include "screen.h"

#include "dmabuf.h"
#include "gpu.h"

#define VRAM "4194304"

static const struct gpu_setting with_one[] = { { "vram_size", VRAM }, { "heads", "1" }, { } };
static const struct gpu_setting with_two[] = { { "vram_size", VRAM }, { "heads", "2" }, { } };

void screen_init(struct screen *screen)
{
	int gpu = gpu_create(OWN, with_one);
	int i;

	kms_client_init(gpu);
	kms_head_init(&screen->head, gpu, 0);
	for (i = 0; i < 2; i++)
		picture_buffer_init(&screen->buffers[i], gpu);
	picture_draw(screen->buffers[0].at, SCREEN_SEED);
	picture_draw(screen->buffers[1].at, SCREEN_OTHER_SEED);
}

void screen_init_on(struct screen *screen)
{
	screen_init(screen);
	kms_show(&screen->head, screen->buffers[0].fb);
}

void screen_fini(struct screen *screen)
{
	kms_turn_off(&screen->head);
	picture_buffer_fini(&screen->buffers[1]);
	picture_buffer_fini(&screen->buffers[0]);
	close_fd(screen->head.gpu);
	gpu_destroy(OWN);
}

void screen_fini_unplugged(struct screen *screen)
{
	int i;

	for (i = 0; i < 2; i++)
		dmabuf_munmap(screen->buffers[i].at, screen->buffers[i].bytes);
	close_fd(screen->head.gpu);
	gpu_destroy(OWN);
}

void screen_pair_init(struct screen_pair *pair)
{
	unsigned int i;

	pair->gpu = gpu_create(OWN, with_two);
	kms_client_init(pair->gpu);
	for (i = 0; i < 2; i++)
		kms_head_init(&pair->heads[i], pair->gpu, i);
	picture_buffer_init(&pair->buffer, pair->gpu);
	picture_draw(pair->buffer.at, SCREEN_SEED);
	kms_show(&pair->heads[0], pair->buffer.fb);
}

void screen_pair_fini(struct screen_pair *pair)
{
	kms_turn_off(&pair->heads[0]);
	kms_turn_off(&pair->heads[1]);
	picture_buffer_fini(&pair->buffer);
	close_fd(pair->gpu);
	gpu_destroy(OWN);
}

void screen_pair_fini_unplugged(struct screen_pair *pair)
{
	dmabuf_munmap(pair->buffer.at, pair->buffer.bytes);
	close_fd(pair->gpu);
	gpu_destroy(OWN);
}
