/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LOOK_EVENTS_H
#define LOOK_EVENTS_H

#include <stdbool.h>

void events_begin(void);
void events_end(void);
bool events_wait(double seconds);

#endif
