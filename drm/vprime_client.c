// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_client.h"

#include <kunit/visibility.h>

#include <linux/slab.h>
#include <linux/wait.h>

#include <drm/drm_drv.h>
#include <drm/vprime_drm.h>

#include "vprime_gpu.h"

/**
 * DOC: Clients
 *
 * An open file, and its share of the render engine. Each client has queues of its own, between
 * which drm_sched chooses in the order in which their first jobs got there (vprime_sched.c), so
 * that a client with many jobs does not hold up one with few.
 *
 * A client has a limited number of jobs: who submits one more waits until one has ended. All memory
 * of its jobs is charged to the memory cgroup of who submits them. A client whose jobs time out
 * again and again is banned: what it has queued is cancelled, and it can submit nothing more.
 */

static const enum drm_sched_priority sched_priority[VPRIME_PRIORITIES] = {
	[VPRIME_PRIORITY_NORMAL]	= DRM_SCHED_PRIORITY_NORMAL,
	[VPRIME_PRIORITY_LOW]		= DRM_SCHED_PRIORITY_LOW,
	[VPRIME_PRIORITY_HIGH]		= DRM_SCHED_PRIORITY_HIGH,
};

static struct vprime_client_usage *usage_create(void)
{
	struct vprime_client_usage *usage = kzalloc(sizeof(*usage), GFP_KERNEL_ACCOUNT);

	if (usage)
		kref_init(&usage->kref);
	return usage;
}

static void usage_release(struct kref *kref)
{
	kfree(container_of(kref, struct vprime_client_usage, kref));
}

static void usage_put(struct vprime_client_usage *usage)
{
	kref_put(&usage->kref, usage_release);
}

/**
 * vprime_client_create - let an open file submit jobs
 * @gpu: to it
 *
 * Context: may sleep and allocate.
 * Return: to be given back with vprime_client_destroy(), or ERR_PTR(-ENOMEM).
 */
struct vprime_client *vprime_client_create(struct vprime_gpu *gpu)
{
	struct drm_gpu_scheduler *sched = &gpu->render.sched;
	struct vprime_client *client;
	int i;

	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client)
		return ERR_PTR(-ENOMEM);

	client->gpu = gpu;
	client->usage = usage_create();
	if (!client->usage) {
		kfree(client);
		return ERR_PTR(-ENOMEM);
	}
	mutex_init(&client->lock);
	/* Fails only for arguments that make no sense. */
	for (i = 0; i < VPRIME_PRIORITIES; i++)
		WARN_ON_ONCE(drm_sched_entity_init(&client->entities[i], sched_priority[i], &sched,
						   1, &client->usage->guilty));
	return client;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_client_create);

/**
 * vprime_client_destroy - the counterpart of vprime_client_create()
 * @client: nobody submits any more; its jobs run on, unless it was killed
 *
 * Context: may sleep.
 */
void vprime_client_destroy(struct vprime_client *client)
{
	int i;

	for (i = 0; i < VPRIME_PRIORITIES; i++)
		drm_sched_entity_destroy(&client->entities[i]);
	mutex_destroy(&client->lock);
	usage_put(client->usage);
	kfree(client);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_client_destroy);

static bool is_banned(struct vprime_client *client)
{
	return atomic_read(&client->usage->guilty);
}

static bool is_refused(struct vprime_client *client)
{
	return is_banned(client) || drm_dev_is_unplugged(&client->gpu->drm);
}

static bool take_job(struct vprime_client_usage *usage)
{
	return atomic_add_unless(&usage->jobs, 1, VPRIME_MAX_JOBS);
}

/**
 * vprime_client_begin_job - wait until a client may have one more job
 * @client: the client
 *
 * Context: may sleep. No lock that one of its jobs may wait for is held.
 * Return: 0, and vprime_client_end_job() is due; -ECANCELED if the client is banned; -ENODEV if the
 * GPU is gone; -ERESTARTSYS.
 */
int vprime_client_begin_job(struct vprime_client *client)
{
	bool taken = false;
	int ret;

	ret = wait_event_interruptible(client->gpu->jobs_wait,
				       is_refused(client) || (taken = take_job(client->usage)));
	if (ret)
		return ret;
	if (!taken)
		return is_banned(client) ? -ECANCELED : -ENODEV;
	kref_get(&client->usage->kref);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_client_begin_job);

/**
 * vprime_client_end_job - a job of a client is gone, or was never made
 * @gpu: the GPU of the client, which may itself be gone
 * @usage: of the client
 *
 * Context: any.
 */
void vprime_client_end_job(struct vprime_gpu *gpu, struct vprime_client_usage *usage)
{
	atomic_dec(&usage->jobs);
	usage_put(usage);
	wake_up_all(&gpu->jobs_wait);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_client_end_job);

/**
 * vprime_client_job_done - the engine is done with a job of a client
 * @usage: of the client
 * @error: of the job, or 0
 * @busy_ns: that the engine spent on it
 *
 * Context: does not sleep: fences wait for it.
 */
void vprime_client_job_done(struct vprime_client_usage *usage, int error, u64 busy_ns)
{
	atomic64_add(busy_ns, &usage->busy_ns);
	if (error != -ETIME)
		atomic_set(&usage->hangs, 0);
	else if (atomic_inc_return(&usage->hangs) >= VPRIME_MAX_HANGS)
		atomic_set(&usage->guilty, 1);
}
