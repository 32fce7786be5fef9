/* SPDX-License-Identifier: MIT */
/*
 * A buffer whose reservation lock is held for long by somebody else.
 */
#ifndef IGT_TESTS_HELD_LOCK_H
#define IGT_TESTS_HELD_LOCK_H

#include <stdbool.h>

/*
 * Runs @probe over and over in another process while this one holds the lock
 * of the buffer @probe is given.  True if no run of it waited for the lock.
 */
bool held_lock_stalls_nobody(void (*probe)(int fd));

#endif
