// SPDX-License-Identifier: MIT
/*
 * More buffers than video memory.  Whatever has to leave comes back as it was,
 * and nothing is read or written where it is no more.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define OWN_VRAM (4u << 20)
#define SIZE (256u << 10)
#define WORDS (SIZE / 4)
/* Twice what there is room for. */
#define BUFFERS (2 * OWN_VRAM / SIZE)

struct set {
	int gpu;
	uint32_t handles[BUFFERS];
	uint32_t values[BUFFERS];
};

static void set_init(struct set *set, uint32_t placements)
{
	uint32_t i;

	set->gpu = gpu_create_small(OWN, OWN_VRAM);
	for (i = 0; i < BUFFERS; i++) {
		set->handles[i] = vprime_bo_create(set->gpu, SIZE, placements);
		set->values[i] = 0;
	}
}

/* Nothing went wrong on the bus, whatever was moved. */
static void check_clean(int gpu)
{
	struct drm_vprime_stats stats;

	vprime_stats(gpu, &stats);
	check_eq(stats.bus_faults, 0);
	check_eq(stats.stale_writes, 0);
	check_eq(stats.hangs, 0);
}

static void set_fini(struct set *set)
{
	uint32_t i;

	check_clean(set->gpu);
	for (i = 0; i < BUFFERS; i++)
		drm_close_handle(set->gpu, set->handles[i]);
	check(vprime_region_empties(set->gpu, VRAM));
	close_fd(set->gpu);
	gpu_destroy(OWN);
}

static void fill_one(struct set *set, uint32_t i, uint32_t value)
{
	struct drm_vprime_command fill = command_fill(set->handles[i], 0, SIZE, value);

	submit_command(set->gpu, &fill);
	set->values[i] = value;
}

static void check_one(const struct set *set, uint32_t i)
{
	uint64_t sum = engine_sum(set->gpu, set->handles[i], SIZE);

	check_msg(sum == WORDS * (uint64_t)set->values[i],
		  "buffer %u has a sum of %#llx, expected %u words of %#x", i,
		  (unsigned long long)sum, WORDS, set->values[i]);
}

static void check_moved(int gpu)
{
	struct drm_vprime_stats stats;

	vprime_stats(gpu, &stats);
	check_lt(0, stats.evictions);
	check_le(stats.evictions, stats.moves);
	check_ge(stats.bytes_moved, stats.moves);
	subtest_info("%llu moves, %llu of them evictions, %llu MiB",
		     (unsigned long long)stats.moves, (unsigned long long)stats.evictions,
		     (unsigned long long)stats.bytes_moved >> 20);
}

static const struct test_case placements[] = {
	{ "vram", &(const uint32_t){ VRAM } },
	{ "vram-or-tt", &(const uint32_t){ VRAM | TT } },
	{ "anywhere", &(const uint32_t){ ANYWHERE } },
	{ }
};

/* Around and around, which is the worst order there is for what was used last. */
static void working_set(const struct test_case *row)
{
	uint32_t rounds = subtest_full() ? 20 : 3, round, i;
	struct set set;

	set_init(&set, *(const uint32_t *)row->arg);
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < BUFFERS; i++)
			fill_one(&set, i, round << 16 | (i + 1));
		for (i = 0; i < BUFFERS; i++)
			check_one(&set, i);
	}
	check_moved(set.gpu);
	set_fini(&set);
}

/* One job after the other, each copying between two buffers at random. */
static void jobs_without_waiting(void)
{
	uint32_t jobs = subtest_full() ? 4000 : 300, i;
	unsigned int seed = 1;
	struct set set;

	set_init(&set, ANYWHERE);
	for (i = 0; i < BUFFERS; i++)
		fill_one(&set, i, i + 1);
	for (i = 0; i < jobs; i++) {
		uint32_t from = rand_r(&seed) % BUFFERS, to = rand_r(&seed) % BUFFERS;
		struct drm_vprime_command copy = command_copy(set.handles[to],
							      set.handles[from], SIZE);

		if (from == to)
			continue;
		submit_command(set.gpu, &copy);
		set.values[to] = set.values[from];
	}
	for (i = 0; i < BUFFERS; i++)
		check_one(&set, i);
	check_moved(set.gpu);
	set_fini(&set);
}

/* The CPU looks at everything at once, which brings nothing back by itself. */
static void all_mapped(void)
{
	void *at[BUFFERS];
	struct set set;
	uint32_t i, round;

	set_init(&set, ANYWHERE);
	for (i = 0; i < BUFFERS; i++)
		at[i] = vprime_bo_mmap(set.gpu, set.handles[i], SIZE);
	for (round = 1; round <= 2; round++) {
		for (i = 0; i < BUFFERS; i++)
			pattern_write(at[i], SIZE, round * BUFFERS + i);
		/* The engine wants them all, one after the other. */
		for (i = 0; i < BUFFERS; i++)
			check_eq(engine_sum(set.gpu, set.handles[i], SIZE),
				 pattern_sum(SIZE, round * BUFFERS + i));
		for (i = 0; i < BUFFERS; i++)
			pattern_check(at[i], SIZE, round * BUFFERS + i);
	}
	check_moved(set.gpu);
	for (i = 0; i < BUFFERS; i++)
		dmabuf_munmap(at[i], SIZE);
	set_fini(&set);
}

