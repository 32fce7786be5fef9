// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cleanup.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <drm/drm_drv.h>
#include <drm/drm_print.h>

#include "vprime_console.h"
#include "vprime_fbdev.h"
#include "vprime_gpu.h"

/**
 * DOC: Whose memory a console is in
 *
 * Knows all consoles, and all GPUs whose memory they can be in. A console names its peer, and is
 * connected to it here when it comes up; from then on it holds a reference of the peer's DRM
 * device, but never keeps it from going. A GPU that goes away, or to sleep, finds the consoles in
 * its memory here: they are told, and waited for, before anything is taken from them.
 *
 * The lock is a leaf: nothing is waited for, and no other lock taken, while it is held. So the
 * walk through the consoles lets go of it for each, and holds a reference instead.
 */

static DEFINE_MUTEX(peers_lock); /* protects both lists and what vprime_console.h says */
static LIST_HEAD(peers);
static LIST_HEAD(consoles);

static void console_release(struct kref *refs)
{
	struct vprime_console *console = container_of(refs, struct vprime_console, refs);

	destroy_workqueue(console->wq);
	drm_dev_put(&console->gpu->drm);
	kfree(console);
}

/**
 * vprime_console_get - take a reference of a console
 * @console: which
 *
 * Context: any.
 */
void vprime_console_get(struct vprime_console *console)
{
	kref_get(&console->refs);
}

/**
 * vprime_console_put - give back a reference of a console
 * @console: which
 *
 * Context: may sleep.
 */
void vprime_console_put(struct vprime_console *console)
{
	kref_put(&console->refs, console_release);
}

static struct vprime_gpu *find_peer(const char *name)
{
	struct vprime_gpu *gpu;

	lockdep_assert_held(&peers_lock);

	list_for_each_entry(gpu, &peers, fbdev.link) {
		if (!strcmp(gpu->config.name, name))
			return gpu;
	}
	return NULL;
}

/**
 * vprime_console_move_in - connect a console to the GPU whose memory it shall be in
 * @console: one that has been added
 * @name: of that GPU
 *
 * Context: may sleep.
 * Return: 0; -ENODEV if there is no such GPU; -EBUSY if it is suspended.
 */
int vprime_console_move_in(struct vprime_console *console, const char *name)
{
	struct vprime_gpu *peer;

	guard(mutex)(&peers_lock);
	peer = find_peer(name);
	if (!peer)
		return -ENODEV;
	if (peer->fbdev.asleep)
		return -EBUSY;
	drm_dev_get(&peer->drm);
	console->peer = peer;
	return 0;
}

/**
 * vprime_console_move_home - the counterpart of vprime_console_move_in()
 * @console: need not have moved in anywhere
 *
 * Context: may sleep.
 */
void vprime_console_move_home(struct vprime_console *console)
{
	struct vprime_gpu *peer;

	scoped_guard(mutex, &peers_lock) {
		peer = console->peer;
		console->peer = NULL;
	}
	if (peer)
		drm_dev_put(&peer->drm);
}

/**
 * vprime_console_add - from here on GPUs that go away or to sleep find a console
 * @console: whose flush is disabled or complete
 *
 * Context: may sleep.
 */
void vprime_console_add(struct vprime_console *console)
{
	guard(mutex)(&peers_lock);
	list_add_tail(&console->link, &consoles);
}

/**
 * vprime_console_remove - the counterpart of vprime_console_add()
 * @console: who has found it before may still hold a reference
 *
 * Context: may sleep.
 */
void vprime_console_remove(struct vprime_console *console)
{
	scoped_guard(mutex, &peers_lock)
		list_del_init(&console->link);
	vprime_console_move_home(console);
}

/**
 * vprime_console_is_asleep - has a console to wait until a GPU is resumed?
 * @console: which
 *
 * Context: may sleep.
 * Return: true if its own is suspended, or the one whose memory it is in.
 */
bool vprime_console_is_asleep(struct vprime_console *console)
{
	guard(mutex)(&peers_lock);
	return console->gpu->fbdev.asleep || (console->peer && console->peer->fbdev.asleep);
}

