/* SPDX-License-Identifier: MIT */
/*
 * The list of all dma-bufs in debugfs, dma_buf/bufinfo.
 */
#ifndef IGT_TESTS_BUFINFO_H
#define IGT_TESTS_BUFINFO_H

#include <stdbool.h>
#include <stddef.h>

#define BUFINFO_PATH "/sys/kernel/debug/dma_buf/bufinfo"

/* One buffer's row, and the lines below it as they stand. */
struct bufinfo {
	size_t size;
	long count;
	unsigned long ino;
	char exp_name[64];
	char name[64];
	char details[4096];
};

/* How many buffers are listed, or -errno. */
int __bufinfo_count(void);
int bufinfo_count(void);

/* Finds the buffer with this inode number; @info may be NULL. */
bool bufinfo_find(unsigned long ino, struct bufinfo *info);
/* The same for a descriptor; fails the subtest if it is not listed. */
void bufinfo_get(int fd, struct bufinfo *info);

/* How many lines of @info contain this text. */
int bufinfo_lines_with(const struct bufinfo *info, const char *text);

/*
 * The last reference to a file that is dropped in interrupt context is put by
 * a worker, which nothing announces: look until the count is reached, give up
 * after some seconds.
 */
bool bufinfo_settles_at(int count);
bool bufinfo_forgets(unsigned long ino);
/* A driver may detach a moment after its handle was closed, too. */
bool bufinfo_detaches(int fd);

/* The same list, whole, for one who walks it; free() it. */
char *bufinfo_text(void);

#endif
