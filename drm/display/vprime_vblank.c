// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_vblank.h"

#include <kunit/visibility.h>

#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/sched.h>

/**
 * DOC: The clock of a screen
 *
 * Vblanks are a grid in time: when the last one was, and how many there have been, follows from
 * what time it is. The timer only tells of them, and only while somebody wants to know. So counter
 * and timestamps are right when the timer is late, and when it is off; and a timer that cannot keep
 * up, in a slow emulated machine, skips vblanks. It leaves the CPU alone for as long as it has kept
 * it busy, whatever the mode asks for.
 *
 * A variable refresh rate stretches the time between two vblanks until a frame comes.
 */

static ktime_t vblank_interval(const struct vprime_vblank *vblank)
{
	return vblank->variable ? vblank->longest : vblank->period;
}

/* A frame that has come late is what a variable refresh was waiting for. */
static bool vblank_is_early(const struct vprime_vblank *vblank, ktime_t now)
{
	ktime_t since = ktime_sub(now, vblank->last);

	return vblank->variable && vblank->flip_waits && since >= vblank->period &&
	       since < vblank->longest;
}

/* How many vblanks have passed that are not in the counter yet. */
static u32 vblank_passed(const struct vprime_vblank *vblank, ktime_t now)
{
	ktime_t since = ktime_sub(now, vblank->last);

	return since > 0 ? ktime_divns(since, vblank_interval(vblank)) : 0;
}

static void vblank_catch_up(struct vprime_vblank *vblank, ktime_t now)
{
	u32 passed = vblank_passed(vblank, now);

	lockdep_assert_held(&vblank->lock);

	if (vblank_is_early(vblank, now)) {
		vblank->last = now;
		vblank->count++;
		return;
	}
	vblank->last = ktime_add_ns(vblank->last, passed * vblank_interval(vblank));
	vblank->count += passed;
}

/* The first vblank not before a time. */
static ktime_t vblank_next(const struct vprime_vblank *vblank, ktime_t from)
{
	ktime_t interval = vblank_interval(vblank);
	ktime_t first;

	if (vblank->variable && vblank->flip_waits)
		return max(from, ktime_add(vblank->last, vblank->period));
	first = ktime_add(vblank->last, interval);
	if (first >= from)
		return first;
	return ktime_add_ns(first, DIV64_U64_ROUND_UP(from - first, interval) * interval);
}

static void vblank_start(struct vprime_vblank *vblank, ktime_t from)
{
	lockdep_assert_held(&vblank->lock);

	if (vblank->enabled)
		hrtimer_start(&vblank->timer, vblank_next(vblank, from), HRTIMER_MODE_ABS);
}

static enum hrtimer_restart vblank_fire(struct hrtimer *timer)
{
	struct vprime_vblank *vblank = container_of(timer, struct vprime_vblank, timer);
	ktime_t began = ktime_get();
	unsigned long flags;
	ktime_t now;

	spin_lock_irqsave(&vblank->lock, flags);
	vblank_catch_up(vblank, began);
	spin_unlock_irqrestore(&vblank->lock, flags);

	vblank->edge(vblank);

	spin_lock_irqsave(&vblank->lock, flags);
	now = ktime_get();
	vblank_start(vblank, ktime_add(now, ktime_sub(now, began)));
	spin_unlock_irqrestore(&vblank->lock, flags);
	return HRTIMER_NORESTART;
}

/**
 * vprime_vblank_init - make a clock that stands still
 * @vblank: to be filled in
 * @edge: called at each vblank
 */
