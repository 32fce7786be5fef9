// SPDX-License-Identifier: GPL-2.0-only
/* Pictures in memory and as PNG files, by libpng. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "picture.h"

/* Makes room for a picture of that size; what was in it is lost if it has another one. */
void picture_resize(struct picture *picture, unsigned int width, unsigned int height)
{
	if (picture->pixels && picture->width == width && picture->height == height)
		return;
	free(picture->pixels);
	picture->width = width;
	picture->height = height;
	picture->pixels = malloc((size_t)width * height * sizeof(*picture->pixels));
	if (!picture->pixels)
		err(2, "no memory for a picture of %u x %u", width, height);
}

/* Returns false if there is no such file, or not a whole picture in it yet. */
bool picture_read(struct picture *picture, const char *path)
{
	png_image image = { .version = PNG_IMAGE_VERSION };

	if (!png_image_begin_read_from_file(&image, path))
		return false;
	image.format = PNG_FORMAT_BGRA;
	picture_resize(picture, image.width, image.height);
	if (!png_image_finish_read(&image, NULL, picture->pixels, 0, NULL))
		return false;
	for (size_t i = 0; i < (size_t)picture->width * picture->height; i++)
		picture->pixels[i] &= 0xffffff;
	return true;
}

/* The file is there at once, and whole. */
void picture_write(const struct picture *picture, const char *path)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = picture->width,
		.height = picture->height,
		.format = PNG_FORMAT_RGB,
		.flags = PNG_IMAGE_FLAG_FAST,
	};
	size_t count = (size_t)picture->width * picture->height;
	uint8_t *bytes = malloc(3 * count);

	if (!bytes)
		err(2, "no memory to write %s", path);
	for (size_t i = 0; i < count; i++) {
		bytes[3 * i] = picture->pixels[i] >> 16;
		bytes[3 * i + 1] = picture->pixels[i] >> 8;
		bytes[3 * i + 2] = picture->pixels[i];
	}
	if (!png_image_write_to_file(&image, path, 0, bytes, 0, NULL))
		errx(2, "cannot write %s: %s", path, image.message);
	free(bytes);
}
