// SPDX-License-Identifier: GPL-2.0-only

#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/jhash.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>

#include <uapi/linux/dma-buf.h>

#include "dma-buf-breach.h"
#include "dma-buf-private.h"

/**
 * DOC: Breaches of the contract
 *
 * Drivers are trusted but not infallible.  Whatever rule of the contract one of
 * them breaks ends up here: it is counted, and the first time it is reported
 * with the buffer, the device and the stacks, as one block in the kernel log.
 * The caller then carries on in the safest way there is.  Nothing that user
 * space does alone can lead here.
 *
 * The first time is the first time of each rule; with DMABUF_CHECK, of each
 * rule at each place in the kernel, up to a limit, so that one bad driver does
 * not hide the next.
 *
 * Tested by every test in tests/ that breaks a rule.
 */

/**
 * struct dma_buf_breach_text - how a rule is called
 * @name: in debugfs and in the report
 * @text: what the driver did, as a sentence
 * @earlier: what happened at the earlier stack, if there can be one
 */
struct dma_buf_breach_text {
	const char *name;
	const char *text;
	const char *earlier;
};

static const struct dma_buf_breach_text dma_buf_breach_texts[] = {
	[DMA_BUF_BREACH_ARGUMENT] = {
		"argument", "a driver passed NULL or things that do not belong together" },
	[DMA_BUF_BREACH_EXPORT_INFO] = {
		"export-info",
		"the exporter's operations are incomplete or contradict each other" },
	[DMA_BUF_BREACH_IMPORTER_OPS] = {
		"importer-ops", "the importer has operations but no move_notify" },
	[DMA_BUF_BREACH_PIN_STATIC] = {
		"pin-static", "a static importer pins, although its mappings pin already" },
	[DMA_BUF_BREACH_PIN_BUSY] = {
		"pin-busy", "the exporter accepted the device but cannot pin for it" },
	[DMA_BUF_BREACH_UNPIN_UNPINNED] = {
		"unpin-unpinned", "the importer unpins what it has not pinned" },
	[DMA_BUF_BREACH_UNMAP_UNMAPPED] = {
		"unmap-unmapped", "the importer unmaps what is not mapped" },
	[DMA_BUF_BREACH_VUNMAP_UNMAPPED] = {
		"vunmap-unmapped", "a vunmap of an address that vmap did not return",
		"the last vmap, at" },
	[DMA_BUF_BREACH_DETACH_MAPPED] = {
		"detach-mapped", "the importer detaches while it has a mapping",
		"mapped at" },
	[DMA_BUF_BREACH_DETACH_PINNED] = {
		"detach-pinned", "the importer detaches while it has a pin",
		"pinned at" },
	[DMA_BUF_BREACH_RELEASE_ATTACHED] = {
		"release-attached", "the last reference went while a device was attached",
		"attached at" },
	[DMA_BUF_BREACH_RELEASE_VMAPPED] = {
		"release-vmapped", "the last reference went while a vmap was in use",
		"vmapped at" },

	[DMA_BUF_BREACH_UNLOCKED] = {
		"unlocked", "a driver calls without the reservation lock" },
	[DMA_BUF_BREACH_UNMAP_TWICE] = {
		"unmap-twice", "the importer unmaps what it has unmapped already",
		"unmapped first at" },
	[DMA_BUF_BREACH_UNMAP_FOREIGN] = {
		"unmap-foreign", "the importer unmaps what another attachment has mapped",
		"mapped at" },
	[DMA_BUF_BREACH_UNMAP_DIRECTION] = {
		"unmap-direction", "the importer unmaps in another direction than it mapped",
		"mapped at" },
	[DMA_BUF_BREACH_MAP_IN_NOTIFY] = {
		"map-in-notify",
		"the importer maps inside move_notify, before the buffer has moved" },
	[DMA_BUF_BREACH_MAP_UNWAITED] = {
		"map-unwaited", "a dynamic importer had a mapping and minded no KERNEL fence",
		"mapped at" },
	[DMA_BUF_BREACH_STALE_KEPT] = {
		"stale-kept",
		"the importer keeps a mapping of where the buffer was, long after all fences",
		"mapped at" },

	[DMA_BUF_BREACH_STALE_CACHED] = {
		"stale-cached", "the exporter moves, yet has its tables kept for the next mapping",
		"the table was made at" },
	[DMA_BUF_BREACH_TABLE_NULL] = {
		"table-null", "the exporter's map_dma_buf returns NULL instead of an error" },
	[DMA_BUF_BREACH_TABLE_REUSED] = {
		"table-reused", "the exporter returns a table that is still mapped",
		"returned first at" },
	[DMA_BUF_BREACH_TABLE_MISALIGNED] = {
		"table-misaligned", "the exporter's table has an entry that is not whole pages" },
	[DMA_BUF_BREACH_TABLE_SHORT] = {
		"table-short", "the exporter's table does not cover the buffer" },
	[DMA_BUF_BREACH_TABLE_PAGELESS] = {
		"table-pageless",
		"the exporter gives peer memory to an importer that cannot use it" },
	[DMA_BUF_BREACH_MOVE_PINNED] = {
		"move-pinned", "the exporter moves a buffer that is pinned",
		"pinned at" },
	[DMA_BUF_BREACH_OPS_CHANGED] = {
		"ops-changed", "the exporter has changed dma_buf.ops after the export",
		"exported at" },

	[DMA_BUF_BREACH_CPU_END_UNBEGUN] = {
		"cpu-end-unbegun", "the kernel ends CPU access that it has not begun" },
	[DMA_BUF_BREACH_CPU_DIRECTION] = {
		"cpu-direction", "the kernel ends CPU access in another direction than it began",
		"begun at" },
	[DMA_BUF_BREACH_CPU_LEFT_OPEN] = {
		"cpu-left-open", "the last reference went before the end of CPU access",
		"begun at" },
	[DMA_BUF_BREACH_VMAP_UNBRACKETED] = {
		"vmap-unbracketed",
		"a vmap was used without begin_cpu_access, each time from this place",
		"vmapped at" },
	[DMA_BUF_BREACH_VMAP_MOVABLE] = {
		"vmap-movable",
		"a vmap outlives the lock, and nobody keeps the buffer or follows it",
		"vmapped at" },
	[DMA_BUF_BREACH_MOVE_VMAPPED] = {
		"move-vmapped", "the buffer moves while a vmap is in use that nobody will hear of",
		"vmapped at" },
};

