// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what dma-buf-ioctl.c does with sync files: fences of a buffer that go out
 * in one, and fences that come in.
 */

#include "dma-buf-mock.h"

#include <linux/anon_inodes.h>
#include <linux/dma-fence-array.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/mman.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sync_file.h>
#include <linux/uaccess.h>

#include <uapi/linux/dma-buf.h>

static long export_sync_file(struct mock_buffer *buffer, struct dma_buf_export_sync_file *arg)
{
	return mock_ioctl_with(buffer, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, arg);
}

static long import_sync_file(struct mock_buffer *buffer, struct dma_buf_import_sync_file *arg)
{
	return mock_ioctl_with(buffer, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, arg);
}

#if IS_ENABLED(CONFIG_SYNC_FILE)

struct sync_file_flags {
	u32 flags;
	int expected;
};

static const struct sync_file_flags sync_file_flags[] = {
	{ .flags = 0, .expected = -EINVAL },
	{ .flags = DMA_BUF_SYNC_READ, .expected = 0 },
	{ .flags = DMA_BUF_SYNC_WRITE, .expected = 0 },
	{ .flags = DMA_BUF_SYNC_RW, .expected = 0 },
	{ .flags = DMA_BUF_SYNC_END, .expected = -EINVAL },
	{ .flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ, .expected = -EINVAL },
	{ .flags = ~0, .expected = -EINVAL },
};

static void sync_file_flags_desc(const struct sync_file_flags *param, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "flags 0x%x", param->flags);
}

KUNIT_ARRAY_PARAM(sync_file_flags, sync_file_flags, sync_file_flags_desc);

static void fence_put_action(void *fence)
{
	dma_fence_put(fence);
}

/* Export a sync file and look inside. */
static struct dma_fence *export_fence(struct mock_buffer *buffer, u32 flags)
{
	struct dma_buf_export_sync_file arg = { .flags = flags, .fd = -1 };
	struct kunit *test = buffer->test;
	struct dma_fence *fence;

	KUNIT_ASSERT_EQ(test, export_sync_file(buffer, &arg), 0);
	mock_close_later(test, arg.fd);
	fence = sync_file_get_fence(arg.fd);
	KUNIT_ASSERT_NOT_NULL(test, fence);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fence_put_action, fence), 0);
	return fence;
}

/* Put a fence into a sync file. */
static int sync_file_of(struct kunit *test, struct dma_fence *fence)
{
	struct sync_file *sync_file = sync_file_create(fence);
	int fd;

	KUNIT_ASSERT_NOT_NULL(test, sync_file);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		fput(sync_file->file);
	KUNIT_ASSERT_GE(test, fd, 0);
	fd_install(fd, sync_file->file);
	mock_close_later(test, fd);
	return fd;
}

static long import_fence(struct mock_buffer *buffer, struct dma_fence *fence, u32 flags)
{
	struct dma_buf_import_sync_file arg = {
		.flags = flags,
		.fd = sync_file_of(buffer->test, fence),
	};

	return import_sync_file(buffer, &arg);
}

static bool is_idle(struct mock_buffer *buffer, enum dma_resv_usage usage)
{
	return dma_resv_test_signaled(buffer->dmabuf->resv, usage);
}

static void export_sync_file_checks_flags(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct sync_file_flags *param = test->param_value;
	struct dma_buf_export_sync_file arg = { .flags = param->flags, .fd = -1 };

	KUNIT_EXPECT_EQ(test, export_sync_file(buffer, &arg), param->expected);
	if (param->expected)
		KUNIT_EXPECT_EQ(test, arg.fd, -1);
	else
		mock_close_later(test, arg.fd);
}

static void export_sync_file_without_fences_has_signalled(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(export_fence(buffer, DMA_BUF_SYNC_RW)));
}

