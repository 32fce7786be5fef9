/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An exporter, an importer, fences and threads for the tests of the dma-buf
 * core.  The exporter lends real pages, maps them for a real device, writes
 * down every call it gets, and fails on demand.
 */
#ifndef _DMA_BUF_MOCK_H_
#define _DMA_BUF_MOCK_H_

#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/dma-buf.h>
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>

#include "../dma-buf-breach.h"

/*
 * How long a test waits for an event that has to come; never for one that may.
 * Emulated machines are slow; KUnit itself gives up after 300 seconds.
 */
#define MOCK_PATIENCE	(240 * HZ)

#define MOCK_PAGES	4
#define MOCK_SIZE	(MOCK_PAGES * PAGE_SIZE)

/* What the core can call, in the order of struct dma_buf_ops. */
enum mock_call {
	MOCK_ATTACH,
	MOCK_DETACH,
	MOCK_PIN,
	MOCK_UNPIN,
	MOCK_MAP,
	MOCK_UNMAP,
	MOCK_RELEASE,
	MOCK_BEGIN,
	MOCK_END,
	MOCK_MMAP,
	MOCK_VMAP,
	MOCK_VUNMAP,
	MOCK_MOVE,
	MOCK_CALL_COUNT
};

struct mock_buffer;

typedef void (*mock_hook)(struct mock_buffer *buffer, enum mock_call call,
			  struct dma_buf_attachment *attach);

/**
 * struct mock_buffer - the exporter's side of a buffer
 * @test: the test it belongs to
 * @dmabuf: the buffer while the test has its reference, then NULL
 * @exported: there has been a buffer, so its release is owed
 * @resv: for exporters that bring their own
 * @pages: the memory, MOCK_PAGES pages
 * @released: &dma_buf_ops.release has come
 * @error: what a call is to return; 0 for success
 * @map_nothing: &dma_buf_ops.map_dma_buf returns NULL
 * @hook: called within every call
 * @hook_priv: for @hook
 * @table: the table that was mapped last
 * @importers: how many have attached
 * @lock: protects what follows
 * @calls: the calls since mock_calls(), as words
 * @count: how often each call came
 * @wrong_lock: how many calls saw another lock state than they must
 */
struct mock_buffer {
	struct kunit *test;
	struct dma_buf *dmabuf;
	bool exported;
	struct dma_resv resv;
	struct page *pages;
	struct completion released;

	int error[MOCK_CALL_COUNT];
	bool map_nothing;
	mock_hook hook;
	void *hook_priv;
	struct sg_table *table;
	unsigned int importers;

	spinlock_t lock; /* see above */
	char calls[256];
	unsigned int count[MOCK_CALL_COUNT];
	unsigned int wrong_lock;
};

extern const struct dma_buf_ops mock_static_ops;
extern const struct dma_buf_ops mock_cached_ops;
extern const struct dma_buf_ops mock_dynamic_ops;
extern const struct dma_buf_ops mock_bare_ops;
extern const struct dma_buf_ops mock_no_ops;

struct sg_table *mock_no_map(struct dma_buf_attachment *attach,
			     enum dma_data_direction direction);
void mock_no_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		   enum dma_data_direction direction);
void mock_no_release(struct dma_buf *dmabuf);

int mock_init(struct kunit *test);
struct device *mock_device(struct kunit *test);
int mock_take_breach(struct kunit *test);

/* What mock_take_breach() returns unless there was exactly one. */
#define MOCK_NO_BREACH		(-1)
#define MOCK_MANY_BREACHES	(-2)

/* Demand that exactly one rule has been broken since the last time. */
#define MOCK_EXPECT_BREACH(in_test, rule)					\
do {										\
	struct kunit *__test = (in_test);					\
										\
	KUNIT_EXPECT_EQ(__test, mock_take_breach(__test), (int)(rule));		\
} while (0)

int mock_record(struct dma_buf *dmabuf, enum mock_call call, const char *detail,
		struct dma_buf_attachment *attach);
struct mock_buffer *mock_buffer_create(struct kunit *test);
struct mock_buffer *mock_export(struct kunit *test, const struct dma_buf_ops *ops);
struct mock_buffer *mock_export_info(struct kunit *test,
				     struct dma_buf_export_info *exp_info);
struct mock_buffer *mock_export_own_resv(struct kunit *test, const struct dma_buf_ops *ops);
void mock_put(struct mock_buffer *buffer);
const char *mock_calls(struct mock_buffer *buffer);
void mock_forgive(struct mock_buffer *buffer);
bool mock_must_be_locked(enum mock_call call);
bool mock_lock_is_held(struct dma_resv *resv);

