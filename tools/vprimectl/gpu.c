// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds GPUs: their folders in configfs, their devices in sysfs.  Changes
 * nothing but the attribute it is told to write.
 */
#include "gpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct visitor {
	enum status (*visit)(const struct gpu *gpu, void *context);
	void *context;
};

bool gpu_name_valid(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) < GPU_NAME_BYTES;
}

enum status gpu_tree_check(void)
{
	char path[PATH_BYTES];

	if (path_make(path, sizeof(path), "%s", GPU_TREE))
		return complain(STATUS_USAGE, "--root names too long a path");
	if (!access(path, X_OK))
		return STATUS_OK;
	if (errno == ENOENT)
		return complain(STATUS_NO_DRIVER,
				"no %s: load vprime (modprobe vprime) and mount configfs", path);
	return complain(STATUS_FAILED, "%s: %m", path);
}

static int key_path_in(const char *folder, const char *name, const char *key, char *path)
{
	int ret = path_make(path, PATH_BYTES, "%s/%s/%s%s", GPU_TREE, name, folder, key);
	struct stat st;

	if (ret)
		return ret;
	if (stat(path, &st))
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -ENOENT;
}

int gpu_key_path(const char *name, const char *key, char path[static PATH_BYTES])
{
	int ret;

	if (!*key || *key == '.' || strchr(key, '/'))
		return -ENOENT;
	ret = key_path_in("", name, key, path);
	return ret == -ENOENT ? key_path_in("faults/", name, key, path) : ret;
}

int gpu_write(const char *name, const char *key, const char *value)
{
	char path[PATH_BYTES];
	int ret = gpu_key_path(name, key, path);

	return ret ? ret : path_write(path, value);
}

static int read_key(const char *name, const char *key, char *value, size_t size)
{
	char path[PATH_BYTES];
	int ret = gpu_key_path(name, key, path);

	return ret ? ret : path_read(path, value, size);
}

/* "card3" or "renderD128": the number at its end. */
static int take_node(const char *name, void *context)
{
	struct gpu *gpu = context;

	if (!strncmp(name, "card", 4))
		gpu->card = atoi(name + 4);
	else if (!strncmp(name, "renderD", 7))
		gpu->render = atoi(name + 7);
	return 0;
}

/* A device that goes away meanwhile has no nodes, which is no error. */
static void find_nodes(struct gpu *gpu)
{
	char path[PATH_BYTES];

	if (!*gpu->device ||
	    path_make(path, sizeof(path), "/sys/devices/platform/%s/drm", gpu->device))
		return;
	path_for_each(path, "", take_node, gpu);
}

static int gpu_load(const char *name, struct gpu *gpu)
{
	char enabled[GPU_VALUE_BYTES], device[GPU_VALUE_BYTES];
	int ret;

	ret = read_key(name, "enabled", enabled, sizeof(enabled));
	if (ret)
		return ret;
	*gpu = (struct gpu){ .card = -1, .render = -1 };
	snprintf(gpu->name, sizeof(gpu->name), "%s", name);
	gpu->enabled = !strcmp(enabled, "1") || !strcmp(enabled, "Y");
	ret = read_key(name, "device", device, sizeof(device));
	if (!ret && gpu->enabled)
		snprintf(gpu->device, sizeof(gpu->device), "%.*s", GPU_NAME_BYTES - 1, device);
	find_nodes(gpu);
	return 0;
}

enum status gpu_find(const char *name, struct gpu *gpu)
{
	enum status status = gpu_tree_check();
	int ret;

	if (status)
		return status;
	ret = gpu_name_valid(name) ? gpu_load(name, gpu) : -ENOENT;
	if (!ret)
		return STATUS_OK;
	if (ret == -ENOENT)
		return complain(STATUS_NO_GPU, "there is no GPU %s; see vprimectl list", name);
	return complain(STATUS_FAILED, "%s: %s", name, strerror(-ret));
}

enum status gpu_find_enabled(const char *name, struct gpu *gpu)
{
	enum status status = gpu_find(name, gpu);

	if (status || gpu->card >= 0)
		return status;
	return complain(STATUS_NO_GPU, "%s is switched off; see vprimectl plug", name);
}

static int visit_name(const char *name, void *context)
{
	struct visitor *visitor = context;
	struct gpu gpu;

	/* One that was removed a moment ago is not there. */
	if (gpu_load(name, &gpu))
		return 0;
	return visitor->visit(&gpu, visitor->context);
}

enum status gpu_for_each(const char *name,
			 enum status (*visit)(const struct gpu *gpu, void *context),
			 void *context)
{
	struct visitor visitor = { .visit = visit, .context = context };
	char path[PATH_BYTES];
	enum status status;
	struct gpu gpu;
	int ret;

	if (name) {
		status = gpu_find(name, &gpu);
		return status ? status : visit(&gpu, context);
	}
	status = gpu_tree_check();
	if (status)
		return status;
	ret = path_make(path, sizeof(path), "%s", GPU_TREE);
	if (!ret)
		ret = path_for_each(path, "", visit_name, &visitor);
	if (ret < 0)
		return complain(STATUS_FAILED, "%s: %s", path, strerror(-ret));
	return ret;
}
