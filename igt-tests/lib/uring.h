/* SPDX-License-Identifier: MIT */
/*
 * An io_uring as far as it takes to poll one descriptor.
 */
#ifndef IGT_TESTS_URING_H
#define IGT_TESTS_URING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct io_uring_cqe;
struct io_uring_sqe;

/**
 * struct uring - a ring with its memory
 * @fd: of the ring
 * @rings: both rings
 * @rings_bytes: how much of that is mapped
 * @sqes: what is submitted
 * @sqes_bytes: how much of that is mapped
 * @cqes: what was completed
 * @sq_tail: where the next submission goes
 * @cq_head: where the next completion is taken from
 * @cq_tail: where the kernel puts the next one
 * @sq_mask: number of submissions, less one
 * @cq_mask: number of completions, less one
 */
struct uring {
	int fd;
	void *rings;
	size_t rings_bytes;
	struct io_uring_sqe *sqes;
	size_t sqes_bytes;
	struct io_uring_cqe *cqes;
	unsigned int *sq_tail;
	unsigned int *cq_head;
	unsigned int *cq_tail;
	unsigned int sq_mask;
	unsigned int cq_mask;
};

/* Skips the subtest on a kernel without io_uring. */
void uring_init(struct uring *ring);
/* Cancels what is pending first, so that it holds no file any more. */
void uring_fini(struct uring *ring);

/* @flags are IORING_POLL_ADD_*. */
void uring_poll_add(struct uring *ring, int fd, uint32_t events, uint32_t flags);
/* Whether a poll has completed; then @result is its events or -errno, @more that it goes on. */
bool uring_poll_next(struct uring *ring, int *result, bool *more);

#endif
