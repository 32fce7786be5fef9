// SPDX-License-Identifier: MIT
/*
 * Monitors that come, go and change, links that fail, and screens that are
 * lent.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "screen.h"
#include "subtest.h"
#include "uevent.h"
#include "vprime.h"

#define CONNECTED "1"
#define DISCONNECTED "2"
#define UNKNOWN "3"
#define LINK_GOOD "0"
#define LINK_BAD "1"
#define MODES_MAX 128
#define EDID_MAX 1024
#define EDID_BLOCK 128
#define UEVENT_BYTES 4096

static void set_monitor(unsigned int head, const char *key, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "monitors/%u/%s", head, key);
	gpu_set(OWN, path, value);
}

/* What the kernel finds when it is asked to look; modes that fit into @modes. */
static struct drm_mode_get_connector probe(const struct kms_head *head,
					   struct drm_mode_modeinfo modes[MODES_MAX])
{
	struct drm_mode_get_connector arg = { .connector_id = head->connector };

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETCONNECTOR, &arg), 0);
	arg = (struct drm_mode_get_connector){
		.connector_id = head->connector,
		.modes_ptr = (uintptr_t)modes,
		.count_modes = MODES_MAX,
	};
	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETCONNECTOR, &arg), 0);
	check_le(arg.count_modes, MODES_MAX);
	return arg;
}

static uint32_t status_of(const struct kms_head *head)
{
	struct drm_mode_modeinfo modes[MODES_MAX];

	return probe(head, modes).connection;
}

/* Exactly one has arrived, and it is about this connector. */
static void check_one_hotplug(int listener, const struct kms_head *head)
{
	char buf[UEVENT_BYTES];

	check(uevent_take(listener, "drm", buf, sizeof(buf)));
	check_str(uevent_value(buf, "ACTION"), "change");
	check_str(uevent_value(buf, "HOTPLUG"), "1");
	check(uevent_value(buf, "CONNECTOR"));
	check_eq(atoi(uevent_value(buf, "CONNECTOR")), head->connector);
	check(!uevent_take(listener, "drm", buf, sizeof(buf)));
}

static void check_no_hotplug(int listener)
{
	char buf[UEVENT_BYTES];

	check(!uevent_take(listener, "drm", buf, sizeof(buf)));
}

static void status(void)
{
	static const struct {
		const char *value;
		uint32_t connection;
	} steps[] = { { DISCONNECTED, 2 }, { UNKNOWN, 3 }, { CONNECTED, 1 } };
	struct screen_pair pair;
	int listener;
	size_t i;

	screen_pair_init(&pair);
	check_eq(status_of(&pair.heads[0]), 1);
	check_eq(status_of(&pair.heads[1]), 1);
	listener = uevent_listen();
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		set_monitor(1, "status", steps[i].value);
		check_one_hotplug(listener, &pair.heads[1]);
		check_eq(status_of(&pair.heads[1]), steps[i].connection);
		check_eq(status_of(&pair.heads[0]), 1);
	}
	/* The picture is not the monitor's. */
	set_monitor(0, "status", DISCONNECTED);
	check_one_hotplug(listener, &pair.heads[0]);
	picture_check(&pair.heads[0], SCREEN_SEED);
	set_monitor(0, "status", CONNECTED);
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
	set_monitor(0, "status", DISCONNECTED);
	check_no_hotplug(listener);
	/* It is so all the same, for those who look. */
	check_eq(status_of(&pair.heads[0]), 2);
	gpu_set(OWN, "faults/lost_hotplug", "0");
	check_no_hotplug(listener);
	set_monitor(0, "status", CONNECTED);
	check_one_hotplug(listener, &pair.heads[0]);
	close_fd(listener);
	screen_pair_fini(&pair);
}

static int open_edid(unsigned int head, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/config/vprime/" OWN "/monitors/%u/edid", head);
	return check_ok(neg_errno(open(path, flags | O_CLOEXEC)));
}

static size_t read_edid(unsigned int head, uint8_t edid[EDID_MAX])
{
	int fd = open_edid(head, O_RDONLY);
	ssize_t len = check_ok(neg_errno(read(fd, edid, EDID_MAX)));

	close_fd(fd);
	check_eq(len % EDID_BLOCK, 0);
	check_lt(0, len);
	return len;
}

