// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds heads, and reads what is plugged into them.
 */
#include "head.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_CONNECTED "1"
#define STATUS_DISCONNECTED "2"

/* Where the first block of an EDID has its four descriptors, and what one with a name begins with. */
#define DESCRIPTORS 54
#define DESCRIPTOR_SIZE 18
#define DESCRIPTOR_TEXT 5
#define BLOCK_SIZE 128

static const unsigned char name_descriptor[DESCRIPTOR_TEXT] = { 0, 0, 0, 0xfc, 0 };

struct visitor {
	const char *dir;
	int (*visit)(const struct head *head, void *context);
	void *context;
};

static int count_entry(const char *name, void *count)
{
	(void)name;
	++*(unsigned int *)count;
	return 0;
}

/* Connectors that somebody made; none where the driver does not know of them. */
static unsigned int count_connectors(const char *gpu_name)
{
	unsigned int count = 0;
	char dir[PATH_BYTES];

	if (path_make(dir, sizeof(dir), "%s/%s/connectors", GPU_TREE, gpu_name) ||
	    path_for_each(dir, "", count_entry, &count))
		return 0;
	return count;
}

/* Heads that are a number only. */
static unsigned int count_heads(const char *gpu_name)
{
	char path[PATH_BYTES], heads[GPU_VALUE_BYTES];

	if (gpu_key_path(gpu_name, "heads", path) || path_read(path, heads, sizeof(heads)))
		return 0;
	return strtoul(heads, NULL, 10);
}

unsigned int head_count(const char *gpu_name)
{
	unsigned int connectors = count_connectors(gpu_name);

	return connectors ? connectors : count_heads(gpu_name);
}

int head_write(const char *dir, const char *file, const char *text)
{
	char path[PATH_BYTES + GPU_NAME_BYTES];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path_write(path, text);
}

static int read_text(const char *dir, const char *file, char text[static GPU_VALUE_BYTES])
{
	char path[PATH_BYTES + GPU_NAME_BYTES];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path_read(path, text, GPU_VALUE_BYTES);
}

static const char *status_name(const char *status)
{
	if (!strcmp(status, STATUS_CONNECTED))
		return "connected";
	return !strcmp(status, STATUS_DISCONNECTED) ? "disconnected" : "unknown";
}

/* A newline ends a name, or spaces fill it up. */
static void take_name(const unsigned char *descriptor, char name[static HEAD_MONITOR_BYTES])
{
	size_t len;

	memcpy(name, descriptor + DESCRIPTOR_TEXT, HEAD_MONITOR_BYTES - 1);
	len = strcspn(name, "\n");
	while (len && name[len - 1] == ' ')
		len--;
	name[len] = '\0';
}

static void read_monitor_name(struct head *head)
{
	unsigned char edid[HEAD_EDID_MAX];
	char path[PATH_BYTES + GPU_NAME_BYTES];
	int i;

	snprintf(path, sizeof(path), "%s/edid", head->dir);
	if (path_read_bytes(path, edid, sizeof(edid)) < BLOCK_SIZE)
		return;
	for (i = 0; i < 4; i++) {
		const unsigned char *descriptor = edid + DESCRIPTORS + i * DESCRIPTOR_SIZE;

		if (!memcmp(descriptor, name_descriptor, sizeof(name_descriptor))) {
			take_name(descriptor, head->monitor);
			return;
		}
	}
}

static int load(const char *dir, const char *name, struct head *head)
{
	char text[GPU_VALUE_BYTES];
	int ret;

	*head = (struct head){ };
	snprintf(head->name, sizeof(head->name), "%s", name);
	snprintf(head->dir, sizeof(head->dir), "%s", dir);
	ret = read_text(dir, "status", text);
	if (ret)
		return ret;
	head->status = status_name(text);
	ret = read_text(dir, "link_status", text);
	if (ret)
		return ret;
	head->bad_link = strcmp(text, "0");
	ret = read_text(dir, "edid_enabled", text);
	if (!ret && strcmp(text, "0"))
		read_monitor_name(head);
	return ret;
}

static int visit_name(const char *name, void *context)
{
	const struct visitor *visitor = context;
	char dir[PATH_BYTES + GPU_VALUE_BYTES];
	struct head head;
	int ret;

	snprintf(dir, sizeof(dir), "%s/%s", visitor->dir, name);
	if (strlen(dir) >= PATH_BYTES)
		return -ENAMETOOLONG;
	ret = load(dir, name, &head);
	return ret ? ret : visitor->visit(&head, visitor->context);
}

static int visit_numbers(unsigned int count, struct visitor *visitor)
{
	char number[GPU_NAME_BYTES];
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < count; i++) {
		snprintf(number, sizeof(number), "%u", i);
		ret = visit_name(number, visitor);
	}
	return ret;
}

int head_for_each(const char *gpu_name, int (*visit)(const struct head *head, void *context),
		  void *context)
{
	bool by_name = count_connectors(gpu_name);
	char dir[PATH_BYTES];
	struct visitor visitor = { .dir = dir, .visit = visit, .context = context };
	int ret;

	ret = path_make(dir, sizeof(dir), "%s/%s/%s", GPU_TREE, gpu_name,
			by_name ? "connectors" : "monitors");
	if (ret)
		return ret;
	return by_name ? path_for_each(dir, "", visit_name, &visitor) :
			 visit_numbers(count_heads(gpu_name), &visitor);
}

/* The number of a head, in full; -1 if it is none. */
static long parse_number(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end ? number : -1;
}

enum status head_find(const char *gpu_name, const char *name, char dir[static PATH_BYTES])
{
	unsigned int connectors = count_connectors(gpu_name);
	long number = parse_number(name);
	int ret = -ENOENT;

	if (connectors && gpu_name_valid(name))
		ret = path_make(dir, PATH_BYTES, "%s/%s/connectors/%s", GPU_TREE, gpu_name, name);
	else if (!connectors && number >= 0 && number < count_heads(gpu_name))
		ret = path_make(dir, PATH_BYTES, "%s/%s/monitors/%ld", GPU_TREE, gpu_name, number);
	if (!ret && access(dir, X_OK))
		ret = -errno;
	if (!ret)
		return STATUS_OK;
	if (ret == -ENOENT)
		return complain(STATUS_USAGE, "%s has no head %s; see vprimectl info %s", gpu_name,
				name, gpu_name);
	return complain(STATUS_FAILED, "head %s of %s: %s", name, gpu_name, strerror(-ret));
}
