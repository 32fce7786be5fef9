/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the silicon need: an engine with memory, and jobs that remember how they ended.
 */
#ifndef _VPRIME_KUNIT_RIG_H_
#define _VPRIME_KUNIT_RIG_H_

#include <linux/completion.h>
#include <linux/ktime.h>

#include "../vprime_engine.h"
#include "vprime_kunit_bus.h"

struct kunit;

#define VPRIME_KUNIT_RIG_PAGES 8
#define VPRIME_KUNIT_RIG_BYTES (VPRIME_KUNIT_RIG_PAGES * PAGE_SIZE)
#define VPRIME_KUNIT_RIG_WORDS (VPRIME_KUNIT_RIG_BYTES / sizeof(u32))

/**
 * struct vprime_kunit_rig - an engine, and memory that it reaches
 * @memory: it
 * @binding: all of it
 * @engine: the engine
 */
struct vprime_kunit_rig {
	struct vprime_kunit_memory *memory;
	struct vprime_binding *binding;
	struct vprime_engine engine;
};

/**
 * struct vprime_kunit_job - a job that remembers how it ended
 * @hw: it
 * @engine: that got it
 * @calls: of its @done
 * @error: that @done got
 * @ended: when it did
 * @aborts: a job that is aborted when this one ends, or NULL
 * @end: completes then
 */
struct vprime_kunit_job {
	struct vprime_engine_job hw;
	struct vprime_engine *engine;
	unsigned int calls;
	int error;
	ktime_t ended;
	struct vprime_kunit_job *aborts;
	struct completion end;
};

/* All of these are given up when the test ends. */
struct vprime_kunit_job *vprime_kunit_rig_queue(struct kunit *test, struct vprime_kunit_rig *rig,
						const struct vprime_op *ops, unsigned int count);
void vprime_kunit_expect_end(struct kunit *test, struct vprime_kunit_job *job, int error);
struct vprime_kunit_rig *vprime_kunit_manual_rig(struct kunit *test);
struct vprime_kunit_rig *vprime_kunit_timed_rig(struct kunit *test, u32 latency_us, u64 speed);
struct vprime_op vprime_kunit_fill_word(struct vprime_kunit_rig *rig, u64 offset, u32 value);
void vprime_kunit_rig_run(struct kunit *test, struct vprime_kunit_rig *rig,
			  const struct vprime_op *ops, unsigned int count);

#endif
