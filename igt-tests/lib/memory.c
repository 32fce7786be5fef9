// SPDX-License-Identifier: MIT
/*
 * Awkward user memory.  Nothing here is given back: it lasts as long as the
 * subtest's process.
 */
#include "memory.h"

#include <stdint.h>
#include <sys/mman.h>

#include "check.h"

#define PAGE 4096

static char *map_pages(size_t pages)
{
	char *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check_msg(at != MAP_FAILED, "mmap: %m");
	return at;
}

const struct bad_pointer *bad_pointers(void)
{
	static struct bad_pointer pointers[] = {
		{ "NULL", NULL },
		{ "all ones", (void *)UINTPTR_MAX },
		{ "kernel half", (void *)0xffff800000000000 },
		{ "non-canonical", (void *)0x8000000000000000 },
		{ "no access", NULL },
		{ }
	};
	char *guard = map_pages(1);

	check_ok(neg_errno(mprotect(guard, PAGE, PROT_NONE)));
	pointers[4].at = guard;
	return pointers;
}

void *memory_at_edge(size_t size)
{
	char *at = map_pages(2);

	check_ok(neg_errno(mprotect(at + PAGE, PAGE, PROT_NONE)));
	return at + PAGE - size;
}

void *memory_read_only(const void *from, size_t size)
{
	char *at = map_pages(1);

	check_le(size, PAGE);
	memcpy(at, from, size);
	check_ok(neg_errno(mprotect(at, PAGE, PROT_READ)));
	return at;
}
