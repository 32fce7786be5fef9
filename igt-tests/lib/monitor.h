/* SPDX-License-Identifier: MIT */
/*
 * Monitors of the subtest's own GPU: plugging them in, and what the kernel
 * tells of them.
 */
#ifndef IGT_TESTS_MONITOR_H
#define IGT_TESTS_MONITOR_H

#include <limits.h>

#include "kms.h"

/* Values of a monitor's status in configfs. */
#define MONITOR_CONNECTED "1"
#define MONITOR_DISCONNECTED "2"
#define MONITOR_UNKNOWN "3"

#define MONITOR_MODES_MAX 128

/* Writes to a file of the monitor of that head. */
void monitor_set(unsigned int head, const char *key, const char *value);

/* What the kernel finds when it is asked to look; modes that fit into @modes. */
struct drm_mode_get_connector monitor_probe(const struct kms_head *head,
					    struct drm_mode_modeinfo modes[MONITOR_MODES_MAX]);
/* The same, only whether anything is connected. */
uint32_t monitor_status(const struct kms_head *head);

/* A file of the connector in sysfs. */
void monitor_sysfs_path(const struct kms_head *head, const char *name, char path[PATH_MAX]);
/* What is known there without asking the monitor, as programs find it that have just been told. */
void monitor_check_sysfs(const struct kms_head *head, const char *status);

/* Exactly one uevent has arrived, and it is about this connector. */
void monitor_check_told(int listener, const struct kms_head *head);
void monitor_check_not_told(int listener);
/*
 * Waits for one about some connector of a GPU: of a change that was found, not
 * told by the monitor, the kernel does not say where.
 */
void monitor_wait_told(int listener);

#endif
