/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What the two halves of the benchmark say to each other through
 * /dev/dma-buf-bench.  They are built together, so this is no lasting ABI.
 */
#ifndef _BENCH_UAPI_H_
#define _BENCH_UAPI_H_

#include <linux/ioctl.h>
#include <linux/types.h>

/* Exporters; each does as little as the contract allows. */
enum bench_exporter {
	BENCH_STATIC,		/* brings no reservation object */
	BENCH_STATIC_RESV,	/* brings one, as GEM does */
	BENCH_CACHED,		/* cache_sgt_mapping */
	BENCH_DYNAMIC,		/* pin and unpin */
	BENCH_EXPORTERS
};

/* What the kernel half can repeat. */
enum bench_case {
	BENCH_GET_PUT,
	BENCH_FD,
	BENCH_ATTACH_STATIC,
	BENCH_ATTACH_DYNAMIC,
	BENCH_CYCLE_STATIC,
	BENCH_CYCLE_DYNAMIC,
	BENCH_MAP_STATIC,
	BENCH_MAP_DYNAMIC,
	BENCH_PIN,
	BENCH_VMAP,
	BENCH_VMAP_UNLOCKED,
	BENCH_CPU_ACCESS,
	BENCH_MOVE_NOTIFY,
	BENCH_WALK,
	BENCH_CASES
};

/**
 * struct bench_run - repeat an operation and say how long it took
 * @fd: the buffer
 * @which: enum bench_case
 * @count: how often
 * @attachments: dynamic importers, for BENCH_MOVE_NOTIFY
 * @ticks: result, in ticks of the time-stamp counter for all of @count
 * @visited: result of BENCH_WALK, buffers met in all of @count
 */
struct bench_run {
	__s32 fd;
	__u32 which;
	__u32 count;
	__u32 attachments;
	__u64 ticks;
	__u64 visited;
};

/**
 * struct bench_fences - give a buffer new fences; its old ones are signalled
 * @fd: the buffer
 * @count: how many
 * @signalled: whether they are signalled at once
 */
struct bench_fences {
	__s32 fd;
	__u32 count;
	__u32 signalled;
};

#define BENCH_POPULATION_MAX	100000

/* Returns a descriptor of a new buffer; the argument is enum bench_exporter. */
#define BENCH_IOCTL_EXPORT	_IO('B', 0)
#define BENCH_IOCTL_RUN		_IOWR('B', 1, struct bench_run)
#define BENCH_IOCTL_FENCES	_IOW('B', 2, struct bench_fences)
/* The argument is how many buffers without a descriptor are to be alive. */
#define BENCH_IOCTL_POPULATE	_IO('B', 3)
/* Hold the reservation lock of the buffer whose descriptor is the argument ... */
#define BENCH_IOCTL_HOLD	_IO('B', 4)
/* ... until this; wait here until it is held. */
#define BENCH_IOCTL_WAIT_HELD	_IO('B', 5)
#define BENCH_IOCTL_LET_GO	_IO('B', 6)

#endif /* _BENCH_UAPI_H_ */
