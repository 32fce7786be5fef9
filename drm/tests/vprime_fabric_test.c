// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_fabric.c: bus addresses, who may use them, and what is behind them.
 */
#include <kunit/test.h>

#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

#include "vprime_kunit_bus.h"

static int poke(struct vprime_binding *binding, u64 offset, u32 word)
{
	struct vprime_piece piece;
	int ret;

	vprime_port_lock(binding->port);
	ret = vprime_binding_map_piece(binding, offset, &piece);
	if (!ret) {
		*(u32 *)piece.vaddr = word;
		vprime_binding_unmap_piece(&piece);
	}
	vprime_port_unlock(binding->port);
	return ret;
}

static size_t piece_length(struct kunit *test, struct vprime_binding *binding, u64 offset)
{
	struct vprime_piece piece = {};

	vprime_port_lock(binding->port);
	KUNIT_EXPECT_EQ(test, vprime_binding_map_piece(binding, offset, &piece), 0);
	if (piece.vaddr)
		vprime_binding_unmap_piece(&piece);
	vprime_port_unlock(binding->port);
	return piece.length;
}

static u64 faults(const struct vprime_port *port)
{
	return atomic64_read(&port->faults);
}

static void window_reaches_every_page_of_an_aperture(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 4);
	struct vprime_port *port = vprime_kunit_port(test, "owner", 64, true);
	struct vprime_binding *binding;
	u64 offset;

	binding = vprime_kunit_window(test, port, memory->aperture.base, memory->size);
	for (offset = 8; offset < memory->size; offset += PAGE_SIZE) {
		KUNIT_EXPECT_EQ(test, poke(binding, offset, 0x1000 + offset), 0);
		KUNIT_EXPECT_EQ(test, memory->words[offset / sizeof(u32)], 0x1000 + offset);
	}
	KUNIT_EXPECT_EQ(test, faults(port), 0);
}

static void piece_ends_with_its_page_and_with_its_window(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 2);
	struct vprime_port *port = vprime_kunit_port(test, "owner", 64, true);
	struct vprime_binding *binding;

	/* From the middle of the first page to a quarter of the second one. */
	binding = vprime_kunit_window(test, port, memory->aperture.base + PAGE_SIZE / 2,
				      PAGE_SIZE / 2 + PAGE_SIZE / 4);
	KUNIT_EXPECT_EQ(test, piece_length(test, binding, 0), PAGE_SIZE / 2);
	KUNIT_EXPECT_EQ(test, piece_length(test, binding, PAGE_SIZE / 2 - 4), 4);
	KUNIT_EXPECT_EQ(test, piece_length(test, binding, PAGE_SIZE / 2), PAGE_SIZE / 4);
	KUNIT_EXPECT_EQ(test, piece_length(test, binding, PAGE_SIZE / 2 + 4), PAGE_SIZE / 4 - 4);
}

static void scattered_table(struct kunit *test, struct vprime_kunit_memory *memory,
			    struct sg_table *sgt, const unsigned int *pages, unsigned int count)
{
	struct scatterlist *sg;
	unsigned int i;

	sgt->sgl = kunit_kcalloc(test, count, sizeof(*sgt->sgl), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sgt->sgl);
	sgt->nents = count;
	sgt->orig_nents = count;
	sg_init_table(sgt->sgl, count);
	for_each_sgtable_dma_sg(sgt, sg, i) {
		sg_dma_address(sg) = memory->aperture.base + pages[i] * PAGE_SIZE;
		sg_dma_len(sg) = PAGE_SIZE;
	}
}

static void put_binding(void *binding)
{
	vprime_binding_put(binding);
}

static void offset_finds_its_window_among_many(struct kunit *test)
{
	static const unsigned int pages[] = { 5, 0, 7, 2, 4 };
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 8);
	struct vprime_port *port = vprime_kunit_port(test, "owner", 64, true);
	struct vprime_binding *binding;
	struct sg_table sgt = {};
	unsigned int i;

	scattered_table(test, memory, &sgt, pages, ARRAY_SIZE(pages));
	binding = vprime_binding_create(port, &sgt);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, binding);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_binding, binding), 0);

	KUNIT_EXPECT_EQ(test, binding->size, ARRAY_SIZE(pages) * PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		KUNIT_EXPECT_EQ(test, poke(binding, i * PAGE_SIZE, 100 + i), 0);
		KUNIT_EXPECT_EQ(test, poke(binding, (i + 1) * PAGE_SIZE - 4, 200 + i), 0);
	}
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		const u32 *words = &memory->words[pages[i] * PAGE_SIZE / sizeof(u32)];

		KUNIT_EXPECT_EQ(test, words[0], 100 + i);
		KUNIT_EXPECT_EQ(test, words[PAGE_SIZE / sizeof(u32) - 1], 200 + i);
	}
}

