// SPDX-License-Identifier: MIT
/*
 * Monitors that come and go, links that fail, and screens that are lent.
 */
#include <fcntl.h>
#include <unistd.h>

#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "kms.h"
#include "monitor.h"
#include "picture.h"
#include "procfs.h"
#include "screen.h"
#include "subtest.h"
#include "uevent.h"
#include "vprime.h"

#define LINK_GOOD "0"
#define LINK_BAD "1"

static void status(void)
{
	static const struct {
		const char *value;
		uint32_t connection;
		const char *name;
	} steps[] = {
		{ MONITOR_DISCONNECTED, 2, "disconnected" },
		{ MONITOR_UNKNOWN, 3, "unknown" },
		{ MONITOR_CONNECTED, 1, "connected" },
	};
	struct screen_pair pair;
	int listener;
	size_t i;

	screen_pair_init(&pair);
	check_eq(monitor_status(&pair.heads[0]), 1);
	check_eq(monitor_status(&pair.heads[1]), 1);
	listener = uevent_listen();
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		monitor_set(1, "status", steps[i].value);
		monitor_check_told(listener, &pair.heads[1]);
		monitor_check_sysfs(&pair.heads[1], steps[i].name);
		monitor_check_sysfs(&pair.heads[0], "connected");
		check_eq(monitor_status(&pair.heads[1]), steps[i].connection);
		check_eq(monitor_status(&pair.heads[0]), 1);
	}
	/* The probes have found nothing new. */
	monitor_check_not_told(listener);
	/* The picture is not the monitor's. */
	monitor_set(0, "status", MONITOR_DISCONNECTED);
	monitor_check_told(listener, &pair.heads[0]);
	picture_check(&pair.heads[0], SCREEN_SEED);
	monitor_set(0, "status", MONITOR_CONNECTED);
	picture_check(&pair.heads[0], SCREEN_SEED);
	close_fd(listener);
	screen_pair_fini(&pair);
}

static void lost(void)
{
	struct screen_pair pair;
	int listener;

	screen_pair_init(&pair);
	listener = uevent_listen();
	gpu_set(OWN, "faults/lost_hotplug", "1");
	monitor_set(0, "status", MONITOR_DISCONNECTED);
	monitor_check_not_told(listener);
	monitor_check_sysfs(&pair.heads[0], "connected");
	/* A probe finds it all the same, and user space is told of that. */
	check_eq(monitor_status(&pair.heads[0]), 2);
	monitor_check_sysfs(&pair.heads[0], "disconnected");
	monitor_wait_told(listener);
	gpu_set(OWN, "faults/lost_hotplug", "0");
	monitor_check_not_told(listener);
	monitor_set(0, "status", MONITOR_CONNECTED);
	monitor_check_told(listener, &pair.heads[0]);
	close_fd(listener);
	screen_pair_fini(&pair);
}

static void force(const struct kms_head *head, const char *status)
{
	char path[PATH_MAX];

	monitor_sysfs_path(head, "status", path);
	check_ret(__procfs_write(path, status), 0);
}

static void forced(void)
{
	struct screen_pair pair;
	int listener;

	screen_pair_init(&pair);
	listener = uevent_listen();
	force(&pair.heads[0], "off");
	monitor_wait_told(listener);
	monitor_check_sysfs(&pair.heads[0], "disconnected");
	check_eq(monitor_status(&pair.heads[0]), 2);
	force(&pair.heads[0], "on");
	monitor_wait_told(listener);
	monitor_check_sysfs(&pair.heads[0], "connected");
	/* What is plugged in makes no difference, but is told of. */
	monitor_set(0, "status", MONITOR_DISCONNECTED);
	monitor_check_told(listener, &pair.heads[0]);
	monitor_check_sysfs(&pair.heads[0], "connected");
	check_eq(monitor_status(&pair.heads[0]), 1);
	force(&pair.heads[0], "detect");
	monitor_wait_told(listener);
	monitor_check_sysfs(&pair.heads[0], "disconnected");
	check_eq(monitor_status(&pair.heads[1]), 1);
	close_fd(listener);
	screen_pair_fini(&pair);
}

static uint64_t link_of(const struct kms_head *head)
{
	return kms_property_value(head->gpu, head->connector, "link-status");
}

