/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_MONITOR_H_
#define _VPRIME_MONITOR_H_

#include <linux/types.h>

#include <drm/drm_connector.h>

/**
 * struct vprime_monitor - what is plugged into a connector; it may be another at any time
 * @status: is anything?
 * @no_edid: it does not tell what it can do
 * @bad_link: the link to it has just failed: the connector's link status becomes BAD when the
 *	monitor is set, until user space sets a mode anew
 * @edid: what it tells, which vprime_edid_check() has accepted; NULL for the default EDID
 * @edid_len: bytes of @edid
 */
struct vprime_monitor {
	enum drm_connector_status status;
	bool no_edid;
	bool bad_link;
	const u8 *edid;
	size_t edid_len;
};

#define VPRIME_MONITOR_DEFAULT ((struct vprime_monitor) { .status = connector_status_connected })

int vprime_monitor_copy(struct vprime_monitor *to, const struct vprime_monitor *from);
void vprime_monitor_fini(struct vprime_monitor *monitor);

#endif
