/* SPDX-License-Identifier: MIT */
/*
 * Failure of a chosen allocation: the n-th one this thread makes from now on.
 */
#ifndef IGT_TESTS_FAULT_H
#define IGT_TESTS_FAULT_H

#include <stdbool.h>

/* Lets every kind of allocation fail, silently; skips where it cannot. */
void fault_setup(void);
void fault_teardown(void);
/* Between the two there is to be nothing but the call under test. */
void fault_arm(int nth);
/* True where the n-th allocation came and was refused. */
bool fault_disarm(void);

#endif
