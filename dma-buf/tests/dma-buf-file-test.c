// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-file.c: descriptors, references, and what the file tells.
 */

#include "dma-buf-mock.h"

#include <linux/anon_inodes.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/path.h>
#include <linux/sched/signal.h>
#include <linux/statfs.h>

#include <uapi/linux/dma-buf.h>
#include <uapi/linux/magic.h>

/* Make a descriptor for @buffer, beside the reference that the test has. */
static int open_fd(struct mock_buffer *buffer, int flags)
{
	int fd;

	get_dma_buf(buffer->dmabuf);
	fd = dma_buf_fd(buffer->dmabuf, flags);
	if (fd < 0)
		dma_buf_put(buffer->dmabuf);
	KUNIT_ASSERT_GE(buffer->test, fd, 0);
	mock_close_later(buffer->test, fd);
	return fd;
}

/* Descriptors */

static void fd_takes_the_callers_reference_over(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct file *file = buffer->dmabuf->file;
	int fd = dma_buf_fd(buffer->dmabuf, 0);

	KUNIT_ASSERT_GE(test, fd, 0);
	mock_close_later(test, fd);
	buffer->dmabuf = NULL;
	KUNIT_EXPECT_EQ(test, file_count(file), 1);

	mock_close(test, fd);
	mock_expect_event(test, &buffer->released, "the release after close()");
	MOCK_EXPECT_CALLS(buffer, "release");
}

static void fd_without_a_buffer_is_invalid(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dma_buf_fd(NULL, 0), -EINVAL);
}

static void fd_leaves_the_reference_to_the_caller_if_there_are_too_many(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct rlimit *limit = &current->signal->rlim[RLIMIT_NOFILE];

	/* The thread of a test has limits of its own. */
	limit->rlim_cur = 0;
	KUNIT_EXPECT_EQ(test, dma_buf_fd(buffer->dmabuf, 0), -EMFILE);
	KUNIT_EXPECT_EQ(test, file_count(buffer->dmabuf->file), 1);
}

struct fd_flags {
	const char *what;
	int flags;
	bool close_on_exec;
};

static const struct fd_flags fd_flags[] = {
	{ .what = "none", .flags = 0, .close_on_exec = false },
	{ .what = "O_CLOEXEC", .flags = O_CLOEXEC, .close_on_exec = true },
	{ .what = "O_NONBLOCK", .flags = O_NONBLOCK, .close_on_exec = false },
	{ .what = "O_CLOEXEC and O_RDWR", .flags = O_CLOEXEC | O_RDWR, .close_on_exec = true },
};

KUNIT_ARRAY_PARAM_DESC(fd_flags, fd_flags, what);

static void fd_obeys_o_cloexec_and_nothing_else(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	unsigned int before = buffer->dmabuf->file->f_flags;
	const struct fd_flags *param = test->param_value;
	int fd = open_fd(buffer, param->flags);

	KUNIT_EXPECT_EQ(test, mock_closes_on_exec(fd), param->close_on_exec);
	KUNIT_EXPECT_EQ(test, buffer->dmabuf->file->f_flags, before);
}

static void get_finds_the_buffer_and_takes_a_reference(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	int fd = open_fd(buffer, 0);
	struct dma_buf *found = dma_buf_get(fd);

	KUNIT_ASSERT_PTR_EQ(test, found, buffer->dmabuf);
	KUNIT_EXPECT_EQ(test, file_count(found->file), 3);
	dma_buf_put(found);
	KUNIT_EXPECT_EQ(test, file_count(found->file), 2);
}

static void a_buffer_outlives_its_descriptor(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	int fd = open_fd(buffer, 0);

	mock_close(test, fd);
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_get(fd), ERR_PTR(-EBADF));
	MOCK_EXPECT_CALLS(buffer, "");
	mock_put(buffer);
	MOCK_EXPECT_CALLS(buffer, "release");
}

static void put_path(void *path)
{
	path_put(path);
}

static void put_inode(void *inode)
{
	iput(inode);
}

/* What a descriptor holds that was opened with O_PATH, or a queued event of fanotify. */
static void the_memory_goes_although_somebody_holds_the_path(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct path *path = kunit_kzalloc(test, sizeof(*path), GFP_KERNEL);
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, path);
	KUNIT_ASSERT_NOT_NULL(test, text);
	*path = buffer->dmabuf->file->f_path;
	path_get(path);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_path, path), 0);
	KUNIT_ASSERT_EQ(test, mock_set_name(buffer, "kept"), 0);

	mock_put(buffer);
	MOCK_EXPECT_CALLS(buffer, "release");
	KUNIT_EXPECT_STREQ(test, d_path(path, text, PAGE_SIZE), "/dmabuf:kept");
}

