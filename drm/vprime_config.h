/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a vprime GPU is made like. Data only: it is filled in, checked, and copied into the device,
 * which never changes it.
 */
#ifndef _VPRIME_CONFIG_H_
#define _VPRIME_CONFIG_H_

#include <linux/sizes.h>
#include <linux/types.h>

#include "vprime_topology.h"

#define VPRIME_NAME_LEN 32
#define VPRIME_VRAM_MIN SZ_1M
#define VPRIME_VRAM_MAX SZ_64G
#define VPRIME_HEADS_MAX VPRIME_CRTCS_MAX
#define VPRIME_DMA_BITS_MIN 32
#define VPRIME_DMA_BITS_MAX 64

/**
 * enum vprime_clock - what makes an engine go on
 * @VPRIME_CLOCK_TIMED: time, at the speed and with the latency of the configuration
 * @VPRIME_CLOCK_MANUAL: a test, one job at a time (vprime_engine_advance())
 */
enum vprime_clock {
	VPRIME_CLOCK_TIMED,
	VPRIME_CLOCK_MANUAL,
};

/**
 * struct vprime_config - one GPU
 * @name: of its configfs folder; what people call it
 * @vram_size: bytes of video memory, whole pages
 * @pin_limit: bytes of VRAM that may be pinned at a time
 * @heads: screens that are all alike; 0 for none, or for those of @topology
 * @topology: the objects of the display; empty for those of @heads
 * @cursor_hotspot: its cursors have a hot-spot, as those have that a hypervisor draws
 * @render_node: it has a render node
 * @fbdev_peer: name of the GPU that the console's framebuffer is a buffer of; empty for this one
 * @p2p: its VRAM can be reached by peers, and it reaches theirs
 * @dma_bits: width of the bus addresses that it can send, 32 to 64
 * @engine_speed: bytes that an engine copies in a second; 0 for as fast as memory is
 * @engine_latency_us: from the start of a job to its first byte
 * @job_timeout_ms: after which a job is given up
 * @poison: VRAM that a buffer has left is poisoned, and checked before it is used again
 * @clock: of the engines
 */
struct vprime_config {
	char name[VPRIME_NAME_LEN];
	u64 vram_size;
	u64 pin_limit;
	u32 heads;
	struct vprime_topology topology;
	bool cursor_hotspot;
	bool render_node;
	char fbdev_peer[VPRIME_NAME_LEN];
	bool p2p;
	u32 dma_bits;
	u64 engine_speed;
	u32 engine_latency_us;
	u32 job_timeout_ms;
	bool poison;
	enum vprime_clock clock;
};

/**
 * struct vprime_faults - what is to go wrong on purpose, changed at any time
 * @refuse_attach: nobody may attach to its exported buffers (EBUSY)
 * @refuse_import: it imports nothing (EBUSY)
 * @fence_delay_ms: a job's fence signals that much later than the job is done
 * @hang: so many of the jobs that begin after this number has changed never end
 * @chaos_ms: a buffer picked at random is moved every so often; 0 for never
 * @fail_commit: number of atomic commits that fail (EIO) from when it has changed; counts those
 *	that programs ask for, unless they only test
 * @late_flip_ms: a page flip is over that much later
 * @lost_hotplug: nobody is told when what is plugged into a connector changes
 */
struct vprime_faults {
	bool refuse_attach;
	bool refuse_import;
	u32 fence_delay_ms;
	u32 hang;
	u32 chaos_ms;
	u32 fail_commit;
	u32 late_flip_ms;
	bool lost_hotplug;
};

void vprime_config_init_display(struct vprime_config *config);
void vprime_config_init_render(struct vprime_config *config);
void vprime_config_complete(struct vprime_config *config);
int vprime_config_check(const struct vprime_config *config);

#endif
