// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-show.c and dma-buf-debugfs.c: what fdinfo and bufinfo tell,
 * and that reading them waits for nobody.
 */

#include "dma-buf-mock.h"

#include <linux/device.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <uapi/linux/dma-buf.h>

static const char *read_fdinfo(struct kunit *test, struct file *file)
{
	struct seq_file *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->size = SZ_16K;
	m->buf = kunit_kzalloc(test, m->size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m->buf);

	file->f_op->show_fdinfo(m, file);
	KUNIT_ASSERT_FALSE(test, seq_has_overflowed(m));
	return m->buf;
}

static const char *read_bufinfo(struct kunit *test, size_t chunk)
{
	return mock_read(test, mock_open_debugfs(test, "dma_buf/bufinfo"), 0, chunk);
}

/* How often @word is in @text. */
static unsigned int occurrences(const char *text, const char *word)
{
	unsigned int count = 0;

	for (text = strstr(text, word); text; text = strstr(text + 1, word))
		count++;

	return count;
}

/* A line as it must be in a text. */
static __printf(2, 3) const char *format_line(struct kunit *test, const char *format, ...)
{
	char *line = kunit_kzalloc(test, SZ_512, GFP_KERNEL);
	va_list args;

	KUNIT_ASSERT_NOT_NULL(test, line);
	va_start(args, format);
	vscnprintf(line, SZ_512, format, args);
	va_end(args);
	return line;
}

/* Demand that a line is in a text, once. */
#define EXPECT_LINE(in_test, in_text, ...)					\
do {										\
	struct kunit *__test = (in_test);					\
	const char *__where = (in_text);					\
										\
	KUNIT_EXPECT_EQ_MSG(__test,						\
			    occurrences(__where, format_line(__test, __VA_ARGS__)), 1, \
			    "in:\n%s", __where);					\
} while (0)

/* fdinfo */

/* Whoever reads fdinfo holds one reference, which is not counted; here nobody does. */
static void fdinfo_tells_the_plain_facts(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_EXPECT_STREQ(test, read_fdinfo(test, buffer->dmabuf->file),
			   format_line(test,
				       "size:\t%lu\n"
				       "count:\t0\n"
				       "exp_name:\t%s\n"
				       "dynamic:\tno\n"
				       "vmaps:\t0\n"
				       "importers:\n"
				       "fences:\n", MOCK_SIZE, KBUILD_MODNAME));
}

static void fdinfo_tells_the_name_once_there_is_one(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_ASSERT_EQ(test, mock_set_name(buffer, "scanout 1"), 0);
	EXPECT_LINE(test, read_fdinfo(test, buffer->dmabuf->file), "\nname:\tscanout 1\n");
	KUNIT_ASSERT_EQ(test, mock_set_name(buffer, ""), 0);
	KUNIT_EXPECT_EQ(test, occurrences(read_fdinfo(test, buffer->dmabuf->file), "\nname:"), 0);
}

static void fdinfo_counts_references(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	get_dma_buf(buffer->dmabuf);
	get_dma_buf(buffer->dmabuf);
	EXPECT_LINE(test, read_fdinfo(test, buffer->dmabuf->file), "\ncount:\t2\n");
	dma_buf_put(buffer->dmabuf);
	dma_buf_put(buffer->dmabuf);
}

static void fdinfo_tells_dynamic_exporters_and_vmaps(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf *dmabuf = buffer->dmabuf;
	struct iosys_map map;
	const char *text;

	dma_resv_lock(dmabuf->resv, NULL);
	KUNIT_EXPECT_EQ(test, dma_buf_vmap(dmabuf, &map), 0);
	KUNIT_EXPECT_EQ(test, dma_buf_vmap(dmabuf, &map), 0);
	text = read_fdinfo(test, dmabuf->file);
	dma_buf_vunmap(dmabuf, &map);
	dma_buf_vunmap(dmabuf, &map);
	dma_resv_unlock(dmabuf->resv);

	EXPECT_LINE(test, text, "\ndynamic:\t%s\n", "yes");
	EXPECT_LINE(test, text, "\nvmaps:\t2\n");
}

