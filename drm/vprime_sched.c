// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_sched.h"

#include <kunit/visibility.h>

#include <linux/dma-fence.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/drm_drv.h>
#include <drm/drm_print.h>

#include "vprime_binding.h"
#include "vprime_client.h"
#include "vprime_fence.h"
#include "vprime_gpu.h"
#include "vprime_trace.h"

/**
 * DOC: Jobs
 *
 * What lies between drm_sched and an engine: a job with everything it will need, the fence that the
 * engine signals, and what happens when it does not signal in time. Who waits for whom is
 * drm_sched's matter, and what a job does is that of vprime_submit.c and vprime_migrate.c.
 *
 * A GPU can be pulled out, and all its files be closed, while a job still waits for a fence of
 * somebody else. So jobs keep their GPU. Fences do not (vprime_fence.c): programs and other devices
 * may have them for as long as they like.
 */

/*
 * Jobs that an engine has at a time: one runs, and the next is there when it ends. All others wait
 * where the scheduler chooses between their queues.
 */
#define JOBS_IN_FLIGHT 2

static struct vprime_job *to_vprime_job(struct drm_sched_job *job)
{
	return container_of(job, struct vprime_job, base);
}

static struct vprime_ring *to_vprime_ring(struct drm_gpu_scheduler *sched)
{
	return container_of(sched, struct vprime_ring, sched);
}

static void complete_by_cpu(struct vprime_job *job)
{
	unsigned int i;

	for (i = job->hw.completed; i < job->hw.count; i++)
		vprime_op_run_by_cpu(&job->ops[i]);
}

/*
 * The last that is heard of a job from its engine; the scheduler may free it as soon as the fence
 * has signalled.
 */
