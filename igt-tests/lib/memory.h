/* SPDX-License-Identifier: MIT */
/*
 * User memory of awkward kinds, for calls that copy from it and to it.
 */
#ifndef IGT_TESTS_MEMORY_H
#define IGT_TESTS_MEMORY_H

#include <stddef.h>

/* Pointers no call may read through, ended by a row without a name. */
struct bad_pointer {
	const char *name;
	void *at;
};

const struct bad_pointer *bad_pointers(void);
/* @size bytes that end where memory ends: the next byte faults. */
void *memory_at_edge(size_t size);
/* A copy of @size bytes that can be read but not written. */
void *memory_read_only(const void *from, size_t size);

#endif
