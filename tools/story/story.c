// SPDX-License-Identifier: GPL-2.0-only
/*
 * story OUT-DIR COMMAND: one GPU draws an animated picture into a buffer of
 * another GPU, which moves all the time; and into what virtio-gpu scans out.
 *
 * After every frame the CPU compares all pixels, of the moving buffer and of
 * the screen, with its own drawing of it.  When the first and the last frame
 * are on the screen, COMMAND is run with the name of a picture, "prime-first"
 * and "prime", and what has to be on the screen is in OUT-DIR/NAME.frame: rows
 * of 32-bit pixels without padding.  The GPUs' counters go to OUT-DIR/prime.tsv.
 *
 * One verdict a line on standard output; exit status 1 if one is a FAIL.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../share/verdict.h"
#include "canvas.h"
#include "mover.h"
#include "painter.h"
#include "scene.h"
#include "screen.h"
#include "totals.h"

/* So many times the frames that are asked for, and the buffer has not moved. */
#define PATIENCE 20

/**
 * struct act - one way in which the buffer is moved
 * @name: for people
 * @movers: MOVE_BY_*
 * @frames: it is over when the buffer has moved during so many
 * @bring_back: before every frame to VRAM, as nobody else does it
 */
static const struct act {
	const char *name;
	unsigned int movers;
	unsigned int frames;
	bool bring_back;
} acts[] = {
	{ "moved by request", MOVE_BY_REQUEST, 60, false },
	{ "moved by pressure", MOVE_BY_PRESSURE, 15, true },
	{ "moved by chaos", MOVE_BY_CHAOS, 60, false },
	{ "moved by all of them", MOVE_BY_REQUEST | MOVE_BY_PRESSURE | MOVE_BY_CHAOS, 60, false },
};

/* What one way to look at the pictures has shown. */
struct seen {
	unsigned int frames;
	unsigned long wrong;
};

struct stage {
	const char *out;
	const char *command;
	struct vprime display, render;
	struct canvas canvas;
	struct screen screen;
	uint32_t screen_imported;
	struct painter painter;
	struct movers movers;
	unsigned int frame;
	struct seen views[CANVAS_VIEWS], on_screen;
	uint32_t sprite[SPRITE_SIZE * SPRITE_SIZE];
	uint32_t expected[SCENE_PIXELS];
};

static void open_stage(struct stage *stage)
{
	scene_make_sprite(stage->sprite);
	stage->display = vprime_open("display");
	stage->render = vprime_open("render");
	screen_open(&stage->screen);
	stage->screen_imported = vprime_import(&stage->render, stage->screen.dmabuf);
	canvas_create(&stage->canvas, &stage->display, &stage->render);
	stage->painter = painter_create(&stage->render, stage->sprite);
	movers_create(&stage->movers, &stage->display, stage->canvas.handle);
}

static void close_stage(struct stage *stage)
{
	canvas_destroy(&stage->canvas);
	vprime_destroy(&stage->render, stage->screen_imported);
	screen_close(&stage->screen);
	close(stage->render.base.fd);
	close(stage->display.base.fd);
}

/* The picture goes to the screen, with something on top that goes there directly. */
static void draw(const struct stage *stage, const struct layer *progress)
{
	painter_paint(&stage->painter, stage->canvas.imported, stage->frame);
	painter_show(&stage->painter, stage->screen_imported, stage->canvas.imported);
	painter_paint_layer(&stage->painter, stage->screen_imported, progress);
	vprime_wait(&stage->render, stage->screen_imported);
	screen_refresh(&stage->screen);
}

static void compare_screen(struct stage *stage)
{
	const uint32_t *pixels = stage->screen.buffer.pixels;

	stage->on_screen.frames++;
	for (unsigned int i = 0; i < SCENE_PIXELS; i++)
		stage->on_screen.wrong += pixels[i] != stage->expected[i];
}

