/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_CONNECTOR_H_
#define _VPRIME_CONNECTOR_H_

#include <linux/mutex.h>

#include <drm/drm_connector.h>

#include "vprime_monitor.h"

struct vprime_connector_config;
struct vprime_gpu;

/**
 * struct vprime_connector - where a monitor is plugged in
 *
 * Constant:
 * @base: what it is to DRM
 * @index: of the connector in its GPU's configuration
 *
 * @lock: protects what follows
 * @monitor: what is plugged in; its EDID is ours
 */
struct vprime_connector {
	struct drm_connector base;
	unsigned int index;

	struct mutex lock; /* protects @monitor */
	struct vprime_monitor monitor;
};

struct vprime_connector *vprime_connector_create(struct vprime_gpu *gpu, unsigned int index,
						 const struct vprime_connector_config *config,
						 const struct vprime_monitor *monitor);
int vprime_connector_set_monitor(struct vprime_gpu *gpu, unsigned int index,
				 const struct vprime_monitor *monitor);

#endif
