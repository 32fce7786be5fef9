/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says about a process's descriptors: /proc/self/fd and
 * fdinfo, read as key and value whatever their order.
 */
#ifndef IGT_TESTS_PROCFS_H
#define IGT_TESTS_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

int procfs_count_fds(void);

/* Reads a whole small file; -errno, or its length (truncated to size - 1). */
ssize_t __procfs_read(const char *path, char *buf, size_t size);

/* Writes a string to a file in one call; 0 or -errno. */
int __procfs_write(const char *path, const char *text);

/* /proc/self/fd/N as a path. */
const char *procfs_fd_path(int fd, char *buf, size_t size);
/* What that link says. */
void procfs_readlink(int fd, char *buf, size_t size);

/* The value of "key:" in the descriptor's fdinfo; false where there is none. */
bool procfs_fdinfo(int fd, const char *key, char *value, size_t size);
/* The same for a number the fdinfo must have. */
unsigned long long procfs_fdinfo_number(int fd, const char *key);

/* How many threads of this process are asleep in the kernel just now. */
bool procfs_thread_sleeps(pid_t tid);
#endif
