// SPDX-License-Identifier: GPL-2.0-only
/* Asks the questions named, all of them without arguments. Each line is a ratio within this run. */
#include "bench.h"
#include "check.h"

static const struct {
	const char *name;
	void (*ask)(void);
} questions[] = {
	{ "copies", bench_copies },
	{ "moves", bench_moves },
	{ "latency", bench_latency },
	{ "handles", bench_handles },
	{ "importers", bench_importers },
	{ "pressure", bench_pressure },
};

int main(int argc, char **argv)
{
	size_t i;

	report_begin("gpu", argc, argv);
	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		if (is_asked(questions[i].name))
			questions[i].ask();
	}
	return all_bars_hold() ? 0 : 1;
}
