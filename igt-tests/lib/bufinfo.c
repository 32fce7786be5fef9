// SPDX-License-Identifier: MIT
/*
 * Reads bufinfo.  A buffer's row is one that begins with a digit and has its
 * columns separated by tabs; all that follows, up to the next row, is about
 * that buffer.
 */
#include "bufinfo.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "deadline.h"

/* Columns of a row, in order. */
enum {
	COLUMN_SIZE,
	COLUMN_FLAGS,
	COLUMN_MODE,
	COLUMN_COUNT,
	COLUMN_EXP_NAME,
	COLUMN_INO,
	COLUMN_NAME,
	COLUMNS,
};

static char *read_whole(int fd)
{
	size_t size = 1 << 16, len = 0;
	char *text = malloc(size);
	ssize_t got;

	while (text) {
		got = read(fd, text + len, size - 1 - len);
		if (got <= 0)
			break;
		len += got;
		if (len == size - 1) {
			size *= 2;
			text = realloc(text, size);
		}
	}
	if (text)
		text[len] = '\0';
	return text;
}

static char *__bufinfo_text(void)
{
	int fd = open(BUFINFO_PATH, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0)
		return NULL;
	text = read_whole(fd);
	close(fd);
	return text;
}

char *bufinfo_text(void)
{
	char *text = __bufinfo_text();

	require(text, "no %s: %m", BUFINFO_PATH);
	return text;
}

static bool is_row(const char *line)
{
	const char *tab = strchr(line, '\t');
	int columns = 1;

	if (!isdigit((unsigned char)line[0]))
		return false;
	for (; tab; tab = strchr(tab + 1, '\t'))
		columns++;
	return columns > COLUMN_INO;
}

/* What ends the list belongs to no buffer. */
static bool is_grand_total(const char *line)
{
	return !strncmp(line, "Total ", 6) && strstr(line, " objects");
}

static void parse_row(char *line, struct bufinfo *info)
{
	char *columns[COLUMNS] = { NULL };
	int i;

	for (i = 0; i < COLUMNS && line; i++) {
		columns[i] = strsep(&line, "\t");
		columns[i] += strspn(columns[i], " ");
	}
	memset(info, 0, sizeof(*info));
	info->size = strtoull(columns[COLUMN_SIZE], NULL, 10);
	info->count = strtol(columns[COLUMN_COUNT], NULL, 10);
	info->ino = strtoul(columns[COLUMN_INO], NULL, 10);
	snprintf(info->exp_name, sizeof(info->exp_name), "%s", columns[COLUMN_EXP_NAME]);
	if (columns[COLUMN_NAME])
		snprintf(info->name, sizeof(info->name), "%s", columns[COLUMN_NAME]);
}

static void append_detail(struct bufinfo *info, const char *line)
{
	size_t len = strlen(info->details);

	snprintf(info->details + len, sizeof(info->details) - len, "%s\n", line);
}

int __bufinfo_count(void)
{
	char *text = __bufinfo_text(), *rest = text, *line;
	int count = 0;

	if (!text)
		return -errno;
	while ((line = strsep(&rest, "\n")))
		count += is_row(line);
	free(text);
	return count;
}

int bufinfo_count(void)
{
	return check_ok(__bufinfo_count());
}

bool bufinfo_find(unsigned long ino, struct bufinfo *info)
{
	char *text = bufinfo_text(), *rest = text, *line;
	struct bufinfo row;
	bool found = false;

	while ((line = strsep(&rest, "\n"))) {
		if (found && (is_row(line) || is_grand_total(line)))
			break;
		if (found && info) {
			append_detail(info, line);
			continue;
		}
		if (!is_row(line))
			continue;
		parse_row(line, &row);
		if (row.ino != ino)
			continue;
		found = true;
		if (info)
			*info = row;
	}
	free(text);
	return found;
}

void bufinfo_get(int fd, struct bufinfo *info)
{
	struct stat st;

	check_ok(neg_errno(fstat(fd, &st)));
	check_msg(bufinfo_find(st.st_ino, info), "bufinfo does not list inode %lu",
		  (unsigned long)st.st_ino);
}

int bufinfo_lines_with(const struct bufinfo *info, const char *text)
{
	const char *at = info->details;
	int count = 0;

	while ((at = strstr(at, text))) {
		count++;
		at = strchrnul(at, '\n');
	}
	return count;
}

bool bufinfo_settles_at(int count)
{
	time_t deadline = deadline_soon();

	do {
		if (__bufinfo_count() == count)
			return true;
	} while (deadline_pause(deadline));
	return false;
}

bool bufinfo_forgets(unsigned long ino)
{
	time_t deadline = deadline_soon();

	do {
		if (!bufinfo_find(ino, NULL))
			return true;
	} while (deadline_pause(deadline));
	return false;
}

bool bufinfo_detaches(int fd)
{
	time_t deadline = deadline_soon();
	struct bufinfo info;

	do {
		bufinfo_get(fd, &info);
		if (strstr(info.details, "Total 0 devices attached"))
			return true;
	} while (deadline_pause(deadline));
	return false;
}
