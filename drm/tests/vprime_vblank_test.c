// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock of a screen: vblanks are on a grid, whether anybody is told of them or not, and whether
 * whoever is told can keep up or not. Nothing here needs the machine to be in time.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/spinlock.h>

#include "../display/vprime_vblank.h"

#define PERIOD_NS (2 * NSEC_PER_MSEC)
/* Nothing that this long is waited for comes by itself. */
#define NEVER_NS (1000ll * NSEC_PER_SEC)
#define EDGES_MAX 16
#define PATIENCE_MS (60 * MSEC_PER_SEC)

/**
 * struct edge - a vblank that was told of
 * @count: number of the vblank
 * @time: when it was
 * @began: when the callback began
 * @ended: when it ended
 */
struct edge {
	u32 count;
	ktime_t time;
	ktime_t began;
	ktime_t ended;
};

/**
 * struct clock - a clock that is listened to
 * @vblank: the clock
 * @came: an edge has come
 * @busy_ns: the callback takes so long
 * @num_edges: how many have come, of which the first are kept
 * @edges: those
 */
struct clock {
	struct vprime_vblank vblank;
	struct completion came;
	u64 busy_ns;
	unsigned int num_edges;
	struct edge edges[EDGES_MAX];
};

/* Both of one moment: the time does not change between two equal counts. */
static u32 read_vblank(struct vprime_vblank *vblank, ktime_t *time)
{
	u32 before, after = vprime_vblank_count(vblank);

	do {
		before = after;
		*time = vprime_vblank_time(vblank);
		after = vprime_vblank_count(vblank);
	} while (after != before);
	return after;
}

static u32 read_clock(struct clock *clock, ktime_t *time)
{
	return read_vblank(&clock->vblank, time);
}

/* A frame that has been waiting is taken, as by a screen. */
static void clock_edge(struct vprime_vblank *vblank)
{
	struct clock *clock = container_of(vblank, struct clock, vblank);
	struct edge edge = { .began = ktime_get() };

	edge.count = read_vblank(vblank, &edge.time);
	vprime_vblank_set_flip(vblank, false);
	while (ktime_sub(ktime_get(), edge.began) < clock->busy_ns)
		cpu_relax();
	edge.ended = ktime_get();
	if (clock->num_edges < EDGES_MAX)
		clock->edges[clock->num_edges++] = edge;
	complete(&clock->came);
}

static void clock_stop(void *arg)
{
	struct clock *clock = arg;

	vprime_vblank_disable(&clock->vblank);
	vprime_vblank_stop(&clock->vblank);
}

static struct clock *clock_create(struct kunit *test, ktime_t longest)
{
	struct clock *clock = kunit_kzalloc(test, sizeof(*clock), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, clock);
	init_completion(&clock->came);
	vprime_vblank_init(&clock->vblank, clock_edge);
	vprime_vblank_set_period(&clock->vblank, PERIOD_NS, longest);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, clock_stop, clock), 0);
	return clock;
}

static void wait_for_edges(struct kunit *test, struct clock *clock, unsigned int count)
{
	while (count--)
		KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&clock->came,
								  msecs_to_jiffies(PATIENCE_MS)),
				0);
}

static void wait_for_count(struct clock *clock, u32 count)
{
	while ((s32)(vprime_vblank_count(&clock->vblank) - count) < 0)
		usleep_range(100, 200);
}

static void expect_on_grid(struct kunit *test, u32 count, ktime_t time, u32 from_count,
			   ktime_t from)
{
	KUNIT_EXPECT_EQ(test, ktime_sub(time, from), (s64)(count - from_count) * PERIOD_NS);
}

static void vblank_counts_without_a_timer(struct kunit *test)
{
	struct clock *clock = clock_create(test, PERIOD_NS);
	ktime_t first, time;
	u32 from, count;

	from = read_clock(clock, &first);
	wait_for_count(clock, from + 5);
	count = read_clock(clock, &time);
	KUNIT_EXPECT_GE(test, count, from + 5);
	KUNIT_EXPECT_LE(test, time, ktime_get());
	expect_on_grid(test, count, time, from, first);
	KUNIT_EXPECT_EQ(test, clock->num_edges, 0);
}

static void vblank_tells_of_times_on_the_grid(struct kunit *test)
{
	struct clock *clock = clock_create(test, PERIOD_NS);
	ktime_t first;
	u32 from, i;

	from = read_clock(clock, &first);
	vprime_vblank_enable(&clock->vblank);
	wait_for_edges(test, clock, EDGES_MAX);
	clock_stop(clock);
	for (i = 0; i < EDGES_MAX; i++) {
		const struct edge *edge = &clock->edges[i];

		KUNIT_EXPECT_LE(test, edge->time, edge->ended);
		expect_on_grid(test, edge->count, edge->time, from, first);
		if (i)
			KUNIT_EXPECT_GT(test, (s32)(edge->count - clock->edges[i - 1].count), 0);
	}
}

