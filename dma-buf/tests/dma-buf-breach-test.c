// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-breach.c: one real report, read back from the kernel log.
 *
 * All other tests put a recorder in its place; which rule is broken by what is
 * tested with the room that watches it.
 */

#include "dma-buf-mock.h"

#include <kunit/static_stub.h>

#include <linux/device.h>
#include <linux/kmsg_dump.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

/* The rule that is broken here for real, and nowhere else. */
#define RULE_NAME	"unpin-unpinned"

static long breach_count(struct kunit *test)
{
	char *text = mock_read(test, mock_open_debugfs(test, "dma_buf/breaches"), 0, PAGE_SIZE);
	char *line = strstr(text, RULE_NAME "\t");
	long count = -1;

	KUNIT_ASSERT_NOT_NULL(test, line);
	line += strlen(RULE_NAME "\t");
	*strchrnul(line, '\n') = '\0';
	KUNIT_EXPECT_EQ(test, kstrtol(line, 10, &count), 0);
	return count;
}

/* All from one place in the kernel, since the checker reports each place once. */
static void unpin_unpinned(struct dma_buf_attachment *attach, int times)
{
	/* A loop that is unrolled would be several places. */
	OPTIMIZER_HIDE_VAR(times);
	while (times--)
		mock_unpin(attach);
}

/* The lines that this boot has logged since @mark, a page at most. */
static const char *log_since(struct kunit *test, const char *mark)
{
	char *line = kunit_kzalloc(test, SZ_1K, GFP_KERNEL);
	char *text = kunit_kzalloc(test, SZ_16K, GFP_KERNEL);
	struct kmsg_dump_iter iter;
	size_t len, used = 0;

	KUNIT_ASSERT_NOT_NULL(test, line);
	KUNIT_ASSERT_NOT_NULL(test, text);

	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, SZ_1K - 1, &len)) {
		line[len] = '\0';
		if (strstr(line, mark))
			used = 0;
		used += scnprintf(text + used, SZ_16K - used, "%s", line);
	}
	return text;
}

/* Demand that @line comes behind @text; returns what comes after it. */
static const char *expect_next(struct kunit *test, const char *text, const char *line)
{
	const char *found = strstr(text, line);

	KUNIT_EXPECT_NOT_NULL_MSG(test, found, "\"%s\" is not in:\n%s", line, text);
	return found ? found + strlen(line) : text;
}

static const char *buffer_line(struct kunit *test, struct mock_buffer *buffer)
{
	char *line = kunit_kzalloc(test, SZ_256, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	scnprintf(line, SZ_256, "buffer: exporter %s, name \"\", inode %lu, %lu bytes\n",
		  KBUILD_MODNAME, file_inode(buffer->dmabuf->file)->i_ino, MOCK_SIZE);
	return line;
}

static const char *attachment_line(struct kunit *test)
{
	char *line = kunit_kzalloc(test, SZ_256, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	scnprintf(line, SZ_256, "attachment: device %s, driver importer, dynamic\n",
		  dev_name(mock_device(test)));
	return line;
}

static void the_first_breach_is_reported_and_the_rest_are_counted(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	long before = breach_count(test);
	const char *log;

	if (before)
		kunit_skip(test, "the rule has been reported already since the system started");

	kunit_deactivate_static_stub(test, dma_buf_breach);
	mock_splat_begin(RULE_NAME);
	unpin_unpinned(attach, 3);
	mock_splat_end(RULE_NAME);
	KUNIT_EXPECT_EQ(test, breach_count(test), 3);

	log = log_since(test, "expect-splat: begin " RULE_NAME);
	log = expect_next(test, log, "dma-buf: breach of contract: " RULE_NAME ": ");
	log = expect_next(test, log, buffer_line(test, buffer));
	log = expect_next(test, log, attachment_line(test));
	log = expect_next(test, log, "dma-buf: breach: " RULE_NAME "\n");
	KUNIT_EXPECT_NULL_MSG(test, strstr(log, "dma-buf: breach"), "reported again");
	log = expect_next(test, log, "mock_unpin");
	expect_next(test, log, "expect-splat: end " RULE_NAME);
}

static void every_rule_has_a_count(struct kunit *test)
{
	const char *text = mock_read(test, mock_open_debugfs(test, "dma_buf/breaches"), 0,
				     PAGE_SIZE);
	int rules = 0;

	for (text = strchr(text, '\n'); text; text = strchr(text + 1, '\n'))
		rules++;
	KUNIT_EXPECT_EQ(test, rules, DMA_BUF_BREACH_COUNT);
}

static struct kunit_case dma_buf_breach_cases[] = {
	KUNIT_CASE(the_first_breach_is_reported_and_the_rest_are_counted),
	KUNIT_CASE(every_rule_has_a_count),
	{}
};

static struct kunit_suite dma_buf_breach_suite = {
	.name = "dma-buf-breach",
	.init = mock_init,
	.test_cases = dma_buf_breach_cases,
};

kunit_test_suite(dma_buf_breach_suite);