static void fdinfo_tells_who_imports_and_what_they_hold(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *dynamic = mock_attach(buffer, &mock_importer_ops);
	struct dma_buf_attachment *fixed = mock_attach(buffer, NULL);
	const char *device = dev_name(mock_device(test));
	const char *text;

	mock_attach(buffer, &mock_importer_p2p_ops);
	KUNIT_ASSERT_EQ(test, mock_pin(dynamic), 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mock_map(test, fixed, DMA_TO_DEVICE));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mock_map(test, fixed, DMA_TO_DEVICE));
	text = read_fdinfo(test, buffer->dmabuf->file);
	mock_unpin(dynamic);

	EXPECT_LINE(test, text, "\n\t%s driver:importer dynamic pins:1 maps:0\n", device);
	EXPECT_LINE(test, text, "\n\t%s driver:importer static pins:0 maps:2\n", device);
	EXPECT_LINE(test, text, "\n\t%s driver:importer dynamic p2p pins:0 maps:0\n", device);
}

static const enum dma_resv_usage usages[] = {
	DMA_RESV_USAGE_KERNEL,
	DMA_RESV_USAGE_WRITE,
	DMA_RESV_USAGE_READ,
	DMA_RESV_USAGE_BOOKKEEP,
};

static void usage_desc(const enum dma_resv_usage *usage, char *desc)
{
	strscpy(desc, mock_usage_name(*usage), KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(usage, usages, usage_desc);

static void fdinfo_tells_fences_of_every_usage_until_they_signal(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	enum dma_resv_usage usage = *(const enum dma_resv_usage *)test->param_value;
	struct mock_fence *fence = mock_fence_add(buffer, usage);

	EXPECT_LINE(test, read_fdinfo(test, buffer->dmabuf->file),
		    "\nfences:\n\t%s fence:mock by-hand seq 1 unsignalled\n",
		    mock_usage_name(usage));
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, occurrences(read_fdinfo(test, buffer->dmabuf->file), " fence:"), 0);
}

/**
 * struct named_fence - a fence whose names may be freed once it has signalled
 * @base: the fence
 * @lock: &dma_fence.lock
 * @asked: how often it was asked for a name
 * @unsafe: how often it could have signalled meanwhile
 */
struct named_fence {
	struct dma_fence base;
	spinlock_t lock; /* of the fence */
	unsigned int asked;
	unsigned int unsafe;
};

static const char *named_fence_name(struct dma_fence *base)
{
	struct named_fence *fence = container_of(base, struct named_fence, base);

	fence->asked++;
	if (test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &base->flags))
		fence->unsafe++;
	if (spin_trylock(&fence->lock)) {
		fence->unsafe++;
		spin_unlock(&fence->lock);
	}
	return "named";
}

static const struct dma_fence_ops named_fence_ops = {
	.get_driver_name	= named_fence_name,
	.get_timeline_name	= named_fence_name,
};

static void named_fence_end(void *context)
{
	struct named_fence *fence = context;

	dma_fence_signal(&fence->base);
	dma_fence_put(&fence->base);
}

static struct named_fence *named_fence_create(struct kunit *test)
{
	struct named_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	spin_lock_init(&fence->lock);
	dma_fence_init(&fence->base, &named_fence_ops, &fence->lock, dma_fence_context_alloc(1), 7);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, named_fence_end, fence), 0);
	return fence;
}

static void names_of_fences_are_read_while_they_cannot_signal(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct named_fence *fence = named_fence_create(test);
	struct dma_resv *resv = buffer->dmabuf->resv;
	const char *text;

	dma_resv_lock(resv, NULL);
	KUNIT_EXPECT_EQ(test, dma_resv_reserve_fences(resv, 1), 0);
	dma_resv_add_fence(resv, &fence->base, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(resv);

	text = read_fdinfo(test, buffer->dmabuf->file);
	EXPECT_LINE(test, text, "\twrite fence:named named seq %u unsignalled\n", 7);
	KUNIT_EXPECT_EQ(test, fence->asked, 2);
	KUNIT_EXPECT_EQ(test, fence->unsafe, 0);

	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, occurrences(read_fdinfo(test, buffer->dmabuf->file), "named"), 0);
	KUNIT_EXPECT_EQ(test, fence->asked, 2);
}

