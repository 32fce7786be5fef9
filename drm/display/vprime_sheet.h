/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_SHEET_H_
#define _VPRIME_SHEET_H_

#include <linux/types.h>

struct vprime_sheet;

bool vprime_sheet_is_known(u32 fourcc);
bool vprime_sheet_is_deep(const struct vprime_sheet *sheet);
void vprime_sheet_write(const struct vprime_sheet *sheet, u32 y, const u32 *line, u32 count);
void vprime_sheet_write_wide(const struct vprime_sheet *sheet, u32 y, const u64 *line, u32 count);

#endif
