/* SPDX-License-Identifier: MIT */
/*
 * The process's own memory by way of /proc/self/mem, as a debugger gets at it.
 */
#ifndef IGT_TESTS_PEEK_H
#define IGT_TESTS_PEEK_H

#include <stddef.h>
#include <sys/types.h>

/* How many bytes were read or written, or -errno. */
ssize_t __peek(const void *at, void *buf, size_t bytes);
ssize_t __poke(void *at, const void *buf, size_t bytes);
/* All of them. */
void peek(const void *at, void *buf, size_t bytes);
void poke(void *at, const void *buf, size_t bytes);

#endif