static bool console_needs(const struct vprime_console *console, const struct vprime_gpu *gpu)
{
	return console->gpu == gpu || console->peer == gpu;
}

/* Whether @before still is where it was, or has left the list meanwhile. */
static struct list_head *walk_from(struct vprime_console *before)
{
	return before && !list_empty(&before->link) ? &before->link : &consoles;
}

/*
 * The next console that needs a GPU, with a reference; gives back that of the one before. If that
 * has gone meanwhile, the walk starts anew: what is done to a console can be done twice.
 */
static struct vprime_console *console_next(struct vprime_console *before,
					   const struct vprime_gpu *gpu)
{
	struct vprime_console *console = NULL, *found = NULL;
	struct list_head *at;

	scoped_guard(mutex, &peers_lock) {
		for (at = walk_from(before)->next; at != &consoles; at = at->next) {
			console = list_entry(at, struct vprime_console, link);
			if (!console_needs(console, gpu))
				continue;
			vprime_console_get(console);
			found = console;
			break;
		}
	}
	if (before)
		vprime_console_put(before);
	return found;
}

static bool console_is_lodger(struct vprime_console *console, const struct vprime_gpu *gpu)
{
	guard(mutex)(&peers_lock);
	return console->peer == gpu;
}

static void evict(struct vprime_console *console, const struct vprime_gpu *gpu)
{
	drm_warn(&console->gpu->drm, "console: GPU \"%s\", whose memory it is in, goes away\n",
		 gpu->config.name);
	WRITE_ONCE(console->lost, true);
	vprime_console_settle(console);
}

/**
 * vprime_fbdev_init - prepare for consoles
 * @gpu: on which, and in whose memory
 *
 * Context: any.
 */
void vprime_fbdev_init(struct vprime_gpu *gpu)
{
	INIT_LIST_HEAD(&gpu->fbdev.link);
}

/**
 * vprime_fbdev_add_peer - from here on consoles of other GPUs may be in the memory of this one
 * @gpu: this one
 *
 * Context: may sleep.
 */
void vprime_fbdev_add_peer(struct vprime_gpu *gpu)
{
	guard(mutex)(&peers_lock);
	list_add_tail(&gpu->fbdev.link, &peers);
}

/**
 * vprime_fbdev_fini - no console may be in the memory of a GPU any more
 * @gpu: the GPU, which still works; vprime_fbdev_setup() need not have been called
 *
 * Consoles of other GPUs that are, go on in memory of their own. The GPU's own console goes with
 * its DRM device.
 *
 * Context: may sleep. No lock is held that a console takes when it is flushed.
 */
void vprime_fbdev_fini(struct vprime_gpu *gpu)
{
	struct vprime_console *console = NULL;

	scoped_guard(mutex, &peers_lock) {
		list_del_init(&gpu->fbdev.link);
		gpu->fbdev.asleep = false;
	}
	while ((console = console_next(console, gpu))) {
		if (console_is_lodger(console, gpu))
			evict(console, gpu);
	}
}

static void set_asleep(struct vprime_gpu *gpu, bool asleep)
{
	guard(mutex)(&peers_lock);
	gpu->fbdev.asleep = asleep;
}

/**
 * vprime_fbdev_suspend - nothing may be written to a GPU's memory any more
 * @gpu: which
 *
 * Its console, and those of others that are in its memory, go on to be drawn, but not to be seen.
 *
 * Context: may sleep. No lock is held that a console takes when it is flushed.
 */
void vprime_fbdev_suspend(struct vprime_gpu *gpu)
{
	struct vprime_console *console = NULL;

	set_asleep(gpu, true);
	/* Frozen work that is pending would not end, so it is not waited for, but taken back. */
	while ((console = console_next(console, gpu)))
		cancel_delayed_work_sync(&console->flush);
}

/**
 * vprime_fbdev_resume - the counterpart of vprime_fbdev_suspend()
 * @gpu: which
 *
 * Context: may sleep.
 */
void vprime_fbdev_resume(struct vprime_gpu *gpu)
{
	struct vprime_console *console = NULL;

	set_asleep(gpu, false);
	while ((console = console_next(console, gpu)))
		vprime_console_kick(console);
}
