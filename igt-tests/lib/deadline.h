/* SPDX-License-Identifier: MIT */
/*
 * Waiting for what the kernel does a moment later.
 */
#ifndef IGT_TESTS_DEADLINE_H
#define IGT_TESTS_DEADLINE_H

#include <stdbool.h>
#include <time.h>

/* As long from now as anything of that kind may take on a busy machine. */
time_t deadline_soon(void);
/* A short pause; false if it is too late. */
bool deadline_pause(time_t deadline);

#endif
