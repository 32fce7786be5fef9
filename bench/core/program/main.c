// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user half of the benchmark of the dma-buf core: `measure WHAT...` prints
 * one line per result: name, unit, value, with tabs between.
 */
#include <string.h>

#include "bench.h"

static const struct {
	const char *name;
	void (*measure)(void);
} ways[] = {
	{ "instructions", measure_instructions },
	{ "many", measure_many },
	{ "held-lock", measure_held_lock },
	{ "two-cpus", measure_two_cpus },
};

static int measure(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		if (!strcmp(ways[i].name, name)) {
			ways[i].measure();
			return 0;
		}
	}
	fprintf(stderr, "dma-buf-bench: there is nothing called %s to measure\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	int i, ret = 0;

	for (i = 1; i < argc && !ret; i++)
		ret = measure(argv[i]);
	return ret;
}