/* bufinfo */

/* The reader's own reference is not counted, the test's is. */
static const char *bufinfo_row(struct mock_buffer *buffer, const char *name)
{
	struct file *file = buffer->dmabuf->file;

	return format_line(buffer->test, "\n%08lu\t%08x\t%08x\t%08d\t%s\t%08lu\t%s\n", MOCK_SIZE,
			  file->f_flags, (__force u32)file->f_mode, 1, KBUILD_MODNAME,
			  file_inode(file)->i_ino, name);
}

static const char *next_line(const char *text)
{
	return strchrnul(text, '\n') + 1;
}

/* Demand that @text begins with @line; returns what comes after it. */
static const char *expect_line_here(struct kunit *test, const char *text, const char *line)
{
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(text, line), "\"%s\" is not at:\n%s", line, text);
	return next_line(text);
}

static void bufinfo_has_a_row_for_a_buffer(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const char *text = read_bufinfo(test, PAGE_SIZE);

	KUNIT_EXPECT_EQ_MSG(test, occurrences(text, bufinfo_row(buffer, "<none>")), 1,
			    "in:\n%s", text);
	EXPECT_LINE(test, text, "\nDma-buf Objects:\n");
	KUNIT_EXPECT_EQ(test, occurrences(text, " objects, "), 1);
}

static void bufinfo_tells_name_fences_and_importers(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const char *text;

	KUNIT_ASSERT_EQ(test, mock_set_name(buffer, "camera"), 0);
	mock_fence_add(buffer, DMA_RESV_USAGE_BOOKKEEP);
	mock_attach(buffer, &mock_importer_p2p_ops);
	text = read_bufinfo(test, PAGE_SIZE);

	text = strstr(text, bufinfo_row(buffer, "camera"));
	KUNIT_ASSERT_NOT_NULL(test, text);
	text = next_line(text + 1);
	text = expect_line_here(test, text, "\tbookkeep fence:mock by-hand seq 1 unsignalled\n");
	text = expect_line_here(test, text, "\tAttached Devices:\n");
	text = expect_line_here(test, text,
				format_line(test,
					    "\t%s driver:importer dynamic p2p pins:0 maps:0\n",
					    dev_name(mock_device(test))));
	expect_line_here(test, text, "Total 1 devices attached\n");
}

static void bufinfo_forgets_a_buffer_that_was_closed(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const char *row = bufinfo_row(buffer, "<none>");

	mock_put(buffer);
	KUNIT_EXPECT_EQ(test, occurrences(read_bufinfo(test, PAGE_SIZE), row), 0);
}

/* More than fits into the buffer of a reader. */
#define ROWS	100

static const size_t chunks[] = { 13, 1000, PAGE_SIZE };

static void chunk_desc(const size_t *chunk, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu bytes at a time", *chunk);
}

KUNIT_ARRAY_PARAM(chunk, chunks, chunk_desc);

static void bufinfo_has_each_buffer_once_however_it_is_read(struct kunit *test)
{
	struct mock_buffer *buffers[10];
	const char *text;
	size_t i;

	/* Ours are among others, so that they begin at odd places. */
	for (i = 0; i < ROWS; i++) {
		struct mock_buffer *buffer = mock_export(test, &mock_bare_ops);

		if (i % (ROWS / ARRAY_SIZE(buffers)) == 0)
			buffers[i * ARRAY_SIZE(buffers) / ROWS] = buffer;
	}

	text = read_bufinfo(test, *(const size_t *)test->param_value);
	for (i = 0; i < ARRAY_SIZE(buffers); i++)
		KUNIT_EXPECT_EQ(test, occurrences(text, bufinfo_row(buffers[i], "<none>")), 1);

	/* And the sum is right. */
	EXPECT_LINE(test, text, "\nTotal %u objects, ", occurrences(text, " devices attached\n"));
}

