// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads debugfs' vprime_buffers.  Its first line names the columns, so that
 * they are found wherever they are, and new ones disturb nobody.
 */
#include "buffers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 32
#define BLANKS " \t"

const char * const buffer_column_names[BUFFER_COLUMNS] = {
	[BUFFER_ID] = "id",
	[BUFFER_SIZE] = "size",
	[BUFFER_PLACEMENT] = "placement",
	[BUFFER_PLACEMENTS] = "placements",
	[BUFFER_PINS] = "pins",
	[BUFFER_IMPORTERS] = "importers",
	[BUFFER_MOVES] = "moves",
	[BUFFER_REMAPS] = "remaps",
	[BUFFER_FLAGS] = "flags",
};

/* The list is as long as there are buffers: nobody knows a size beforehand. */
static int read_growing(int fd, char **text)
{
	size_t size = 0, len = 0;
	ssize_t got;
	char *more;

	*text = NULL;
	do {
		if (len + 1 >= size) {
			size = size ? size * 2 : 16384;
			more = realloc(*text, size);
			if (!more)
				goto err_free;
			*text = more;
		}
		got = read(fd, *text + len, size - 1 - len);
		if (got < 0)
			goto err_free;
		len += got;
	} while (got);
	(*text)[len] = '\0';
	return 0;

err_free:
	got = -errno;
	free(*text);
	return got;
}

static int read_list(const struct gpu *gpu, char **text)
{
	char path[PATH_BYTES];
	int fd, ret;

	ret = path_make(path, sizeof(path), "/sys/kernel/debug/dri/%d/vprime_buffers", gpu->card);
	if (ret)
		return ret;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = read_growing(fd, text);
	close(fd);
	return ret;
}

static size_t split(char *line, const char *words[WORDS_MAX])
{
	size_t count = 0;
	char *rest = NULL, *word = strtok_r(line, BLANKS, &rest);

	for (; word && count < WORDS_MAX; word = strtok_r(NULL, BLANKS, &rest))
		words[count++] = word;
	return count;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count + 1;
}

/* Which word of a line each column is, -1 for none. */
static void find_columns(char *header, int at[BUFFER_COLUMNS])
{
	const char *words[WORDS_MAX];
	size_t count = split(header, words), i;
	int column;

	for (column = 0; column < BUFFER_COLUMNS; column++) {
		at[column] = -1;
		for (i = 0; i < count; i++)
			if (!strcmp(words[i], buffer_column_names[column]))
				at[column] = i;
	}
}

static void parse_row(char *line, const int at[BUFFER_COLUMNS], const char *row[BUFFER_COLUMNS])
{
	const char *words[WORDS_MAX];
	int count = split(line, words), column;

	for (column = 0; column < BUFFER_COLUMNS; column++)
		row[column] = at[column] >= 0 && at[column] < count ? words[at[column]] : "-";
}

static void parse_list(struct buffers *buffers)
{
	char *rest = buffers->text, *line = strsep(&rest, "\n");
	int at[BUFFER_COLUMNS];

	find_columns(line, at);
	while ((line = strsep(&rest, "\n")))
		if (line[strspn(line, BLANKS)])
			parse_row(line, at, buffers->rows[buffers->count++]);
}

int buffers_init(struct buffers *buffers, const struct gpu *gpu)
{
	int ret;

	*buffers = (struct buffers){ 0 };
	ret = read_list(gpu, &buffers->text);
	if (ret)
		return ret;
	buffers->rows = calloc(count_lines(buffers->text), sizeof(buffers->rows[0]));
	if (!buffers->rows) {
		free(buffers->text);
		return -ENOMEM;
	}
	parse_list(buffers);
	return 0;
}

void buffers_fini(struct buffers *buffers)
{
	free(buffers->rows);
	free(buffers->text);
}
