/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a display device makes of a framebuffer, read back through its writeback
 * connector: the way to see bytes from the side of a driver that only displays.
 */
#ifndef WRITEBACK_H
#define WRITEBACK_H

#include "gpu.h"

/* Show @framebuffer on @gpu and return what its display read from it. */
struct gpu_buffer writeback_read(const struct gpu *gpu, uint32_t framebuffer);

#endif
