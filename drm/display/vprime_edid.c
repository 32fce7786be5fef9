// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_edid.h"

#define pr_fmt(fmt) "vprime: " fmt

#include <kunit/visibility.h>

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/sprintf.h>
#include <linux/string.h>

/**
 * DOC: What a monitor tells about itself
 *
 * This room writes the EDID of the monitor that is plugged in when nobody says otherwise, and
 * checks those that people bring. Which modes follow from an EDID is the matter of DRM.
 *
 * The default monitor is none that was ever built: it is small, as machines are that are emulated,
 * and so prefers 1024 by 768, but it can do all that is in use up to 2560 by 1440, at any rate from
 * 40 to 75 Hz.
 *
 * Layouts are those of VESA's E-EDID standard, release A2, and of CTA-861.
 *
 * Tested by tests/vprime_edid_test.c.
 */

#define WIDTH_MM 320
#define HEIGHT_MM 240
#define RATE_MIN_HZ 40
#define RATE_MAX_HZ 75
#define LINES_MIN_KHZ 30
#define LINES_MAX_KHZ 90
#define CLOCK_MAX_MHZ 250

static const u8 header[8] = { 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00 };

/* Where things are in the first block. */
enum {
	EDID_MAKER	= 8,
	EDID_PRODUCT	= 10,
	EDID_SERIAL	= 12,
	EDID_YEAR	= 17,
	EDID_VERSION	= 18,
	EDID_REVISION	= 19,
	EDID_INPUT	= 20,
	EDID_WIDTH_CM	= 21,
	EDID_HEIGHT_CM	= 22,
	EDID_GAMMA	= 23,
	EDID_FEATURES	= 24,
	EDID_COLOURS	= 25,
	EDID_ESTABLISHED = 35,
	EDID_STANDARD	= 38,
	EDID_DESCRIPTORS = 54,
	EDID_EXTENSIONS	= 126,
	EDID_CHECKSUM	= 127,
};

/* Where things are in an extension of CTA-861, and what they are. */
enum {
	CTA_TAG		= 0,
	CTA_REVISION	= 1,
	CTA_TIMINGS	= 2,
	CTA_DATA_BLOCKS	= 4,
};

#define CTA_EXTENSION 0x02
#define CTA_EXTENDED_TAG 7
#define EEODB_TAG 0x78
#define EEODB_SIZE 3

#define DESCRIPTOR_SIZE 18

/* Kinds of descriptors. */
#define DESCRIPTOR_SERIAL 0xff
#define DESCRIPTOR_RANGES 0xfd
#define DESCRIPTOR_NAME 0xfc

#define INPUT_DIGITAL_10_BITS 0xb0
#define RANGES_ONLY 0x01

/* Off on DPMS; sRGB; the first timing is the native one; any rate within the ranges. */
#define FEATURES (BIT(5) | BIT(2) | BIT(1) | BIT(0))

/* Red, green, blue and white of sRGB: two bytes of low bits, then eight of high ones. */
static const u8 srgb[10] = { 0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54 };

/*
 * 640x480 and 800x600 at 60 and 75 Hz; 1024x768 at 60 and 75 Hz, 1280x1024 at 75 Hz.
 */
static const u8 established[3] = {
	BIT(5) | BIT(2) | BIT(0),
	BIT(6) | BIT(3) | BIT(1) | BIT(0),
	0,
};

enum aspect { ASPECT_16_10, ASPECT_4_3, ASPECT_5_4, ASPECT_16_9 };

/* All at 60 Hz. */
static const struct {
	u16 width;
	enum aspect aspect;
} standard[] = {
	{ 1280, ASPECT_16_9 },
	{ 1280, ASPECT_16_10 },
	{ 1280, ASPECT_4_3 },
	{ 1280, ASPECT_5_4 },
	{ 1440, ASPECT_16_10 },
	{ 1600, ASPECT_16_9 },
	{ 1680, ASPECT_16_10 },
	{ 1920, ASPECT_16_9 },
};

/* Where pixels and lines end: those that are seen, then up to, and after, the sync pulse. */
struct axis {
	u16 active;
	u16 sync_start;
	u16 sync_end;
	u16 total;
	bool positive;
};

struct timing {
	u32 clock_10khz;
	struct axis h;
	struct axis v;
};

static const struct timing preferred = {	/* 1024x768, DMT */
	.clock_10khz = 6500,
	.h = { 1024, 1048, 1184, 1344 },
	.v = { 768, 771, 777, 806 },
};

