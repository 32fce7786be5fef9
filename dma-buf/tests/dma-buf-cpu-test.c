// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-cpu.c: brackets of CPU access, and mmap.
 */

#include "dma-buf-mock.h"

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

/* Brackets */

/**
 * struct cpu_job - one thread's access
 * @dmabuf: the buffer
 * @direction: what the thread wants to do
 */
struct cpu_job {
	struct dma_buf *dmabuf;
	enum dma_data_direction direction;
};

static int begin_main(void *context)
{
	struct cpu_job *job = context;

	return dma_buf_begin_cpu_access(job->dmabuf, job->direction);
}

static struct mock_thread *begin_in_a_thread(struct mock_buffer *buffer,
					     enum dma_data_direction direction)
{
	struct cpu_job *job = kunit_kzalloc(buffer->test, sizeof(*job), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(buffer->test, job);
	job->dmabuf = buffer->dmabuf;
	job->direction = direction;
	return mock_thread_start(buffer->test, begin_main, job);
}

struct cpu_wait {
	enum dma_data_direction direction;
	enum dma_resv_usage usage;
	bool waits;
};

static const struct cpu_wait cpu_waits[] = {
	{ .direction = DMA_FROM_DEVICE, .usage = DMA_RESV_USAGE_KERNEL, .waits = true },
	{ .direction = DMA_FROM_DEVICE, .usage = DMA_RESV_USAGE_WRITE, .waits = true },
	{ .direction = DMA_FROM_DEVICE, .usage = DMA_RESV_USAGE_READ, .waits = false },
	{ .direction = DMA_FROM_DEVICE, .usage = DMA_RESV_USAGE_BOOKKEEP, .waits = false },
	{ .direction = DMA_TO_DEVICE, .usage = DMA_RESV_USAGE_KERNEL, .waits = true },
	{ .direction = DMA_TO_DEVICE, .usage = DMA_RESV_USAGE_WRITE, .waits = true },
	{ .direction = DMA_TO_DEVICE, .usage = DMA_RESV_USAGE_READ, .waits = true },
	{ .direction = DMA_TO_DEVICE, .usage = DMA_RESV_USAGE_BOOKKEEP, .waits = false },
	{ .direction = DMA_BIDIRECTIONAL, .usage = DMA_RESV_USAGE_KERNEL, .waits = true },
	{ .direction = DMA_BIDIRECTIONAL, .usage = DMA_RESV_USAGE_WRITE, .waits = true },
	{ .direction = DMA_BIDIRECTIONAL, .usage = DMA_RESV_USAGE_READ, .waits = true },
	{ .direction = DMA_BIDIRECTIONAL, .usage = DMA_RESV_USAGE_BOOKKEEP, .waits = false },
};

static void cpu_wait_desc(const struct cpu_wait *param, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s fence",
		  mock_direction_name(param->direction), mock_usage_name(param->usage));
}

KUNIT_ARRAY_PARAM(cpu_wait, cpu_waits, cpu_wait_desc);

static void the_cpu_waits_for_what_its_direction_needs(struct kunit *test)
{
	const struct cpu_wait *param = test->param_value;
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, param->usage);
	struct mock_thread *thread = begin_in_a_thread(buffer, param->direction);

	mock_expect_wait(thread, fence, param->waits);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(buffer->dmabuf, param->direction), 0);
}

static void the_exporter_comes_before_the_wait(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_thread *thread = begin_in_a_thread(buffer, DMA_FROM_DEVICE);

	mock_expect_event(test, &fence->wanted, "the wait");
	MOCK_EXPECT_CALLS(buffer, "begin:from");
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(thread), 0);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(buffer->dmabuf, DMA_FROM_DEVICE), 0);
	MOCK_EXPECT_CALLS(buffer, "end:from");
}

static void an_exporters_errno_ends_begin_without_a_wait(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_thread *thread;

	buffer->error[MOCK_BEGIN] = -EIO;
	thread = begin_in_a_thread(buffer, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, mock_thread_join(thread), -EIO);
	KUNIT_EXPECT_FALSE(test, completion_done(&fence->wanted));
}

static void end_passes_the_exporters_errno_on(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(buffer->dmabuf, DMA_TO_DEVICE), 0);
	buffer->error[MOCK_END] = -EIO;
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(buffer->dmabuf, DMA_TO_DEVICE), -EIO);
	MOCK_EXPECT_CALLS(buffer, "begin:to, end:to");
}

static void an_exporter_need_not_care_about_cpu_access(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_bare_ops);

	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(buffer->dmabuf, DMA_BIDIRECTIONAL), 0);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(buffer->dmabuf, DMA_BIDIRECTIONAL), 0);
	MOCK_EXPECT_CALLS(buffer, "");
}