void vprime_vblank_init(struct vprime_vblank *vblank, void (*edge)(struct vprime_vblank *vblank))
{
	spin_lock_init(&vblank->lock);
	hrtimer_init(&vblank->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	vblank->timer.function = vblank_fire;
	vblank->edge = edge;
	vblank->period = NSEC_PER_SEC;
	vblank->longest = NSEC_PER_SEC;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_init);

/**
 * vprime_vblank_set_period - a mode begins, with a vblank now
 * @vblank: the clock, not enabled
 * @period: from a vblank to the next
 * @longest: the same, when a variable refresh waits for a frame; not below @period
 */
void vprime_vblank_set_period(struct vprime_vblank *vblank, ktime_t period, ktime_t longest)
{
	ktime_t now = ktime_get();
	unsigned long flags;

	spin_lock_irqsave(&vblank->lock, flags);
	WARN_ON_ONCE(vblank->enabled);
	vblank_catch_up(vblank, now);
	vblank->period = period;
	vblank->longest = longest;
	vblank->last = now;
	vblank->count++;
	spin_unlock_irqrestore(&vblank->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_set_period);

/**
 * vprime_vblank_set_variable - wait for frames from now on, or not any more
 * @vblank: the clock
 * @variable: whether
 */
void vprime_vblank_set_variable(struct vprime_vblank *vblank, bool variable)
{
	ktime_t now = ktime_get();
	unsigned long flags;

	spin_lock_irqsave(&vblank->lock, flags);
	if (vblank->variable != variable) {
		vblank_catch_up(vblank, now);
		vblank->variable = variable;
		vblank_start(vblank, now);
	}
	spin_unlock_irqrestore(&vblank->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_set_variable);

/**
 * vprime_vblank_set_flip - a frame is there, or has been taken
 * @vblank: the clock; with a variable refresh rate the vblank comes at once, if it is not too soon
 * @waits: a frame waits
 */
void vprime_vblank_set_flip(struct vprime_vblank *vblank, bool waits)
{
	unsigned long flags;

	spin_lock_irqsave(&vblank->lock, flags);
	vblank->flip_waits = waits;
	if (waits && vblank->variable)
		vblank_start(vblank, ktime_get());
	spin_unlock_irqrestore(&vblank->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_set_flip);

/**
 * vprime_vblank_enable - tell of vblanks from now on
 * @vblank: the clock
 */
void vprime_vblank_enable(struct vprime_vblank *vblank)
{
	ktime_t now = ktime_get();
	unsigned long flags;

	spin_lock_irqsave(&vblank->lock, flags);
	vblank_catch_up(vblank, now);
	vblank->enabled = true;
	vblank_start(vblank, now);
	spin_unlock_irqrestore(&vblank->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_enable);

/**
 * vprime_vblank_disable - tell of no more vblanks
 * @vblank: the clock; one more may be under way on another CPU
 */
void vprime_vblank_disable(struct vprime_vblank *vblank)
{
	unsigned long flags;

	spin_lock_irqsave(&vblank->lock, flags);
	vblank->enabled = false;
	/* DRM holds locks here that the timer takes, so this does not wait for it. */
	hrtimer_try_to_cancel(&vblank->timer);
	spin_unlock_irqrestore(&vblank->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_disable);

/**
 * vprime_vblank_wait - sleep until the next vblank
 * @vblank: the clock; it need not be enabled
 *
 * Context: may sleep.
 */
void vprime_vblank_wait(struct vprime_vblank *vblank)
{
	ktime_t now = ktime_get();
	unsigned long flags;
	ktime_t next;

	spin_lock_irqsave(&vblank->lock, flags);
	next = vblank_next(vblank, now + 1);
	spin_unlock_irqrestore(&vblank->lock, flags);

	do
		set_current_state(TASK_UNINTERRUPTIBLE);
	while (schedule_hrtimeout(&next, HRTIMER_MODE_ABS));
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_wait);

/**
 * vprime_vblank_stop - wait until nobody is told of a vblank any more
 * @vblank: the clock, which has been disabled
 *
 * Context: no lock is held that the callback takes.
 */
void vprime_vblank_stop(struct vprime_vblank *vblank)
{
	hrtimer_cancel(&vblank->timer);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_stop);

/**
 * vprime_vblank_count - the counter
 * @vblank: the clock
 *
 * Return: vblanks so far. Never goes back, and wraps.
 */
u32 vprime_vblank_count(struct vprime_vblank *vblank)
{
	ktime_t now = ktime_get();
	unsigned long flags;
	u32 count;

	spin_lock_irqsave(&vblank->lock, flags);
	count = vblank->count + vblank_passed(vblank, now);
	spin_unlock_irqrestore(&vblank->lock, flags);
	return count;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_count);

/**
 * vprime_vblank_time - when the last vblank was
 * @vblank: the clock
 *
 * Return: that time, of CLOCK_MONOTONIC, to the nanosecond.
 */
ktime_t vprime_vblank_time(struct vprime_vblank *vblank)
{
	ktime_t now = ktime_get();
	unsigned long flags;
	ktime_t time;

	spin_lock_irqsave(&vblank->lock, flags);
	time = ktime_add_ns(vblank->last,
			    vblank_passed(vblank, now) * vblank_interval(vblank));
	spin_unlock_irqrestore(&vblank->lock, flags);
	return time;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vblank_time);
