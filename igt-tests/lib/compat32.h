/* SPDX-License-Identifier: MIT */
/*
 * System calls by the 32-bit entry, from a 64-bit program: int 0x80 with
 * pointers that fit.  No 32-bit tool chain is needed to reach compat code.
 */
#ifndef IGT_TESTS_COMPAT32_H
#define IGT_TESTS_COMPAT32_H

#include <stddef.h>

/* Skips the subtest where the kernel has no 32-bit entry. */
void compat32_require(void);
/* Memory whose address fits 32 bits, zeroed. */
void *compat32_alloc(size_t size);
void compat32_free(void *at, size_t size);
/* ioctl(), by the 32-bit entry: the value, or -errno. */
int compat32_ioctl(int fd, unsigned int cmd, void *low_arg);

#endif