static void cpu_access_without_a_buffer_is_a_breach(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(NULL, DMA_TO_DEVICE), -EINVAL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(NULL, DMA_TO_DEVICE), -EINVAL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
}

static void nowait_asks_the_exporter_and_waits_for_no_fence(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);

	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access_nowait(buffer->dmabuf, DMA_FROM_DEVICE), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&fence->wanted));
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(buffer->dmabuf, DMA_FROM_DEVICE), 0);
	MOCK_EXPECT_CALLS(buffer, "begin:from, end:from");
}

static void nowait_passes_the_exporters_errno_on(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	buffer->error[MOCK_BEGIN] = -EIO;
	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access_nowait(buffer->dmabuf, DMA_TO_DEVICE),
			-EIO);
	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access_nowait(NULL, DMA_TO_DEVICE), -EINVAL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
}

static void a_signal_ends_the_wait(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_thread *thread = begin_in_a_thread(buffer, DMA_FROM_DEVICE);

	mock_expect_event(test, &fence->wanted, "the wait");
	mock_thread_interrupt(thread);
	KUNIT_EXPECT_EQ(test, mock_thread_join(thread), -ERESTARTSYS);
}

static void a_pending_signal_ends_the_wait_before_it_begins(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	int ret;

	mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	mock_signal_pending();
	ret = dma_buf_begin_cpu_access(buffer->dmabuf, DMA_FROM_DEVICE);
	mock_signal_forget();
	KUNIT_EXPECT_EQ(test, ret, -ERESTARTSYS);
}

/* mmap */

/**
 * struct importer_file - a driver's file that shows a buffer to user space
 * @dmabuf: the buffer
 * @pgoff: the page of the buffer that comes first
 * @file_replaced: the vma has become one of the buffer's file
 */
struct importer_file {
	struct dma_buf *dmabuf;
	unsigned long pgoff;
	bool file_replaced;
};

static int importer_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct importer_file *importer = file->private_data;
	int ret = dma_buf_mmap(importer->dmabuf, vma, importer->pgoff);

	importer->file_replaced = vma->vm_file == importer->dmabuf->file &&
				  vma->vm_pgoff == importer->pgoff;
	return ret;
}

static const struct file_operations importer_fops = {
	.mmap = importer_mmap,
};

static void fput_action(void *file)
{
	fput(file);
}

static struct file *importer_open(struct kunit *test, struct importer_file *importer)
{
	struct file *file = anon_inode_getfile("importer", &importer_fops, importer, O_RDWR);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fput_action, file), 0);
	return file;
}

/* Returns the address or, as a negative number, the errno. */
static long map_pages(struct kunit *test, struct file *file, unsigned long first,
		      unsigned long pages)
{
	return kunit_vm_mmap(test, file, 0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED, first * PAGE_SIZE);
}

/* What mmap returned: 0 for an address. */
static int error_of(long address)
{
	return IS_ERR_VALUE(address) ? address : 0;
}

struct mmap_range {
	const char *what;
	unsigned long first;
	unsigned long pages;
	int expected;
};

static const struct mmap_range mmap_ranges[] = {
	{ .what = "all pages", .first = 0, .pages = MOCK_PAGES },
	{ .what = "the first page", .first = 0, .pages = 1 },
	{ .what = "the last page", .first = MOCK_PAGES - 1, .pages = 1 },
	{ .what = "all but the first", .first = 1, .pages = MOCK_PAGES - 1 },
	{ .what = "one page too many", .first = 0, .pages = MOCK_PAGES + 1,
	  .expected = -EINVAL },
	{ .what = "one page too late", .first = 1, .pages = MOCK_PAGES,
	  .expected = -EINVAL },
	{ .what = "the page behind the end", .first = MOCK_PAGES, .pages = 1,
	  .expected = -EINVAL },
	{ .what = "far behind the end", .first = 1UL << 40, .pages = 1,
	  .expected = -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(mmap_range, mmap_ranges, what);

static void mmap_stays_within_the_buffer(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct mmap_range *param = test->param_value;

	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, buffer->dmabuf->file, param->first,
						 param->pages)),
			param->expected);
	MOCK_EXPECT_CALLS(buffer, param->expected ? "" : "mmap");
}

static void an_importers_mmap_stays_within_the_buffer(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct mmap_range *param = test->param_value;
	struct importer_file importer = { .dmabuf = buffer->dmabuf, .pgoff = param->first };
	struct file *file = importer_open(test, &importer);

	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, file, 0, param->pages)),
			param->expected);
	KUNIT_EXPECT_EQ(test, importer.file_replaced, !param->expected);
	MOCK_EXPECT_CALLS(buffer, param->expected ? "" : "mmap");
}