static void export_sync_file_closes_on_exec(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_export_sync_file arg = { .flags = DMA_BUF_SYNC_READ };

	KUNIT_ASSERT_EQ(test, export_sync_file(buffer, &arg), 0);
	mock_close_later(test, arg.fd);
	KUNIT_EXPECT_TRUE(test, mock_closes_on_exec(arg.fd));
}

/**
 * struct exported - whether a sync file has a fence of the buffer in it
 * @flags: what the sync file was exported for
 * @usage: usage of the fence
 * @inside: whether it is in
 */
struct exported {
	u32 flags;
	enum dma_resv_usage usage;
	bool inside;
};

static const struct exported exporteds[] = {
	{ .flags = DMA_BUF_SYNC_READ, .usage = DMA_RESV_USAGE_KERNEL, .inside = true },
	{ .flags = DMA_BUF_SYNC_READ, .usage = DMA_RESV_USAGE_WRITE, .inside = true },
	{ .flags = DMA_BUF_SYNC_READ, .usage = DMA_RESV_USAGE_READ, .inside = false },
	{ .flags = DMA_BUF_SYNC_READ, .usage = DMA_RESV_USAGE_BOOKKEEP, .inside = false },
	{ .flags = DMA_BUF_SYNC_WRITE, .usage = DMA_RESV_USAGE_KERNEL, .inside = true },
	{ .flags = DMA_BUF_SYNC_WRITE, .usage = DMA_RESV_USAGE_WRITE, .inside = true },
	{ .flags = DMA_BUF_SYNC_WRITE, .usage = DMA_RESV_USAGE_READ, .inside = true },
	{ .flags = DMA_BUF_SYNC_WRITE, .usage = DMA_RESV_USAGE_BOOKKEEP, .inside = false },
	{ .flags = DMA_BUF_SYNC_RW, .usage = DMA_RESV_USAGE_READ, .inside = true },
	{ .flags = DMA_BUF_SYNC_RW, .usage = DMA_RESV_USAGE_BOOKKEEP, .inside = false },
};

static void exported_desc(const struct exported *param, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "flags 0x%x, %s fence", param->flags,
		  mock_usage_name(param->usage));
}

KUNIT_ARRAY_PARAM(exported, exporteds, exported_desc);

static void export_sync_file_holds_what_its_user_waits_for(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct exported *param = test->param_value;
	struct mock_fence *fence = mock_fence_add(buffer, param->usage);
	struct dma_fence *exported = export_fence(buffer, param->flags);

	KUNIT_EXPECT_EQ(test, dma_fence_is_signaled(exported), !param->inside);
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(exported));
}

static void export_sync_file_signals_after_the_last_fence(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *write = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_fence *read = mock_fence_add(buffer, DMA_RESV_USAGE_READ);
	struct dma_fence *exported = export_fence(buffer, DMA_BUF_SYNC_WRITE);

	dma_fence_signal(&read->base);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(exported));
	dma_fence_signal(&write->base);
	KUNIT_EXPECT_EQ(test, dma_fence_wait_timeout(exported, false, MOCK_PATIENCE) > 0, true);
}

static void export_sync_file_needs_a_free_descriptor(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_export_sync_file arg = { .flags = DMA_BUF_SYNC_READ, .fd = -1 };

	current->signal->rlim[RLIMIT_NOFILE].rlim_cur = 0;
	KUNIT_EXPECT_EQ(test, export_sync_file(buffer, &arg), -EMFILE);
	KUNIT_EXPECT_EQ(test, arg.fd, -1);
}

static int lowest_free_fd(void)
{
	int fd = get_unused_fd_flags(0);

	if (fd >= 0)
		put_unused_fd(fd);
	return fd;
}

