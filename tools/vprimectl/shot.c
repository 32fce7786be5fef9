// SPDX-License-Identifier: GPL-2.0-only
/*
 * `vprimectl shot`: a picture of what is on a screen, as a PNG file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <png.h>

#include "driver.h"
#include "screen.h"

#define HEADS_MAX 64

/* NAME or NAME:HEAD, taken apart. */
static enum status parse_screen(const char *text, char name[static GPU_NAME_BYTES],
				unsigned int *head)
{
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	char *end = NULL;
	unsigned long number = 0;

	if (len >= GPU_NAME_BYTES)
		return complain(STATUS_USAGE, "\"%s\" cannot be a name", text);
	memcpy(name, text, len);
	name[len] = '\0';
	if (colon)
		number = strtoul(colon + 1, &end, 10);
	if (colon && (colon[1] < '0' || colon[1] > '9' || *end || number >= HEADS_MAX))
		return complain(STATUS_USAGE, "\"%s\" is no number of a head", colon + 1);
	*head = number;
	return STATUS_OK;
}

static enum status write_picture(const char *file, const struct picture *picture)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = picture->width,
		.height = picture->height,
		.format = PNG_FORMAT_RGB,
	};

	if (png_image_write_to_file(&image, file, 0, picture->rgb, 0, NULL))
		return STATUS_OK;
	return complain(STATUS_FAILED, "cannot write %s: %s", file, image.message);
}

static enum status explain_capture(const char *name, unsigned int head, int error)
{
	switch (error) {
	case -ENOENT:
		return complain(STATUS_USAGE, "%s has no head %u; see vprimectl info %s", name, head,
				name);
	case -ENODATA:
		return complain(STATUS_FAILED, "head %u of %s is off", head, name);
	default:
		return complain(STATUS_FAILED, "no picture of head %u of %s: %s", head, name,
				strerror(-error));
	}
}

enum status shot_run(const struct options *options, int argc, char **argv)
{
	struct picture picture = { };
	unsigned int head = 0;
	enum status status;
	struct gpu gpu;
	char name[GPU_NAME_BYTES];
	int card, ret;

	(void)options;
	(void)argc;
	status = parse_screen(argv[0], name, &head);
	if (!status)
		status = gpu_find_enabled(name, &gpu);
	if (status)
		return status;
	card = driver_open_card(&gpu);
	if (card < 0)
		return complain(STATUS_FAILED, "the driver of %s does not answer: %s", gpu.name,
				strerror(-card));
	ret = screen_capture(card, head, &picture);
	close(card);
	status = ret ? explain_capture(gpu.name, head, ret) : write_picture(argv[1], &picture);
	free(picture.rgb);
	return status;
}