/* Demand the calls that the exporter and its importers got since the last time. */
#define MOCK_EXPECT_CALLS(of_buffer, expected)					\
do {										\
	struct mock_buffer *__buffer = (of_buffer);				\
										\
	KUNIT_EXPECT_STREQ(__buffer->test, mock_calls(__buffer), expected);	\
} while (0)

extern const struct dma_buf_attach_ops mock_importer_ops;
extern const struct dma_buf_attach_ops mock_importer_p2p_ops;

struct dma_buf_attachment *mock_attach(struct mock_buffer *buffer,
				       const struct dma_buf_attach_ops *importer_ops);
void mock_detach(struct mock_buffer *buffer, struct dma_buf_attachment *attach);

/**
 * struct mock_mapping - a mapping, undone when the test ends
 * @attach: by whom
 * @sgt: what the importer sees
 * @direction: for what
 */
struct mock_mapping {
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	enum dma_data_direction direction;
};

struct mock_mapping *mock_map(struct kunit *test, struct dma_buf_attachment *attach,
			      enum dma_data_direction direction);
void mock_unmap(struct kunit *test, struct mock_mapping *mapping);

struct mock_thread;

/**
 * struct mock_map_job - a mapping made by a thread, undone when the test ends
 * @attach: by whom
 * @sgt: the table, if it was mapped
 * @thread: the thread; its result is 0 or an errno
 */
struct mock_map_job {
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	struct mock_thread *thread;
};

struct mock_map_job *mock_map_start(struct kunit *test, struct dma_buf_attachment *attach);
struct mock_map_job *mock_map_start_interrupted(struct kunit *test,
						struct dma_buf_attachment *attach);

void mock_abandon_table(struct device *dev, struct sg_table *sgt,
			enum dma_data_direction direction);

/* These have the lock only inside, so that a failed assertion cannot keep it. */
int mock_pin(struct dma_buf_attachment *attach);
void mock_unpin(struct dma_buf_attachment *attach);
void mock_move(struct mock_buffer *buffer);

/**
 * struct mock_fence - a fence that is signalled by hand
 * @base: the fence
 * @lock: its lock
 * @wanted: somebody waits for it or has put a callback on it
 */
struct mock_fence {
	struct dma_fence base;
	spinlock_t lock; /* &dma_fence.lock */
	struct completion wanted;
};

struct mock_fence *mock_fence_create(struct kunit *test);
struct mock_fence *mock_fence_add(struct mock_buffer *buffer, enum dma_resv_usage usage);
unsigned int mock_fence_references(struct mock_fence *fence);
bool mock_fence_has_callback(struct mock_fence *fence);

const char *mock_usage_name(enum dma_resv_usage usage);
const char *mock_direction_name(enum dma_data_direction direction);

struct mock_thread *mock_thread_start(struct kunit *test, int (*fn)(void *arg), void *arg);
bool mock_thread_is_done(struct mock_thread *thread);
void mock_thread_interrupt(struct mock_thread *thread);
void mock_thread_kill(struct mock_thread *thread);
int mock_thread_join(struct mock_thread *thread);
void mock_expect_wait(struct mock_thread *thread, struct mock_fence *fence, bool waits);
void mock_expect_event(struct kunit *test, struct completion *event, const char *what);

struct mock_holder;

struct mock_holder *mock_hold_lock(struct mock_buffer *buffer);
void mock_let_go(struct kunit *test, struct mock_holder *holder);

void mock_signal_pending(void);
void mock_signal_forget(void);

void __user *mock_user_memory(struct kunit *test);
long mock_ioctl(struct mock_buffer *buffer, unsigned int cmd, void __user *arg);
long mock_ioctl_with(struct mock_buffer *buffer, unsigned int cmd, void *arg);
long mock_set_name(struct mock_buffer *buffer, const char *name);
void mock_close_later(struct kunit *test, long fd);
void mock_close(struct kunit *test, long fd);
bool mock_closes_on_exec(int fd);

/* More than any file that a test reads. */
#define MOCK_READ_MAX	SZ_128K

struct file *mock_open_debugfs(struct kunit *test, const char *name);
char *mock_read(struct kunit *test, struct file *file, loff_t pos, size_t chunk);

/* Kernel reports between these two are what the test is about. */
void mock_splat_begin(const char *name);
void mock_splat_end(const char *name);

#endif /* _DMA_BUF_MOCK_H_ */