/* The argument can be read but not written: it lies in a read-only mapping. */
static void export_sync_file_gives_the_descriptor_back_after_a_fault(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_export_sync_file *arg = page_address(buffer->pages);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	int fd = lowest_free_fd();
	unsigned long address;

	arg->flags = DMA_BUF_SYNC_READ;
	address = kunit_vm_mmap(test, buffer->dmabuf->file, 0, PAGE_SIZE, PROT_READ,
				MAP_SHARED, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(address));
	KUNIT_EXPECT_EQ(test, mock_ioctl(buffer, DMA_BUF_IOCTL_EXPORT_SYNC_FILE,
					 (void __user *)address), -EFAULT);
	KUNIT_EXPECT_EQ(test, lowest_free_fd(), fd);
	KUNIT_EXPECT_FALSE(test, mock_fence_has_callback(fence));
}

static void import_sync_file_checks_flags(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct sync_file_flags *param = test->param_value;
	struct mock_fence *fence = mock_fence_create(test);

	KUNIT_EXPECT_EQ(test, import_fence(buffer, &fence->base, param->flags),
			param->expected);
	KUNIT_EXPECT_EQ(test, is_idle(buffer, DMA_RESV_USAGE_BOOKKEEP), !!param->expected);
}

static void import_sync_file_for_reading_lets_others_read(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_create(test);

	KUNIT_EXPECT_EQ(test, import_fence(buffer, &fence->base, DMA_BUF_SYNC_READ), 0);
	KUNIT_EXPECT_TRUE(test, is_idle(buffer, DMA_RESV_USAGE_WRITE));
	KUNIT_EXPECT_FALSE(test, is_idle(buffer, DMA_RESV_USAGE_READ));
}

static void import_sync_file_for_writing_lets_others_wait(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_create(test);

	KUNIT_EXPECT_EQ(test, import_fence(buffer, &fence->base, DMA_BUF_SYNC_RW), 0);
	KUNIT_EXPECT_TRUE(test, is_idle(buffer, DMA_RESV_USAGE_KERNEL));
	KUNIT_EXPECT_FALSE(test, is_idle(buffer, DMA_RESV_USAGE_WRITE));
}

static void import_sync_file_of_what_has_signalled_changes_nothing(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_create(test);

	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, import_fence(buffer, &fence->base, DMA_BUF_SYNC_WRITE), 0);
	KUNIT_EXPECT_TRUE(test, is_idle(buffer, DMA_RESV_USAGE_BOOKKEEP));
}

/* A reservation object takes no containers, so what is inside is taken out. */
static void import_sync_file_unpacks_arrays(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *first = mock_fence_create(test);
	struct mock_fence *second = mock_fence_create(test);
	struct dma_fence **fences = kcalloc(2, sizeof(*fences), GFP_KERNEL);
	struct dma_fence_array *array;

	KUNIT_ASSERT_NOT_NULL(test, fences);
	fences[0] = dma_fence_get(&first->base);
	fences[1] = dma_fence_get(&second->base);
	array = dma_fence_array_create(2, fences, dma_fence_context_alloc(1), 1, false);
	KUNIT_ASSERT_NOT_NULL(test, array);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fence_put_action, &array->base), 0);

	KUNIT_EXPECT_EQ(test, import_fence(buffer, &array->base, DMA_BUF_SYNC_WRITE), 0);
	dma_fence_signal(&first->base);
	KUNIT_EXPECT_FALSE(test, is_idle(buffer, DMA_RESV_USAGE_WRITE));
	dma_fence_signal(&second->base);
	KUNIT_EXPECT_TRUE(test, is_idle(buffer, DMA_RESV_USAGE_WRITE));
}

static const struct file_operations other_fops = { };

static void import_sync_file_rejects_other_descriptors(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_import_sync_file arg = { .flags = DMA_BUF_SYNC_WRITE, .fd = -1 };

	KUNIT_EXPECT_EQ(test, import_sync_file(buffer, &arg), -EINVAL);

	arg.fd = anon_inode_getfd("not a sync file", &other_fops, NULL, O_RDWR);
	mock_close_later(test, arg.fd);
	KUNIT_EXPECT_EQ(test, import_sync_file(buffer, &arg), -EINVAL);
}