static void system_page_is_reached_as_it_was_mapped(struct kunit *test)
{
	struct vprime_port *port = vprime_kunit_port(test, "owner", 64, true);
	u32 *words = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct vprime_binding *binding;
	dma_addr_t addr;

	KUNIT_ASSERT_NOT_NULL(test, words);
	addr = dma_map_single(port->dev, words, PAGE_SIZE, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_EQ(test, dma_mapping_error(port->dev, addr), 0);
	KUNIT_EXPECT_FALSE(test, vprime_fabric_is_aperture(addr));

	binding = vprime_binding_create_linear(port, addr, PAGE_SIZE);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, binding);
	if (!IS_ERR_OR_NULL(binding)) {
		KUNIT_EXPECT_EQ(test, poke(binding, 16, 0xabcd), 0);
		KUNIT_EXPECT_EQ(test, words[4], 0xabcd);
		vprime_binding_put(binding);
	}
	dma_unmap_single(port->dev, addr, PAGE_SIZE, DMA_BIDIRECTIONAL);
}

static void disabled_binding_faults_and_each_fault_is_counted(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 1);
	struct vprime_port *port = vprime_kunit_port(test, "owner", 64, true);
	struct vprime_binding *binding;

	binding = vprime_kunit_window(test, port, memory->aperture.base, memory->size);
	vprime_binding_disable(binding);
	KUNIT_EXPECT_EQ(test, poke(binding, 0, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, poke(binding, 4, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, faults(port), 2);
	KUNIT_EXPECT_EQ(test, memory->words[0], 0);

	/* Once more does no harm. */
	vprime_binding_disable(binding);
}

static void address_with_nothing_behind_it_faults(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 2);
	struct vprime_port *port = vprime_kunit_port(test, "owner", 64, true);
	struct page *page = memory->aperture.pages[1];
	struct vprime_binding *hole, *beyond;

	/* Memory that was never given out. */
	memory->aperture.pages[1] = NULL;
	hole = vprime_kunit_window(test, port, memory->aperture.base, memory->size);
	KUNIT_EXPECT_EQ(test, poke(hole, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, poke(hole, PAGE_SIZE, 1), -EFAULT);
	memory->aperture.pages[1] = page;

	/* No aperture is that high up. */
	beyond = vprime_kunit_window(test, port, BIT_ULL(47) - PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, poke(beyond, 0, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, faults(port), 2);
}

static void last_reference_takes_the_windows_along(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 1);
	struct vprime_port *port = vprime_kunit_port(test, "owner", 64, true);
	struct vprime_binding *binding;

	binding = vprime_binding_create_linear(port, memory->aperture.base, memory->size);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, binding);
	KUNIT_EXPECT_PTR_EQ(test, vprime_binding_get(binding), binding);
	vprime_binding_put(binding);
	KUNIT_EXPECT_EQ(test, poke(binding, 0, 1), 0);
	KUNIT_EXPECT_FALSE(test, RB_EMPTY_ROOT(&port->windows.rb_root));

	vprime_binding_put(binding);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&port->windows.rb_root));
	vprime_binding_put(NULL);
}

