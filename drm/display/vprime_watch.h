/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_WATCH_H_
#define _VPRIME_WATCH_H_

#include <linux/ktime.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct vprime_composer;
struct vprime_crtc;
struct vprime_frame;

/**
 * struct vprime_watch - who looks at a screen all the time
 *
 * With a lock of its own:
 * @work: takes the CRC of a frame
 * @write_work: writes a frame for writeback
 * @release: lets go of a frame that @write_work has finished with
 *
 * @composer: how; NULL until somebody has looked. Made under the CRTC's lock, then constant
 *
 * Under the event lock of the device:
 * @crc: CRCs are wanted
 * @reads: the frame that @work looks at; NULL if it does not
 * @writes: the frame that @write_work looks at, with the reference of the screen; or NULL
 * @began: when @work began to look
 * @rest: until when it need not look again at a frame that came at once
 * @count: number of the vblank that @work or @write_work looks at
 * @told: number of the last vblank that has a CRC
 */
struct vprime_watch {
	struct work_struct work;
	struct work_struct write_work;
	struct work_struct release;
	struct vprime_composer *composer;
	bool crc;
	const struct vprime_frame *reads;
	const struct vprime_frame *writes;
	ktime_t began;
	ktime_t rest;
	u32 count;
	u32 told;
};

int vprime_watch_init(struct vprime_crtc *vcrtc);
int vprime_watch_prepare(struct vprime_crtc *vcrtc);
int vprime_watch_set_crc(struct vprime_crtc *vcrtc, bool crc);
bool vprime_watch_holds(const struct vprime_crtc *vcrtc, ktime_t now);
void vprime_watch_switch(struct vprime_crtc *vcrtc, u32 count);
void vprime_watch_look(struct vprime_crtc *vcrtc, u32 count);
bool vprime_watch_retire(struct vprime_crtc *vcrtc, struct vprime_frame *frame);
bool vprime_watch_is_writing(struct vprime_crtc *vcrtc);

#endif