/* It becomes what is plugged in when the file is closed. */
static void write_edid(unsigned int head, const void *edid, size_t len)
{
	int fd = open_edid(head, O_WRONLY | O_TRUNC);

	check_eq(neg_errno(write(fd, edid, len)), (ssize_t)len);
	close_fd(fd);
}

static void mend_checksum(uint8_t *block)
{
	uint8_t sum = 0;
	int i;

	for (i = 0; i < EDID_BLOCK - 1; i++)
		sum += block[i];
	block[EDID_BLOCK - 1] = -sum;
}

/* The first detailed timing, which is the preferred one: 320 by 200 at 60 Hz. */
static void set_timing(uint8_t *edid)
{
	static const uint8_t timing[18] = {
		691 & 0xff, 691 >> 8,
		320 & 0xff, 160, 320 >> 8 << 4,
		200, 40, 0,
		32, 32, 4 << 4 | 4, 0,
		80, 50, 0,
		0, 0, 0x18,
	};

	memcpy(edid + 54, timing, sizeof(timing));
	mend_checksum(edid);
}

static void check_edid_property(const struct kms_head *head, const uint8_t *edid, size_t len)
{
	uint8_t got[EDID_MAX];
	/* Of another length nothing is copied. */
	struct drm_mode_get_blob blob = {
		.blob_id = kms_property_value(head->gpu, head->connector, "EDID"),
		.length = len,
		.data = (uintptr_t)got,
	};

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETPROPBLOB, &blob), 0);
	check_eq(blob.length, len);
	check(!memcmp(got, edid, len));
}

/* The one that is preferred, or one without a name. */
static struct drm_mode_modeinfo preferred_mode(const struct kms_head *head)
{
	struct drm_mode_modeinfo modes[MODES_MAX];
	struct drm_mode_get_connector arg = probe(head, modes);
	uint32_t i;

	for (i = 0; i < arg.count_modes; i++)
		if (modes[i].type & DRM_MODE_TYPE_PREFERRED)
			return modes[i];
	return (struct drm_mode_modeinfo){ };
}

static void edid_changes(void)
{
	uint8_t standard[EDID_MAX], edid[EDID_MAX];
	struct drm_mode_modeinfo before, mode;
	struct screen_pair pair;
	int listener;
	size_t len;

	screen_pair_init(&pair);
	len = read_edid(0, standard);
	before = preferred_mode(&pair.heads[0]);
	check_edid_property(&pair.heads[0], standard, len);

	listener = uevent_listen();
	memcpy(edid, standard, len);
	set_timing(edid);
	write_edid(0, edid, len);
	check_one_hotplug(listener, &pair.heads[0]);
	mode = preferred_mode(&pair.heads[0]);
	check_str(mode.name, "320x200");
	check_edid_property(&pair.heads[0], edid, len);

	write_edid(0, "\n", 1);
	check_one_hotplug(listener, &pair.heads[0]);
	mode = preferred_mode(&pair.heads[0]);
	check_str(mode.name, before.name);
	close_fd(listener);
	screen_pair_fini(&pair);
}

static void edid_missing(void)
{
	struct drm_mode_modeinfo modes[MODES_MAX];
	struct screen_pair pair;
	int listener;

	screen_pair_init(&pair);
	listener = uevent_listen();
	set_monitor(0, "edid_enabled", "0");
	check_one_hotplug(listener, &pair.heads[0]);
	/* There are modes to choose from all the same. */
	check_lt(0, probe(&pair.heads[0], modes).count_modes);
	check_eq(kms_property_value(pair.gpu, pair.heads[0].connector, "EDID"), 0);
	set_monitor(0, "edid_enabled", "1");
	check_one_hotplug(listener, &pair.heads[0]);
	status_of(&pair.heads[0]);
	check_ne(kms_property_value(pair.gpu, pair.heads[0].connector, "EDID"), 0);
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
	set_monitor(0, "link_status", LINK_BAD);
	check_one_hotplug(listener, &pair.heads[0]);
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
		.name = "edid-changes",
		.describe = "Another monitor has other modes.",
		.run = edid_changes,
	}, {
		.name = "edid-missing",
		.describe = "A monitor that tells nothing of itself has modes as well.",
		.run = edid_missing,
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