/* Another GPU reads what is being evicted under it. */
static void imported_elsewhere(void)
{
	int display = gpu_open(DISPLAY);
	uint32_t abroad[BUFFERS], i, round;
	struct set set;

	set_init(&set, ANYWHERE);
	for (i = 0; i < BUFFERS; i++) {
		int fd = vprime_export(set.gpu, set.handles[i]);

		abroad[i] = vprime_import(display, fd);
		close_fd(fd);
	}
	for (round = 1; round <= 2; round++) {
		for (i = 0; i < BUFFERS; i++)
			fill_one(&set, i, round * 1000 + i);
		for (i = 0; i < BUFFERS; i++)
			check_eq(engine_sum(display, abroad[i], SIZE),
				 WORDS * (uint64_t)set.values[i]);
	}
	check_clean(display);
	for (i = 0; i < BUFFERS; i++)
		drm_close_handle(display, abroad[i]);
	set_fini(&set);
	close_fd(display);
}

/* One job that wants more than there is can only be refused, and then the next works. */
static void too_much_for_one_job(void)
{
	struct drm_vprime_command fills[BUFFERS];
	struct drm_vprime_submit arg;
	struct set set;
	uint32_t i;
	int ret;

	set_init(&set, VRAM);
	for (i = 0; i < BUFFERS; i++)
		fills[i] = command_fill(set.handles[i], 0, SIZE, 5);
	arg = submission(fills, BUFFERS);
	ret = __submit(set.gpu, &arg);
	check_msg(ret == -ENOSPC || ret == -ENOMEM, "a job on twice the VRAM gave %s",
		  ret ? strerrorname_np(-ret) : "success");
	for (i = 0; i < BUFFERS; i++)
		check_one(&set, i);
	arg = submission(fills, BUFFERS / 4);
	submit(set.gpu, &arg);
	for (i = 0; i < BUFFERS / 4; i++)
		set.values[i] = 5;
	for (i = 0; i < BUFFERS; i++)
		check_one(&set, i);
	set_fini(&set);
}

/* If they may be elsewhere as well, the same job gets done. */
static void some_stay_outside(void)
{
	struct drm_vprime_command fills[BUFFERS];
	struct drm_vprime_submit arg;
	struct set set;
	uint32_t i;

	set_init(&set, VRAM | TT);
	for (i = 0; i < BUFFERS; i++) {
		fills[i] = command_fill(set.handles[i], 0, SIZE, i + 5);
		set.values[i] = i + 5;
	}
	arg = submission(fills, BUFFERS);
	submit(set.gpu, &arg);
	for (i = 0; i < BUFFERS; i++)
		check_one(&set, i);
	set_fini(&set);
}

/* Sizes that do not fit one another leave holes; the holes are filled. */
static void fragments(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t small[64], i, large;

	for (i = 0; i < ARRAY_SIZE(small); i++) {
		small[i] = vprime_bo_create(gpu, OWN_VRAM / ARRAY_SIZE(small), VRAM);
		engine_fill(gpu, small[i], PAGE_BYTES, i + 1);
	}
	for (i = 0; i < ARRAY_SIZE(small); i += 2)
		drm_close_handle(gpu, small[i]);
	/* Half of the VRAM is free, and nowhere more than a sixty-fourth of it. */
	large = vprime_bo_create(gpu, OWN_VRAM / 2, VRAM);
	engine_fill(gpu, large, OWN_VRAM / 2, 9);
	for (i = 1; i < ARRAY_SIZE(small); i += 2) {
		check_eq(engine_sum(gpu, small[i], PAGE_BYTES), PAGE_BYTES / 4 * (i + 1));
		drm_close_handle(gpu, small[i]);
	}
	check_eq(engine_sum(gpu, large, OWN_VRAM / 2), OWN_VRAM / 8 * 9ull);
	drm_close_handle(gpu, large);
	check_clean(gpu);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static const struct subtest subtests[] = {
	{
		.name = "working-set",
		.describe = "Twice the VRAM, used in turn, keeps its content.",
		.run_case = working_set,
		.cases = placements,
		.seconds = 300,
	}, {
		.name = "jobs-without-waiting",
		.describe = "A queue full of copies between buffers that come and go gets all of them right.",
		.run = jobs_without_waiting,
		.seconds = 300,
	}, {
		.name = "all-mapped",
		.describe = "Mappings of everything see the right content, wherever it is.",
		.run = all_mapped,
		.seconds = 300,
	}, {
		.name = "imported-elsewhere",
		.describe = "An importer reads the right content of buffers that are being evicted.",
		.run = imported_elsewhere,
		.seconds = 300,
	}, {
		.name = "too-much-for-one-job",
		.describe = "A job that cannot fit is refused, and nothing of it was done.",
		.run = too_much_for_one_job,
	}, {
		.name = "some-stay-outside",
		.describe = "A job whose buffers may be in system memory too gets done.",
		.run = some_stay_outside,
	}, {
		.name = "fragments",
		.describe = "Memory in pieces is memory.",
		.run = fragments,
	},
};

TEST_MAIN("vprime's memory under pressure.", subtests)
