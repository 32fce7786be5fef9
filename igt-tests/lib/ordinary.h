/* SPDX-License-Identifier: MIT */
/*
 * Somebody without rights: what he can do is what he was given.
 */
#ifndef IGT_TESTS_ORDINARY_H
#define IGT_TESTS_ORDINARY_H

#include <sys/types.h>

/* No group of any file that is there to be shared. */
#define NO_GROUP ((gid_t)65534)

/*
 * Runs @act in a process of an ordinary user, who is a member of @group and of
 * no other, with the descriptors that are open now, and waits for its end.
 */
void ordinary_run(gid_t group, void (*act)(void *arg), void *arg);
/* The same by one who has become root in a user namespace of his own. */
void ordinary_run_as_own_root(void (*act)(void *arg), void *arg);

/* open(), and close() where that worked: 0 or -errno. */
int __ordinary_open(const char *path, int flags);

#endif
