/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LOOK_SCREEN_H
#define LOOK_SCREEN_H

#include <stdbool.h>

#include "picture.h"

struct screen;

struct screen *screen_create(const char *name, const char *path);
bool screen_capture(struct screen *screen, struct picture *picture);
const char *screen_trouble(const struct screen *screen);

#endif