static_assert(ARRAY_SIZE(dma_buf_breach_texts) == DMA_BUF_BREACH_COUNT);

static atomic_long_t dma_buf_breach_counts[DMA_BUF_BREACH_COUNT];

/* Keeps reports in one piece when two CPUs break rules at once. */
static DEFINE_SPINLOCK(dma_buf_breach_report_lock);

#ifdef CONFIG_DMABUF_CHECK

/* A place in the kernel is its innermost return addresses. */
#define DMA_BUF_BREACH_DEPTH	12

/* Of each rule so many places are reported; what comes then is counted. */
#define DMA_BUF_BREACH_PLACES	16

/**
 * struct dma_buf_breach_places - where a rule was broken
 * @hashes: of the places reported so far
 * @count: how many
 */
struct dma_buf_breach_places {
	u32 hashes[DMA_BUF_BREACH_PLACES];
	unsigned int count;
};

static struct dma_buf_breach_places dma_buf_breach_places[DMA_BUF_BREACH_COUNT];
static DEFINE_SPINLOCK(dma_buf_breach_places_lock); /* protects the places */

static bool dma_buf_breach_is_first(enum dma_buf_breach_rule rule)
{
	struct dma_buf_breach_places *places = &dma_buf_breach_places[rule];
	unsigned long frames[DMA_BUF_BREACH_DEPTH];
	unsigned int count, i;
	unsigned long flags;
	bool first;
	u32 hash;

	count = stack_trace_save(frames, ARRAY_SIZE(frames), 1);
	hash = jhash(frames, count * sizeof(frames[0]), 0);

	spin_lock_irqsave(&dma_buf_breach_places_lock, flags);
	for (i = 0; i < places->count; i++)
		if (places->hashes[i] == hash)
			break;
	first = i == places->count && i < DMA_BUF_BREACH_PLACES;
	if (first)
		places->hashes[places->count++] = hash;
	spin_unlock_irqrestore(&dma_buf_breach_places_lock, flags);

	return first;
}

