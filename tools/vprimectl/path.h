/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small files of the kernel's, read and written whole.
 */
#ifndef VPRIMECTL_PATH_H
#define VPRIMECTL_PATH_H

#include <stddef.h>

#define PATH_BYTES 512

/* Everything is looked for below @dir, "" for where it usually is. */
void path_set_root(const char *dir);

/* Makes a path below the root; 0, or -ENAMETOOLONG. */
int path_make(char *path, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The file's text without its last newline; 0 or -errno. */
int path_read(const char *path, char *text, size_t size);
/* Writes the text in one call; 0 or -errno. */
int path_write(const char *path, const char *text);

/* The same for what is no text: as much of it as there is and fits, or -errno; 0 or -errno. */
int path_read_bytes(const char *path, void *bytes, size_t size);
int path_write_bytes(const char *path, const void *bytes, size_t len);

/*
 * Calls @visit for every entry of a folder that begins with @prefix, sorted by
 * name, until one call does not return 0; that value, or -errno.
 */
int path_for_each(const char *dir, const char *prefix,
		  int (*visit)(const char *name, void *context), void *context);

#endif
