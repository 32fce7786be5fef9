/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What user space can ask of a vprime GPU, beside what every DRM device offers.
 */
#ifndef _UAPI_VPRIME_DRM_H_
#define _UAPI_VPRIME_DRM_H_

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: Rules of extension
 *
 * - Numbers, once given out, keep their meaning for ever.
 * - Every field has a fixed size and its natural alignment, so that 32-bit and 64-bit programs
 *   see the same layout.
 * - Padding, reserved fields and unknown flags must be zero, and are refused with EINVAL if they
 *   are not. That is what lets them get a meaning later.
 * - A structure grows at its end only. What an old program does not pass reads as zero, and zero
 *   means the old behaviour.
 * - A pointer is a __u64. A handle of 0 is no object.
 * - An ioctl that fails has changed nothing, unless its description says otherwise.
 */

/* Where a buffer's memory is. As a mask: where it may be. */
/* pages of the system that the GPU does not reach; may be swapped out */
#define VPRIME_PLACEMENT_SYSTEM	(1 << 0)
/* pages of the system that the GPU reaches over the bus */
#define VPRIME_PLACEMENT_TT	(1 << 1)
#define VPRIME_PLACEMENT_VRAM	(1 << 2)	/* the GPU's own memory */
#define VPRIME_PLACEMENT_MASK \
	(VPRIME_PLACEMENT_SYSTEM | VPRIME_PLACEMENT_TT | VPRIME_PLACEMENT_VRAM)

#define DRM_VPRIME_GET_PARAM		0x00
#define DRM_VPRIME_QUERY		0x01
#define DRM_VPRIME_BO_CREATE		0x02
#define DRM_VPRIME_BO_MMAP_OFFSET	0x03
#define DRM_VPRIME_BO_INFO		0x04
#define DRM_VPRIME_BO_MOVE		0x05
#define DRM_VPRIME_BO_WAIT		0x06
#define DRM_VPRIME_SUBMIT		0x07
#define DRM_VPRIME_CAPTURE		0x08

/* Values of &drm_vprime_get_param.param. */
#define VPRIME_PARAM_RENDER_NODE	0	/* 1 if there is a render node */
#define VPRIME_PARAM_P2P		1	/* 1 if peers may read and write VRAM in place */
/* width of the bus addresses that the engines can send */
#define VPRIME_PARAM_DMA_BITS		2
#define VPRIME_PARAM_PIN_LIMIT		3	/* bytes of VRAM that may be pinned at a time */
#define VPRIME_PARAM_MAX_COMMANDS	4	/* commands in one submission */
#define VPRIME_PARAM_MAX_SYNCS		5	/* syncobjs of each direction in one submission */

/**
 * struct drm_vprime_get_param - one number about the device
 * @param: in, VPRIME_PARAM_*; EINVAL if unknown
 * @pad: must be zero
 * @value: out
 */
struct drm_vprime_get_param {
	__u32 param;
	__u32 pad;
	__u64 value;
};

/* Values of &drm_vprime_query.query. */
#define VPRIME_QUERY_REGIONS		0	/* an array of &struct drm_vprime_region */
#define VPRIME_QUERY_STATS		1	/* one &struct drm_vprime_stats */

/**
 * struct drm_vprime_query - a structure about the device
 * @query: in, VPRIME_QUERY_*; EINVAL if unknown
 * @size: in and out, bytes at @data. With 0 nothing is copied and the size that is needed
 *	comes back. A size that is smaller than that is refused with EINVAL.
 * @data: in, where to put the answer
 */
struct drm_vprime_query {
	__u32 query;
	__u32 size;
	__u64 data;
};

/**
 * struct drm_vprime_region - one kind of memory
 * @placement: VPRIME_PLACEMENT_*
 * @pad: zero
 * @size: bytes there are; 0 for system memory, which has no size of its own
 * @used: bytes that buffers of this device occupy
 * @pinned: bytes of them that may not move now
 * @reserved: zero
 */
struct drm_vprime_region {
	__u32 placement;
	__u32 pad;
	__u64 size;
	__u64 used;
	__u64 pinned;
	__u64 reserved[4];
};

/**
 * struct drm_vprime_stats - what has happened on the device since it came up
 * @moves: buffers whose memory changed place
 * @evictions: those of @moves that nobody asked for by name: to make room, or to suspend
 * @bytes_moved: copied by those moves
 * @notifies: importers that were told of a move (one buffer may have many)
 * @remaps: imports that were mapped again after they had moved
 * @jobs: submissions that ended
 * @hangs: jobs that never ended and were given up
 * @bus_faults: accesses to addresses that nothing backs
 * @stale_writes: ranges of VRAM that were written to after a buffer had left them
 * @reserved: zero
 */
struct drm_vprime_stats {
	__u64 moves;
	__u64 evictions;
	__u64 bytes_moved;
	__u64 notifies;
	__u64 remaps;
	__u64 jobs;
	__u64 hangs;
	__u64 bus_faults;
	__u64 stale_writes;
	__u64 reserved[7];
};

