// SPDX-License-Identifier: GPL-2.0-only
/*
 * look SCREEN PICTURE.png [CONDITION...]: waits until a screen shows what it has to, and saves that
 * picture. SCREEN is the name of a vprime GPU, NAME:HEAD if it has several, or virtio for what QEMU
 * shows of virtio-gpu; then PICTURE.png has to be in /out. A SCREEN that ends in .png is a picture
 * that there is already.
 *
 * The only condition may also be "off": then nothing may be shown, and there is no picture.
 *
 * It looks at each new frame. LOOK_SECONDS (60) without the right one, and it says what was wrong
 * with the last one, saves that and fails. Exit status 0, 1 if a condition does not hold, 2 if it
 * could not be asked.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "events.h"
#include "judge.h"
#include "picture.h"
#include "screen.h"

#define SECONDS 60
/* Programs may also draw into what is on the screen, and no frame tells. */
#define SECONDS_WITHOUT_FRAMES 0.5

/**
 * struct question - what is asked
 * @path: where the picture goes
 * @conditions: of the picture
 * @count: of conditions
 * @reasons: what was seen
 * @has_picture: there is one
 */
struct question {
	const char *path;
	char **conditions;
	int count;
	char (*reasons)[REASON_SIZE];
	bool has_picture;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec * 1e-9;
}

static double patience(void)
{
	const char *text = getenv("LOOK_SECONDS");

	return text ? strtod(text, NULL) : SECONDS;
}

static bool all_hold(struct question *question, const struct picture *picture)
{
	bool good = true;

	for (int i = 0; i < question->count; i++)
		good &= judge(picture, question->conditions[i], question->reasons[i]);
	return good;
}

static void print_reasons(const struct question *question)
{
	for (int i = 0; i < question->count; i++)
		printf("%s%s", i ? "; " : "", question->reasons[i]);
	printf("\n");
}

static int look_at_file(struct question *question, struct picture *picture, const char *path)
{
	bool good;

	if (!picture_read(picture, path))
		errx(2, "%s is no picture", path);
	good = all_hold(question, picture);
	print_reasons(question);
	return good ? 0 : 1;
}

static bool look_at_screen(struct question *question, struct picture *picture,
			   struct screen *screen)
{
	double end = now() + patience();

	events_begin();
	do {
		if (screen_capture(screen, picture)) {
			question->has_picture = true;
			if (all_hold(question, picture))
				return true;
		}
		events_wait(SECONDS_WITHOUT_FRAMES);
	} while (now() < end);
	return false;
}

static bool wait_until_off(const struct question *question, struct picture *picture,
			   struct screen *screen)
{
	double end = now() + patience();

	events_begin();
	while (screen_capture(screen, picture)) {
		if (now() > end) {
			picture_write(picture, question->path);
			printf("the screen shows something\n");
			return false;
		}
		events_wait(SECONDS_WITHOUT_FRAMES);
	}
	printf("%s\n", screen_trouble(screen));
	return true;
}

static int usage(void)
{
	fprintf(stderr, "usage: look SCREEN PICTURE.png [CONDITION... | off]\n");
	judge_explain();
	return 2;
}

static bool is_file(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && !strcmp(name + length - 4, ".png");
}

int main(int argc, char **argv)
{
	struct question question = { 0 };
	struct picture picture = { 0 };
	struct screen *screen;
	bool good;

	if (argc < 3)
		return usage();
	question.path = argv[2];
	question.conditions = argv + 3;
	question.count = argc - 3;
	question.reasons = calloc(question.count + 1, sizeof(*question.reasons));
	if (!question.reasons)
		err(2, "no memory");
	if (is_file(argv[1]))
		return look_at_file(&question, &picture, argv[1]);
	screen = screen_create(argv[1], question.path);
	if (question.count == 1 && !strcmp(question.conditions[0], "off"))
		return wait_until_off(&question, &picture, screen) ? 0 : 1;
	good = look_at_screen(&question, &picture, screen);
	if (question.has_picture) {
		picture_write(&picture, question.path);
		print_reasons(&question);
	} else {
		printf("%s\n", screen_trouble(screen));
	}
	return good ? 0 : 1;
}
