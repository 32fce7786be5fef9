/* SPDX-License-Identifier: MIT */
/*
 * Processes beside the subtest's own, which never outlive it.
 */
#ifndef IGT_TESTS_CHILD_H
#define IGT_TESTS_CHILD_H

#include <sys/types.h>

/* fork(): 0 in the child, which is killed when its parent ends. */
pid_t child_fork(void);
/* Waits for it to exit with 0. */
void child_join(pid_t pid);
/* Kills it and waits for its end. */
void child_kill(pid_t pid);

#endif