static const struct timing extended[] = {
	{	/* 1920x1080, CTA-861 */
		.clock_10khz = 14850,
		.h = { 1920, 2008, 2052, 2200, .positive = true },
		.v = { 1080, 1084, 1089, 1125, .positive = true },
	},
	{	/* 2560x1440, CVT with reduced blanking */
		.clock_10khz = 24150,
		.h = { 2560, 2608, 2640, 2720, .positive = true },
		.v = { 1440, 1443, 1448, 1481 },
	},
	{	/* 1280x720, CTA-861 */
		.clock_10khz = 7425,
		.h = { 1280, 1390, 1430, 1650, .positive = true },
		.v = { 720, 725, 730, 750, .positive = true },
	},
};

static void put_le16(u8 *to, u16 value)
{
	to[0] = value;
	to[1] = value >> 8;
}

/* Three letters, five bits each, the first one highest. */
static void put_maker(u8 *to, const char *letters)
{
	u16 packed = 0;
	int i;

	for (i = 0; i < 3; i++)
		packed = packed << 5 | (letters[i] - 'A' + 1);
	to[0] = packed >> 8;
	to[1] = packed;
}

static void put_timing(u8 *to, const struct timing *timing)
{
	u16 h_blank = timing->h.total - timing->h.active;
	u16 v_blank = timing->v.total - timing->v.active;
	u16 h_front = timing->h.sync_start - timing->h.active;
	u16 v_front = timing->v.sync_start - timing->v.active;
	u16 h_sync = timing->h.sync_end - timing->h.sync_start;
	u16 v_sync = timing->v.sync_end - timing->v.sync_start;

	put_le16(&to[0], timing->clock_10khz);
	to[2] = timing->h.active;
	to[3] = h_blank;
	to[4] = timing->h.active >> 8 << 4 | h_blank >> 8;
	to[5] = timing->v.active;
	to[6] = v_blank;
	to[7] = timing->v.active >> 8 << 4 | v_blank >> 8;
	to[8] = h_front;
	to[9] = h_sync;
	to[10] = (v_front & 0xf) << 4 | (v_sync & 0xf);
	to[11] = h_front >> 8 << 6 | h_sync >> 8 << 4 | v_front >> 4 << 2 | v_sync >> 4;
	to[12] = WIDTH_MM & 0xff;
	to[13] = HEIGHT_MM & 0xff;
	to[14] = WIDTH_MM >> 8 << 4 | HEIGHT_MM >> 8;
	/* Separate digital syncs. */
	to[17] = BIT(4) | BIT(3) | timing->v.positive << 2 | timing->h.positive << 1;
}

/* A line of text ends with a newline, and spaces fill the rest. */
static void put_text(u8 *to, u8 kind, const char *text)
{
	size_t room = DESCRIPTOR_SIZE - 5;
	size_t len = min(strlen(text), room);

	to[3] = kind;
	memset(&to[5], ' ', room);
	memcpy(&to[5], text, len);
	if (len < room)
		to[5 + len] = '\n';
}

static void put_ranges(u8 *to)
{
	to[3] = DESCRIPTOR_RANGES;
	to[5] = RATE_MIN_HZ;
	to[6] = RATE_MAX_HZ;
	to[7] = LINES_MIN_KHZ;
	to[8] = LINES_MAX_KHZ;
	to[9] = CLOCK_MAX_MHZ / 10;
	to[10] = RANGES_ONLY;
	to[11] = '\n';
	memset(&to[12], ' ', DESCRIPTOR_SIZE - 12);
}

static void put_standard(u8 *to)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(standard); i++) {
		to[2 * i] = standard[i].width / 8 - 31;
		to[2 * i + 1] = standard[i].aspect << 6;	/* plus the rate over 60 Hz */
	}
}

static u8 sum_block(const u8 *block)
{
	u8 sum = 0;
	int i;

	for (i = 0; i < VPRIME_EDID_BLOCK; i++)
		sum += block[i];

	return sum;
}

static void put_base_block(u8 *edid, unsigned int connector)
{
	u8 *descriptor = &edid[EDID_DESCRIPTORS];
	char serial[DESCRIPTOR_SIZE];

	memcpy(edid, header, sizeof(header));
	put_maker(&edid[EDID_MAKER], "LNX");
	put_le16(&edid[EDID_PRODUCT], 0x5650);
	put_le16(&edid[EDID_SERIAL], connector + 1);
	edid[EDID_YEAR] = 2026 - 1990;
	edid[EDID_VERSION] = 1;
	edid[EDID_REVISION] = 4;
	edid[EDID_INPUT] = INPUT_DIGITAL_10_BITS;
	edid[EDID_WIDTH_CM] = WIDTH_MM / 10;
	edid[EDID_HEIGHT_CM] = HEIGHT_MM / 10;
	edid[EDID_GAMMA] = 220 - 100;
	edid[EDID_FEATURES] = FEATURES;
	memcpy(&edid[EDID_COLOURS], srgb, sizeof(srgb));
	memcpy(&edid[EDID_ESTABLISHED], established, sizeof(established));
	put_standard(&edid[EDID_STANDARD]);

	snprintf(serial, sizeof(serial), "vprime-%u", connector);
	put_timing(descriptor, &preferred);
	put_ranges(descriptor + DESCRIPTOR_SIZE);
	put_text(descriptor + 2 * DESCRIPTOR_SIZE, DESCRIPTOR_NAME, "vprime");
	put_text(descriptor + 3 * DESCRIPTOR_SIZE, DESCRIPTOR_SERIAL, serial);
	edid[EDID_EXTENSIONS] = 1;
	edid[EDID_CHECKSUM] = -sum_block(edid);
}

