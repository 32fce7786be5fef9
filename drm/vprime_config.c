// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_config.h"

#define pr_fmt(fmt) "vprime: " fmt

#include <kunit/visibility.h>

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/time64.h>

/**
 * DOC: What a GPU is made like
 *
 * This room fills in the two GPUs that everybody gets, and says of a configuration whether a GPU
 * can be made like that. It is the only place that knows the bounds. How people write one is the
 * matter of vprime_configfs.c; what is built from it, of vprime_device.c.
 *
 * Each rule is a predicate that tells in the kernel log what it refuses, for the people who read
 * EINVAL.
 *
 * Tested by tests/vprime_config_test.c.
 */

#define NAME_CHARS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

static void init_common(struct vprime_config *config, const char *name, u64 vram_size)
{
	*config = (struct vprime_config) {
		.vram_size = vram_size,
		.pin_limit = vram_size / 2,
		.p2p = true,
		.dma_bits = VPRIME_DMA_BITS_MAX,
		.job_timeout_ms = 10 * MSEC_PER_SEC,	/* emulated machines are slow */
		.poison = true,
		.clock = VPRIME_CLOCK_TIMED,
	};
	strscpy(config->name, name);
}

/**
 * vprime_config_init_display - fill in the GPU that scans out
 * @config: to be filled in
 *
 * One head and little memory, and no render node: Mesa's software rendering needs dumb buffers,
 * which a render node does not give.
 */
void vprime_config_init_display(struct vprime_config *config)
{
	init_common(config, "display", SZ_64M);
	config->heads = 1;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_config_init_display);

/**
 * vprime_config_init_render - fill in the GPU that draws
 * @config: to be filled in
 */
void vprime_config_init_render(struct vprime_config *config)
{
	init_common(config, "render", SZ_256M);
	config->render_node = true;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_config_init_render);

/**
 * vprime_config_complete - say in objects what is said in heads
 * @config: one that vprime_config_check() has accepted; nothing happens if it has objects
 *
 * A GPU whose completed configuration has an empty topology has no display.
 *
 * Context: any.
 */
void vprime_config_complete(struct vprime_config *config)
{
	if (vprime_topology_is_empty(&config->topology))
		vprime_topology_init_heads(&config->topology, config->heads);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_config_complete);

/* It becomes a part of paths and of lines that scripts take apart. */
static bool is_name(const char *name)
{
	size_t len = strnlen(name, VPRIME_NAME_LEN);

	return len > 0 && len < VPRIME_NAME_LEN && strspn(name, NAME_CHARS) == len &&
	       !strchr("-.", name[0]);
}

static bool valid_name(const struct vprime_config *config)
{
	if (is_name(config->name))
		return true;

	pr_info("\"%*pE\" is no name for a GPU: 1 to %d of A-Z a-z 0-9 _ - . and no - or . first\n",
		(int)strnlen(config->name, VPRIME_NAME_LEN), config->name, VPRIME_NAME_LEN - 1);
	return false;
}

/* Whether there is such a GPU shows when the console comes up. */
static bool valid_fbdev_peer(const struct vprime_config *config)
{
	if (!config->fbdev_peer[0])
		return true;
	if (is_name(config->fbdev_peer) && strcmp(config->fbdev_peer, config->name))
		return true;

	pr_info("%s: fbdev_peer \"%*pE\" is not the name of another GPU\n", config->name,
		(int)strnlen(config->fbdev_peer, VPRIME_NAME_LEN), config->fbdev_peer);
	return false;
}

static bool valid_vram_size(const struct vprime_config *config)
{
	if (config->vram_size >= VPRIME_VRAM_MIN && config->vram_size <= VPRIME_VRAM_MAX &&
	    PAGE_ALIGNED(config->vram_size))
		return true;

	pr_info("%s: vram_size %llu is not %llu to %llu MiB in whole pages\n", config->name,
		config->vram_size, (u64)VPRIME_VRAM_MIN / SZ_1M, (u64)VPRIME_VRAM_MAX / SZ_1M);
	return false;
}

static bool valid_pin_limit(const struct vprime_config *config)
{
	if (config->pin_limit <= config->vram_size)
		return true;

	pr_info("%s: pin_limit %llu is more than vram_size %llu\n",
		config->name, config->pin_limit, config->vram_size);
	return false;
}

static bool valid_heads(const struct vprime_config *config)
{
	if (config->heads <= VPRIME_HEADS_MAX)
		return true;

	pr_info("%s: %u heads are more than %d\n", config->name, config->heads, VPRIME_HEADS_MAX);
	return false;
}

static bool valid_topology(const struct vprime_config *config)
{
	return !vprime_topology_check(&config->topology, config->name);
}

/* Each says all about the display. */
static bool valid_display(const struct vprime_config *config)
{
	if (!config->heads || vprime_topology_is_empty(&config->topology))
		return true;

	pr_info("%s: %u heads, and display objects of its own: write 0 to heads, or remove them\n",
		config->name, config->heads);
	return false;
}

static bool valid_dma_bits(const struct vprime_config *config)
{
	if (config->dma_bits >= VPRIME_DMA_BITS_MIN && config->dma_bits <= VPRIME_DMA_BITS_MAX)
		return true;

	pr_info("%s: dma_mask %u is not between %d and %d bits\n",
		config->name, config->dma_bits, VPRIME_DMA_BITS_MIN, VPRIME_DMA_BITS_MAX);
	return false;
}

static bool valid_job_timeout(const struct vprime_config *config)
{
	if (config->job_timeout_ms > 0)
		return true;

	pr_info("%s: job_timeout_ms 0 would give up every job\n", config->name);
	return false;
}

/* A job that has not begun when its time is up could never end. */
static bool valid_engine_latency(const struct vprime_config *config)
{
	if (config->engine_latency_us < (u64)config->job_timeout_ms * USEC_PER_MSEC)
		return true;

	pr_info("%s: engine_latency_us %u is not below job_timeout_ms %u\n",
		config->name, config->engine_latency_us, config->job_timeout_ms);
	return false;
}

static bool (* const predicates[])(const struct vprime_config *config) = {
	valid_name,
	valid_fbdev_peer,
	valid_vram_size,
	valid_pin_limit,
	valid_heads,
	valid_topology,
	valid_display,
	valid_dma_bits,
	valid_job_timeout,
	valid_engine_latency,
};

/**
 * vprime_config_check - can a GPU be made like this?
 * @config: what somebody wants
 *
 * The first rule that is broken is told in the kernel log.
 *
 * Return: 0, or -EINVAL.
 */
int vprime_config_check(const struct vprime_config *config)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(predicates); i++)
		if (!predicates[i](config))
			return -EINVAL;

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_config_check);
