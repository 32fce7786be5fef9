// SPDX-License-Identifier: GPL-2.0-only
/*
 * What usually only user space has: memory, requests, descriptors, files of
 * debugfs; see dma-buf-mock.h.
 */

#include "dma-buf-mock.h"

#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/uaccess.h>

#include <uapi/linux/dma-buf.h>

/**
 * mock_user_memory - a page of user space
 * @test: the test, whose thread gets an address space for it
 *
 * Return: its address; does not return without memory.
 */
void __user *mock_user_memory(struct kunit *test)
{
	unsigned long address;

	address = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, address, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(address));
	return (void __user *)address;
}

/**
 * mock_ioctl - ask a buffer for something
 * @buffer: the buffer
 * @cmd: the number
 * @arg: the argument, in user space
 *
 * Return: what user space would get, an errno as it is in the kernel.
 */
long mock_ioctl(struct mock_buffer *buffer, unsigned int cmd, void __user *arg)
{
	struct file *file = buffer->dmabuf->file;

	return file->f_op->unlocked_ioctl(file, cmd, (unsigned long)arg);
}

/**
 * mock_ioctl_with - ask with a copy of an argument in user space, and copy it back
 * @buffer: the buffer
 * @cmd: the number, which has the size of the argument in it
 * @arg: the argument
 *
 * Return: as mock_ioctl().
 */
long mock_ioctl_with(struct mock_buffer *buffer, unsigned int cmd, void *arg)
{
	void __user *user_arg = mock_user_memory(buffer->test);
	long ret;

	KUNIT_ASSERT_EQ(buffer->test, copy_to_user(user_arg, arg, _IOC_SIZE(cmd)), 0);
	ret = mock_ioctl(buffer, cmd, user_arg);
	KUNIT_ASSERT_EQ(buffer->test, copy_from_user(arg, user_arg, _IOC_SIZE(cmd)), 0);
	return ret;
}

/**
 * mock_set_name - give a buffer a name, as its user
 * @buffer: the buffer
 * @name: the name
 *
 * Return: as mock_ioctl().
 */
long mock_set_name(struct mock_buffer *buffer, const char *name)
{
	char __user *user_name = mock_user_memory(buffer->test);

	KUNIT_ASSERT_EQ(buffer->test, copy_to_user(user_name, name, strlen(name) + 1), 0);
	return mock_ioctl(buffer, DMA_BUF_SET_NAME, user_name);
}

static void mock_close_action(void *context)
{
	close_fd((long)context);
}

/**
 * mock_close_later - close a descriptor when the test ends
 * @test: the test, which does not go on if @fd is an errno
 * @fd: the descriptor
 */
void mock_close_later(struct kunit *test, long fd)
{
	KUNIT_ASSERT_GE(test, fd, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_close_action, (void *)fd), 0);
}

/**
 * mock_close - close it before the test ends
 * @test: the test
 * @fd: the descriptor that was given to mock_close_later()
 */
void mock_close(struct kunit *test, long fd)
{
	kunit_release_action(test, mock_close_action, (void *)fd);
}

bool mock_closes_on_exec(int fd)
{
	bool ret;

	rcu_read_lock();
	ret = close_on_exec(fd, current->files);
	rcu_read_unlock();

	return ret;
}

static void mock_unmount(void *mnt)
{
	kern_unmount(mnt);
}

static void mock_fput(void *file)
{
	fput(file);
}

/**
 * mock_open_debugfs - open a file of debugfs, wherever that is mounted
 * @test: the test, whose end closes it
 * @name: path below the root of debugfs
 *
 * Return: the file; does not return if it cannot be opened.
 */
struct file *mock_open_debugfs(struct kunit *test, const char *name)
{
	struct vfsmount *mnt = kern_mount(get_fs_type("debugfs"));
	struct path root = { .mnt = mnt };
	struct file *file;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mnt);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_unmount, mnt), 0);

	root.dentry = mnt->mnt_root;
	file = file_open_root(&root, name, O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_fput, file), 0);
	return file;
}

/**
 * mock_read - read a file from a position to its end, as a user does
 * @test: the test
 * @file: a file that can be read by users only
 * @pos: where to begin
 * @chunk: how much to ask for at a time, at most a page
 *
 * Return: the text, for as long as the test runs.
 */
char *mock_read(struct kunit *test, struct file *file, loff_t pos, size_t chunk)
{
	char __user *user_text = mock_user_memory(test);
	char *text = kunit_kzalloc(test, MOCK_READ_MAX, GFP_KERNEL);
	size_t len = 0;
	ssize_t count;

	KUNIT_ASSERT_NOT_NULL(test, text);
	while ((count = file->f_op->read(file, user_text, chunk, &pos)) > 0) {
		KUNIT_ASSERT_LT(test, len + count, MOCK_READ_MAX);
		KUNIT_ASSERT_EQ(test, copy_from_user(text + len, user_text, count), 0);
		len += count;
	}
	KUNIT_ASSERT_EQ(test, count, 0);
	return text;
}
