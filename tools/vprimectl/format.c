// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers as people read them, and nothing else.
 */
#include "format.h"

#include <inttypes.h>
#include <stdio.h>

const char *format_size(uint64_t bytes, char text[static FORMAT_BYTES])
{
	static const char units[] = "KMGTPE";
	uint64_t unit = 1024;
	size_t i = 0;

	if (bytes < unit) {
		snprintf(text, FORMAT_BYTES, "%" PRIu64, bytes);
		return text;
	}
	for (; units[i + 1] && bytes / unit >= 1024; i++)
		unit *= 1024;
	if (bytes % unit)
		snprintf(text, FORMAT_BYTES, "%" PRIu64 ".%" PRIu64 "%c", bytes / unit,
			 bytes % unit / (unit / 1024) * 10 / 1024, units[i]);
	else
		snprintf(text, FORMAT_BYTES, "%" PRIu64 "%c", bytes / unit, units[i]);
	return text;
}
