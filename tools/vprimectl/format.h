/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers as people read them.
 */
#ifndef VPRIMECTL_FORMAT_H
#define VPRIMECTL_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_BYTES 32

/* "4096", "64K", "1.5M": exact where it can be, else with one digit after the point. */
const char *format_size(uint64_t bytes, char text[static FORMAT_BYTES]);

#endif