/* What a mark of inotify or fanotify holds. */
static void the_memory_goes_although_somebody_holds_the_inode(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct inode *inode = file_inode(buffer->dmabuf->file);

	ihold(inode);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_inode, inode), 0);

	mock_put(buffer);
	MOCK_EXPECT_CALLS(buffer, "release");
	KUNIT_EXPECT_EQ(test, i_size_read(inode), MOCK_SIZE);
}

static const struct file_operations other_fops = { };

static void get_rejects_descriptors_of_another_kind(struct kunit *test)
{
	int fd = anon_inode_getfd("not a dma-buf", &other_fops, NULL, O_RDWR);

	KUNIT_ASSERT_GE(test, fd, 0);
	mock_close_later(test, fd);
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_get(fd), ERR_PTR(-EINVAL));
}

/* What O_PATH gives: a descriptor that stands for a name, not for a file. */
static void get_rejects_descriptors_that_are_only_paths(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct file *path = dentry_open(&buffer->dmabuf->file->f_path, O_PATH, current_cred());
	int fd;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, path);
	fd = get_unused_fd_flags(0);
	if (fd < 0)
		fput(path);
	KUNIT_ASSERT_GE(test, fd, 0);
	fd_install(fd, path);
	mock_close_later(test, fd);

	KUNIT_EXPECT_PTR_EQ(test, dma_buf_get(fd), ERR_PTR(-EBADF));
}

static const int bad_fds[] = { -1, INT_MIN, INT_MAX };

static void bad_fd_desc(const int *fd, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d", *fd);
}

KUNIT_ARRAY_PARAM(bad_fd, bad_fds, bad_fd_desc);

static void get_rejects_numbers_that_are_no_descriptors(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_get(*(const int *)test->param_value), ERR_PTR(-EBADF));
}

