// SPDX-License-Identifier: GPL-2.0-only
/*
 * story OUT-DIR COMMAND: one GPU, render, draws an animated picture into a
 * buffer that it shares with another one, display, and that moves all the time:
 * first into one of display's, then into one of its own.  From there display
 * copies it to where it could scan it out, and render to what virtio-gpu does
 * scan out.
 *
 * After every frame the CPU compares all pixels of all three with its own
 * drawing.  When the first and the last frame
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

enum owner {
	OWNED_BY_DISPLAY,
	OWNED_BY_RENDER,
	OWNERS,
};

/**
 * struct act - one way in which a buffer is moved
 * @owner: of the buffer
 * @name: for people
 * @movers: MOVE_BY_*
 * @frames: it is over when the buffer has moved during so many
 * @bring_back: before every frame to VRAM, as nobody else does it
 */
static const struct act {
	enum owner owner;
	const char *name;
	unsigned int movers;
	unsigned int frames;
	bool bring_back;
} acts[] = {
	{ OWNED_BY_DISPLAY, "request", MOVE_BY_REQUEST, 60, false },
	{ OWNED_BY_DISPLAY, "pressure", MOVE_BY_PRESSURE, 15, true },
	{ OWNED_BY_DISPLAY, "chaos", MOVE_BY_CHAOS, 60, false },
	{ OWNED_BY_RENDER, "request", MOVE_BY_REQUEST, 60, false },
	{ OWNED_BY_RENDER, "chaos", MOVE_BY_CHAOS, 60, false },
	{ OWNED_BY_DISPLAY, "all of these",
	  MOVE_BY_REQUEST | MOVE_BY_PRESSURE | MOVE_BY_CHAOS, 60, false },
};

/* What one way to look at the pictures has shown. */
struct seen {
	unsigned int frames;
	unsigned long wrong;
};

/* @front is a buffer of display's, which nobody else has. */
struct stage {
	const char *out;
	const char *command;
	struct vprime display, render;
	struct canvas canvases[OWNERS];
	struct movers movers[OWNERS];
	struct painter painter;
	uint32_t front;
	const uint32_t *front_pixels;
	struct screen screen;
	uint32_t screen_imported;
	unsigned int frame;
	struct seen views[CANVAS_VIEWS], on_front, on_screen;
	uint32_t sprite[SPRITE_SIZE * SPRITE_SIZE];
	uint32_t expected[SCENE_PIXELS];
};

static void open_stage(struct stage *stage)
{
	struct canvas *canvases = stage->canvases;

	scene_make_sprite(stage->sprite);
	stage->display = vprime_open("display");
	stage->render = vprime_open("render");
	screen_open(&stage->screen);
	stage->screen_imported = vprime_import(&stage->render, stage->screen.dmabuf);
	stage->front = vprime_create(&stage->display, SCENE_BYTES, VPRIME_PLACEMENT_VRAM);
	stage->front_pixels = vprime_map(&stage->display, stage->front, SCENE_BYTES);
	stage->painter = painter_create(&stage->render, stage->sprite);
	canvas_create(&canvases[OWNED_BY_DISPLAY], &stage->display, &stage->render);
	canvas_create(&canvases[OWNED_BY_RENDER], &stage->render, &stage->display);
	for (unsigned int i = 0; i < OWNERS; i++)
		movers_create(&stage->movers[i], canvases[i].owner, canvases[i].handle);
}

static void close_stage(struct stage *stage)
{
	for (unsigned int i = 0; i < OWNERS; i++)
		canvas_destroy(&stage->canvases[i]);
	vprime_destroy(&stage->render, stage->screen_imported);
	screen_close(&stage->screen);
	close(stage->render.base.fd);
	close(stage->display.base.fd);
}

/*
 * Nobody waits for render but who reads what it has drawn, and each of them by
 * the fences in the buffer: display's engine, render's own, the CPU.
 */
