// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_submit.h"

#include <linux/capability.h>
#include <linux/dma-fence-chain.h>
#include <linux/jiffies.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_drv.h>
#include <drm/drm_exec.h>
#include <drm/drm_file.h>
#include <drm/drm_syncobj.h>

#include "vprime_bo.h"
#include "vprime_client.h"
#include "vprime_command.h"
#include "vprime_gpu.h"

/* For which a submission tries again to get room in VRAM. */
#define ROOM_PATIENCE (HZ / 5)

/**
 * DOC: What programs let the GPU do
 *
 * One job of one submission. What can fail comes first: all is copied from user space, looked up,
 * locked, brought to where the engine reaches it, and only then the job is armed, after which
 * nothing fails any more. Commands are checked in vprime_command.c.
 */

/**
 * struct out_sync - a syncobj that is going to signal
 * @syncobj: it
 * @chain: memory for the point on its timeline; NULL for a binary one
 * @point: on its timeline
 */
struct out_sync {
	struct drm_syncobj *syncobj;
	struct dma_fence_chain *chain;
	u64 point;
};

/**
 * struct submission - a job while it is being made
 * @gpu: for it
 * @file: who asked
 * @args: for what
 * @commands: what user space wrote, checked
 * @exec: holds the locks of all buffers
 * @job: what becomes of it
 * @outs: syncobjs that are going to signal
 * @out_count: of @outs that are filled in
 */
struct submission {
	struct vprime_gpu *gpu;
	struct drm_file *file;
	const struct drm_vprime_submit *args;
	struct vprime_commands commands;
	struct drm_exec exec;
	struct vprime_job *job;
	struct out_sync *outs;
	u32 out_count;
};

static int check_args(const struct drm_vprime_submit *args)
{
	if (args->pad || args->flags & ~VPRIME_SUBMIT_EXPLICIT_SYNC ||
	    args->priority >= VPRIME_PRIORITIES)
		return -EINVAL;
	if (args->command_count > VPRIME_MAX_COMMANDS || args->in_sync_count > VPRIME_MAX_SYNCS ||
	    args->out_sync_count > VPRIME_MAX_SYNCS)
		return -EINVAL;
	if (args->priority == VPRIME_PRIORITY_HIGH && !capable(CAP_SYS_NICE))
		return -EACCES;
	return 0;
}

static int lock_bos(struct submission *sub)
{
	u32 i;
	int ret = 0;

	for (i = 0; i < sub->commands.bo_count && !ret; i++)
		ret = drm_exec_lock_obj(&sub->exec, &sub->commands.bos[i].bo->tbo.base);
	return ret;
}

/* What is locked here is not evicted for one another. */
static int bind_bos(struct submission *sub)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	u32 i;
	int ret;

	for (i = 0; i < sub->commands.bo_count; i++) {
		struct vprime_command_bo *use = &sub->commands.bos[i];

		ret = vprime_bo_bind(use->bo, &ctx, &use->binding);
		if (ret)
			return ret;
	}
	return 0;
}

/* TTM takes the locks of what it evicts with the same ticket, so all are taken only after that. */
static int lock_and_bind(struct submission *sub)
{
	int ret;

	drm_exec_until_all_locked(&sub->exec) {
		ret = lock_bos(sub);
		drm_exec_retry_on_contention(&sub->exec);
		if (!ret)
			ret = bind_bos(sub);
		if (ret)
			return ret == -EINTR ? -ERESTARTSYS : ret;
	}
	return 0;
}

/*
 * After the last move, which takes places itself. Two objects may share a dma-resv, one of them
 * read and the other written: that makes two places for one fence.
 */
static int reserve_fences(struct submission *sub)
{
	u32 i;
	int ret = 0;

	for (i = 0; i < sub->commands.bo_count && !ret; i++)
		ret = dma_resv_reserve_fences(sub->commands.bos[i].bo->tbo.base.resv, 2);
	return ret;
}

static bool is_implicit(const struct submission *sub)
{
	return !(sub->args->flags & VPRIME_SUBMIT_EXPLICIT_SYNC);
}