static void dma_buf_breach_print_earlier(enum dma_buf_breach_rule rule,
					 depot_stack_handle_t earlier)
{
	unsigned long *frames;
	unsigned int count = stack_depot_fetch(earlier, &frames);

	if (!count)
		return;

	pr_warn("  %s:\n", dma_buf_breach_texts[rule].earlier);
	stack_trace_print(frames, count, 4);
}

#else /* !CONFIG_DMABUF_CHECK */

static DECLARE_BITMAP(dma_buf_breach_reported, DMA_BUF_BREACH_COUNT);

static bool dma_buf_breach_is_first(enum dma_buf_breach_rule rule)
{
	return !test_and_set_bit(rule, dma_buf_breach_reported);
}

static void dma_buf_breach_print_earlier(enum dma_buf_breach_rule rule,
					 depot_stack_handle_t earlier)
{
}

#endif

static void dma_buf_breach_print_buffer(struct dma_buf *dmabuf)
{
	char name[DMA_BUF_NAME_LEN];

	dma_buf_copy_name(dmabuf, name);
	pr_warn("  buffer: exporter %s, name \"%s\", inode %lu, %zu bytes\n",
		dmabuf->exp_name, name, dma_buf_ino(dmabuf), dmabuf->size);
}

static void dma_buf_breach_report(enum dma_buf_breach_rule rule,
				  struct dma_buf *dmabuf,
				  struct dma_buf_attachment *attach,
				  depot_stack_handle_t earlier)
{
	const struct dma_buf_breach_text *text = &dma_buf_breach_texts[rule];

	pr_warn("dma-buf: breach of contract: %s: %s\n", text->name, text->text);
	if (dmabuf)
		dma_buf_breach_print_buffer(dmabuf);
	if (attach)
		pr_warn("  attachment: device %s, driver %s, %s\n",
			dev_name(attach->dev), dev_driver_string(attach->dev),
			attach->importer_ops ? "dynamic" : "static");
	dma_buf_breach_print_earlier(rule, earlier);
	WARN(1, "dma-buf: breach: %s\n", text->name);
}

/**
 * dma_buf_breach - count a broken rule, and report it the first time
 * @rule: which one
 * @dmabuf: the buffer, or NULL where it is not known
 * @attach: the attachment, or NULL
 * @earlier: where the other half of the breach happened, or 0
 *
 * Context: any.
 */
void dma_buf_breach(enum dma_buf_breach_rule rule, struct dma_buf *dmabuf,
		    struct dma_buf_attachment *attach, depot_stack_handle_t earlier)
{
	unsigned long flags;

	KUNIT_STATIC_STUB_REDIRECT(dma_buf_breach, rule, dmabuf, attach, earlier);

	atomic_long_inc(&dma_buf_breach_counts[rule]);
	if (!dma_buf_breach_is_first(rule))
		return;

	spin_lock_irqsave(&dma_buf_breach_report_lock, flags);
	dma_buf_breach_report(rule, dmabuf, attach, earlier);
	spin_unlock_irqrestore(&dma_buf_breach_report_lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(dma_buf_breach);

/**
 * dma_buf_breach_show - list how often each rule was broken
 * @m: where to
 */
void dma_buf_breach_show(struct seq_file *m)
{
	int rule;

	for (rule = 0; rule < DMA_BUF_BREACH_COUNT; rule++)
		seq_printf(m, "%s\t%ld\n", dma_buf_breach_texts[rule].name,
			   atomic_long_read(&dma_buf_breach_counts[rule]));
}
