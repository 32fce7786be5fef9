// SPDX-License-Identifier: MIT
/*
 * The system calls of io_uring, without its library: one submission at a time.
 */
#include "uring.h"

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"

#define ENTRIES 4

/* What completions say whose they are. */
#define POLL_DATA 1
#define CANCEL_DATA 2

static void *map_ring(int fd, size_t bytes, off_t offset)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

	check_msg(at != MAP_FAILED, "mmap: %m");
	return at;
}

static size_t rings_bytes(const struct io_uring_params *params)
{
	size_t sq = params->sq_off.array + params->sq_entries * sizeof(unsigned int);
	size_t cq = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);

	return sq > cq ? sq : cq;
}

void uring_init(struct uring *ring)
{
	struct io_uring_params params = { .flags = 0 };
	char *at;

	*ring = (struct uring){ .fd = syscall(__NR_io_uring_setup, ENTRIES, &params) };
	require(ring->fd >= 0, "no io_uring: %m");
	check(params.features & IORING_FEAT_SINGLE_MMAP);

	ring->rings_bytes = rings_bytes(&params);
	ring->sqes_bytes = params.sq_entries * sizeof(struct io_uring_sqe);
	at = ring->rings = map_ring(ring->fd, ring->rings_bytes, IORING_OFF_SQ_RING);
	ring->sqes = map_ring(ring->fd, ring->sqes_bytes, IORING_OFF_SQES);
	ring->cqes = (void *)(at + params.cq_off.cqes);
	ring->sq_tail = (void *)(at + params.sq_off.tail);
	ring->cq_head = (void *)(at + params.cq_off.head);
	ring->cq_tail = (void *)(at + params.cq_off.tail);
	ring->sq_mask = params.sq_entries - 1;
	ring->cq_mask = params.cq_entries - 1;
	/* Submissions are used in their order. */
	for (unsigned int i = 0; i < params.sq_entries; i++)
		((unsigned int *)(at + params.sq_off.array))[i] = i;
}

static void submit(struct uring *ring, const struct io_uring_sqe *sqe)
{
	unsigned int tail = *ring->sq_tail;

	ring->sqes[tail & ring->sq_mask] = *sqe;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	check_eq(check_ok(neg_errno(syscall(__NR_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0))), 1);
}

void uring_poll_add(struct uring *ring, int fd, uint32_t events, uint32_t flags)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_POLL_ADD,
		.fd = fd,
		.len = flags,
		.poll32_events = events,
		.user_data = POLL_DATA,
	};

	submit(ring, &sqe);
}

/* The call also does what is left to do of completions, and moves those up that found no room. */
static bool next_completion(struct uring *ring, unsigned int wait_for, struct io_uring_cqe *cqe)
{
	unsigned int head = *ring->cq_head;

	check_ok(neg_errno(syscall(__NR_io_uring_enter, ring->fd, 0, wait_for,
				   IORING_ENTER_GETEVENTS, NULL, 0)));
	if (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
		return false;
	*cqe = ring->cqes[head & ring->cq_mask];
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return true;
}

bool uring_poll_next(struct uring *ring, int *result, bool *more)
{
	struct io_uring_cqe cqe;

	if (!next_completion(ring, 0, &cqe))
		return false;
	check_eq(cqe.user_data, POLL_DATA);
	*result = cqe.res;
	*more = cqe.flags & IORING_CQE_F_MORE;
	return true;
}

void uring_fini(struct uring *ring)
{
	const struct io_uring_sqe cancel = {
		.opcode = IORING_OP_ASYNC_CANCEL,
		.fd = -1,
		.cancel_flags = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY,
		.user_data = CANCEL_DATA,
	};
	struct io_uring_cqe cqe;

	submit(ring, &cancel);
	do
		check(next_completion(ring, 1, &cqe));
	while (cqe.user_data != CANCEL_DATA);
	check_ok(neg_errno(munmap(ring->sqes, ring->sqes_bytes)));
	check_ok(neg_errno(munmap(ring->rings, ring->rings_bytes)));
	close_fd(ring->fd);
}