static void bufinfo_can_be_read_from_anywhere(struct kunit *test)
{
	const char *all, *tail;
	struct file *file;
	loff_t pos;
	int i;

	for (i = 0; i < ROWS; i++)
		mock_export(test, &mock_bare_ops);

	all = read_bufinfo(test, PAGE_SIZE);
	file = mock_open_debugfs(test, "dma_buf/bufinfo");
	for (pos = strlen(all) - 100; pos > 0; pos /= 2) {
		KUNIT_EXPECT_EQ(test, vfs_llseek(file, pos, SEEK_SET), pos);
		tail = mock_read(test, file, pos, PAGE_SIZE);
		KUNIT_EXPECT_STREQ(test, tail, all + pos);
	}
}

/**
 * struct reading - what a thread is to read
 * @buffer: a buffer
 * @text: what it has read
 */
struct reading {
	struct mock_buffer *buffer;
	const char *text;
};

static int read_fdinfo_main(void *context)
{
	struct reading *reading = context;

	reading->text = read_fdinfo(reading->buffer->test, reading->buffer->dmabuf->file);
	return 0;
}

static int read_bufinfo_main(void *context)
{
	struct reading *reading = context;

	reading->text = read_bufinfo(reading->buffer->test, PAGE_SIZE);
	return 0;
}

struct reader {
	const char *file;
	int (*main)(void *context);
};

static const struct reader readers[] = {
	{ .file = "fdinfo", .main = read_fdinfo_main },
	{ .file = "bufinfo", .main = read_bufinfo_main },
};

KUNIT_ARRAY_PARAM_DESC(reader, readers, file);

/* The thread comes to its end while the lock is held, or the test fails. */
static void a_reader_does_not_wait_for_a_locked_buffer(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct reading *reading = kunit_kzalloc(test, sizeof(*reading), GFP_KERNEL);
	const struct reader *param = test->param_value;
	struct mock_holder *holder;

	KUNIT_ASSERT_NOT_NULL(test, reading);
	reading->buffer = buffer;
	mock_fence_add(buffer, DMA_RESV_USAGE_READ);
	mock_attach(buffer, NULL);
	holder = mock_hold_lock(buffer);

	KUNIT_ASSERT_EQ(test, mock_thread_join(mock_thread_start(test, param->main, reading)), 0);
	KUNIT_EXPECT_TRUE(test, dma_resv_is_locked(buffer->dmabuf->resv));
	mock_let_go(test, holder);
	KUNIT_EXPECT_GT(test, occurrences(reading->text, "read fence:mock by-hand"), 0);
	KUNIT_EXPECT_GT(test, occurrences(reading->text, " driver:importer static "), 0);
}

static struct kunit_case dma_buf_show_cases[] = {
	KUNIT_CASE(fdinfo_tells_the_plain_facts),
	KUNIT_CASE(fdinfo_tells_the_name_once_there_is_one),
	KUNIT_CASE(fdinfo_counts_references),
	KUNIT_CASE(fdinfo_tells_dynamic_exporters_and_vmaps),
	KUNIT_CASE(fdinfo_tells_who_imports_and_what_they_hold),
	KUNIT_CASE_PARAM(fdinfo_tells_fences_of_every_usage_until_they_signal, usage_gen_params),
	KUNIT_CASE(names_of_fences_are_read_while_they_cannot_signal),
	KUNIT_CASE(bufinfo_has_a_row_for_a_buffer),
	KUNIT_CASE(bufinfo_tells_name_fences_and_importers),
	KUNIT_CASE(bufinfo_forgets_a_buffer_that_was_closed),
	KUNIT_CASE_PARAM(bufinfo_has_each_buffer_once_however_it_is_read, chunk_gen_params),
	KUNIT_CASE(bufinfo_can_be_read_from_anywhere),
	KUNIT_CASE_PARAM(a_reader_does_not_wait_for_a_locked_buffer, reader_gen_params),
	{}
};

static struct kunit_suite dma_buf_show_suite = {
	.name = "dma-buf-show",
	.init = mock_init,
	.test_cases = dma_buf_show_cases,
};

kunit_test_suite(dma_buf_show_suite);