static void put_without_a_buffer_is_a_breach(struct kunit *test)
{
	dma_buf_put(NULL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
}

/* The file */

struct seek {
	const char *what;
	loff_t offset;
	int whence;
	loff_t expected;
};

static const struct seek seeks[] = {
	{ .what = "to the end", .whence = SEEK_END, .expected = MOCK_SIZE },
	{ .what = "to the start", .whence = SEEK_SET, .expected = 0 },
	{ .what = "nowhere", .whence = SEEK_CUR, .expected = -EINVAL },
	{ .what = "to data", .whence = SEEK_DATA, .expected = -EINVAL },
	{ .what = "to a hole", .whence = SEEK_HOLE, .expected = -EINVAL },
	{ .what = "past the start", .whence = SEEK_SET, .offset = 1, .expected = -EINVAL },
	{ .what = "before the end", .whence = SEEK_END, .offset = -1, .expected = -EINVAL },
	{ .what = "past the end", .whence = SEEK_END, .offset = 1, .expected = -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(seek, seeks, what);

static void seeking_tells_the_size_and_nothing_else(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct seek *param = test->param_value;

	KUNIT_EXPECT_EQ(test, vfs_llseek(buffer->dmabuf->file, param->offset, param->whence),
			param->expected);
	KUNIT_EXPECT_EQ(test, buffer->dmabuf->file->f_pos, 0);
}

struct file_flags {
	const char *what;
	int flags;
	int expected;
};

static const struct file_flags file_flags[] = {
	{ .what = "O_RDONLY", .flags = O_RDONLY, .expected = O_RDONLY },
	{ .what = "O_WRONLY", .flags = O_WRONLY, .expected = O_WRONLY },
	{ .what = "O_RDWR", .flags = O_RDWR, .expected = O_RDWR },
	{ .what = "O_NONBLOCK", .flags = O_RDWR | O_NONBLOCK, .expected = O_RDWR | O_NONBLOCK },
	{ .what = "O_CLOEXEC", .flags = O_RDWR | O_CLOEXEC, .expected = O_RDWR },
	{ .what = "O_APPEND", .flags = O_RDWR | O_APPEND, .expected = O_RDWR },
	{ .what = "O_DIRECT", .flags = O_RDWR | O_DIRECT, .expected = O_RDWR },
};

KUNIT_ARRAY_PARAM_DESC(file_flags, file_flags, what);

static void the_file_keeps_access_mode_and_o_nonblock(struct kunit *test)
{
	const struct file_flags *param = test->param_value;
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct file *file;

	exp_info.ops = &mock_static_ops;
	exp_info.size = MOCK_SIZE;
	exp_info.flags = param->flags;
	file = mock_export_info(test, &exp_info)->dmabuf->file;

	KUNIT_EXPECT_EQ(test, file->f_flags & ~O_LARGEFILE, param->expected);
	KUNIT_EXPECT_EQ(test, !!(file->f_mode & FMODE_WRITE), !!(param->expected & O_ACCMODE));
}

static void stat_tells_size_number_and_mode(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct file *file = buffer->dmabuf->file;
	struct kstat stat;

	KUNIT_ASSERT_EQ(test, vfs_getattr(&file->f_path, &stat, STATX_BASIC_STATS, 0), 0);
	KUNIT_EXPECT_EQ(test, stat.size, MOCK_SIZE);
	KUNIT_EXPECT_EQ(test, stat.blocks, MOCK_SIZE / 512);
	KUNIT_EXPECT_EQ(test, stat.ino, file_inode(file)->i_ino);
	KUNIT_EXPECT_NE(test, stat.ino, 0);
	KUNIT_EXPECT_EQ(test, stat.mode, 0600);
}

static void statfs_tells_that_it_is_a_dma_buf(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct kstatfs statfs;

	KUNIT_ASSERT_EQ(test, vfs_statfs(&buffer->dmabuf->file->f_path, &statfs), 0);
	KUNIT_EXPECT_EQ(test, statfs.f_type, DMA_BUF_MAGIC);
}

static void a_path_cannot_be_opened_again(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct file *again = dentry_open(&buffer->dmabuf->file->f_path, O_RDWR, current_cred());

	KUNIT_EXPECT_PTR_EQ(test, again, ERR_PTR(-ENXIO));
}

static const char *path_of(struct mock_buffer *buffer)
{
	char *text = kunit_kzalloc(buffer->test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(buffer->test, text);
	return d_path(&buffer->dmabuf->file->f_path, text, PAGE_SIZE);
}

static void the_path_shows_the_name(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_EXPECT_STREQ(test, path_of(buffer), "/dmabuf:");
	KUNIT_EXPECT_EQ(test, mock_set_name(buffer, "first"), 0);
	KUNIT_EXPECT_STREQ(test, path_of(buffer), "/dmabuf:first");
	KUNIT_EXPECT_EQ(test, mock_set_name(buffer, "second"), 0);
	KUNIT_EXPECT_STREQ(test, path_of(buffer), "/dmabuf:second");
	KUNIT_EXPECT_EQ(test, mock_set_name(buffer, ""), 0);
	KUNIT_EXPECT_STREQ(test, path_of(buffer), "/dmabuf:");
}

#define LONGEST_NAME "0123456789012345678901234567890"

static void a_name_that_is_too_long_changes_nothing(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	static_assert(sizeof(LONGEST_NAME) == DMA_BUF_NAME_LEN);
	KUNIT_EXPECT_EQ(test, mock_set_name(buffer, LONGEST_NAME), 0);
	KUNIT_EXPECT_EQ(test, mock_set_name(buffer, LONGEST_NAME "x"), -EINVAL);
	KUNIT_EXPECT_STREQ(test, path_of(buffer), "/dmabuf:" LONGEST_NAME);
}

static struct kunit_case dma_buf_file_cases[] = {
	KUNIT_CASE(fd_takes_the_callers_reference_over),
	KUNIT_CASE(fd_without_a_buffer_is_invalid),
	KUNIT_CASE(fd_leaves_the_reference_to_the_caller_if_there_are_too_many),
	KUNIT_CASE_PARAM(fd_obeys_o_cloexec_and_nothing_else, fd_flags_gen_params),
	KUNIT_CASE(get_finds_the_buffer_and_takes_a_reference),
	KUNIT_CASE(a_buffer_outlives_its_descriptor),
	KUNIT_CASE(the_memory_goes_although_somebody_holds_the_path),
	KUNIT_CASE(the_memory_goes_although_somebody_holds_the_inode),
	KUNIT_CASE(get_rejects_descriptors_of_another_kind),
	KUNIT_CASE(get_rejects_descriptors_that_are_only_paths),
	KUNIT_CASE_PARAM(get_rejects_numbers_that_are_no_descriptors, bad_fd_gen_params),
	KUNIT_CASE(put_without_a_buffer_is_a_breach),
	KUNIT_CASE_PARAM(seeking_tells_the_size_and_nothing_else, seek_gen_params),
	KUNIT_CASE_PARAM(the_file_keeps_access_mode_and_o_nonblock, file_flags_gen_params),
	KUNIT_CASE(stat_tells_size_number_and_mode),
	KUNIT_CASE(statfs_tells_that_it_is_a_dma_buf),
	KUNIT_CASE(a_path_cannot_be_opened_again),
	KUNIT_CASE(the_path_shows_the_name),
	KUNIT_CASE(a_name_that_is_too_long_changes_nothing),
	{}
};

static struct kunit_suite dma_buf_file_suite = {
	.name = "dma-buf-file",
	.init = mock_init,
	.test_cases = dma_buf_file_cases,
};

kunit_test_suite(dma_buf_file_suite);
