/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_DEVICE_H_
#define _VPRIME_DEVICE_H_

#include <linux/types.h>

struct vprime_config;
struct vprime_device;
struct vprime_faults;
struct vprime_monitor;

struct vprime_device *vprime_device_create(const struct vprime_config *config,
					   const struct vprime_monitor *monitors);
void vprime_device_destroy(struct vprime_device *vdev);
void vprime_device_set_faults(struct vprime_device *vdev, const struct vprime_faults *faults);
int vprime_device_set_monitor(struct vprime_device *vdev, unsigned int connector,
			      const struct vprime_monitor *monitor);
const char *vprime_device_name(const struct vprime_device *vdev);

int vprime_device_init(void);
void vprime_device_exit(void);

#endif