static void job_done(struct vprime_engine_job *hw, int error)
{
	struct vprime_job *job = container_of(hw, struct vprime_job, hw);
	struct vprime_ring *ring = to_vprime_ring(job->base.sched);
	struct dma_fence *fence = dma_fence_get(&job->fence->base);

	atomic64_inc(&ring->jobs);
	atomic64_add(hw->busy_ns, &ring->busy_ns);
	if (job->usage)
		vprime_client_job_done(job->usage, error, hw->busy_ns);
	trace_vprime_job_done(ring->gpu, ring->engine.name, fence->seqno, error, hw->busy_ns);

	if (error && job->must_complete)
		complete_by_cpu(job);
	else if (error)
		dma_fence_set_error(fence, error);
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static struct dma_fence *run_job(struct drm_sched_job *base)
{
	struct vprime_ring *ring = to_vprime_ring(base->sched);
	struct vprime_job *job = to_vprime_job(base);
	struct vprime_fence *fence = job->fence;

	/* Something it waited for failed so that there is no use in running it. */
	if (base->s_fence->finished.error && !job->must_complete)
		return NULL;

	vprime_fence_init(fence, ring->engine.name, ring->fence_context, ++ring->fence_seqno);
	trace_vprime_job_run(ring->gpu, ring->engine.name, fence->base.seqno, job->hw.count);

	/* Two references: the scheduler's, and the one of the job. */
	dma_fence_get(&fence->base);
	job->hw.ops = job->ops;
	job->hw.done = job_done;
	vprime_engine_queue(&ring->engine, &job->hw);
	return &fence->base;
}

static struct dma_fence *vprime_run_job(struct drm_sched_job *base)
{
	bool cookie = dma_fence_begin_signalling();
	struct dma_fence *fence = run_job(base);

	dma_fence_end_signalling(cookie);
	return fence;
}

/* A job that was skipped never got its fence. */
static bool job_is_on_engine(struct vprime_job *job)
{
	return job->fence->base.ops && !dma_fence_is_signaled(&job->fence->base);
}

/*
 * Only the oldest job of an engine can time out, and that is the one that runs: it alone gets the
 * blame, and what waits behind it goes on.
 */
static enum drm_gpu_sched_stat vprime_timedout_job(struct drm_sched_job *base)
{
	struct vprime_ring *ring = to_vprime_ring(base->sched);
	struct vprime_job *job = to_vprime_job(base);
	bool cookie = dma_fence_begin_signalling();

	drm_sched_wqueue_stop(&ring->sched);
	if (job_is_on_engine(job)) {
		drm_notice(&ring->gpu->drm, "%s: job %llu hung and is given up\n",
			   ring->engine.name, job->fence->base.seqno);
		atomic64_inc(&ring->gpu->stats.hangs);
		vprime_engine_abort(&ring->engine, &job->hw, -ETIME);
	}

	/* The scheduler took it off its list to keep it for us; it goes back to be freed. */
	spin_lock(&ring->sched.job_list_lock);
	list_add(&base->list, &ring->sched.pending_list);
	spin_unlock(&ring->sched.job_list_lock);
	drm_sched_wqueue_start(&ring->sched);
	dma_fence_end_signalling(cookie);
	return DRM_GPU_SCHED_STAT_NOMINAL;
}

static void vprime_free_job(struct drm_sched_job *base)
{
	vprime_job_destroy(to_vprime_job(base));
}

/*
 * The scheduler takes jobs in the order of their times, of which each queue shows that of its first
 * job. If that were when it was submitted, whoever queued a hundred would be served a hundred times
 * before anybody who came later. So a job's turn counts from when it becomes the first of its
 * queue, which is when the one before it, this one, leaves.
 */
static struct dma_fence *vprime_prepare_job(struct drm_sched_job *base,
					    struct drm_sched_entity *entity)
{
	struct spsc_node *node = READ_ONCE(base->queue_node.next);

	if (node)
		container_of(node, struct drm_sched_job, queue_node)->submit_ts = ktime_get();
	return NULL;
}

static const struct drm_sched_backend_ops vprime_sched_ops = {
	.prepare_job	= vprime_prepare_job,
	.run_job	= vprime_run_job,
	.timedout_job	= vprime_timedout_job,
	.free_job	= vprime_free_job,
};

/**
 * vprime_ring_init - power up an engine and give it a scheduler
 * @gpu: whose
 * @ring: to fill in
 * @name: of the engine; not copied
 *
 * Context: may sleep and allocate.
 * Return: 0, -ENOMEM, or the error with which a thread could not be made.
 */
int vprime_ring_init(struct vprime_gpu *gpu, struct vprime_ring *ring, const char *name)
{
	const struct drm_sched_init_args args = {
		.ops		= &vprime_sched_ops,
		.num_rqs	= DRM_SCHED_PRIORITY_COUNT,
		.credit_limit	= JOBS_IN_FLIGHT,
		.timeout	= msecs_to_jiffies(gpu->config.job_timeout_ms),
		.name		= name,
		.dev		= gpu->drm.dev,
	};
	int ret;

	ring->gpu = gpu;
	ring->fence_context = dma_fence_context_alloc(1);

	ret = vprime_engine_init(&ring->engine, &gpu->config, &gpu->port, name);
	if (ret)
		return ret;

	ret = drm_sched_init(&ring->sched, &args);
	if (ret)
		vprime_engine_fini(&ring->engine);
	return ret;
}

/**
 * vprime_ring_fini - the counterpart of vprime_ring_init()
 * @ring: has no jobs any more
 *
 * Context: may sleep.
 */
void vprime_ring_fini(struct vprime_ring *ring)
{
	drm_sched_fini(&ring->sched);
	vprime_engine_fini(&ring->engine);
}

/* The last reference to a GPU is not given back by its own workers, which go with it. */
static struct workqueue_struct *last_put_wq;
static atomic_t gpu_refs = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(gpu_refs_wait);

/**
 * vprime_job_last_put - give up a GPU of which only a job was left
 * @work: of the GPU
 *
 * Context: may sleep.
 */
void vprime_job_last_put(struct work_struct *work)
{
	drm_dev_put(&container_of(work, struct vprime_gpu, last_put)->drm);
}

/**
 * vprime_gpu_get - keep a GPU, and the module, for work in the background
 * @gpu: the GPU
 *
 * Context: any.
 */
void vprime_gpu_get(struct vprime_gpu *gpu)
{
	atomic_inc(&gpu_refs);
	drm_dev_get(&gpu->drm);
}

/**
 * vprime_gpu_put - the counterpart of vprime_gpu_get()
 * @gpu: the GPU, whose own workers may be the caller
 *
 * Context: any.
 */
void vprime_gpu_put(struct vprime_gpu *gpu)
{
	if (!refcount_dec_not_one(&gpu->drm.ref.refcount))
		queue_work(last_put_wq, &gpu->last_put);
	if (atomic_dec_and_test(&gpu_refs))
		wake_up_all(&gpu_refs_wait);
}

static void job_get_gpu(struct vprime_job *job, struct vprime_gpu *gpu)
{
	vprime_gpu_get(gpu);
	job->gpu = gpu;
}

/**
 * vprime_sched_init - prepare for jobs, once for all GPUs
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_sched_init(void)
{
	last_put_wq = alloc_workqueue("vprime-last-put", WQ_UNBOUND, 0);
	return last_put_wq ? 0 : -ENOMEM;
}

/**
 * vprime_sched_fini - wait until all jobs and imports are gone, and the GPUs that only they kept
 *
 * Context: may sleep.
 */
void vprime_sched_fini(void)
{
	wait_event(gpu_refs_wait, !atomic_read(&gpu_refs));
	destroy_workqueue(last_put_wq);
}

/**
 * vprime_job_create - a job without commands
 * @entity: where it is going to queue up
 * @capacity: how many commands it will get at most
 * @owner: for drm_sched's traces
 * @client_id: of the DRM client; 0 for the driver itself
 *
 * Context: may sleep and allocate.
 * Return: the job, which belongs to the caller until it is pushed, or ERR_PTR(-ENOMEM), or
 * ERR_PTR(-ENOENT) if the entity has been killed.
 */
struct vprime_job *vprime_job_create(struct drm_sched_entity *entity, unsigned int capacity,
				     void *owner, u64 client_id)
{
	struct vprime_job *job;
	int ret = -ENOMEM;

	job = kvzalloc(struct_size(job, ops, capacity), GFP_KERNEL_ACCOUNT);
	if (!job)
		return ERR_PTR(-ENOMEM);
	job->capacity = capacity;
	INIT_LIST_HEAD(&job->hw.link);

	job->fence = vprime_fence_alloc(client_id ? THIS_MODULE : NULL);
	if (!job->fence)
		goto err_free;

	ret = drm_sched_job_init(&job->base, entity, 1, owner, client_id);
	if (ret)
		goto err_put_fence;
	job_get_gpu(job, to_vprime_ring(entity->rq->sched)->gpu);
	return job;

err_put_fence:
	vprime_fence_put(job->fence);
err_free:
	kvfree(job);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_job_create);

/**
 * vprime_job_add_op - add a command to a job
 * @job: has room for it
 * @op: copied; the job takes references to its bindings
 *
 * Context: any.
 */
void vprime_job_add_op(struct vprime_job *job, const struct vprime_op *op)
{
	if (WARN_ON_ONCE(job->hw.count == job->capacity))
		return;

	if (op->dst)
		vprime_binding_get(op->dst);
	if (op->src)
		vprime_binding_get(op->src);
	job->ops[job->hw.count++] = *op;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_job_add_op);

/* What the scheduler's fences are called once they have signalled. */
static struct drm_gpu_scheduler past_sched = { .name = "vprime" };

/*
 * The scheduler's own fence asks its scheduler for a name, whenever somebody wants to know it. It
 * has signalled, or nobody has seen it: nothing else is asked of the scheduler any more. The name
 * is the module's, which the fence keeps.
 */
static void job_leave_sched(struct vprime_job *job)
{
	struct drm_sched_fence *fence = job->base.s_fence;

	if (!fence->sched)
		return;
	WRITE_ONCE(fence->sched, &past_sched);
	vprime_fence_keep(job->fence, fence);
}

/**
 * vprime_job_destroy - free a job that has ended, or that was never pushed
 * @job: the job, or NULL
 *
 * Context: may sleep.
 */
void vprime_job_destroy(struct vprime_job *job)
{
	struct vprime_gpu *gpu;
	unsigned int i;

	if (!job)
		return;

	gpu = job->gpu;
	job_leave_sched(job);
	drm_sched_job_cleanup(&job->base);
	for (i = 0; i < job->hw.count; i++) {
		vprime_binding_put(job->ops[i].dst);
		vprime_binding_put(job->ops[i].src);
	}
	if (job->usage)
		vprime_client_end_job(gpu, job->usage);
	vprime_fence_put(job->fence);
	kvfree(job);
	vprime_gpu_put(gpu);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_job_destroy);
