// SPDX-License-Identifier: MIT
/*
 * Makes the two buffers, on a client of the GPU's own, so that their handles
 * are 1 and 2.
 */
#include "bench.h"

#include "dmabuf.h"
#include "drm.h"
#include "gpu.h"

void bench_init(struct bench *bench, const char *gpu)
{
	bench->gpu = gpu_open(gpu);
	bench->a = vprime_bo_create(bench->gpu, BENCH_BYTES, ANYWHERE);
	bench->b = vprime_bo_create(bench->gpu, BENCH_BYTES, ANYWHERE);
	bench->at_a = vprime_bo_mmap(bench->gpu, bench->a, BENCH_BYTES);
	bench->at_b = vprime_bo_mmap(bench->gpu, bench->b, BENCH_BYTES);
}

void bench_fini(struct bench *bench)
{
	dmabuf_munmap(bench->at_b, BENCH_BYTES);
	dmabuf_munmap(bench->at_a, BENCH_BYTES);
	drm_close_handle(bench->gpu, bench->b);
	drm_close_handle(bench->gpu, bench->a);
	close_fd(bench->gpu);
}