/**
 * struct drm_vprime_bo_create - a new buffer, all zero
 * @size: in, bytes wanted, not 0; out, bytes there are (whole pages). More than the device
 *	could ever hold: ENOSPC if only VRAM is allowed, else ENOMEM
 * @placements: in, mask of where the buffer may be; it starts in the best of them and may be
 *	evicted to any other kind of memory
 * @flags: must be zero
 * @handle: out; must be zero
 * @pad: must be zero
 */
struct drm_vprime_bo_create {
	__u64 size;
	__u32 placements;
	__u32 flags;
	__u32 handle;
	__u32 pad;
};

/**
 * struct drm_vprime_bo_mmap_offset - where to mmap() a buffer on the device's fd
 * @handle: in; ENOENT if there is none. An imported buffer can be mapped as well
 * @flags: must be zero
 * @offset: out
 */
struct drm_vprime_bo_mmap_offset {
	__u32 handle;
	__u32 flags;
	__u64 offset;
};

#define VPRIME_BO_IMPORTED	(1 << 0)	/* the memory belongs to another device */
#define VPRIME_BO_EXPORTED	(1 << 1)	/* there is a dma-buf of it */
#define VPRIME_BO_MAPPED	(1 << 2)	/* imported, and mapped for this device now */
/* imported, and read and written in its owner's VRAM */
#define VPRIME_BO_PEER		(1 << 3)

/**
 * struct drm_vprime_bo_info - a buffer as it is now
 * @handle: in; ENOENT if there is none
 * @pad: must be zero
 * @size: out, bytes
 * @placement: out, VPRIME_PLACEMENT_*; of an import, TT while it is mapped and SYSTEM otherwise
 * @placements: out, where it may be
 * @flags: out, VPRIME_BO_*
 * @pins: out, how many users forbid it to move
 * @importers: out, attachments of other devices
 * @reserved: zero
 * @moves: out, how often it changed place (of an import: how often its owner told us so)
 * @notifies: out, how many importers were told of its moves
 * @remaps: out, of an import, how often it was mapped again after a move
 */
struct drm_vprime_bo_info {
	__u32 handle;
	__u32 pad;
	__u64 size;
	__u32 placement;
	__u32 placements;
	__u32 flags;
	__u32 pins;
	__u32 importers;
	__u32 reserved;
	__u64 moves;
	__u64 notifies;
	__u64 remaps;
};

/**
 * struct drm_vprime_bo_move - change a buffer's place
 * @handle: in; ENOENT if there is none, EINVAL if it is imported (its owner decides)
 * @placement: in, one VPRIME_PLACEMENT_*, which has to be among those that the buffer was
 *	created with, or SYSTEM; EINVAL otherwise
 * @flags: must be zero
 * @pad: must be zero
 *
 * The copy goes on when the call returns: DRM_VPRIME_BO_WAIT waits for it, and so does whoever uses
 * the buffer. EBUSY while the buffer is pinned, ENOSPC if the place is full of what cannot leave
 * it.
 */
struct drm_vprime_bo_move {
	__u32 handle;
	__u32 placement;
	__u32 flags;
	__u32 pad;
};

#define VPRIME_WAIT_READ	(1 << 0)	/* until it can be read: writers are waited for */
/* until it can be written: readers are waited for too */
#define VPRIME_WAIT_WRITE	(1 << 1)

/**
 * struct drm_vprime_bo_wait - wait until a buffer is idle
 * @handle: in; ENOENT if there is none
 * @flags: in, VPRIME_WAIT_READ or VPRIME_WAIT_WRITE (which includes the other)
 * @timeout_ns: in, a time of CLOCK_MONOTONIC; one that is past only asks. ETIME if the buffer
 *	is still busy then
 */
struct drm_vprime_bo_wait {
	__u32 handle;
	__u32 flags;
	__s64 timeout_ns;
};

/* Values of &drm_vprime_command.op. */
#define VPRIME_OP_NOP		0	/* all other fields must be zero */
/* every 32-bit word of the rectangle at dst becomes value; src fields are zero */
#define VPRIME_OP_FILL		1
/* the rectangle at src goes to dst; they may not overlap; value is zero */
#define VPRIME_OP_COPY		2
/*
 * 32-bit words of the rectangle at src, added up, to one __u64 at dst; dst_pitch and value are
 * zero
 */
#define VPRIME_OP_SUM		3

/**
 * struct drm_vprime_command - one step of a submission
 * @op: VPRIME_OP_*
 * @flags: must be zero
 * @dst: handle of the buffer that is written
 * @src: handle of the buffer that is read
 * @dst_offset: byte in @dst where the rectangle starts; a multiple of 4, for SUM of 8
 * @src_offset: byte in @src where the rectangle starts; a multiple of 4
 * @dst_pitch: bytes from row to row in @dst; a multiple of 4, at least @width
 * @src_pitch: bytes from row to row in @src
 * @width: bytes in a row; a multiple of 4, not 0
 * @height: rows, not 0
 * @value: for FILL
 * @pad: must be zero
 *
 * EINVAL if a rectangle is not inside its buffer.
 */