static void a_signal_ends_the_wait_of_import_sync_file(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_create(test);
	struct mock_holder *holder = mock_hold_lock(buffer);
	long ret;

	mock_signal_pending();
	ret = import_fence(buffer, &fence->base, DMA_BUF_SYNC_WRITE);
	mock_signal_forget();
	mock_let_go(test, holder);

	KUNIT_EXPECT_EQ(test, ret, -ERESTARTSYS);
	KUNIT_EXPECT_TRUE(test, is_idle(buffer, DMA_RESV_USAGE_BOOKKEEP));
}

static int export_sync_file_main(void *context)
{
	struct mock_buffer *buffer = context;
	struct dma_buf_export_sync_file arg = { .flags = DMA_BUF_SYNC_WRITE };
	void __user *user_arg = mock_user_memory(buffer->test);
	int ret;

	if (copy_to_user(user_arg, &arg, sizeof(arg)))
		return -EFAULT;
	ret = mock_ioctl(buffer, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, user_arg);
	if (ret)
		return ret;
	if (copy_from_user(&arg, user_arg, sizeof(arg)))
		return -EFAULT;
	return close_fd(arg.fd);
}

static void export_sync_file_does_not_want_the_lock(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_holder *holder = mock_hold_lock(buffer);
	struct mock_thread *thread = mock_thread_start(test, export_sync_file_main, buffer);

	KUNIT_EXPECT_EQ(test, mock_thread_join(thread), 0);
	mock_let_go(test, holder);
}

#else /* !CONFIG_SYNC_FILE */

static void sync_files_are_not_for_us(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_export_sync_file export_arg = { .flags = DMA_BUF_SYNC_READ };
	struct dma_buf_import_sync_file import_arg = { .flags = DMA_BUF_SYNC_READ };

	KUNIT_EXPECT_EQ(test, export_sync_file(buffer, &export_arg), -ENOTTY);
	KUNIT_EXPECT_EQ(test, import_sync_file(buffer, &import_arg), -ENOTTY);
}

#endif

static struct kunit_case dma_buf_sync_file_cases[] = {
#if IS_ENABLED(CONFIG_SYNC_FILE)
	KUNIT_CASE_PARAM(export_sync_file_checks_flags, sync_file_flags_gen_params),
	KUNIT_CASE(export_sync_file_without_fences_has_signalled),
	KUNIT_CASE(export_sync_file_closes_on_exec),
	KUNIT_CASE_PARAM(export_sync_file_holds_what_its_user_waits_for, exported_gen_params),
	KUNIT_CASE(export_sync_file_signals_after_the_last_fence),
	KUNIT_CASE(export_sync_file_needs_a_free_descriptor),
	KUNIT_CASE(export_sync_file_gives_the_descriptor_back_after_a_fault),
	KUNIT_CASE_PARAM(import_sync_file_checks_flags, sync_file_flags_gen_params),
	KUNIT_CASE(import_sync_file_for_reading_lets_others_read),
	KUNIT_CASE(import_sync_file_for_writing_lets_others_wait),
	KUNIT_CASE(import_sync_file_of_what_has_signalled_changes_nothing),
	KUNIT_CASE(import_sync_file_unpacks_arrays),
	KUNIT_CASE(import_sync_file_rejects_other_descriptors),
	KUNIT_CASE(a_signal_ends_the_wait_of_import_sync_file),
	KUNIT_CASE(export_sync_file_does_not_want_the_lock),
#else
	KUNIT_CASE(sync_files_are_not_for_us),
#endif
	{}
};

static struct kunit_suite dma_buf_sync_file_suite = {
	.name = "dma-buf-sync-file",
	.init = mock_init,
	.test_cases = dma_buf_sync_file_cases,
};

kunit_test_suite(dma_buf_sync_file_suite);