static void revoking_takes_the_windows_of_others_only(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 1);
	struct vprime_port *owner = vprime_kunit_port(test, "owner", 64, true);
	struct vprime_port *peer = vprime_kunit_port(test, "peer", 64, true);
	struct vprime_port *third = vprime_kunit_port(test, "third", 64, true);
	struct vprime_binding *own, *other, *another;

	own = vprime_kunit_window(test, owner, memory->aperture.base, PAGE_SIZE);
	other = vprime_kunit_window(test, peer, memory->aperture.base, PAGE_SIZE);
	another = vprime_kunit_window(test, third, memory->aperture.base + 64, 64);
	KUNIT_EXPECT_EQ(test, poke(other, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, poke(another, 0, 1), 0);

	vprime_binding_retire(own);
	vprime_binding_revoke_others(own);
	KUNIT_EXPECT_EQ(test, poke(own, 0, 2), 0);
	KUNIT_EXPECT_EQ(test, poke(other, 0, 3), -EFAULT);
	KUNIT_EXPECT_EQ(test, poke(another, 0, 3), -EFAULT);
	KUNIT_EXPECT_EQ(test, memory->words[0], 2);
	KUNIT_EXPECT_EQ(test, faults(owner), 0);
	KUNIT_EXPECT_EQ(test, faults(peer), 1);
	KUNIT_EXPECT_EQ(test, faults(third), 1);
}

static void revoking_spares_windows_onto_other_memory(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 3);
	struct vprime_port *owner = vprime_kunit_port(test, "owner", 64, true);
	struct vprime_port *peer = vprime_kunit_port(test, "peer", 64, true);
	struct vprime_binding *own, *before, *after;
	u64 base = memory->aperture.base;

	own = vprime_kunit_window(test, owner, base + PAGE_SIZE, PAGE_SIZE);
	before = vprime_kunit_window(test, peer, base, PAGE_SIZE);
	after = vprime_kunit_window(test, peer, base + 2 * PAGE_SIZE, PAGE_SIZE);
	vprime_binding_retire(own);
	vprime_binding_revoke_others(own);
	KUNIT_EXPECT_EQ(test, poke(before, PAGE_SIZE - 4, 1), 0);
	KUNIT_EXPECT_EQ(test, poke(after, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, faults(peer), 0);
}

static void revoking_spares_windows_of_the_next_owner(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 1);
	struct vprime_port *owner = vprime_kunit_port(test, "owner", 64, true);
	struct vprime_port *peer = vprime_kunit_port(test, "peer", 64, true);
	struct vprime_binding *own, *old, *fresh;

	own = vprime_kunit_window(test, owner, memory->aperture.base, PAGE_SIZE);
	old = vprime_kunit_window(test, peer, memory->aperture.base, PAGE_SIZE);
	vprime_binding_retire(own);

	/* The memory has been handed on before the job of its old owner runs. */
	fresh = vprime_kunit_window(test, peer, memory->aperture.base, PAGE_SIZE);
	vprime_binding_revoke_others(own);
	KUNIT_EXPECT_EQ(test, poke(old, 0, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, poke(fresh, 0, 2), 0);
	KUNIT_EXPECT_EQ(test, faults(peer), 1);
}

static void apertures_do_not_overlap_and_gaps_are_used_again(struct kunit *test)
{
	struct vprime_aperture apertures[3], again;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(apertures); i++) {
		apertures[i].size = SZ_1G;
		KUNIT_ASSERT_EQ(test, vprime_fabric_add_aperture(&apertures[i]), 0);
		KUNIT_EXPECT_TRUE(test, vprime_fabric_is_aperture(apertures[i].base));
		KUNIT_EXPECT_TRUE(test, vprime_fabric_is_aperture(apertures[i].base + SZ_1G - 1));
	}
	KUNIT_EXPECT_GE(test, apertures[1].base, apertures[0].base + SZ_1G);
	KUNIT_EXPECT_GE(test, apertures[2].base, apertures[1].base + SZ_1G);

	vprime_fabric_remove_aperture(&apertures[1]);
	again.size = SZ_1G;
	KUNIT_EXPECT_EQ(test, vprime_fabric_add_aperture(&again), 0);
	KUNIT_EXPECT_EQ(test, again.base, apertures[1].base);
	vprime_fabric_remove_aperture(&again);
	vprime_fabric_remove_aperture(&apertures[2]);
	vprime_fabric_remove_aperture(&apertures[0]);
}

static void aperture_that_does_not_fit_is_refused(struct kunit *test)
{
	struct vprime_aperture all = { .size = BIT_ULL(46) };

	/* This takes some of the addresses. */
	vprime_kunit_memory(test, 1);
	KUNIT_EXPECT_EQ(test, vprime_fabric_add_aperture(&all), -ENOSPC);
}