/* CTA-861, revision 3, without data blocks: only for the timings that the first has no room for. */
static void put_extension(u8 *block)
{
	int i;

	block[CTA_TAG] = CTA_EXTENSION;
	block[CTA_REVISION] = 3;
	block[CTA_TIMINGS] = CTA_DATA_BLOCKS;
	for (i = 0; i < ARRAY_SIZE(extended); i++)
		put_timing(&block[CTA_DATA_BLOCKS + i * DESCRIPTOR_SIZE], &extended[i]);
	block[EDID_CHECKSUM] = -sum_block(block);
}

/**
 * vprime_edid_init_default - write the EDID of the default monitor
 * @edid: where to
 * @connector: number of the connector that it is plugged into, which makes its serial number
 *
 * Context: any.
 */
void vprime_edid_init_default(u8 edid[VPRIME_EDID_DEFAULT_SIZE], unsigned int connector)
{
	memset(edid, 0, VPRIME_EDID_DEFAULT_SIZE);
	put_base_block(edid, connector);
	put_extension(edid + VPRIME_EDID_BLOCK);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_edid_init_default);

/*
 * HDMI 2.1: an EDID with more than one extension admits to one only in its first block, so that old
 * sources read no more, and tells their number at the beginning of that one: in the HDMI Forum EDID
 * Extension Override Data Block. Returns 0 if there is no such block.
 */
static unsigned int overridden_extensions(const u8 *extension)
{
	const u8 *block = &extension[CTA_DATA_BLOCKS];

	if (extension[CTA_TAG] != CTA_EXTENSION || extension[CTA_REVISION] < 3)
		return 0;
	if (extension[CTA_TIMINGS] < CTA_DATA_BLOCKS + EEODB_SIZE ||
	    extension[CTA_TIMINGS] > EDID_CHECKSUM)
		return 0;
	if (block[0] >> 5 != CTA_EXTENDED_TAG || (block[0] & 0x1f) < EEODB_SIZE - 1 ||
	    block[1] != EEODB_TAG)
		return 0;

	return block[2];
}

/* Of an EDID that has at least the first block. */
static size_t told_length(const u8 *edid, size_t len)
{
	unsigned int extensions = edid[EDID_EXTENSIONS];

	if (extensions && len >= 2 * VPRIME_EDID_BLOCK)
		extensions = max(extensions, overridden_extensions(edid + VPRIME_EDID_BLOCK));

	return (1 + extensions) * VPRIME_EDID_BLOCK;
}

static bool valid_length(const u8 *edid, size_t len)
{
	if (len < VPRIME_EDID_BLOCK) {
		pr_info("an EDID of %zu bytes has not even the first block\n", len);
		return false;
	}
	if (len == told_length(edid, len))
		return true;

	pr_info("an EDID of %zu bytes says that it has %zu\n", len, told_length(edid, len));
	return false;
}

static bool valid_header(const u8 *edid, size_t len)
{
	if (!memcmp(edid, header, sizeof(header)))
		return true;

	pr_info("an EDID begins with %*ph, not with %*ph\n", (int)sizeof(header), header,
		(int)sizeof(header), edid);
	return false;
}

static bool valid_checksums(const u8 *edid, size_t len)
{
	size_t at;

	for (at = 0; at < len; at += VPRIME_EDID_BLOCK) {
		if (sum_block(edid + at)) {
			pr_info("block %zu of the EDID has a checksum of %u, not 0\n",
				at / VPRIME_EDID_BLOCK, sum_block(edid + at));
			return false;
		}
	}

	return true;
}

/**
 * vprime_edid_check - could a monitor send this?
 * @edid: what somebody wants it to send
 * @len: bytes
 *
 * The first thing that is wrong is told in the kernel log. What the blocks say is not looked at: a
 * monitor may well talk nonsense.
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int vprime_edid_check(const u8 *edid, size_t len)
{
	if (valid_length(edid, len) && valid_header(edid, len) && valid_checksums(edid, len))
		return 0;

	return -EINVAL;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_edid_check);