static void vblank_is_quiet_once_stopped(struct kunit *test)
{
	struct clock *clock = clock_create(test, PERIOD_NS);
	unsigned int edges;
	u32 count;

	vprime_vblank_enable(&clock->vblank);
	wait_for_edges(test, clock, 2);
	clock_stop(clock);
	edges = clock->num_edges;
	count = vprime_vblank_count(&clock->vblank);
	wait_for_count(clock, count + 10);
	KUNIT_EXPECT_EQ(test, clock->num_edges, edges);
}

static void vblank_goes_on_when_enabled_again(struct kunit *test)
{
	struct clock *clock = clock_create(test, PERIOD_NS);
	ktime_t first, time;
	u32 from, count;

	from = read_clock(clock, &first);
	vprime_vblank_enable(&clock->vblank);
	wait_for_edges(test, clock, 1);
	clock_stop(clock);
	wait_for_count(clock, vprime_vblank_count(&clock->vblank) + 3);
	reinit_completion(&clock->came);
	clock->num_edges = 0;
	vprime_vblank_enable(&clock->vblank);
	wait_for_edges(test, clock, 2);
	count = read_clock(clock, &time);
	expect_on_grid(test, count, time, from, first);
	expect_on_grid(test, clock->edges[0].count, clock->edges[0].time, from, first);
}

/* It would live in the callback else, and nothing would run beside it. */
static void vblank_leaves_the_cpu_as_long_as_it_takes(struct kunit *test)
{
	struct clock *clock = clock_create(test, PERIOD_NS);
	ktime_t first;
	u32 from, i;

	clock->busy_ns = 3 * PERIOD_NS;
	from = read_clock(clock, &first);
	vprime_vblank_enable(&clock->vblank);
	wait_for_edges(test, clock, 6);
	clock_stop(clock);
	for (i = 0; i < 6; i++) {
		const struct edge *edge = &clock->edges[i], *next = &clock->edges[i + 1];

		expect_on_grid(test, edge->count, edge->time, from, first);
		if (i == 5)
			break;
		KUNIT_EXPECT_GE(test, ktime_sub(next->began, edge->ended),
				ktime_sub(edge->ended, edge->began));
		KUNIT_EXPECT_GE(test, next->count, edge->count + 6);
	}
}

static void vblank_is_waited_for(struct kunit *test)
{
	struct clock *clock = clock_create(test, PERIOD_NS);
	ktime_t first, time;
	u32 from;

	from = read_clock(clock, &first);
	vprime_vblank_wait(&clock->vblank);
	KUNIT_EXPECT_GT(test, (s32)(read_clock(clock, &time) - from), 0);
	KUNIT_EXPECT_EQ(test, clock->num_edges, 0);
	vprime_vblank_set_period(&clock->vblank, 100 * PERIOD_NS, 100 * PERIOD_NS);
	read_clock(clock, &first);
	vprime_vblank_wait(&clock->vblank);
	KUNIT_EXPECT_GE(test, ktime_get(), ktime_add(first, 100 * PERIOD_NS));
}

static void vblank_of_a_new_mode_comes_after_the_old(struct kunit *test)
{
	struct clock *clock = clock_create(test, PERIOD_NS);
	ktime_t before, time;
	u32 old, count;

	old = vprime_vblank_count(&clock->vblank);
	wait_for_count(clock, old + 4);
	old = vprime_vblank_count(&clock->vblank);
	before = ktime_get();
	vprime_vblank_set_period(&clock->vblank, NEVER_NS, NEVER_NS);
	count = read_clock(clock, &time);
	KUNIT_EXPECT_GT(test, (s32)(count - old), 0);
	KUNIT_EXPECT_GE(test, time, before);
	KUNIT_EXPECT_LE(test, time, ktime_get());
	KUNIT_EXPECT_EQ(test, vprime_vblank_count(&clock->vblank), count);
}

static void vblank_counter_wraps(struct kunit *test)
{
	struct clock *clock = clock_create(test, PERIOD_NS);
	ktime_t first, time;
	u32 from, count;

	spin_lock_irq(&clock->vblank.lock);
	clock->vblank.count = U32_MAX - 2;
	spin_unlock_irq(&clock->vblank.lock);
	from = read_clock(clock, &first);
	vprime_vblank_enable(&clock->vblank);
	wait_for_count(clock, 3);
	count = read_clock(clock, &time);
	KUNIT_EXPECT_LT(test, count, from);
	expect_on_grid(test, count, time, from, first);
}

