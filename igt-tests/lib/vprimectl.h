/* SPDX-License-Identifier: MIT */
/*
 * The vprimectl that was built beside the tests.
 */
#ifndef IGT_TESTS_VPRIMECTL_H
#define IGT_TESTS_VPRIMECTL_H

/* Its words, separated by blanks; returns its exit status. */
int vprimectl_run(const char *arguments);
/* Fails the subtest where it ends with another status. */
void vprimectl_check(const char *arguments, int status);
/* What the last of them printed, errors included, has this in it. */
void vprimectl_check_output(const char *text);

#endif
