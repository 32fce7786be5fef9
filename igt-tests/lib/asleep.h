/* SPDX-License-Identifier: MIT */
/*
 * The machine goes to sleep, and wakes up again by itself.
 */
#ifndef IGT_TESTS_ASLEEP_H
#define IGT_TESTS_ASLEEP_H

/* Skips the subtest where the machine cannot, or would lose what it needs. */
void asleep_require(void);

/*
 * Suspends to RAM; the machine's clock wakes it up.  __asleep() returns -errno,
 * asleep() asserts.
 */
int __asleep(void);
void asleep(void);

#endif
