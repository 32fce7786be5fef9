// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-ioctl.c from inside the kernel, where the exporter can be
 * watched; the view from user space is igt-tests/dmabuf_ioctl.c.
 */

#include "dma-buf-mock.h"

#include <uapi/linux/dma-buf.h>

static void __user *nowhere(void)
{
	return (void __user *)8;
}

/* Numbers */

static const unsigned int ioctl_numbers[] = {
	_IO('b', 0),
	_IOW('b', 0, u32),
	_IOW('b', 1, u16),
	_IOR('b', 2, struct dma_buf_export_sync_file),
	_IO('b', 4),
	_IO('B', 0),
	0,
	~0,
};

static void ioctl_number_desc(const unsigned int *number, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%08x", *number);
}

KUNIT_ARRAY_PARAM(ioctl_number, ioctl_numbers, ioctl_number_desc);

static void an_unknown_number_is_not_for_us(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_EXPECT_EQ(test, mock_ioctl(buffer, *(const unsigned int *)test->param_value,
					 mock_user_memory(test)),
			-ENOTTY);
	MOCK_EXPECT_CALLS(buffer, "");
}

struct known_ioctl {
	const char *what;
	unsigned int cmd;
};

static const struct known_ioctl known_ioctls[] = {
	{ .what = "SYNC", .cmd = DMA_BUF_IOCTL_SYNC },
	{ .what = "SET_NAME", .cmd = DMA_BUF_SET_NAME },
	{ .what = "SET_NAME_A", .cmd = DMA_BUF_SET_NAME_A },
	{ .what = "SET_NAME_B", .cmd = DMA_BUF_SET_NAME_B },
	{ .what = "EXPORT_SYNC_FILE", .cmd = DMA_BUF_IOCTL_EXPORT_SYNC_FILE },
	{ .what = "IMPORT_SYNC_FILE", .cmd = DMA_BUF_IOCTL_IMPORT_SYNC_FILE },
};

KUNIT_ARRAY_PARAM_DESC(known_ioctl, known_ioctls, what);

static void a_bad_pointer_is_a_fault(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct known_ioctl *param = test->param_value;

	/* There has to be an address space for the address to be bad in. */
	mock_user_memory(test);
	KUNIT_EXPECT_EQ(test, mock_ioctl(buffer, param->cmd, nowhere()), -EFAULT);
	MOCK_EXPECT_CALLS(buffer, "");
}

/* SYNC */

struct sync {
	const char *what;
	u64 flags;
	int expected;
	const char *calls;
};

static const struct sync syncs[] = {
	{ .what = "start reading", .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ,
	  .calls = "begin:from" },
	{ .what = "start writing", .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE,
	  .calls = "begin:to" },
	{ .what = "start both", .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW,
	  .calls = "begin:both" },
	{ .what = "end reading", .flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ,
	  .calls = "end:from" },
	{ .what = "end writing", .flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE,
	  .calls = "end:to" },
	{ .what = "end both", .flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW,
	  .calls = "end:both" },
	{ .what = "nothing", .flags = 0, .expected = -EINVAL, .calls = "" },
	{ .what = "end nothing", .flags = DMA_BUF_SYNC_END, .expected = -EINVAL, .calls = "" },
	{ .what = "an unknown flag", .flags = DMA_BUF_SYNC_RW | 8, .expected = -EINVAL,
	  .calls = "" },
	{ .what = "an unknown high flag", .flags = DMA_BUF_SYNC_RW | BIT_ULL(63),
	  .expected = -EINVAL, .calls = "" },
	{ .what = "all flags", .flags = ~0ULL, .expected = -EINVAL, .calls = "" },
};

KUNIT_ARRAY_PARAM_DESC(sync, syncs, what);

static void sync_opens_and_closes_brackets(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct sync *param = test->param_value;
	struct dma_buf_sync arg = { .flags = param->flags };

	KUNIT_EXPECT_EQ(test, mock_ioctl_with(buffer, DMA_BUF_IOCTL_SYNC, &arg), param->expected);
	MOCK_EXPECT_CALLS(buffer, param->calls);
}

static void sync_passes_the_exporters_errno_on(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_sync start = { .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW };
	struct dma_buf_sync end = { .flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW };

	buffer->error[MOCK_BEGIN] = -EAGAIN;
	buffer->error[MOCK_END] = -EIO;
	KUNIT_EXPECT_EQ(test, mock_ioctl_with(buffer, DMA_BUF_IOCTL_SYNC, &start), -EAGAIN);
	KUNIT_EXPECT_EQ(test, mock_ioctl_with(buffer, DMA_BUF_IOCTL_SYNC, &end), -EIO);
}

static void a_signal_ends_the_wait_of_sync(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_sync start = { .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ };
	long ret;

	mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	mock_signal_pending();
	ret = mock_ioctl_with(buffer, DMA_BUF_IOCTL_SYNC, &start);
	mock_signal_forget();
	KUNIT_EXPECT_EQ(test, ret, -ERESTARTSYS);
}

static struct kunit_case dma_buf_ioctl_cases[] = {
	KUNIT_CASE_PARAM(an_unknown_number_is_not_for_us, ioctl_number_gen_params),
	KUNIT_CASE_PARAM(a_bad_pointer_is_a_fault, known_ioctl_gen_params),
	KUNIT_CASE_PARAM(sync_opens_and_closes_brackets, sync_gen_params),
	KUNIT_CASE(sync_passes_the_exporters_errno_on),
	KUNIT_CASE(a_signal_ends_the_wait_of_sync),
	{}
};

static struct kunit_suite dma_buf_ioctl_suite = {
	.name = "dma-buf-ioctl",
	.init = mock_init,
	.test_cases = dma_buf_ioctl_cases,
};

kunit_test_suite(dma_buf_ioctl_suite);