/* Fences of KERNEL usage say where a buffer's content is: they are waited for in any case. */
static enum dma_resv_usage wait_usage(const struct submission *sub,
				      const struct vprime_command_bo *use)
{
	return is_implicit(sub) ? dma_resv_usage_rw(use->written) : DMA_RESV_USAGE_KERNEL;
}

static int add_bo_dependencies(struct submission *sub)
{
	struct drm_sched_job *job = &sub->job->base;
	u32 i;
	int ret;

	for (i = 0; i < sub->commands.bo_count; i++) {
		const struct vprime_command_bo *use = &sub->commands.bos[i];
		struct dma_resv *resv = use->bo->tbo.base.resv;

		ret = drm_sched_job_add_resv_dependencies(job, resv, wait_usage(sub, use));
		if (ret)
			return ret;
	}
	return 0;
}

static int get_sync(u64 array, u32 i, struct drm_vprime_sync *sync)
{
	const struct drm_vprime_sync __user *from = u64_to_user_ptr(array);

	if (copy_from_user(sync, &from[i], sizeof(*sync)))
		return -EFAULT;
	return sync->flags ? -EINVAL : 0;
}

static int add_in_syncs(struct submission *sub)
{
	struct drm_vprime_sync sync;
	u32 i;
	int ret;

	for (i = 0; i < sub->args->in_sync_count; i++) {
		ret = get_sync(sub->args->in_syncs, i, &sync);
		if (ret)
			return ret;
		ret = drm_sched_job_add_syncobj_dependency(&sub->job->base, sub->file, sync.handle,
							   sync.point);
		if (ret)
			return ret;
	}
	return 0;
}

static int get_out_sync(struct submission *sub, const struct drm_vprime_sync *sync)
{
	struct out_sync *out = &sub->outs[sub->out_count];

	out->syncobj = drm_syncobj_find(sub->file, sync->handle);
	if (!out->syncobj)
		return -ENOENT;
	sub->out_count++;

	out->point = sync->point;
	if (!sync->point)
		return 0;
	out->chain = dma_fence_chain_alloc();
	return out->chain ? 0 : -ENOMEM;
}

static int get_out_syncs(struct submission *sub)
{
	struct drm_vprime_sync sync;
	u32 i;
	int ret;

	sub->outs = kvcalloc(sub->args->out_sync_count, sizeof(*sub->outs),
			     GFP_KERNEL_ACCOUNT);
	if (!sub->outs)
		return -ENOMEM;

	for (i = 0; i < sub->args->out_sync_count; i++) {
		ret = get_sync(sub->args->out_syncs, i, &sync);
		if (!ret)
			ret = get_out_sync(sub, &sync);
		if (ret)
			return ret;
	}
	return 0;
}

static void put_out_syncs(struct submission *sub)
{
	u32 i;

	for (i = 0; i < sub->out_count; i++) {
		dma_fence_chain_free(sub->outs[i].chain);
		drm_syncobj_put(sub->outs[i].syncobj);
	}
	kvfree(sub->outs);
}

static void signal_out_syncs(struct submission *sub, struct dma_fence *fence)
{
	u32 i;

	for (i = 0; i < sub->out_count; i++) {
		struct out_sync *out = &sub->outs[i];

		if (out->chain)
			drm_syncobj_add_point(out->syncobj, out->chain, fence, out->point);
		else
			drm_syncobj_replace_fence(out->syncobj, fence);
		out->chain = NULL;
	}
}

static enum dma_resv_usage fence_usage(const struct submission *sub,
				       const struct vprime_command_bo *use)
{
	if (!is_implicit(sub))
		return DMA_RESV_USAGE_BOOKKEEP;
	return use->written ? DMA_RESV_USAGE_WRITE : DMA_RESV_USAGE_READ;
}

/* Nothing in here fails. */
static void push_job(struct submission *sub, struct vprime_client *client)
{
	struct dma_fence *fence;
	u32 i;

	vprime_commands_emit(&sub->commands, sub->job);
	sub->job->usage = client->usage;

	mutex_lock(&client->lock);
	drm_sched_job_arm(&sub->job->base);
	fence = dma_fence_get(&sub->job->base.s_fence->finished);
	for (i = 0; i < sub->commands.bo_count; i++) {
		const struct vprime_command_bo *use = &sub->commands.bos[i];

		dma_resv_add_fence(use->bo->tbo.base.resv, fence, fence_usage(sub, use));
	}
	signal_out_syncs(sub, fence);
	drm_sched_entity_push_job(&sub->job->base);
	mutex_unlock(&client->lock);
	sub->job = NULL;
	dma_fence_put(fence);
}

