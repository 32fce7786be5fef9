// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_monitor.h"

#include <kunit/visibility.h>

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>

/**
 * DOC: What is plugged into a connector
 *
 * A monitor is described by whoever plugs it in, and each who keeps the description has a copy of
 * its own: the folder where people write it, the device that outlives its GPU, and the connector.
 */

/**
 * vprime_monitor_copy - take another monitor
 * @to: a monitor, which becomes like @from and owns what it points to; or zeroes
 * @from: not changed
 *
 * Context: may sleep and allocate.
 * Return: 0, to be undone with vprime_monitor_fini(); or -ENOMEM, and @to stays as it was.
 */
int vprime_monitor_copy(struct vprime_monitor *to, const struct vprime_monitor *from)
{
	struct vprime_monitor copy = *from;

	if (from->edid) {
		copy.edid = kmemdup(from->edid, from->edid_len, GFP_KERNEL);
		if (!copy.edid)
			return -ENOMEM;
	}

	vprime_monitor_fini(to);
	*to = copy;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_monitor_copy);

/**
 * vprime_monitor_fini - give back what a copy owns
 * @monitor: the copy, or zeroes; zeroes after this
 *
 * Context: any.
 */
void vprime_monitor_fini(struct vprime_monitor *monitor)
{
	kfree(monitor->edid);
	*monitor = (struct vprime_monitor) {};
}
EXPORT_SYMBOL_IF_KUNIT(vprime_monitor_fini);
