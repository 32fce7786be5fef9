/* SPDX-License-Identifier: MIT */
/*
 * What the kernel tells everybody: uevents.
 */
#ifndef IGT_TESTS_UEVENT_H
#define IGT_TESTS_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

/* Listens from now on, to the kernel itself. */
int uevent_listen(void);
/*
 * The next one of this subsystem that has arrived by now; false where there is
 * none.  The kernel sends before the call returns that was the reason.
 */
bool uevent_take(int listener, const char *subsystem, char *buf, size_t size);
/* The same, but waits until one comes. */
void uevent_wait(int listener, const char *subsystem, char *buf, size_t size);
/* The value of a key in it, NULL where it has none. */
const char *uevent_value(const char *buf, const char *key);

#endif