/**
 * struct address_case - whether an address is that of a GPU's memory
 * @name: of the case
 * @addr: the address
 * @is_aperture: the answer
 */
struct address_case {
	const char *name;
	u64 addr;
	bool is_aperture;
};

static const struct address_case address_cases[] = {
	{ .name = "zero", .addr = 0, .is_aperture = false },
	{ .name = "4 GiB", .addr = SZ_4G, .is_aperture = false },
	{ .name = "last below", .addr = BIT_ULL(46) - 1, .is_aperture = false },
	{ .name = "first", .addr = BIT_ULL(46), .is_aperture = true },
	{ .name = "last", .addr = BIT_ULL(47) - 1, .is_aperture = true },
	{ .name = "first above", .addr = BIT_ULL(47), .is_aperture = false },
	{ .name = "highest", .addr = U64_MAX, .is_aperture = false },
};

KUNIT_ARRAY_PARAM_DESC(address, address_cases, name);

static void address_is_that_of_an_aperture(struct kunit *test)
{
	const struct address_case *param = test->param_value;

	KUNIT_EXPECT_EQ(test, vprime_fabric_is_aperture(param->addr), param->is_aperture);
}

/**
 * struct peer_case - who can use the memory of another GPU in place
 * @name: of the case
 * @dma_bits: width of the addresses it sends
 * @p2p: it takes part
 * @is_peer: the answer
 */
struct peer_case {
	const char *name;
	u32 dma_bits;
	bool p2p;
	bool is_peer;
};

static const struct peer_case peer_cases[] = {
	{ .name = "64 bits", .dma_bits = 64, .p2p = true, .is_peer = true },
	{ .name = "47 bits", .dma_bits = 47, .p2p = true, .is_peer = true },
	{ .name = "46 bits", .dma_bits = 46, .p2p = true, .is_peer = false },
	{ .name = "32 bits", .dma_bits = 32, .p2p = true, .is_peer = false },
	{ .name = "no p2p", .dma_bits = 64, .p2p = false, .is_peer = false },
};

KUNIT_ARRAY_PARAM_DESC(peer, peer_cases, name);

static void peer_reaches_an_aperture(struct kunit *test)
{
	const struct peer_case *param = test->param_value;
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 1);
	struct vprime_port *port;

	port = vprime_kunit_port(test, "peer", param->dma_bits, param->p2p);
	KUNIT_EXPECT_EQ(test, vprime_fabric_is_peer(port->dev, &memory->aperture), param->is_peer);
}

static void device_that_is_not_on_the_bus_is_no_peer(struct kunit *test)
{
	struct vprime_kunit_memory *memory = vprime_kunit_memory(test, 1);
	struct vprime_port *port = vprime_kunit_port(test, "peer", 64, true);

	KUNIT_EXPECT_FALSE(test, vprime_fabric_is_peer(port->dev->parent, &memory->aperture));
}

static struct kunit_case fabric_test_cases[] = {
	KUNIT_CASE(window_reaches_every_page_of_an_aperture),
	KUNIT_CASE(piece_ends_with_its_page_and_with_its_window),
	KUNIT_CASE(offset_finds_its_window_among_many),
	KUNIT_CASE(system_page_is_reached_as_it_was_mapped),
	KUNIT_CASE(disabled_binding_faults_and_each_fault_is_counted),
	KUNIT_CASE(address_with_nothing_behind_it_faults),
	KUNIT_CASE(last_reference_takes_the_windows_along),
	KUNIT_CASE(revoking_takes_the_windows_of_others_only),
	KUNIT_CASE(revoking_spares_windows_onto_other_memory),
	KUNIT_CASE(revoking_spares_windows_of_the_next_owner),
	KUNIT_CASE(apertures_do_not_overlap_and_gaps_are_used_again),
	KUNIT_CASE(aperture_that_does_not_fit_is_refused),
	KUNIT_CASE_PARAM(address_is_that_of_an_aperture, address_gen_params),
	KUNIT_CASE_PARAM(peer_reaches_an_aperture, peer_gen_params),
	KUNIT_CASE(device_that_is_not_on_the_bus_is_no_peer),
	{}
};

static struct kunit_suite fabric_test_suite = {
	.name = "vprime-fabric",
	.test_cases = fabric_test_cases,
};

kunit_test_suite(fabric_test_suite);
