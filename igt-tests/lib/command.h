/* SPDX-License-Identifier: MIT */
/*
 * Running a program of the system.
 */
#ifndef IGT_TESTS_COMMAND_H
#define IGT_TESTS_COMMAND_H

#include <stddef.h>

/*
 * Runs argv[0], found in PATH, and waits for it.  What it prints, errors
 * included, is in @output, cut at @size.  Its exit status; 127 where there is
 * no such program.
 */
int command_run(char *const argv[], char *output, size_t size);

#endif
