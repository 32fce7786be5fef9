/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the bus and of the silicon need: ports, memory behind bus addresses, windows.
 */
#ifndef _VPRIME_KUNIT_BUS_H_
#define _VPRIME_KUNIT_BUS_H_

#include <linux/types.h>

#include "../vprime_binding.h"

struct kunit;

/**
 * struct vprime_kunit_memory - memory on the bus
 * @aperture: its addresses
 * @size: bytes
 * @words: the same memory, for the CPU
 */
struct vprime_kunit_memory {
	struct vprime_aperture aperture;
	size_t size;
	u32 *words;
};

/* All of these are given up when the test ends. */
struct vprime_port *vprime_kunit_port(struct kunit *test, const char *name, u32 dma_bits, bool p2p);
struct vprime_kunit_memory *vprime_kunit_memory(struct kunit *test, unsigned int pages);
struct vprime_binding *vprime_kunit_window(struct kunit *test, struct vprime_port *port, u64 addr,
					   u64 size);

#endif