struct drm_vprime_command {
	__u32 op;
	__u32 flags;
	__u32 dst;
	__u32 src;
	__u64 dst_offset;
	__u64 src_offset;
	__u32 dst_pitch;
	__u32 src_pitch;
	__u32 width;
	__u32 height;
	__u32 value;
	__u32 pad;
};

/**
 * struct drm_vprime_sync - a syncobj to wait for, or to signal
 * @handle: of the syncobj; ENOENT if there is none, EINVAL if it is to be waited for and nobody has
 *	given it a fence yet
 * @flags: must be zero
 * @point: on its timeline; 0 for a binary one
 */
struct drm_vprime_sync {
	__u32 handle;
	__u32 flags;
	__u64 point;
};

/* wait only for in_syncs, and leave only bookkeeping fences */
#define VPRIME_SUBMIT_EXPLICIT_SYNC	(1 << 0)

#define VPRIME_PRIORITY_NORMAL	0
#define VPRIME_PRIORITY_LOW	1
#define VPRIME_PRIORITY_HIGH	2	/* for CAP_SYS_NICE; EACCES otherwise */

/**
 * struct drm_vprime_submit - commands for the render engine, to be run in order
 * @commands: in, pointer to &struct drm_vprime_command
 * @command_count: in, 0 to VPRIME_PARAM_MAX_COMMANDS
 * @flags: in, VPRIME_SUBMIT_*
 * @in_syncs: in, pointer to &struct drm_vprime_sync that are waited for first
 * @out_syncs: in, pointer to &struct drm_vprime_sync that signal when the last command is done
 * @in_sync_count: in, 0 to VPRIME_PARAM_MAX_SYNCS
 * @out_sync_count: in, 0 to VPRIME_PARAM_MAX_SYNCS
 * @priority: in, VPRIME_PRIORITY_*
 * @pad: must be zero
 *
 * A job that fails puts its error into its fence: EFAULT after a bus fault, ETIME if it hung,
 * ESRCH if its client was killed before it ran, ENODEV if the device went away. ENODEV from the
 * call itself if the device is gone already; ENOSPC or ENOMEM if its buffers do not fit into what
 * the engine reaches all at once.
 */
struct drm_vprime_submit {
	__u64 commands;
	__u32 command_count;
	__u32 flags;
	__u64 in_syncs;
	__u64 out_syncs;
	__u32 in_sync_count;
	__u32 out_sync_count;
	__u32 priority;
	__u32 pad;
};

/**
 * struct drm_vprime_capture - put a picture of a screen into a buffer
 * @crtc_id: in, the screen; ENOENT if there is none
 * @handle: in, the buffer, which may be an import; ENOENT if there is none. 0 only asks for the size
 * @format: in, DRM_FORMAT_* of one plane, as the writeback connector lists them
 * @pitch: in, bytes from row to row
 * @offset: in, byte in the buffer where the picture starts
 * @width: in, of the screen in pixels; out if @handle is 0
 * @height: in, of the screen in pixels; out if @handle is 0
 * @flags: must be zero
 * @pad: must be zero
 *
 * For the master, and for CAP_SYS_ADMIN; EACCES otherwise. ENODATA if the screen is off, or nothing
 * has been shown yet. ERANGE if it has another size by now: ask again. EINVAL if the picture is not
 * inside the buffer, or @pitch or @offset are no whole pixels.
 */
struct drm_vprime_capture {
	__u32 crtc_id;
	__u32 handle;
	__u32 format;
	__u32 pitch;
	__u64 offset;
	__u32 width;
	__u32 height;
	__u32 flags;
	__u32 pad;
};

#define DRM_IOCTL_VPRIME_GET_PARAM \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_VPRIME_GET_PARAM, struct drm_vprime_get_param)
#define DRM_IOCTL_VPRIME_QUERY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_VPRIME_QUERY, struct drm_vprime_query)
#define DRM_IOCTL_VPRIME_BO_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_VPRIME_BO_CREATE, struct drm_vprime_bo_create)
#define DRM_IOCTL_VPRIME_BO_MMAP_OFFSET \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_VPRIME_BO_MMAP_OFFSET, struct drm_vprime_bo_mmap_offset)
#define DRM_IOCTL_VPRIME_BO_INFO \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_VPRIME_BO_INFO, struct drm_vprime_bo_info)
#define DRM_IOCTL_VPRIME_BO_MOVE \
	DRM_IOW(DRM_COMMAND_BASE + DRM_VPRIME_BO_MOVE, struct drm_vprime_bo_move)
#define DRM_IOCTL_VPRIME_BO_WAIT \
	DRM_IOW(DRM_COMMAND_BASE + DRM_VPRIME_BO_WAIT, struct drm_vprime_bo_wait)
#define DRM_IOCTL_VPRIME_SUBMIT \
	DRM_IOW(DRM_COMMAND_BASE + DRM_VPRIME_SUBMIT, struct drm_vprime_submit)
#define DRM_IOCTL_VPRIME_CAPTURE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_VPRIME_CAPTURE, struct drm_vprime_capture)

#if defined(__cplusplus)
}
#endif

#endif
