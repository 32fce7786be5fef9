/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_VBLANK_H_
#define _VPRIME_VBLANK_H_

#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct vprime_vblank - the clock of a screen
 *
 * Constant:
 * @edge: is called at each vblank while it is enabled, in interrupt context
 *
 * With locks of its own:
 * @timer: fires at vblanks
 *
 * @lock: protects what follows. Innermost
 * @period: from one vblank to the next
 * @longest: the same, when a variable refresh waits for a frame
 * @last: when the last vblank was that @count counts
 * @count: of vblanks, as a hardware counter
 * @enabled: somebody wants to be told
 * @variable: the refresh rate is
 * @flip_waits: for the next vblank, which may come early then
 */
struct vprime_vblank {
	void (*edge)(struct vprime_vblank *vblank);

	struct hrtimer timer;

	spinlock_t lock; /* protects the rest */
	ktime_t period;
	ktime_t longest;
	ktime_t last;
	u32 count;
	bool enabled;
	bool variable;
	bool flip_waits;
};

void vprime_vblank_init(struct vprime_vblank *vblank, void (*edge)(struct vprime_vblank *vblank));
void vprime_vblank_set_period(struct vprime_vblank *vblank, ktime_t period, ktime_t longest);
void vprime_vblank_set_variable(struct vprime_vblank *vblank, bool variable);
void vprime_vblank_set_flip(struct vprime_vblank *vblank, bool waits);
void vprime_vblank_enable(struct vprime_vblank *vblank);
void vprime_vblank_disable(struct vprime_vblank *vblank);
void vprime_vblank_wait(struct vprime_vblank *vblank);
void vprime_vblank_stop(struct vprime_vblank *vblank);
u32 vprime_vblank_count(struct vprime_vblank *vblank);
ktime_t vprime_vblank_time(struct vprime_vblank *vblank);

#endif
