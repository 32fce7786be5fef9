/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LOOK_JUDGE_H
#define LOOK_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "picture.h"

#define REASON_SIZE 160

bool judge(const struct picture *picture, const char *condition, char reason[static REASON_SIZE]);
void judge_explain(void);

#endif
