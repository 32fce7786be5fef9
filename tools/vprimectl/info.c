// SPDX-License-Identifier: GPL-2.0-only
/*
 * `vprimectl info`: how a GPU is configured, what is plugged into it, what
 * memory it has, what has happened on it.  The same walk makes the text and the JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"
#include "format.h"
#include "head.h"
#include "json.h"

/* One folder of attributes that is being shown. */
struct section {
	const char *dir;
	bool json;
};

static int show_attribute(const char *name, void *context)
{
	const struct section *section = context;
	char path[PATH_BYTES + 256], value[GPU_VALUE_BYTES];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", section->dir, name);
	if (stat(path, &st) || !S_ISREG(st.st_mode) || path_read(path, value, sizeof(value)))
		return 0;
	if (section->json)
		json_text(name, value);
	else
		printf("  %-20s %s\n", name, value);
	return 0;
}

static void begin_section(const char *name, bool json)
{
	if (json)
		json_begin_object(name);
	else
		printf(" %s\n", name);
}

static void end_section(bool json)
{
	if (json)
		json_end_object();
}

static enum status show_folder(const char *title, const char *name, const char *folder, bool json)
{
	char path[PATH_BYTES];
	struct section section = { .dir = path, .json = json };
	int ret;

	begin_section(title, json);
	ret = path_make(path, sizeof(path), "%s/%s%s", GPU_TREE, name, folder);
	if (!ret)
		ret = path_for_each(path, "", show_attribute, &section);
	end_section(json);
	/* Without faults/ there are none to show. */
	if (!ret || (ret == -ENOENT && *folder))
		return STATUS_OK;
	return complain(STATUS_FAILED, "%s: %s", path, strerror(-ret));
}

static int show_head(const struct head *head, void *context)
{
	const bool *json = context;

	if (!*json) {
		printf("  %-20s %s, link %s, %s%s\n", head->name, head->status,
		       head->bad_link ? "bad" : "good", *head->monitor ? "monitor " : "no EDID",
		       head->monitor);
		return 0;
	}
	json_begin_object(NULL);
	json_string("name", head->name);
	json_string("status", head->status);
	json_string("link", head->bad_link ? "bad" : "good");
	if (*head->monitor)
		json_string("monitor", head->monitor);
	else
		json_null("monitor");
	json_end_object();
	return 0;
}

static enum status show_heads(const char *name, bool json)
{
	int ret;

	if (json)
		json_begin_array("heads");
	else if (head_count(name))
		printf(" heads\n");
	ret = head_for_each(name, show_head, &json);
	if (json)
		json_end_array();
	if (!ret)
		return STATUS_OK;
	return complain(STATUS_FAILED, "the heads of %s: %s", name, strerror(-ret));
}

static void show_region_text(const struct drm_vprime_region *region)
{
	char size[FORMAT_BYTES], used[FORMAT_BYTES], pinned[FORMAT_BYTES];

	printf("  %-20s %s used, %s pinned, of %s\n", driver_placement_name(region->placement),
	       format_size(region->used, used), format_size(region->pinned, pinned),
	       region->size ? format_size(region->size, size) : "what the system has");
}

static void show_region_json(const struct drm_vprime_region *region)
{
	json_begin_object(driver_placement_name(region->placement));
	json_number("size", region->size);
	json_number("used", region->used);
	json_number("pinned", region->pinned);
	json_end_object();
}

static void show_memory(const struct driver_state *state, bool json)
{
	size_t i;

	begin_section("memory", json);
	for (i = 0; i < state->region_count; i++) {
		if (json)
			show_region_json(&state->regions[i]);
		else
			show_region_text(&state->regions[i]);
	}
	end_section(json);
}

static void show_counters(const struct driver_state *state, bool json)
{
	size_t i;

	begin_section("statistics", json);
	for (i = 0; i < driver_counter_count; i++) {
		const struct driver_counter *counter = &driver_counters[i];
		uint64_t value = driver_counter_value(&state->stats, counter);

		if (json)
			json_number(counter->name, value);
		else
			printf("  %-20s %" PRIu64 "\n", counter->name, value);
	}
	end_section(json);
}

static enum status show_state(const struct gpu *gpu, bool json)
{
	struct driver_state state;
	int fd = driver_open(gpu), ret;

	ret = fd < 0 ? fd : driver_get_state(fd, &state);
	if (fd >= 0)
		close(fd);
	if (ret)
		return complain(STATUS_FAILED, "the driver of %s does not answer: %s", gpu->name,
				strerror(-ret));
	show_memory(&state, json);
	show_counters(&state, json);
	return STATUS_OK;
}

static enum status show_gpu(const struct gpu *gpu, void *context)
{
	const struct options *options = context;
	enum status status;

	if (options->json) {
		json_begin_object(NULL);
		json_string("name", gpu->name);
	} else {
		printf("%s\n", gpu->name);
	}
	status = show_folder("configuration", gpu->name, "", options->json);
	if (!status)
		status = show_folder("faults", gpu->name, "/faults", options->json);
	if (!status)
		status = show_heads(gpu->name, options->json);
	if (!status && gpu->card >= 0)
		status = show_state(gpu, options->json);
	if (options->json)
		json_end_object();
	return status;
}

enum status info_run(const struct options *options, int argc, char **argv)
{
	const char *name = argc ? argv[0] : NULL;
	enum status status = gpu_tree_check();
	struct gpu gpu;

	/* What is wrong is said before JSON has begun. */
	if (!status && name)
		status = gpu_find(name, &gpu);
	if (status)
		return status;
	if (options->json)
		json_begin_array(NULL);
	status = gpu_for_each(name, show_gpu, (void *)options);
	if (options->json) {
		json_end_array();
		json_finish();
	}
	return status;
}