static void mend_by_commit(const struct screen_pair *pair)
{
	struct kms_commit commit;

	kms_commit_init(&commit, pair->gpu);
	kms_commit_add(&commit, pair->heads[0].connector, "link-status",
		       DRM_MODE_LINK_STATUS_GOOD);
	/* Setting the mode anew is what mends it. */
	check_ret(__kms_commit(&commit, 0, 0), -EINVAL);
	check_eq(link_of(&pair->heads[0]), DRM_MODE_LINK_STATUS_BAD);
	kms_commit(&commit, DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
}

static void mend_by_set_mode(const struct screen_pair *pair)
{
	uint32_t connector = pair->heads[0].connector;
	struct drm_mode_crtc arg = {
		.set_connectors_ptr = (uintptr_t)&connector,
		.count_connectors = 1,
		.crtc_id = pair->heads[0].crtc,
		.fb_id = pair->buffer.fb,
		.mode_valid = 1,
		.mode = pair->heads[0].mode,
	};

	check_ret(__vprime_ioctl(pair->gpu, DRM_IOCTL_MODE_SETCRTC, &arg), 0);
}

static const struct test_case menders[] = {
	{ "atomic", mend_by_commit },
	{ "legacy", mend_by_set_mode },
	{ }
};

static void link_fails(const struct test_case *row)
{
	void (*mend)(const struct screen_pair *) = row->arg;
	struct kms_event event;
	struct screen_pair pair;
	int listener;

	screen_pair_init(&pair);
	listener = uevent_listen();
	check_eq(link_of(&pair.heads[0]), DRM_MODE_LINK_STATUS_GOOD);
	monitor_set(0, "link_status", LINK_BAD);
	monitor_check_told(listener, &pair.heads[0]);
	check_eq(link_of(&pair.heads[0]), DRM_MODE_LINK_STATUS_BAD);
	check_eq(link_of(&pair.heads[1]), DRM_MODE_LINK_STATUS_GOOD);
	/* Frames go on. */
	kms_flip(&pair.heads[0], pair.buffer.fb, &event);
	check_eq(link_of(&pair.heads[0]), DRM_MODE_LINK_STATUS_BAD);
	mend(&pair);
	check_eq(link_of(&pair.heads[0]), DRM_MODE_LINK_STATUS_GOOD);
	picture_check(&pair.heads[0], SCREEN_SEED);
	close_fd(listener);
	screen_pair_fini(&pair);
}

/* Another client that has the second screen, and nothing else. */
static int lend(const struct screen_pair *pair, uint32_t *lessee)
{
	const uint32_t objects[] = {
		pair->heads[1].crtc,
		pair->heads[1].connector,
		pair->heads[1].primary,
	};
	struct drm_mode_create_lease arg = {
		.object_ids = (uintptr_t)objects,
		.object_count = ARRAY_SIZE(objects),
		.flags = O_CLOEXEC,
	};

	check_ret(__vprime_ioctl(pair->gpu, DRM_IOCTL_MODE_CREATE_LEASE, &arg), 0);
	*lessee = arg.lessee_id;
	return arg.fd;
}

static void lease(void)
{
	struct drm_vprime_capture ask = { };
	struct drm_mode_revoke_lease revoke;
	struct picture_buffer theirs;
	struct kms_head head, other;
	struct screen_pair pair;
	uint32_t lessee = 0;
	int tenant;

	screen_pair_init(&pair);
	tenant = lend(&pair, &lessee);
	kms_client_init(tenant);
	head = pair.heads[1];
	head.gpu = tenant;
	other = pair.heads[0];
	other.gpu = tenant;
	picture_buffer_init(&theirs, tenant);
	picture_draw(theirs.at, SCREEN_OTHER_SEED);
	kms_show(&head, theirs.fb);
	picture_check(&head, SCREEN_OTHER_SEED);
	/* The other screen is none of theirs, and goes on. */
	check_ret(__picture_capture(&other, &ask), -ENOENT);
	picture_check(&pair.heads[0], SCREEN_SEED);

	revoke = (struct drm_mode_revoke_lease){ .lessee_id = lessee };
	check_ret(__vprime_ioctl(pair.gpu, DRM_IOCTL_MODE_REVOKE_LEASE, &revoke), 0);
	check_ret(__picture_capture(&head, &ask), -ENOENT);
	kms_show(&pair.heads[1], pair.buffer.fb);
	picture_check(&pair.heads[1], SCREEN_SEED);
	picture_buffer_fini(&theirs);
	close_fd(tenant);
	screen_pair_fini(&pair);
}

static const struct subtest subtests[] = {
	{
		.name = "status",
		.describe = "A monitor comes and goes, and user space is told once.",
		.run = status,
	}, {
		.name = "lost",
		.describe = "With lost_hotplug it is not told.",
		.run = lost,
	}, {
		.name = "forced",
		.describe = "User space is told of a connector that is forced on or off.",
		.run = forced,
	}, {
		.name = "link-fails",
		.describe = "A bad link is told of, and mended by setting the mode anew.",
		.run_case = link_fails,
		.cases = menders,
	}, {
		.name = "lease",
		.describe = "A tenant has the screen that is lent, no other, and only as long.",
		.run = lease,
	},
};

TEST_MAIN("Monitors that come and go, and screens that are lent.", subtests)
