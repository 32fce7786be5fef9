// SPDX-License-Identifier: GPL-2.0-only
/*
 * A screen that is on and at which nobody looks. Without anybody who waits for vblanks nothing at
 * all may run; with such a one, the timer, once for each vblank, and nothing else.
 */
#include <stdio.h>
#include <time.h>

#include "bench.h"
#include "check.h"
#include "head.h"
#include "trace.h"

#define VBLANKS 120
#define LINGER_NS 100000000
#define WINDOW_S 2

/**
 * struct idle - what ran
 * @off_timers: timers in two seconds without vblanks
 * @off_works: works in them
 * @timers: timers for each vblank that somebody waited for
 * @works: works for each of them
 * @us: microseconds of such a timer
 */
struct idle {
	double off_timers;
	double off_works;
	double timers;
	double works;
	double us;
};

/* The stretch of time is what is measured, nobody is waited for. */
static void let_pass(time_t seconds, long ns)
{
	const struct timespec stretch = { .tv_sec = seconds, .tv_nsec = ns };

	check_ok(neg_errno(clock_nanosleep(CLOCK_MONOTONIC, 0, &stretch, NULL)));
}

static void measure_off(const struct rival *rival, const struct kms_head *screen, struct idle *idle)
{
	static struct runs runs;
	struct kms_event event;

	/* Somebody has waited for a vblank a moment ago, as on any screen in use. */
	head_ask_for_vblank(screen);
	kms_read_event(screen->gpu, &event);
	let_pass(0, LINGER_NS);
	trace_start();
	let_pass(WINDOW_S, 0);
	trace_stop();
	trace_read_timer(rival->timer, &runs);
	idle->off_timers = runs.count;
	idle->off_works = trace_count_works_of(rival->name);
}

static void measure_on(const struct rival *rival, const struct kms_head *screen, struct idle *idle)
{
	static struct runs runs;
	uint64_t first = 0;
	struct kms_event event = {};
	int i;

	trace_start();
	for (i = 0; i < VBLANKS; i++) {
		head_ask_for_vblank(screen);
		kms_read_event(screen->gpu, &event);
		if (!i)
			first = event.sequence;
	}
	trace_stop();
	trace_read_timer(rival->timer, &runs);
	check_msg(runs.count, "no timer %s in the trace", rival->timer);
	idle->timers = (double)runs.count / (event.sequence - first + 1);
	idle->works = (double)trace_count_works_of(rival->name) / runs.count;
	idle->us = median(runs.us, runs.count);
}

static void measure(const struct rival *rival, struct idle *idle)
{
	struct sheet picture;
	struct kms_head screen;

	head_init(&screen, rival->card);
	sheet_create(rival->card, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, &picture);
	sheet_weave(&picture, 0);
	head_on(&screen, &picture, USUAL_HZ);
	measure_on(rival, &screen, idle);
	measure_off(rival, &screen, idle);
	head_off(&screen);
	sheet_destroy(rival->card, &picture);
}

void bench_idle(const struct rival *ours, const struct rival *vkms)
{
	struct idle our = {}, other = {};

	measure(ours, &our);
	measure(vkms, &other);
	report("idle/no-vblanks/timers", vkms->name,
	       (struct pair){ our.off_timers, other.off_timers }, "in 2 s",
	       (struct bar){ .ours_exactly_0 = true });
	report("idle/no-vblanks/works", vkms->name, (struct pair){ our.off_works, other.off_works },
	       "in 2 s", (struct bar){ .ours_exactly_0 = true });
	report("idle/vblanks/timers", vkms->name, (struct pair){ our.timers, other.timers },
	       "per vblank", (struct bar){ .ours_most = 1.02 });
	report("idle/vblanks/works", vkms->name, (struct pair){ our.works, other.works },
	       "per vblank", (struct bar){ .ours_exactly_0 = true });
	report("idle/vblanks/time", vkms->name, (struct pair){ our.us, other.us },
	       "us per vblank", (struct bar){});
}
