/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happened on the GPUs while the story was told.
 */
#ifndef TOTALS_H
#define TOTALS_H

#include "vprime.h"

/*
 * Fills the GPU's VRAM once more, so that every range that was left before is
 * looked at for writes that came too late.
 */
void totals_sweep(struct vprime *gpu);

/* Verdicts on the sums, and a table: a counter a line, its name and each GPU's value. */
void totals_judge(const struct vprime *first, const struct vprime *second);
void totals_save(const char *path, const struct vprime *first, const struct vprime *second);

#endif
