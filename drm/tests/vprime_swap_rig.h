/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of swapping need: a buffer with content that TTM can be asked to swap out, and a
 * GPU, on the manual clock, whose engine reads it.
 */
#ifndef _VPRIME_SWAP_RIG_H_
#define _VPRIME_SWAP_RIG_H_

#include <linux/types.h>

#include <drm/gpu_scheduler.h>

struct dma_buf;
struct dma_fence;
struct kunit;
struct vprime_binding;
struct vprime_bo;
struct vprime_gpu;

#define SWAP_RIG_PAGES 16
#define SWAP_RIG_BYTES (SWAP_RIG_PAGES * PAGE_SIZE)

/* Whose engine uses the buffer. */
enum swap_rig_user {
	SWAP_RIG_OWNER,
	SWAP_RIG_PEER,
	SWAP_RIG_NO_PEER,
};

/**
 * struct swap_rig - a buffer that is swapped out, and a GPU that uses it
 * @gpu: whose it is
 * @bo: the buffer
 * @dmabuf: of @bo, if another GPU uses it
 * @user: the GPU that does: @gpu or another
 * @seen: @bo as @user has it
 * @copy: of @user, in VRAM: gets what its engine reads
 * @copy_binding: of @copy
 * @entity: for jobs of @user
 */
struct swap_rig {
	struct vprime_gpu *gpu;
	struct vprime_bo *bo;
	struct dma_buf *dmabuf;
	struct vprime_gpu *user;
	struct vprime_bo *seen;
	struct vprime_bo *copy;
	struct vprime_binding *copy_binding;
	struct drm_sched_entity entity;
};

/* With a buffer that has no content yet. All of it is given up when the test ends. */
struct swap_rig *swap_rig_create(struct kunit *test, u32 placements, enum swap_rig_user user);

/* Content by the CPU, different for each seed and in each word. */
void swap_rig_fill(struct kunit *test, struct vprime_bo *bo, u32 seed);
void swap_rig_check(struct kunit *test, struct vprime_bo *bo, u32 seed);
void swap_rig_expect_words(struct kunit *test, const u32 *at, u32 seed);

/* Lets all jobs run to their end. */
void swap_rig_run(struct swap_rig *rig);

/* All that TTM finds, without waiting for jobs, which nobody runs meanwhile; how many pages. */
int swap_rig_out(struct swap_rig *rig);
bool swap_rig_is_out(struct vprime_bo *bo);
/* Asks TTM, and expects that the buffer goes, or stays at this place. */
void swap_rig_expect_out(struct kunit *test, struct swap_rig *rig);
void swap_rig_expect_stays(struct kunit *test, struct swap_rig *rig, u32 place);

/* A job of the user that reads what is behind @src, as a submission would; with the lock held. */
struct dma_fence *swap_rig_push_copy(struct kunit *test, struct swap_rig *rig,
				     struct vprime_binding *src);
/* One complete submission. */
struct dma_fence *swap_rig_submit(struct kunit *test, struct swap_rig *rig);
/* Lets it come to its end; how that was. Gives the reference back. */
int swap_rig_finish(struct swap_rig *rig, struct dma_fence *fence);
/* The user's engine finds the content, and nobody faults. */
void swap_rig_check_by_engine(struct kunit *test, struct swap_rig *rig, u32 seed);
void swap_rig_expect_no_faults(struct kunit *test, struct swap_rig *rig);

#endif
