// SPDX-License-Identifier: GPL-2.0-only
/*
 * What changes a GPU: create, destroy, set, plug, unplug, chaos, move.  All of
 * it is writing to files; what the kernel refuses is said in words.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gpu.h"

#define SETTING_BYTES 256

/* KEY=VALUE, taken apart. */
struct setting {
	char key[SETTING_BYTES];
	const char *value;
};

static enum status parse_setting(const char *text, struct setting *setting)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text || equals - text >= SETTING_BYTES || !equals[1])
		return complain(STATUS_USAGE, "\"%s\" is not KEY=VALUE", text);
	snprintf(setting->key, sizeof(setting->key), "%.*s", (int)(equals - text), text);
	setting->value = equals + 1;
	return STATUS_OK;
}

static enum status check_settings(int count, char **texts)
{
	struct setting setting;
	enum status status;
	int i;

	for (i = 0; i < count; i++) {
		status = parse_setting(texts[i], &setting);
		if (status)
			return status;
	}
	return STATUS_OK;
}

static enum status explain_write(const char *name, const struct setting *setting, int error)
{
	switch (error) {
	case -ENOENT:
		return complain(STATUS_USAGE, "a GPU has no %s; see vprimectl info %s",
				setting->key, name);
	case -EBUSY:
		return complain(STATUS_FAILED, "%s cannot change while %s is switched on: vprimectl unplug %s first",
				setting->key, name, name);
	case -EINVAL:
	case -ERANGE:
		return complain(STATUS_FAILED, "%s does not take \"%s\": %s; the kernel log may say more",
				setting->key, setting->value, strerror(-error));
	case -EACCES:
	case -EPERM:
		return complain(STATUS_FAILED, "%s of %s cannot be written: %s", setting->key, name,
				strerror(-error));
	default:
		return complain(STATUS_FAILED, "%s=%s: %s", setting->key, setting->value,
				strerror(-error));
	}
}

static enum status apply_settings(const char *name, int count, char **texts)
{
	struct setting setting;
	enum status status;
	int i, ret;

	for (i = 0; i < count; i++) {
		status = parse_setting(texts[i], &setting);
		if (status)
			return status;
		ret = gpu_write(name, setting.key, setting.value);
		if (ret)
			return explain_write(name, &setting, ret);
	}
	return STATUS_OK;
}

static enum status switch_gpu(const char *name, const char *enabled)
{
	int ret = gpu_write(name, "enabled", enabled);

	if (!ret)
		return STATUS_OK;
	return complain(STATUS_FAILED, "%s cannot be switched %s: %s; the kernel log may say more",
			name, *enabled == '1' ? "on" : "off", strerror(-ret));
}

static enum status configure_new(const char *name, bool disabled, int count, char **texts)
{
	enum status status = apply_settings(name, count, texts);

	return status || disabled ? status : switch_gpu(name, "1");
}

enum status create_run(const struct options *options, int argc, char **argv)
{
	const char *name = argv[0];
	char path[PATH_BYTES];
	enum status status;

	if (!gpu_name_valid(name))
		return complain(STATUS_USAGE, "\"%s\" cannot be a name", name);
	status = check_settings(argc - 1, argv + 1);
	if (!status)
		status = gpu_tree_check();
	if (status)
		return status;
	if (path_make(path, sizeof(path), "%s/%s", GPU_TREE, name))
		return complain(STATUS_USAGE, "--root names too long a path");
	if (mkdir(path, 0755))
		return complain(STATUS_FAILED, "cannot create %s: %m", name);

	status = configure_new(name, options->disabled, argc - 1, argv + 1);
	if (status && rmdir(path))
		complain(STATUS_FAILED, "%s is left behind: %m", path);
	return status;
}

/* The folder takes its GPU with it, whether that is on or off. */
enum status destroy_run(const struct options *options, int argc, char **argv)
{
	char path[PATH_BYTES];
	enum status status;
	struct gpu gpu;

	(void)options;
	(void)argc;
	status = gpu_find(argv[0], &gpu);
	if (status)
		return status;
	if (path_make(path, sizeof(path), "%s/%s", GPU_TREE, gpu.name))
		return complain(STATUS_USAGE, "--root names too long a path");
	if (!rmdir(path))
		return STATUS_OK;
	if (errno == EPERM)
		return complain(STATUS_FAILED, "%s comes with the driver and cannot be removed; vprimectl unplug %s switches it off",
				gpu.name, gpu.name);
	return complain(STATUS_FAILED, "cannot remove %s: %m", gpu.name);
}

enum status set_run(const struct options *options, int argc, char **argv)
{
	enum status status;
	struct gpu gpu;

	(void)options;
	status = check_settings(argc - 1, argv + 1);
	if (!status)
		status = gpu_find(argv[0], &gpu);
	return status ? status : apply_settings(gpu.name, argc - 1, argv + 1);
}

static enum status plug(const char *name, bool on)
{
	enum status status;
	struct gpu gpu;

	status = gpu_find(name, &gpu);
	if (status)
		return status;
	if (gpu.enabled == on)
		return complain(STATUS_FAILED, "%s is switched %s already", name, on ? "on" : "off");
	return switch_gpu(gpu.name, on ? "1" : "0");
}

enum status plug_run(const struct options *options, int argc, char **argv)
{
	(void)options;
	(void)argc;
	return plug(argv[0], true);
}

enum status unplug_run(const struct options *options, int argc, char **argv)
{
	(void)options;
	(void)argc;
	return plug(argv[0], false);
}

enum status chaos_run(const struct options *options, int argc, char **argv)
{
	struct setting setting = { .key = "chaos_ms", .value = argv[1] };
	enum status status;
	struct gpu gpu;
	int ret;

	(void)options;
	(void)argc;
	if (!*argv[1] || argv[1][strspn(argv[1], "0123456789")])
		return complain(STATUS_USAGE, "\"%s\" is no number of milliseconds", argv[1]);
	status = gpu_find(argv[0], &gpu);
	if (status)
		return status;
	ret = gpu_write(gpu.name, setting.key, setting.value);
	return ret ? explain_write(gpu.name, &setting, ret) : STATUS_OK;
}

enum status move_run(const struct options *options, int argc, char **argv)
{
	const char *place = argv[1];
	char path[PATH_BYTES];
	enum status status;
	struct gpu gpu;
	int ret;

	(void)options;
	(void)argc;
	if (strcmp(place, "system") && strcmp(place, "vram"))
		return complain(STATUS_USAGE, "buffers move to system or to vram, not to \"%s\"",
				place);
	status = gpu_find_enabled(argv[0], &gpu);
	if (status)
		return status;
	ret = path_make(path, sizeof(path), "/sys/kernel/debug/dri/%d/vprime_evacuate", gpu.card);
	if (!ret)
		ret = path_write(path, place);
	if (ret == -ENOENT || ret == -EACCES)
		return complain(STATUS_FAILED, "%s: %s; it needs debugfs, and root", path, strerror(-ret));
	if (ret)
		return complain(STATUS_FAILED, "not every buffer of %s could move: %s", gpu.name,
				strerror(-ret));
	return STATUS_OK;
}
