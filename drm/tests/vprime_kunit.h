/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of all rooms need: GPUs whose clock they turn by hand, and buffers on them.
 */
#ifndef _VPRIME_KUNIT_H_
#define _VPRIME_KUNIT_H_

#include <linux/types.h>

#include <drm/gpu_scheduler.h>

#include "../vprime_config.h"

struct dma_buf;
struct kunit;
struct vprime_bo;
struct vprime_gpu;

/* A small GPU on the manual clock: 4 MiB of VRAM, peer to peer, poison. */
struct vprime_config vprime_kunit_config(const char *name);

/* A GPU on a device that no driver binds to; unplugged and given up when the test ends. */
struct vprime_gpu *vprime_kunit_gpu(struct kunit *test, const struct vprime_config *config);

/* Lets both engines run until nothing is left that can; how many jobs that were. */
unsigned int vprime_kunit_run(struct vprime_gpu *gpu);

/* Both steps of going to sleep, and of waking up. */
int vprime_kunit_suspend(struct vprime_gpu *gpu);
void vprime_kunit_resume(struct vprime_gpu *gpu);

/* A buffer that has arrived where it starts; given up when the test ends. */
struct vprime_bo *vprime_kunit_bo(struct kunit *test, struct vprime_gpu *gpu, u64 size,
				  u32 placements);

/*
 * The buffer for others, and as another GPU has it; both given up when the test ends. The latter
 * skips the test in a kernel without DMABUF_MOVE_NOTIFY.
 */
struct dma_buf *vprime_kunit_export(struct kunit *test, struct vprime_bo *bo);
struct vprime_bo *vprime_kunit_import(struct kunit *test, struct vprime_gpu *gpu,
				      struct dma_buf *dmabuf);

/* Where jobs of the render engine queue up; destroyed when the test ends. */
void vprime_kunit_entity(struct kunit *test, struct vprime_gpu *gpu,
			 struct drm_sched_entity *entity, enum drm_sched_priority priority);

/* Asks for a move, which has not arrived yet when this returns. */
int vprime_kunit_try_move(struct vprime_bo *bo, u32 placement);
void vprime_kunit_move(struct kunit *test, struct vprime_bo *bo, u32 placement);

/* Every word of a buffer that is not on its way anywhere, through vmap. */
void vprime_kunit_fill(struct kunit *test, struct vprime_bo *bo, u32 word);
void vprime_kunit_check(struct kunit *test, struct vprime_bo *bo, u32 word);

#endif
