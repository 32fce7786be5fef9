// SPDX-License-Identifier: GPL-2.0-only
/* Asks the questions named, all of them without arguments. Each line is a ratio within this run. */
#include "bench.h"
#include "check.h"
#include "drm.h"
#include "gpu.h"
#include "trace.h"

static const struct {
	const char *name;
	void (*ask)(const struct rival *ours, const struct rival *vkms);
} questions[] = {
	{ "console", bench_console },
	{ "compose", bench_compose },
	{ "writeback", bench_writeback },
	{ "cursor", bench_cursor },
	{ "flip", bench_flip },
	{ "idle", bench_idle },
};

int main(int argc, char **argv)
{
	const struct gpu_setting settings[] = {
		{ "vram_size", "256M" },
		{ "heads", "1" },
		{ },
	};
	const struct rival ours = {
		.name = "vprime",
		.card = gpu_create("bench", settings),
		.work = "watch_work [vprime]",
		.timer = "function=vblank_fire [vprime]",
	};
	const struct rival vkms = {
		.name = "vkms",
		.card = drm_open_driver("vkms"),
		.work = "vkms_composer_worker",
		.timer = "function=vkms_vblank_simulate",
	};
	size_t i;

	report_begin("display", argc, argv);
	trace_init();
	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		if (is_asked(questions[i].name))
			questions[i].ask(&ours, &vkms);
	}
	return all_bars_hold() ? 0 : 1;
}
