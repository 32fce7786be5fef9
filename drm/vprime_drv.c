// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>

#include "vprime_commit.h"
#include "vprime_config.h"
#include "vprime_configfs.h"
#include "vprime_device.h"
#include "vprime_fbdev.h"
#include "vprime_fence.h"
#include "vprime_sched.h"

/**
 * DOC: vprime
 *
 * The front door, and the table of contents. The rooms, in the order in which a buffer walks
 * through them:
 *
 * - vprime_config, vprime_topology, vprime_monitor: what a GPU is made like, what its display, and
 *   what is plugged in.
 * - vprime_configfs, vprime_folder, vprime_attributes, vprime_tree, vprime_object, vprime_plug,
 *   vprime_faults: the same as people see and change it, and what is to go wrong.
 * - vprime_device, vprime_gpu: one GPU, put together and taken apart.
 * - vprime_ioctl: what programs ask.
 * - vprime_bo, vprime_vram, vprime_tt, vprime_ttm, vprime_pin, vprime_map: a buffer, its memory,
 *   where that is, whether it may move, and how the CPU sees it.
 * - vprime_export, vprime_import: the buffer shared.
 * - vprime_fabric, vprime_op, vprime_engine: the bus and the silicon.
 * - vprime_fence, vprime_sched, vprime_client, vprime_command, vprime_submit: jobs of programs.
 * - vprime_migrate, vprime_chaos: jobs that move buffers.
 * - display/vprime_fbdev and its neighbours, display/vprime_panic: the console, and its last words.
 * - display/: vprime_kms, the screens; its own comment says how they hang together.
 * - vprime_trace, vprime_stats, vprime_fdinfo, vprime_debugfs: windows to look in.
 */

static bool pair = true;
module_param(pair, bool, 0444);
MODULE_PARM_DESC(pair, "Make a display GPU and a render GPU (default: yes)");

static int add_pair(void)
{
	struct vprime_config config;
	int ret;

	vprime_config_init_display(&config);
	ret = vprime_configfs_add(&config);
	if (ret)
		return ret;
	vprime_config_init_render(&config);
	return vprime_configfs_add(&config);
}

static int __init vprime_init(void)
{
	int ret;

	ret = vprime_sched_init();
	if (ret)
		return ret;
	ret = vprime_commit_init();
	if (ret)
		goto err_sched;
	ret = vprime_device_init();
	if (ret)
		goto err_commit;
	ret = pair ? add_pair() : 0;
	if (ret)
		goto err_configfs;
	ret = vprime_configfs_init();
	if (ret)
		goto err_configfs;
	return 0;

err_configfs:
	vprime_configfs_exit();
	vprime_device_exit();
err_commit:
	vprime_commit_fini();
err_sched:
	vprime_sched_fini();
	vprime_fence_exit();
	return ret;
}

static void __exit vprime_exit(void)
{
	vprime_configfs_exit();
	vprime_device_exit();
	vprime_fbdev_exit();
	vprime_commit_fini();
	vprime_sched_fini();
	vprime_fence_exit();
}

module_init(vprime_init);
module_exit(vprime_exit);

MODULE_DESCRIPTION("Virtual PRIME GPU");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(DMA_BUF);
