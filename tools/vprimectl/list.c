// SPDX-License-Identifier: GPL-2.0-only
/*
 * `vprimectl list`: a line for each GPU.  Asks configfs and sysfs only, so
 * that it works without any right to use a GPU.
 */
#include <stdio.h>

#include "gpu.h"
#include "head.h"
#include "json.h"

/* As wide as what is usual: a device is called like its GPU, with "vprime." before it. */
#define LINE_FORMAT "%-16s %-3s %-23s %-15s %-19s %s\n"

static void format_node(char text[static GPU_NAME_BYTES], const char *kind, int number)
{
	if (number < 0)
		snprintf(text, GPU_NAME_BYTES, "-");
	else
		snprintf(text, GPU_NAME_BYTES, "/dev/dri/%s%d", kind, number);
}

static enum status show_line(const struct gpu *gpu, void *context)
{
	char card[GPU_NAME_BYTES], render[GPU_NAME_BYTES], heads[GPU_NAME_BYTES];

	(void)context;
	snprintf(heads, sizeof(heads), "%u", head_count(gpu->name));
	format_node(card, "card", gpu->card);
	format_node(render, "renderD", gpu->render);
	printf(LINE_FORMAT, gpu->name, gpu->enabled ? "on" : "off",
	       *gpu->device ? gpu->device : "-", card, render, heads);
	return STATUS_OK;
}

static void json_node(const char *key, const char *kind, int number)
{
	char text[GPU_NAME_BYTES];

	if (number < 0) {
		json_null(key);
		return;
	}
	format_node(text, kind, number);
	json_string(key, text);
}

static enum status show_object(const struct gpu *gpu, void *context)
{
	(void)context;
	json_begin_object(NULL);
	json_string("name", gpu->name);
	json_bool("enabled", gpu->enabled);
	if (*gpu->device)
		json_string("device", gpu->device);
	else
		json_null("device");
	json_node("card", "card", gpu->card);
	json_node("render", "renderD", gpu->render);
	json_number("heads", head_count(gpu->name));
	json_end_object();
	return STATUS_OK;
}

static enum status list_json(void)
{
	enum status status;

	json_begin_array(NULL);
	status = gpu_for_each(NULL, show_object, NULL);
	json_end_array();
	json_finish();
	return status;
}

enum status list_run(const struct options *options, int argc, char **argv)
{
	enum status status = gpu_tree_check();

	(void)argc;
	(void)argv;
	if (status)
		return status;
	if (options->json)
		return list_json();
	printf(LINE_FORMAT, "NAME", "IS", "DEVICE", "CARD", "RENDER", "HEADS");
	return gpu_for_each(NULL, show_line, NULL);
}
