/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A place where a monitor is plugged in, as configfs shows it: a connector that
 * somebody made, else the head of that number.
 */
#ifndef VPRIMECTL_HEAD_H
#define VPRIMECTL_HEAD_H

#include "gpu.h"

#define HEAD_EDID_MAX (256 * 128)
#define HEAD_MONITOR_BYTES 14

/**
 * struct head - a connector, and what is plugged into it
 * @name: of its folder
 * @dir: path of its folder
 * @status: "connected", "disconnected" or "unknown"
 * @bad_link: the link to it has been made to fail
 * @monitor: name in the EDID, "" where there is none
 */
struct head {
	char name[GPU_NAME_BYTES];
	char dir[PATH_BYTES];
	const char *status;
	bool bad_link;
	char monitor[HEAD_MONITOR_BYTES];
};

/* Where the head of that name is; complains where it does not return STATUS_OK. */
enum status head_find(const char *gpu_name, const char *name, char dir[static PATH_BYTES]);

/* Calls @visit for each head; 0, -errno, or what a visit returned but 0. */
int head_for_each(const char *gpu_name, int (*visit)(const struct head *head, void *context),
		  void *context);

/* How many there are. */
unsigned int head_count(const char *gpu_name);

/* A file of the head's folder; 0 or -errno. */
int head_write(const char *dir, const char *file, const char *text);

#endif
