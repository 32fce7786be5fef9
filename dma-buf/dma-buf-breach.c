// SPDX-License-Identifier: GPL-2.0-only

#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/seq_file.h>

#include <uapi/linux/dma-buf.h>

#include "dma-buf-breach.h"
#include "dma-buf-private.h"

/**
 * DOC: Breaches of the contract
 *
 * Drivers are trusted but not infallible.  Whatever rule of the contract one of
 * them breaks ends up here: it is counted, and the first time it is reported
 * with the buffer, the device and the stack, as one block in the kernel log.
 * The caller then carries on in the safest way there is.  Nothing that user
 * space does alone can lead here.
 *
 * Tested by every test in tests/ that breaks a rule.
 */

/**
 * struct dma_buf_breach_text - how a rule is called
 * @name: in debugfs and in the report
 * @text: what the driver did, as a sentence
 */
struct dma_buf_breach_text {
	const char *name;
	const char *text;
};

static const struct dma_buf_breach_text dma_buf_breach_texts[] = {
	[DMA_BUF_BREACH_ARGUMENT] = {
		"argument", "a driver passed NULL or things that do not belong together" },
	[DMA_BUF_BREACH_EXPORT_INFO] = {
		"export-info", "the exporter's operations are incomplete or contradict each other" },
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
		"vunmap-unmapped", "a vunmap of an address that vmap did not return" },
	[DMA_BUF_BREACH_DETACH_MAPPED] = {
		"detach-mapped", "the importer detaches while it has a mapping" },
	[DMA_BUF_BREACH_DETACH_PINNED] = {
		"detach-pinned", "the importer detaches while it has a pin" },
	[DMA_BUF_BREACH_RELEASE_ATTACHED] = {
		"release-attached", "the last reference went while a device was attached" },
	[DMA_BUF_BREACH_RELEASE_VMAPPED] = {
		"release-vmapped", "the last reference went while a vmap was in use" },
};

static_assert(ARRAY_SIZE(dma_buf_breach_texts) == DMA_BUF_BREACH_COUNT);

static atomic_long_t dma_buf_breach_counts[DMA_BUF_BREACH_COUNT];
static DECLARE_BITMAP(dma_buf_breach_reported, DMA_BUF_BREACH_COUNT);

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
	pr_warn("dma-buf: breach of contract: %s: %s\n",
		dma_buf_breach_texts[rule].name, dma_buf_breach_texts[rule].text);
	if (dmabuf)
		dma_buf_breach_print_buffer(dmabuf);
	if (attach)
		pr_warn("  attachment: device %s, driver %s, %s\n",
			dev_name(attach->dev), dev_driver_string(attach->dev),
			attach->importer_ops ? "dynamic" : "static");
	if (earlier) {
		pr_warn("  earlier, at:\n");
		stack_depot_print(earlier);
	}
	WARN(1, "dma-buf: breach: %s\n", dma_buf_breach_texts[rule].name);
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
	KUNIT_STATIC_STUB_REDIRECT(dma_buf_breach, rule, dmabuf, attach, earlier);

	atomic_long_inc(&dma_buf_breach_counts[rule]);
	if (!test_and_set_bit(rule, dma_buf_breach_reported))
		dma_buf_breach_report(rule, dmabuf, attach, earlier);
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