/*
 * An unplug waits for all who are in here, also those of other GPUs. So the rest of a submission,
 * which waits for user space, locks and memory, is outside.
 */
static int push_unless_unplugged(struct submission *sub, struct vprime_client *client)
{
	int idx;

	if (!drm_dev_enter(&sub->gpu->drm, &idx))
		return -ENODEV;
	push_job(sub, client);
	drm_dev_exit(idx);
	return 0;
}

static int lock_and_push(struct submission *sub, struct vprime_client *client)
{
	int ret;

	/* Buffers may share a dma-resv, as imports do. */
	drm_exec_init(&sub->exec, DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES,
		      sub->commands.bo_count);
	ret = lock_and_bind(sub);
	if (!ret)
		ret = reserve_fences(sub);
	if (!ret)
		ret = add_bo_dependencies(sub);
	if (!ret)
		ret = push_unless_unplugged(sub, client);
	drm_exec_fini(&sub->exec);
	return ret;
}

/* Of whatever kind: TTM has more than one name for that. */
static bool lacks_room(int ret)
{
	return ret == -ENOSPC || ret == -ENOMEM;
}

/*
 * VRAM may only seem full: what is locked by somebody who came first, TTM does not wait for if that
 * could be a deadlock, and says that there is no room. Nothing tells whether it was that. So all
 * locks are given up, which lets the other one go on, and taken again.
 */
static int push_when_there_is_room(struct submission *sub, struct vprime_client *client)
{
	unsigned long deadline = jiffies + ROOM_PATIENCE;
	int ret = lock_and_push(sub, client);

	while (lacks_room(ret) && time_before(jiffies, deadline) && !signal_pending(current)) {
		schedule_timeout_interruptible(1);
		ret = lock_and_push(sub, client);
	}
	return ret;
}

static int make_job(struct submission *sub, struct vprime_client *client)
{
	const struct drm_vprime_submit *args = sub->args;
	int ret;

	ret = vprime_commands_get(&sub->commands, sub->file, args);
	if (ret)
		return ret;

	sub->job = vprime_job_create(&client->entities[args->priority], args->command_count, client,
				     sub->file->client_id);
	if (IS_ERR(sub->job)) {
		ret = PTR_ERR(sub->job);
		goto put_commands;
	}
	ret = add_in_syncs(sub);
	if (ret)
		goto destroy_job;
	ret = get_out_syncs(sub);
	if (!ret)
		ret = push_when_there_is_room(sub, client);
	put_out_syncs(sub);

destroy_job:
	vprime_job_destroy(sub->job);
put_commands:
	vprime_commands_put(&sub->commands);
	return ret;
}

/**
 * vprime_submit - run commands of a program
 * @gpu: on it
 * @file: who asks
 * @args: for what; see &struct drm_vprime_submit
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: 0 when the job is on its way; -EINVAL, -EFAULT, -ENOENT, -EACCES as documented there;
 * -ENODEV if the GPU is gone; -ECANCELED if the client is banned; -ENOMEM; -ENOSPC if not all
 * buffers can be reachable at a time; an exporter's error; -ERESTARTSYS. On failure nothing has
 * happened.
 */
int vprime_submit(struct vprime_gpu *gpu, struct drm_file *file,
		  const struct drm_vprime_submit *args)
{
	struct submission sub = { .gpu = gpu, .file = file, .args = args };
	struct vprime_client *client = file->driver_priv;
	int ret;

	ret = check_args(args);
	if (ret)
		return ret;
	ret = vprime_client_begin_job(client);
	if (ret)
		return ret;
	ret = make_job(&sub, client);
	/* Else it ends with the job. */
	if (ret)
		vprime_client_end_job(gpu, client->usage);
	return ret;
}
