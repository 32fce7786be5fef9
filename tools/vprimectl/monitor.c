// SPDX-License-Identifier: GPL-2.0-only
/*
 * What people do with monitors: connect, disconnect, replug, edid, link-status.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "head.h"

#define EDID_BLOCK 128
#define EDID_EXTENSIONS 126

/* An extension of CTA-861, and the HDMI Forum EDID Extension Override Data Block in it. */
#define CTA_EXTENSION 0x02
#define CTA_DATA_BLOCKS 4
#define CTA_EXTENDED_TAG 7
#define EEODB_TAG 0x78
#define EEODB_SIZE 3

static const unsigned char edid_header[] = { 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00 };

/* A head that somebody has named on the command line. */
struct target {
	struct gpu gpu;
	const char *head;
	char dir[PATH_BYTES];
};

static enum status find_target(char **argv, struct target *target)
{
	enum status status = gpu_find(argv[0], &target->gpu);

	target->head = argv[1];
	return status ? status : head_find(target->gpu.name, target->head, target->dir);
}

static enum status write_target(const struct target *target, const char *file, const char *text)
{
	int ret = head_write(target->dir, file, text);

	if (!ret)
		return STATUS_OK;
	return complain(STATUS_FAILED, "%s of head %s of %s cannot be changed: %s", file,
			target->head, target->gpu.name, strerror(-ret));
}

static enum status change(char **argv, const char *file, const char *text)
{
	struct target target;
	enum status status = find_target(argv, &target);

	return status ? status : write_target(&target, file, text);
}

enum status connect_run(const struct options *options, int argc, char **argv)
{
	(void)options;
	(void)argc;
	return change(argv, "status", "1");
}

enum status disconnect_run(const struct options *options, int argc, char **argv)
{
	(void)options;
	(void)argc;
	return change(argv, "status", "2");
}

enum status replug_run(const struct options *options, int argc, char **argv)
{
	enum status status = disconnect_run(options, argc, argv);

	return status ? status : connect_run(options, argc, argv);
}

enum status link_status_run(const struct options *options, int argc, char **argv)
{
	const char *state = argv[2];

	(void)options;
	(void)argc;
	if (strcmp(state, "good") && strcmp(state, "bad"))
		return complain(STATUS_USAGE, "a link is good or bad, not \"%s\"", state);
	return change(argv, "link_status", strcmp(state, "bad") ? "0" : "1");
}

static bool block_sums_up(const unsigned char *block)
{
	unsigned char sum = 0;
	int i;

	for (i = 0; i < EDID_BLOCK; i++)
		sum += block[i];
	return !sum;
}

/*
 * HDMI 2.1 has monitors admit to one extension where old sources look, and tell
 * of all of them in the first data block of that one.  0 where there is none.
 */
static unsigned int overridden_extensions(const unsigned char *extension)
{
	const unsigned char *block = extension + CTA_DATA_BLOCKS;

	if (extension[0] != CTA_EXTENSION || extension[1] < 3 ||
	    extension[2] < CTA_DATA_BLOCKS + EEODB_SIZE || extension[2] >= EDID_BLOCK)
		return 0;
	if (block[0] >> 5 != CTA_EXTENDED_TAG || (block[0] & 0x1f) < EEODB_SIZE - 1 ||
	    block[1] != EEODB_TAG)
		return 0;
	return block[2];
}

/* What an EDID of at least one block says of its length. */
static size_t told_length(const unsigned char *edid, size_t len)
{
	unsigned int extensions = edid[EDID_EXTENSIONS], overridden = 0;

	if (extensions && len >= 2 * EDID_BLOCK)
		overridden = overridden_extensions(edid + EDID_BLOCK);
	return (1 + (overridden > extensions ? overridden : extensions)) * EDID_BLOCK;
}

/* What the kernel would refuse: it could only say so in its log. */
static enum status check_edid(const char *path, const unsigned char *edid, size_t len)
{
	size_t at;

	if (len < EDID_BLOCK || memcmp(edid, edid_header, sizeof(edid_header)))
		return complain(STATUS_USAGE, "%s is no EDID", path);
	if (len != told_length(edid, len))
		return complain(STATUS_USAGE, "%s has %zu bytes, its EDID %zu", path, len,
				told_length(edid, len));
	for (at = 0; at < len; at += EDID_BLOCK) {
		if (!block_sums_up(edid + at))
			return complain(STATUS_USAGE, "%s: block %zu has a wrong checksum", path,
					at / EDID_BLOCK);
	}
	return STATUS_OK;
}

static int target_edid_path(const struct target *target, char *path, size_t size)
{
	return (size_t)snprintf(path, size, "%s/edid", target->dir) < size ? 0 : -ENAMETOOLONG;
}

/* In hexadecimal, as edid-decode reads it. */
static enum status show_edid(const struct target *target)
{
	unsigned char edid[HEAD_EDID_MAX];
	char path[PATH_BYTES];
	int len, i;

	len = target_edid_path(target, path, sizeof(path));
	if (!len)
		len = path_read_bytes(path, edid, sizeof(edid));
	if (len < 0)
		return complain(STATUS_FAILED, "cannot read the EDID of head %s of %s: %s",
				target->head, target->gpu.name, strerror(-len));
	for (i = 0; i < len; i++)
		printf("%02x%c", edid[i], i % 16 == 15 ? '\n' : ' ');
	return STATUS_OK;
}

static enum status write_edid(const struct target *target, const unsigned char *edid, size_t len)
{
	unsigned char told[HEAD_EDID_MAX];
	char path[PATH_BYTES];
	int ret;

	ret = target_edid_path(target, path, sizeof(path));
	if (!ret)
		ret = path_write_bytes(path, edid, len);
	if (!ret)
		ret = path_read_bytes(path, told, sizeof(told));
	if (ret < 0)
		return complain(STATUS_FAILED, "cannot give head %s of %s another EDID: %s",
				target->head, target->gpu.name, strerror(-ret));
	if ((size_t)ret != len || memcmp(told, edid, len))
		return complain(STATUS_FAILED, "head %s of %s keeps its EDID; the kernel log says why",
				target->head, target->gpu.name);
	return write_target(target, "edid_enabled", "1");
}

static enum status take_edid(const struct target *target, const char *file)
{
	unsigned char edid[HEAD_EDID_MAX + 1];
	enum status status;
	int len;

	len = path_read_bytes(file, edid, sizeof(edid));
	if (len < 0)
		return complain(STATUS_FAILED, "%s: %s", file, strerror(-len));
	status = check_edid(file, edid, len);
	return status ? status : write_edid(target, edid, len);
}

enum status edid_run(const struct options *options, int argc, char **argv)
{
	struct target target;
	enum status status = find_target(argv, &target);

	(void)options;
	if (status)
		return status;
	if (argc == 2)
		return show_edid(&target);
	if (!strcmp(argv[2], "none"))
		return write_target(&target, "edid_enabled", "0");
	if (strcmp(argv[2], "default"))
		return take_edid(&target, argv[2]);
	status = write_target(&target, "edid", "\n");
	return status ? status : write_target(&target, "edid_enabled", "1");
}
