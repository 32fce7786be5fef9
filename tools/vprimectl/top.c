// SPDX-License-Identifier: GPL-2.0-only
/*
 * `vprimectl top`: what every GPU's memory looks like now, again and again.
 * On a terminal each table replaces the one before; elsewhere they follow one
 * another, as JSON one object to a line.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buffers.h"
#include "driver.h"
#include "format.h"
#include "json.h"

#define CLEAR_SCREEN "\033[H\033[2J"

/* Columns of the table, and how wide they are; the names are the driver's. */
static const struct {
	enum buffer_column column;
	int width;
	bool is_size;
} columns[] = {
	{ BUFFER_ID, 8, false },
	{ BUFFER_SIZE, 8, true },
	{ BUFFER_PLACEMENT, 9, false },
	{ BUFFER_IMPORTERS, 9, false },
	{ BUFFER_PINS, 5, false },
	{ BUFFER_MOVES, 8, false },
	{ BUFFER_REMAPS, 8, false },
};

static void show_memory(const struct driver_state *state)
{
	char used[FORMAT_BYTES], size[FORMAT_BYTES];
	size_t i;

	for (i = 0; i < state->region_count; i++) {
		const struct drm_vprime_region *region = &state->regions[i];

		printf("  %s %s", driver_placement_name(region->placement),
		       format_size(region->used, used));
		if (region->size)
			printf("/%s", format_size(region->size, size));
	}
	putchar('\n');
}

static void show_counters(const struct driver_state *state)
{
	size_t i;

	putchar(' ');
	for (i = 0; i < driver_counter_count; i++)
		printf(" %s %" PRIu64, driver_counters[i].name,
		       driver_counter_value(&state->stats, &driver_counters[i]));
	putchar('\n');
}

static void show_buffer(const char *const row[BUFFER_COLUMNS])
{
	char size[FORMAT_BYTES];
	size_t i;

	putchar(' ');
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		const char *text = row[columns[i].column];

		if (columns[i].is_size)
			text = format_size(strtoull(text, NULL, 10), size);
		printf(" %*s", columns[i].width, text);
	}
	printf("  %s\n", row[BUFFER_FLAGS]);
}

static void show_header(void)
{
	size_t i;

	putchar(' ');
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		printf(" %*s", columns[i].width, buffer_column_names[columns[i].column]);
	printf("  %s\n", buffer_column_names[BUFFER_FLAGS]);
}

static void show_table(const struct gpu *gpu, const struct driver_state *state,
		       const struct buffers *buffers)
{
	size_t i;

	printf("%s %s  %zu buffers", gpu->name, gpu->device, buffers->count);
	show_memory(state);
	show_counters(state);
	if (buffers->count)
		show_header();
	for (i = 0; i < buffers->count; i++)
		show_buffer(buffers->rows[i]);
	putchar('\n');
}

static void show_object(const struct gpu *gpu, const struct driver_state *state,
			const struct buffers *buffers)
{
	size_t i, column;

	json_begin_object(NULL);
	json_string("name", gpu->name);
	json_begin_object("statistics");
	for (i = 0; i < driver_counter_count; i++)
		json_number(driver_counters[i].name,
			    driver_counter_value(&state->stats, &driver_counters[i]));
	json_end_object();
	json_begin_array("buffers");
	for (i = 0; i < buffers->count; i++) {
		json_begin_object(NULL);
		for (column = 0; column < BUFFER_COLUMNS; column++)
			json_text(buffer_column_names[column], buffers->rows[i][column]);
		json_end_object();
	}
	json_end_array();
	json_end_object();
}

static int load(const struct gpu *gpu, struct driver_state *state, struct buffers *buffers)
{
	int fd = driver_open(gpu), ret;

	if (fd < 0)
		return fd;
	ret = driver_get_state(fd, state);
	close(fd);
	return ret ? ret : buffers_init(buffers, gpu);
}

static enum status show_gpu(const struct gpu *gpu, void *context)
{
	const struct options *options = context;
	struct driver_state state;
	struct buffers buffers;
	int ret;

	if (gpu->card < 0)
		return STATUS_OK;
	ret = load(gpu, &state, &buffers);
	/* Unplugged since it was found: the next table will not have it. */
	if (ret == -ENODEV)
		return STATUS_OK;
	if (ret)
		return complain(STATUS_FAILED, "%s does not show its buffers: %s; it needs debugfs, and root",
				gpu->name, strerror(-ret));
	if (options->json)
		show_object(gpu, &state, &buffers);
	else
		show_table(gpu, &state, &buffers);
	buffers_fini(&buffers);
	return STATUS_OK;
}

static enum status show_all(const struct options *options, const char *name)
{
	enum status status;

	if (!options->json) {
		if (isatty(STDOUT_FILENO))
			fputs(CLEAR_SCREEN, stdout);
		return gpu_for_each(name, show_gpu, (void *)options);
	}
	json_begin_array(NULL);
	status = gpu_for_each(name, show_gpu, (void *)options);
	json_end_array();
	json_finish();
	return status;
}

static void pause_for(double seconds)
{
	struct timespec rest = {
		.tv_sec = seconds,
		.tv_nsec = (seconds - trunc(seconds)) * 1e9,
	};

	nanosleep(&rest, NULL);
}

enum status top_run(const struct options *options, int argc, char **argv)
{
	const char *name = argc ? argv[0] : NULL;
	enum status status = gpu_tree_check();
	unsigned long shown = 0;
	struct gpu gpu;

	if (!status && name)
		status = gpu_find_enabled(name, &gpu);
	while (!status) {
		status = show_all(options, name);
		/* Whoever reads a pipe wants to see a table when it is there. */
		if (fflush(stdout))
			return complain(STATUS_FAILED, "cannot write the output: %m");
		if (++shown == options->count)
			break;
		if (!status)
			pause_for(options->interval);
	}
	return status;
}