/* As long as a frame does not come. */
static void vblank_variable_waits_as_long_as_it_may(struct kunit *test)
{
	const u32 stretch = 20;
	struct clock *clock = clock_create(test, stretch * PERIOD_NS);
	ktime_t first;
	s64 past;
	u32 from;

	from = read_clock(clock, &first);
	vprime_vblank_set_variable(&clock->vblank, true);
	from = read_clock(clock, &first);
	vprime_vblank_enable(&clock->vblank);
	wait_for_edges(test, clock, 3);
	clock_stop(clock);
	past = ktime_sub(clock->edges[2].time, first);
	KUNIT_EXPECT_EQ(test, past, (s64)(clock->edges[2].count - from) * stretch * PERIOD_NS);
	KUNIT_EXPECT_GE(test, past, 3 * (s64)stretch * PERIOD_NS);
}

static void vblank_variable_comes_with_a_frame(struct kunit *test)
{
	struct clock *clock = clock_create(test, NEVER_NS);
	ktime_t last, asked;
	unsigned int i;
	u32 count;

	vprime_vblank_enable(&clock->vblank);
	vprime_vblank_set_variable(&clock->vblank, true);
	/* One that was under way when the rate became variable. */
	clock_stop(clock);
	reinit_completion(&clock->came);
	clock->num_edges = 0;
	vprime_vblank_enable(&clock->vblank);
	for (i = 0; i < 3; i++) {
		const struct edge *edge = &clock->edges[i];

		count = read_clock(clock, &last);
		asked = ktime_get();
		vprime_vblank_set_flip(&clock->vblank, true);
		wait_for_edges(test, clock, 1);
		KUNIT_EXPECT_EQ(test, edge->count, count + 1);
		/* Not too soon after the one before, and not before it was asked for. */
		KUNIT_EXPECT_GE(test, ktime_sub(edge->time, last), PERIOD_NS);
		KUNIT_EXPECT_GE(test, edge->time, asked);
	}
	KUNIT_EXPECT_EQ(test, clock->num_edges, 3);
}

static void vblank_fixed_does_not_care_for_frames(struct kunit *test)
{
	struct clock *clock = clock_create(test, NEVER_NS);
	ktime_t first;
	u32 from, i;

	from = read_clock(clock, &first);
	vprime_vblank_enable(&clock->vblank);
	for (i = 0; i < 4; i++) {
		vprime_vblank_set_flip(&clock->vblank, true);
		wait_for_edges(test, clock, 1);
		expect_on_grid(test, clock->edges[i].count, clock->edges[i].time, from, first);
	}
}

static void vblank_becomes_fixed_again(struct kunit *test)
{
	struct clock *clock = clock_create(test, NEVER_NS);
	ktime_t first, time;
	u32 from, count;

	vprime_vblank_set_variable(&clock->vblank, true);
	from = read_clock(clock, &first);
	vprime_vblank_enable(&clock->vblank);
	vprime_vblank_set_variable(&clock->vblank, false);
	wait_for_edges(test, clock, 3);
	count = read_clock(clock, &time);
	KUNIT_EXPECT_GE(test, count, from + 3);
	expect_on_grid(test, count, time, from, first);
}

static struct kunit_case vprime_vblank_test_cases[] = {
	KUNIT_CASE(vblank_counts_without_a_timer),
	KUNIT_CASE(vblank_tells_of_times_on_the_grid),
	KUNIT_CASE(vblank_is_quiet_once_stopped),
	KUNIT_CASE(vblank_goes_on_when_enabled_again),
	KUNIT_CASE(vblank_leaves_the_cpu_as_long_as_it_takes),
	KUNIT_CASE(vblank_is_waited_for),
	KUNIT_CASE(vblank_of_a_new_mode_comes_after_the_old),
	KUNIT_CASE(vblank_counter_wraps),
	KUNIT_CASE(vblank_variable_waits_as_long_as_it_may),
	KUNIT_CASE(vblank_variable_comes_with_a_frame),
	KUNIT_CASE(vblank_fixed_does_not_care_for_frames),
	KUNIT_CASE(vblank_becomes_fixed_again),
	{ }
};

static struct kunit_suite vprime_vblank_test_suite = {
	.name = "vprime-vblank",
	.test_cases = vprime_vblank_test_cases,
};

kunit_test_suite(vprime_vblank_test_suite);