static void an_importers_mmap_must_not_wrap_around(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct importer_file importer = { .dmabuf = buffer->dmabuf, .pgoff = ULONG_MAX };
	struct file *file = importer_open(test, &importer);

	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, file, 0, 1)), -EOVERFLOW);
	MOCK_EXPECT_CALLS(buffer, "");
}

static void a_page_that_is_not_all_in_the_buffer_is_not_mapped(struct kunit *test)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct file *file;

	exp_info.ops = &mock_static_ops;
	exp_info.size = MOCK_SIZE - 1;
	exp_info.flags = O_RDWR;
	file = mock_export_info(test, &exp_info)->dmabuf->file;

	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, file, 0, MOCK_PAGES)), -EINVAL);
	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, file, 0, MOCK_PAGES - 1)), 0);
}

static void mmap_shows_the_memory(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	char *memory = page_address(buffer->pages);
	long address = map_pages(test, buffer->dmabuf->file, 1, 1);
	char text[8];

	KUNIT_ASSERT_EQ(test, error_of(address), 0);
	strscpy(memory + PAGE_SIZE, "written", sizeof(text));
	KUNIT_EXPECT_EQ(test, copy_from_user(text, (void __user *)address, sizeof(text)), 0);
	KUNIT_EXPECT_STREQ(test, text, "written");
}

static void mmap_needs_an_exporter_that_has_it(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_bare_ops);
	struct importer_file importer = { .dmabuf = buffer->dmabuf };
	struct file *file = importer_open(test, &importer);

	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, buffer->dmabuf->file, 0, 1)), -EINVAL);
	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, file, 0, 1)), -EINVAL);
}

static void mmap_passes_the_exporters_errno_on(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct importer_file importer = { .dmabuf = buffer->dmabuf };
	struct file *file = importer_open(test, &importer);

	buffer->error[MOCK_MMAP] = -EPERM;
	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, buffer->dmabuf->file, 0, 1)), -EPERM);
	KUNIT_EXPECT_EQ(test, error_of(map_pages(test, file, 0, 1)), -EPERM);
}

static void mmap_without_a_buffer_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct vm_area_struct *vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vma);
	KUNIT_EXPECT_EQ(test, dma_buf_mmap(NULL, vma, 0), -EINVAL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	KUNIT_EXPECT_EQ(test, dma_buf_mmap(buffer->dmabuf, NULL, 0), -EINVAL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	MOCK_EXPECT_CALLS(buffer, "");
}

static void a_buffer_lives_as_long_as_it_is_mapped(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct importer_file importer = { .dmabuf = buffer->dmabuf };
	long address = map_pages(test, importer_open(test, &importer), 0, 1);

	KUNIT_ASSERT_EQ(test, error_of(address), 0);
	mock_put(buffer);
	MOCK_EXPECT_CALLS(buffer, "mmap");
	KUNIT_EXPECT_EQ(test, vm_munmap(address, PAGE_SIZE), 0);
	mock_expect_event(test, &buffer->released, "the release after munmap()");
}

static struct kunit_case dma_buf_cpu_cases[] = {
	KUNIT_CASE_PARAM(the_cpu_waits_for_what_its_direction_needs, cpu_wait_gen_params),
	KUNIT_CASE(the_exporter_comes_before_the_wait),
	KUNIT_CASE(an_exporters_errno_ends_begin_without_a_wait),
	KUNIT_CASE(end_passes_the_exporters_errno_on),
	KUNIT_CASE(an_exporter_need_not_care_about_cpu_access),
	KUNIT_CASE(cpu_access_without_a_buffer_is_a_breach),
	KUNIT_CASE(nowait_asks_the_exporter_and_waits_for_no_fence),
	KUNIT_CASE(nowait_passes_the_exporters_errno_on),
	KUNIT_CASE(a_signal_ends_the_wait),
	KUNIT_CASE(a_pending_signal_ends_the_wait_before_it_begins),
	KUNIT_CASE_PARAM(mmap_stays_within_the_buffer, mmap_range_gen_params),
	KUNIT_CASE_PARAM(an_importers_mmap_stays_within_the_buffer, mmap_range_gen_params),
	KUNIT_CASE(an_importers_mmap_must_not_wrap_around),
	KUNIT_CASE(a_page_that_is_not_all_in_the_buffer_is_not_mapped),
	KUNIT_CASE(mmap_shows_the_memory),
	KUNIT_CASE(mmap_needs_an_exporter_that_has_it),
	KUNIT_CASE(mmap_passes_the_exporters_errno_on),
	KUNIT_CASE(mmap_without_a_buffer_is_a_breach),
	KUNIT_CASE(a_buffer_lives_as_long_as_it_is_mapped),
	{}
};

static struct kunit_suite dma_buf_cpu_suite = {
	.name = "dma-buf-cpu",
	.init = mock_init,
	.test_cases = dma_buf_cpu_cases,
};

kunit_test_suite(dma_buf_cpu_suite);
