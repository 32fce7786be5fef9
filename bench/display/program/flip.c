// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a page flip costs beside the wait for the vblank: the call, and the way of its event from
 * the time that the event tells, which is the vblank's, to the program. And how many flips come
 * through in a mode that is faster than monitors are.
 */
#include "bench.h"
#include "head.h"

#define FLIPS 100
#define WINDOW_NS 1000000000ull

/**
 * struct costs - of flips; the middle ones
 * @call: microseconds in the ioctl
 * @event: microseconds from the vblank to the event
 * @rate: flips in a second
 */
struct costs {
	double call;
	double event;
	double rate;
};

static void measure_latency(const struct kms_head *screen, const struct sheet *pictures,
			    struct costs *costs)
{
	double calls[FLIPS], events[FLIPS];
	struct kms_event event;
	uint64_t since;
	int i;

	for (i = 0; i < FLIPS; i++) {
		since = now_ns();
		head_flip(screen, &pictures[i % 2]);
		calls[i] = (now_ns() - since) / 1e3;
		kms_read_event(screen->gpu, &event);
		events[i] = ((double)now_ns() - event.time_ns) / 1e3;
	}
	costs->call = median(calls, FLIPS);
	costs->event = median(events, FLIPS);
}

static void measure_rate(const struct kms_head *screen, const struct sheet *pictures,
			 struct costs *costs)
{
	uint64_t since = now_ns();
	struct kms_event event;
	int i;

	for (i = 0; now_ns() - since < WINDOW_NS; i++) {
		head_flip(screen, &pictures[i % 2]);
		kms_read_event(screen->gpu, &event);
	}
	costs->rate = i * 1e9 / (now_ns() - since);
}

static void measure(const struct rival *rival, struct costs *costs)
{
	struct sheet pictures[2];
	struct kms_head screen;
	int i;

	head_init(&screen, rival->card);
	for (i = 0; i < 2; i++) {
		sheet_create(rival->card, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, &pictures[i]);
		sheet_weave(&pictures[i], i);
	}
	head_on(&screen, &pictures[1], USUAL_HZ);
	measure_latency(&screen, pictures, costs);
	head_on(&screen, &pictures[1], FAST_HZ);
	measure_rate(&screen, pictures, costs);
	head_off(&screen);
	for (i = 0; i < 2; i++)
		sheet_destroy(rival->card, &pictures[i]);
}

void bench_flip(const struct rival *ours, const struct rival *vkms)
{
	struct costs our_costs = {}, other_costs = {};

	measure(ours, &our_costs);
	measure(vkms, &other_costs);
	report("flip/call", vkms->name, (struct pair){ our_costs.call, other_costs.call }, "us",
	       (struct bar){});
	report("flip/vblank-to-event", vkms->name,
	       (struct pair){ our_costs.event, other_costs.event }, "us", (struct bar){});
	report("flip/at-500-Hz", vkms->name, (struct pair){ our_costs.rate, other_costs.rate },
	       "flips/s", (struct bar){});
}
