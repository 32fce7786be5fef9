// SPDX-License-Identifier: MIT
/*
 * What monitors tell of themselves, as it is written to configfs and as the
 * connector has it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dmabuf.h"
#include "gpu.h"
#include "kms.h"
#include "monitor.h"
#include "screen.h"
#include "subtest.h"
#include "uevent.h"
#include "vprime.h"

#define EDID_MAX 1024
#define EDID_BLOCK 128

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
	struct drm_mode_modeinfo modes[MONITOR_MODES_MAX];
	struct drm_mode_get_connector arg = monitor_probe(head, modes);
	uint32_t i;

	for (i = 0; i < arg.count_modes; i++)
		if (modes[i].type & DRM_MODE_TYPE_PREFERRED)
			return modes[i];
	return (struct drm_mode_modeinfo){ };
}

static void changes(void)
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
	monitor_check_told(listener, &pair.heads[0]);
	mode = preferred_mode(&pair.heads[0]);
	check_str(mode.name, "320x200");
	check_edid_property(&pair.heads[0], edid, len);

	write_edid(0, "\n", 1);
	monitor_check_told(listener, &pair.heads[0]);
	mode = preferred_mode(&pair.heads[0]);
	check_str(mode.name, before.name);
	close_fd(listener);
	screen_pair_fini(&pair);
}

/* The first block tells of one extension, and that of three, in its first data block. */
static void make_long_edid(uint8_t edid[4 * EDID_BLOCK])
{
	static const uint8_t data_block[] = { 7 << 5 | 2, 0x78, 3 };
	int i;

	for (i = 1; i < 4; i++) {
		uint8_t *block = edid + i * EDID_BLOCK;

		memset(block, 0, EDID_BLOCK);
		block[0] = 2;
		block[1] = 3;
		block[2] = 4;
	}
	edid[EDID_BLOCK + 2] += sizeof(data_block);
	memcpy(edid + EDID_BLOCK + 4, data_block, sizeof(data_block));
	for (i = 0; i < 4; i++)
		mend_checksum(edid + i * EDID_BLOCK);
}

static void extensions(void)
{
	uint8_t edid[EDID_MAX], told[EDID_MAX];
	struct screen_pair pair;
	int listener;
	size_t len;

	screen_pair_init(&pair);
	listener = uevent_listen();
	read_edid(0, edid);
	make_long_edid(edid);
	write_edid(0, edid, 4 * EDID_BLOCK);
	monitor_check_told(listener, &pair.heads[0]);
	len = read_edid(0, told);
	check_eq(len, 4 * EDID_BLOCK);
	check(!memcmp(told, edid, len));
	monitor_status(&pair.heads[0]);
	check_edid_property(&pair.heads[0], edid, len);

	/* Without all of them it is refused. Neither write() nor close() can say so. */
	write_edid(0, edid, 2 * EDID_BLOCK);
	monitor_check_not_told(listener);
	check_eq(read_edid(0, told), 4 * EDID_BLOCK);
	close_fd(listener);
	screen_pair_fini(&pair);
}

static void missing(void)
{
	struct drm_mode_modeinfo modes[MONITOR_MODES_MAX];
	struct screen_pair pair;
	int listener;

	screen_pair_init(&pair);
	listener = uevent_listen();
	monitor_set(0, "edid_enabled", "0");
	monitor_check_told(listener, &pair.heads[0]);
	/* There are modes to choose from all the same. */
	check_lt(0, monitor_probe(&pair.heads[0], modes).count_modes);
	check_eq(kms_property_value(pair.gpu, pair.heads[0].connector, "EDID"), 0);
	monitor_set(0, "edid_enabled", "1");
	monitor_check_told(listener, &pair.heads[0]);
	monitor_status(&pair.heads[0]);
	check_ne(kms_property_value(pair.gpu, pair.heads[0].connector, "EDID"), 0);
	close_fd(listener);
	screen_pair_fini(&pair);
}

static const struct subtest subtests[] = {
	{
		.name = "changes",
		.describe = "Another monitor has other modes.",
		.run = changes,
	}, {
		.name = "extensions",
		.describe = "An EDID of HDMI 2.1 has more blocks than its first one tells of.",
		.run = extensions,
	}, {
		.name = "missing",
		.describe = "A monitor that tells nothing of itself has modes as well.",
		.run = missing,
	},
};

TEST_MAIN("What monitors tell of themselves.", subtests)