static void draw(const struct stage *stage, const struct canvas *canvas,
		 const struct layer *progress)
{
	uint32_t drawn = canvas_handle(canvas, &stage->render);

	painter_paint(&stage->painter, drawn, stage->frame);
	painter_copy(&stage->display, stage->front, canvas_handle(canvas, &stage->display));
	painter_copy(&stage->render, stage->screen_imported, drawn);
	painter_paint_layer(&stage->painter, stage->screen_imported, progress);
}

static unsigned int note(struct seen *seen, unsigned int wrong)
{
	seen->frames++;
	seen->wrong += wrong;
	return wrong;
}

static unsigned int compare_shared(struct stage *stage, const struct canvas *canvas)
{
	unsigned int view = stage->frame % CANVAS_VIEWS;
	unsigned int wrong = canvas_compare(canvas, view, stage->expected);

	vprime_wait(&stage->display, stage->front);
	return note(&stage->views[view], wrong) +
	       note(&stage->on_front, scene_differences(stage->front_pixels, stage->expected));
}

static unsigned int compare_screen(struct stage *stage)
{
	vprime_wait(&stage->render, stage->screen_imported);
	screen_refresh(&stage->screen);
	return note(&stage->on_screen,
		    scene_differences(stage->screen.buffer.pixels, stage->expected));
}

/* One frame; returns how many pixels were wrong, anywhere. */
static unsigned int play_frame(struct stage *stage, const struct canvas *canvas)
{
	struct layer progress = scene_progress(stage->frame);
	unsigned int wrong;

	draw(stage, canvas, &progress);
	scene_draw(stage->expected, stage->sprite, stage->frame);
	wrong = compare_shared(stage, canvas);

	/* It is on top of the picture on the screen alone. */
	scene_draw_layer(stage->expected, stage->sprite, &progress);
	wrong += compare_screen(stage);
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
	const struct canvas *canvas = &stage->canvases[act->owner];
	struct movers *movers = &stage->movers[act->owner];
	uint64_t first = moves_of(canvas), before;
	unsigned int frames = 0, moved = 0;
	unsigned long wrong = 0;

	movers_start(movers, act->movers);
	while (moved < act->frames && frames < PATIENCE * act->frames) {
		if (act->bring_back)
			vprime_move(canvas->owner, canvas->handle, VPRIME_PLACEMENT_VRAM);
		before = moves_of(canvas);
		wrong += play_frame(stage, canvas);
		moved += moves_of(canvas) != before;
		frames++;
	}
	movers_stop(movers);

	verdict(!wrong && moved >= act->frames,
		"a buffer of %s moved by %s: render drew %u frames into it, during %u of which it moved, %" PRIu64 " times in all; %lu pixels wrong",
		canvas->owner->base.driver, act->name, frames, moved, moves_of(canvas) - first,
		wrong);
}

static void judge_seen(const struct seen *seen, const char *what)
{
	verdict(seen->frames && !seen->wrong, "%s: %u frames, %lu pixels wrong", what,
		seen->frames, seen->wrong);
}

static void judge_all_seen(const struct stage *stage)
{
	for (unsigned int i = 0; i < CANVAS_VIEWS; i++)
		judge_seen(&stage->views[i], stage->canvases[0].views[i].name);
	judge_seen(&stage->on_front, "display has copied what render drew, as soon as it was there");
	judge_seen(&stage->on_screen, "what virtio_gpu scans out was drawn by render");
}

static void judge_ballast(const struct movers *movers)
{
	verdict(movers->ballast_rounds > movers->ballast_count && !movers->ballast_wrong,
		"the buffers that press for room were filled %lu times, %lu words of what they had before wrong",
		movers->ballast_rounds, movers->ballast_wrong);
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
	play_frame(&stage, &stage.canvases[OWNED_BY_DISPLAY]);
	take_picture(&stage, "prime-first");
	for (unsigned int i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		play_act(&stage, &acts[i]);
	take_picture(&stage, "prime");
	judge_all_seen(&stage);
	judge_ballast(&stage.movers[OWNED_BY_DISPLAY]);
	judge_totals(&stage);
	close_stage(&stage);
	return verdict_status();
}
