/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was proven and what was not: one line each on standard output,
 * "ok<TAB>text" or "FAIL<TAB>text".
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

/* Print one verdict; @ok is handed back. */
bool verdict(bool ok, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* For what everything else needs: a FAIL line with errno, and the end. */
void must(bool ok, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Exit status for main(): 1 if any verdict was a FAIL. */
int verdict_status(void);

#endif