/* One frame; returns how many pixels of the moving buffer were wrong. */
static unsigned int play_frame(struct stage *stage)
{
	struct seen *seen = &stage->views[stage->frame % CANVAS_VIEWS];
	struct layer progress = scene_progress(stage->frame);
	unsigned int wrong;

	draw(stage, &progress);
	scene_draw(stage->expected, stage->sprite, stage->frame);
	wrong = canvas_compare(&stage->canvas, stage->frame % CANVAS_VIEWS,
			       stage->expected);
	seen->frames++;
	seen->wrong += wrong;

	scene_draw_layer(stage->expected, stage->sprite, &progress);
	compare_screen(stage);
	stage->frame++;
	return wrong;
}

static void save_expected(const struct stage *stage, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.frame", stage->out, name);
	file = fopen(path, "w");
	must(file, "%s", path);
	must(fwrite(stage->expected, SCENE_BYTES, 1, file) == 1 && !fclose(file), "%s", path);
}

static void take_picture(const struct stage *stage, const char *name)
{
	pid_t child = fork();
	int status;

	must(child >= 0, "fork");
	if (!child) {
		execl(stage->command, stage->command, name, NULL);
		perror(stage->command);
		_exit(127);
	}
	must(waitpid(child, &status, 0) == child, "waitpid");
	verdict(WIFEXITED(status) && !WEXITSTATUS(status),
		"a picture of the screen was taken (%s %s, status %#x)", stage->command,
		name, status);
	save_expected(stage, name);
}

static uint64_t moves_of(const struct canvas *canvas)
{
	return vprime_moves(canvas->owner, canvas->handle);
}

static void play_act(struct stage *stage, const struct act *act)
{
	const struct canvas *canvas = &stage->canvas;
	uint64_t first = moves_of(canvas), before;
	unsigned int frames = 0, moved = 0;
	unsigned long wrong = 0;

	movers_start(&stage->movers, act->movers);
	while (moved < act->frames && frames < PATIENCE * act->frames) {
		if (act->bring_back)
			vprime_move(canvas->owner, canvas->handle, VPRIME_PLACEMENT_VRAM);
		before = moves_of(canvas);
		wrong += play_frame(stage);
		moved += moves_of(canvas) != before;
		frames++;
	}
	movers_stop(&stage->movers);

	verdict(!wrong && moved >= act->frames,
		"%s: render drew %u frames into a buffer of display, which moved %" PRIu64 " times, during %u of them; %lu pixels wrong",
		act->name, frames, moves_of(canvas) - first, moved, wrong);
}

static void judge_views(const struct stage *stage)
{
	for (unsigned int i = 0; i < CANVAS_VIEWS; i++)
		verdict(stage->views[i].frames && !stage->views[i].wrong,
			"the moving buffer was read through %s: %u frames, %lu pixels wrong",
			stage->canvas.views[i].name, stage->views[i].frames,
			stage->views[i].wrong);
	verdict(stage->on_screen.frames && !stage->on_screen.wrong,
		"what virtio_gpu scans out was drawn by render: %u frames, %lu pixels wrong",
		stage->on_screen.frames, stage->on_screen.wrong);
	verdict(stage->movers.ballast_rounds > stage->movers.ballast_count &&
		!stage->movers.ballast_wrong,
		"the buffers that press for room were filled %lu times, %lu words of what they had before wrong",
		stage->movers.ballast_rounds, stage->movers.ballast_wrong);
}

static void judge_totals(struct stage *stage)
{
	char path[256];

	totals_sweep(&stage->display);
	totals_sweep(&stage->render);
	totals_judge(&stage->display, &stage->render);
	snprintf(path, sizeof(path), "%s/prime.tsv", stage->out);
	totals_save(path, &stage->display, &stage->render);
}

int main(int argc, char **argv)
{
	static struct stage stage;

	if (argc != 3) {
		fprintf(stderr, "usage: story OUT-DIR COMMAND\n");
		return 2;
	}

	stage.out = argv[1];
	stage.command = argv[2];
	open_stage(&stage);
	play_frame(&stage);
	take_picture(&stage, "prime-first");
	for (unsigned int i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		play_act(&stage, &acts[i]);
	take_picture(&stage, "prime");
	judge_views(&stage);
	judge_totals(&stage);
	close_stage(&stage);
	return verdict_status();
}
