/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Somebody in poll(), who looks, sleeps and looks again until there is an answer.
 */
#ifndef _DMA_BUF_MOCK_POLLER_H_
#define _DMA_BUF_MOCK_POLLER_H_

#include "dma-buf-mock.h"

#include <linux/poll.h>

/* KUnit compares integers, which events are not to sparse. */
#define POLL_EXPECT(test, left, right) \
	KUNIT_EXPECT_EQ(test, (__force u32)(left), (__force u32)(right))

/**
 * struct mock_poller - somebody in poll()
 * @file: the buffer's file
 * @events: what the poller waits for
 * @answer: what poll() said last
 * @looked: poll() has answered; completed once for every time
 * @table: the poller's place in the wait queue
 * @thread: the thread that sleeps
 */
struct mock_poller {
	struct file *file;
	__poll_t events;
	__poll_t answer;
	struct completion looked;
	struct poll_wqueues table;
	struct mock_thread *thread;
};

struct mock_poller *mock_poller_create(struct mock_buffer *buffer, __poll_t events);
void mock_poller_start(struct kunit *test, struct mock_poller *poller);
struct mock_poller *mock_poller_asleep(struct mock_buffer *buffer, __poll_t events);
void mock_poll_and_leave(struct mock_buffer *buffer, __poll_t events);

#endif /* _DMA_BUF_MOCK_POLLER_H_ */
