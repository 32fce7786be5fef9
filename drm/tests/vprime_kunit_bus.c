// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_kunit_bus.h"

#include <kunit/device.h>
#include <kunit/test.h>

#include <linux/dma-mapping.h>
#include <linux/vmalloc.h>

static void bus_remove_port(void *port)
{
	vprime_fabric_remove_port(port);
}

struct vprime_port *vprime_kunit_port(struct kunit *test, const char *name, u32 dma_bits, bool p2p)
{
	struct vprime_port *port = kunit_kzalloc(test, sizeof(*port), GFP_KERNEL);
	struct device *dev = kunit_device_register(test, name);

	KUNIT_ASSERT_NOT_NULL(test, port);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits)), 0);
	vprime_fabric_add_port(port, dev, p2p);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, bus_remove_port, port), 0);
	return port;
}

static void bus_free_page(void *page)
{
	__free_page(page);
}

static void bus_vunmap(void *words)
{
	vunmap(words);
}

static void bus_remove_aperture(void *aperture)
{
	vprime_fabric_remove_aperture(aperture);
}

static struct page *bus_alloc_page(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, bus_free_page, page), 0);
	return page;
}

struct vprime_kunit_memory *vprime_kunit_memory(struct kunit *test, unsigned int pages)
{
	struct vprime_kunit_memory *memory = kunit_kzalloc(test, sizeof(*memory), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, memory);
	memory->size = pages * PAGE_SIZE;
	memory->aperture.size = memory->size;
	memory->aperture.pages = kunit_kcalloc(test, pages, sizeof(struct page *), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, memory->aperture.pages);
	for (i = 0; i < pages; i++)
		memory->aperture.pages[i] = bus_alloc_page(test);

	memory->words = vmap(memory->aperture.pages, pages, VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, memory->words);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, bus_vunmap, memory->words), 0);

	KUNIT_ASSERT_EQ(test, vprime_fabric_add_aperture(&memory->aperture), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, bus_remove_aperture,
							&memory->aperture), 0);
	return memory;
}

static void bus_put_binding(void *binding)
{
	vprime_binding_put(binding);
}

struct vprime_binding *vprime_kunit_window(struct kunit *test, struct vprime_port *port, u64 addr,
					   u64 size)
{
	struct vprime_binding *binding = vprime_binding_create_linear(port, addr, size);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, binding);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, bus_put_binding, binding), 0);
	return binding;
}
