/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_COMPOSE_REFERENCE_H_
#define _VPRIME_COMPOSE_REFERENCE_H_

#include "vprime_format_reference.h"

struct vprime_scene;

struct reference_color reference_screen(const struct vprime_scene *scene, int x, int y);

#endif
