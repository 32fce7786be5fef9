// SPDX-License-Identifier: MIT
#include "monitor.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "check.h"
#include "gpu.h"
#include "procfs.h"
#include "uevent.h"
#include "vprime.h"

#define UEVENT_BYTES 4096

void monitor_set(unsigned int head, const char *key, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "monitors/%u/%s", head, key);
	gpu_set(OWN, path, value);
}

struct drm_mode_get_connector monitor_probe(const struct kms_head *head,
					    struct drm_mode_modeinfo modes[MONITOR_MODES_MAX])
{
	struct drm_mode_get_connector arg = { .connector_id = head->connector };

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETCONNECTOR, &arg), 0);
	arg = (struct drm_mode_get_connector){
		.connector_id = head->connector,
		.modes_ptr = (uintptr_t)modes,
		.count_modes = MONITOR_MODES_MAX,
	};
	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETCONNECTOR, &arg), 0);
	check_le(arg.count_modes, MONITOR_MODES_MAX);
	return arg;
}

/* The folder of the connector is the one with its number in it. */
void monitor_sysfs_path(const struct kms_head *head, const char *name, char path[PATH_MAX])
{
	char pattern[PATH_MAX], id[16];
	struct stat node;
	glob_t found;
	size_t i;

	check_ok(neg_errno(fstat(head->gpu, &node)));
	snprintf(pattern, sizeof(pattern), "/sys/dev/char/%u:%u/card*-*/connector_id",
		 major(node.st_rdev), minor(node.st_rdev));
	check_eq(glob(pattern, 0, NULL, &found), 0);
	path[0] = '\0';
	for (i = 0; i < found.gl_pathc && !path[0]; i++) {
		check_ok(__procfs_read(found.gl_pathv[i], id, sizeof(id)));
		if ((uint32_t)atoi(id) == head->connector)
			snprintf(path, PATH_MAX, "%.*s/%s",
				 (int)(strrchr(found.gl_pathv[i], '/') - found.gl_pathv[i]),
				 found.gl_pathv[i], name);
	}
	globfree(&found);
	check(path[0]);
}

uint32_t monitor_status(const struct kms_head *head)
{
	struct drm_mode_modeinfo modes[MONITOR_MODES_MAX];

	return monitor_probe(head, modes).connection;
}

void monitor_check_sysfs(const struct kms_head *head, const char *status)
{
	char path[PATH_MAX], got[32];

	monitor_sysfs_path(head, "status", path);
	check_ok(__procfs_read(path, got, sizeof(got)));
	got[strcspn(got, "\n")] = '\0';
	check_str(got, status);
}

void monitor_check_told(int listener, const struct kms_head *head)
{
	char buf[UEVENT_BYTES];

	check(uevent_take(listener, "drm", buf, sizeof(buf)));
	check_str(uevent_value(buf, "ACTION"), "change");
	check_str(uevent_value(buf, "HOTPLUG"), "1");
	check(uevent_value(buf, "CONNECTOR"));
	check_eq(atoi(uevent_value(buf, "CONNECTOR")), head->connector);
	check(!uevent_take(listener, "drm", buf, sizeof(buf)));
}

void monitor_check_not_told(int listener)
{
	char buf[UEVENT_BYTES];

	check(!uevent_take(listener, "drm", buf, sizeof(buf)));
}

void monitor_wait_told(int listener)
{
	char buf[UEVENT_BYTES];

	uevent_wait(listener, "drm", buf, sizeof(buf));
	check_str(uevent_value(buf, "ACTION"), "change");
	check_str(uevent_value(buf, "HOTPLUG"), "1");
	monitor_check_not_told(listener);
}
