// SPDX-License-Identifier: MIT
/*
 * vprime's folders in configfs.  A GPU is found by its name there, never by
 * the number of a node.
 */
#include "gpu.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "procfs.h"

#define TREE "/sys/kernel/config/vprime"
#define PATH_BYTES 256

/* The first node of the GPU whose name begins like that, opened. */
static int open_node(const char *name, const char *prefix)
{
	char path[PATH_BYTES], device[64];
	struct dirent *entry;
	int fd = -ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), TREE "/%s/device", name);
	if (__procfs_read(path, device, sizeof(device)) <= 0)
		return -ENOENT;
	device[strcspn(device, "\n")] = '\0';
	snprintf(path, sizeof(path), "/sys/devices/platform/%s/drm", device);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (fd == -ENOENT && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		snprintf(path, sizeof(path), "/dev/dri/%.32s", entry->d_name);
		fd = neg_errno(open(path, O_RDWR | O_CLOEXEC));
	}
	closedir(dir);
	return fd;
}

int gpu_open(const char *name)
{
	require(!access(TREE, F_OK), "no %s: vprime is not loaded", TREE);
	return check_ok(open_node(name, "card"));
}

int __gpu_open_render(const char *name)
{
	require(!access(TREE, F_OK), "no %s: vprime is not loaded", TREE);
	return open_node(name, "renderD");
}

static const char *folder_of(const char *name, char path[static PATH_BYTES])
{
	snprintf(path, PATH_BYTES, TREE "/%s", name);
	return path;
}

int gpu_create(const char *name, const struct gpu_setting *settings)
{
	char path[PATH_BYTES];

	require(!access(TREE, F_OK), "no %s: vprime is not loaded", TREE);
	folder_of(name, path);
	if (!access(path, F_OK))
		check_ok(neg_errno(rmdir(path)));
	check_ok(neg_errno(mkdir(path, 0755)));
	for (; settings && settings->key; settings++)
		gpu_set(name, settings->key, settings->value);
	gpu_plug(name);
	return gpu_open(name);
}

int gpu_create_small(const char *name, size_t vram)
{
	char bytes[32];
	const struct gpu_setting settings[] = {
		{ "vram_size", bytes },
		{ "render_node", "1" },
		{ }
	};

	snprintf(bytes, sizeof(bytes), "%zu", vram);
	return gpu_create(name, settings);
}

void gpu_destroy(const char *name)
{
	char path[PATH_BYTES];

	check_ok(neg_errno(rmdir(folder_of(name, path))));
}

int __gpu_set(const char *name, const char *key, const char *value)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), TREE "/%s/%s", name, key);
	return __procfs_write(path, value);
}

void gpu_set(const char *name, const char *key, const char *value)
{
	int ret = __gpu_set(name, key, value);

	check_msg(!ret, "%s of GPU %s does not become %s: %s", key, name, value,
		  strerror(-ret));
}

void gpu_unplug(const char *name)
{
	gpu_set(name, "enabled", "0");
}

void gpu_plug(const char *name)
{
	gpu_set(name, "enabled", "1");
}
