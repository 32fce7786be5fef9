/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LOOK_CARD_H
#define LOOK_CARD_H

#include <stdint.h>

#define TROUBLE_SIZE 128

int card_open(const char *gpu, char trouble[static TROUBLE_SIZE]);
uint32_t card_crtc(int fd, unsigned int head);

#endif
