// SPDX-License-Identifier: GPL-2.0-only

#include <linux/completion.h>
#include <linux/dma-resv.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "bench.h"

/**
 * DOC: /dev/dma-buf-bench
 *
 * The kernel half of the benchmark of the dma-buf core.  It hands out buffers
 * to the user half, repeats what only drivers can do, keeps a population of
 * buffers alive, and holds a reservation lock for as long as it is told to.
 */

static struct miscdevice bench_device;

static long bench_ioctl_export(unsigned long exporter)
{
	struct dma_buf *dmabuf;
	int fd;

	if (exporter >= BENCH_EXPORTERS)
		return -EINVAL;

	dmabuf = bench_mock_export(exporter);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);

	fd = dma_buf_fd(dmabuf, O_CLOEXEC);
	if (fd < 0)
		dma_buf_put(dmabuf);
	return fd;
}

static long bench_ioctl_run(void __user *arg)
{
	struct bench_run run;
	int ret;

	if (copy_from_user(&run, arg, sizeof(run)))
		return -EFAULT;

	ret = bench_case_run(&run, bench_device.this_device);
	if (ret)
		return ret;

	return copy_to_user(arg, &run, sizeof(run)) ? -EFAULT : 0;
}

static long bench_ioctl_fences(void __user *arg)
{
	struct bench_fences fences;
	struct dma_buf *dmabuf;
	int ret;

	if (copy_from_user(&fences, arg, sizeof(fences)))
		return -EFAULT;

	dmabuf = dma_buf_get(fences.fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);

	ret = bench_mock_set_fences(dmabuf, fences.count, fences.signalled);
	dma_buf_put(dmabuf);
	return ret;
}

/*
 * The population stands in an array of fixed size, so that nothing but the
 * buffers themselves takes memory when it grows.
 */
static DEFINE_MUTEX(population_lock);
static struct dma_buf *population[BENCH_POPULATION_MAX];
static unsigned int population_count;

static void population_shrink(unsigned int count)
{
	lockdep_assert_held(&population_lock);

	while (population_count > count)
		dma_buf_put(population[--population_count]);
}

static int population_grow(unsigned int count)
{
	struct dma_buf *dmabuf;

	lockdep_assert_held(&population_lock);

	while (population_count < count) {
		dmabuf = bench_mock_export(BENCH_STATIC);
		if (IS_ERR(dmabuf))
			return PTR_ERR(dmabuf);
		population[population_count++] = dmabuf;
	}
	return 0;
}

static long bench_ioctl_populate(unsigned long count)
{
	int ret;

	if (count > BENCH_POPULATION_MAX)
		return -EINVAL;

	mutex_lock(&population_lock);
	population_shrink(count);
	ret = population_grow(count);
	mutex_unlock(&population_lock);
	return ret;
}

static DECLARE_COMPLETION(bench_lock_held);
static DECLARE_COMPLETION(bench_lock_let_go);

static long bench_ioctl_hold(int fd)
{
	struct dma_buf *dmabuf = dma_buf_get(fd);
	int ret;

	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);

	dma_resv_lock(dmabuf->resv, NULL);
	complete(&bench_lock_held);
	ret = wait_for_completion_killable(&bench_lock_let_go);
	dma_resv_unlock(dmabuf->resv);

	dma_buf_put(dmabuf);
	return ret;
}

static long bench_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case BENCH_IOCTL_EXPORT:
		return bench_ioctl_export(arg);
	case BENCH_IOCTL_RUN:
		return bench_ioctl_run((void __user *)arg);
	case BENCH_IOCTL_FENCES:
		return bench_ioctl_fences((void __user *)arg);
	case BENCH_IOCTL_POPULATE:
		return bench_ioctl_populate(arg);
	case BENCH_IOCTL_HOLD:
		return bench_ioctl_hold(arg);
	case BENCH_IOCTL_WAIT_HELD:
		return wait_for_completion_killable(&bench_lock_held);
	case BENCH_IOCTL_LET_GO:
		complete(&bench_lock_let_go);
		return 0;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations bench_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= bench_ioctl,
};

static struct miscdevice bench_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "dma-buf-bench",
	.fops	= &bench_fops,
};

static int __init bench_init(void)
{
	int ret = bench_mock_init();

	if (ret)
		return ret;

	ret = misc_register(&bench_device);
	if (ret)
		bench_mock_fini();
	return ret;
}
module_init(bench_init);

/* A population keeps the module from being unloaded, so there is none. */
static void __exit bench_exit(void)
{
	misc_deregister(&bench_device);
	bench_mock_fini();
}
module_exit(bench_exit);

MODULE_DESCRIPTION("Benchmark of the dma-buf core");
MODULE_IMPORT_NS(DMA_BUF);
MODULE_LICENSE("GPL");
