// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the contract checker: the kernel's own access.  Each rule is broken
 * once, and has to be reported once; then good manners, and user space, of whom
 * nothing must be reported.
 */

#include "dma-buf-check-log.h"
#include "dma-buf-mock.h"

#include <uapi/linux/dma-buf.h>

#include "../dma-buf-breach.h"
#include "../dma-buf-check-private.h"

/* Brackets */

static void end_without_begin(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(buffer->dmabuf, DMA_FROM_DEVICE), 0);
	CHECK_EXPECT(test, DMA_BUF_BREACH_CPU_END_UNBEGUN);
}

static void end_in_another_direction(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(buffer->dmabuf, DMA_FROM_DEVICE), 0);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(buffer->dmabuf, DMA_TO_DEVICE), 0);
	CHECK_EXPECT(test, DMA_BUF_BREACH_CPU_DIRECTION | CHECK_WITH_STACK);
}

static void bracket_is_left_open(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(buffer->dmabuf, DMA_FROM_DEVICE), 0);
	mock_put(buffer);
	CHECK_EXPECT(test, DMA_BUF_BREACH_CPU_LEFT_OPEN | CHECK_WITH_STACK);
}

/* Two users of one buffer, one inside the other, and each in its direction. */
static void brackets_of_two_users(struct kunit *test)
{
	struct dma_buf *dmabuf = mock_export(test, &mock_static_ops)->dmabuf;

	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_BIDIRECTIONAL), 0);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_BIDIRECTIONAL), 0);
	CHECK_EXPECT(test, CHECK_NONE);
}

/* A begin that failed opened nothing; an end that failed may be repeated. */
static void brackets_with_errors(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf *dmabuf = buffer->dmabuf;

	buffer->error[MOCK_BEGIN] = -EINTR;
	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE), -EINTR);
	buffer->error[MOCK_BEGIN] = 0;
	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);

	buffer->error[MOCK_END] = -EINTR;
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE), -EINTR);
	buffer->error[MOCK_END] = 0;
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	CHECK_EXPECT(test, CHECK_NONE);

	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	CHECK_EXPECT(test, DMA_BUF_BREACH_CPU_END_UNBEGUN);
}

/* User space may end what it has not begun, and leave open what it has. */
static void brackets_of_user_space(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_sync end = { .flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW };
	struct dma_buf_sync begin = { .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ };

	KUNIT_EXPECT_EQ(test, mock_ioctl_with(buffer, DMA_BUF_IOCTL_SYNC, &end), 0);
	KUNIT_EXPECT_EQ(test, mock_ioctl_with(buffer, DMA_BUF_IOCTL_SYNC, &begin), 0);
	mock_put(buffer);
	CHECK_EXPECT(test, CHECK_NONE);
}

/* Addresses */

static void check_vmap_and_vunmap(struct kunit *test, struct dma_buf *dmabuf)
{
	struct iosys_map map;

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(dmabuf, &map), 0);
	dma_buf_vunmap_unlocked(dmabuf, &map);
}

/*
 * The first times may be excused, and are not if the test has run before in this
 * kernel, so only the last one tells.  A loop that is unrolled would be several
 * places.
 */
static void vmap_without_bracket(struct kunit *test)
{
	struct dma_buf *dmabuf = mock_export(test, &mock_static_ops)->dmabuf;
	int i, times = DMA_BUF_CHECK_VMAPS_EXCUSED + 1;

	OPTIMIZER_HIDE_VAR(times);
	for (i = 0; i < times; i++) {
		check_take(test);
		check_vmap_and_vunmap(test, dmabuf);
	}
	CHECK_EXPECT(test, DMA_BUF_BREACH_VMAP_UNBRACKETED | CHECK_WITH_STACK);
}

/* Out of line, so that there is no branch around the vmap, which would be two places. */
static noinline void check_begin_if(struct kunit *test, struct dma_buf *dmabuf, bool damaged)
{
	if (damaged)
		KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
}

static noinline void check_end_if(struct kunit *test, struct dma_buf *dmabuf, bool damaged)
{
	if (damaged)
		KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
}

/* A driver that reads only when there is damage: one bracket proves that it knows. */
static void vmap_with_brackets_when_needed(struct kunit *test)
{
	struct dma_buf *dmabuf = mock_export(test, &mock_static_ops)->dmabuf;
	int i, times = DMA_BUF_CHECK_VMAPS_EXCUSED + 3;

	OPTIMIZER_HIDE_VAR(times);
	for (i = 0; i < times; i++) {
		check_begin_if(test, dmabuf, i == 1);
		check_vmap_and_vunmap(test, dmabuf);
		check_end_if(test, dmabuf, i == 1);
	}
	CHECK_EXPECT(test, CHECK_NONE);
}

/*
 * The same driver on another way, on which there never is damage: its device is
 * attached, so it is known that it is the same.
 */
static void vmap_without_damage_by_a_driver_that_uses_brackets(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	int i, times = DMA_BUF_CHECK_VMAPS_EXCUSED + 3;

	mock_attach(buffer, NULL);
	check_begin_if(test, buffer->dmabuf, true);
	check_vmap_and_vunmap(test, buffer->dmabuf);
	check_end_if(test, buffer->dmabuf, true);

	OPTIMIZER_HIDE_VAR(times);
	for (i = 0; i < times; i++)
		check_vmap_and_vunmap(test, buffer->dmabuf);
	CHECK_EXPECT(test, CHECK_NONE);
}

/* The bracket may be opened while the address is there already. */
static void vmap_with_bracket_inside(struct kunit *test)
{
	struct dma_buf *dmabuf = mock_export(test, &mock_static_ops)->dmabuf;
	struct iosys_map map;
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(dmabuf, &map), 0);
		KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_TO_DEVICE), 0);
		KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_TO_DEVICE), 0);
		dma_buf_vunmap_unlocked(dmabuf, &map);
	}
	CHECK_EXPECT(test, CHECK_NONE);
}

/* An address with a bracket around it, to be used in tests of other rules. */
static void check_vmap_begin(struct kunit *test, struct dma_buf *dmabuf, struct iosys_map *map)
{
	KUNIT_ASSERT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(dmabuf, map), 0);
}

static void check_vmap_end(struct kunit *test, struct dma_buf *dmabuf, struct iosys_map *map)
{
	dma_buf_vunmap_unlocked(dmabuf, map);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
}

static void vmap_outlives_the_lock(struct kunit *test)
{
	struct dma_buf *dmabuf = mock_export(test, &mock_dynamic_ops)->dmabuf;
	struct iosys_map map;

	check_vmap_begin(test, dmabuf, &map);
	CHECK_EXPECT(test, DMA_BUF_BREACH_VMAP_MOVABLE);
	check_vmap_end(test, dmabuf, &map);
}

/* Pinned, mapped by a static importer, or followed: three ways to keep an address. */
static void vmap_outlives_the_lock_legally(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf *dmabuf = buffer->dmabuf;
	struct dma_buf_attachment *attach;
	struct iosys_map map;

	attach = mock_attach(buffer, &mock_importer_ops);
	check_vmap_begin(test, dmabuf, &map);
	check_vmap_end(test, dmabuf, &map);
	mock_detach(buffer, attach);

	attach = mock_attach(buffer, NULL);
	mock_map(test, attach, DMA_FROM_DEVICE);
	check_vmap_begin(test, dmabuf, &map);
	check_vmap_end(test, dmabuf, &map);
	CHECK_EXPECT(test, CHECK_NONE);
}

static void check_vmap_locked(struct dma_buf *dmabuf, struct iosys_map *map, int *ret)
{
	dma_resv_lock(dmabuf->resv, NULL);
	*ret = dma_buf_vmap(dmabuf, map);
	dma_resv_unlock(dmabuf->resv);
}

/* As drm_gem_vmap_unlocked() does: that is seen when the address is given back. */
static void vmap_under_the_lock_outlives_it(struct kunit *test)
{
	struct dma_buf *dmabuf = mock_export(test, &mock_dynamic_ops)->dmabuf;
	struct iosys_map map;
	int ret;

	check_vmap_locked(dmabuf, &map, &ret);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	CHECK_EXPECT(test, CHECK_NONE);

	dma_resv_lock(dmabuf->resv, NULL);
	dma_buf_vunmap(dmabuf, &map);
	dma_resv_unlock(dmabuf->resv);
	CHECK_EXPECT(test, DMA_BUF_BREACH_VMAP_MOVABLE | CHECK_WITH_STACK);
}

/* For each access anew, as the rules want it. */
static void vmap_ends_with_the_lock(struct kunit *test)
{
	struct dma_buf *dmabuf = mock_export(test, &mock_dynamic_ops)->dmabuf;
	struct iosys_map map;
	int i;

	KUNIT_ASSERT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	for (i = 0; i < 2; i++) {
		dma_resv_lock(dmabuf->resv, NULL);
		KUNIT_EXPECT_EQ(test, dma_buf_vmap(dmabuf, &map), 0);
		dma_buf_vunmap(dmabuf, &map);
		dma_resv_unlock(dmabuf->resv);
	}
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	CHECK_EXPECT(test, CHECK_NONE);
}

/* Taken under the lock, but kept longer: that is seen when the buffer moves. */
static void move_while_vmapped(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf *dmabuf = buffer->dmabuf;
	struct iosys_map map;
	int ret;

	KUNIT_ASSERT_EQ(test, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE), 0);
	check_vmap_locked(dmabuf, &map, &ret);
	KUNIT_ASSERT_EQ(test, ret, 0);
	CHECK_EXPECT(test, CHECK_NONE);

	mock_move(buffer);
	CHECK_EXPECT(test, DMA_BUF_BREACH_MOVE_VMAPPED | CHECK_WITH_STACK);
	check_vmap_end(test, dmabuf, &map);
	CHECK_EXPECT(test, DMA_BUF_BREACH_VMAP_MOVABLE | CHECK_WITH_STACK);
}

/* Whoever has a move_notify hears of it. */
static void move_while_vmapped_by_dynamic_importer(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct iosys_map map;

	mock_attach(buffer, &mock_importer_ops);
	check_vmap_begin(test, buffer->dmabuf, &map);
	mock_move(buffer);
	check_vmap_end(test, buffer->dmabuf, &map);
	CHECK_EXPECT(test, CHECK_NONE);
}

static void vunmap_twice(struct kunit *test)
{
	struct dma_buf *dmabuf = mock_export(test, &mock_static_ops)->dmabuf;
	struct iosys_map map;

	check_vmap_begin(test, dmabuf, &map);
	check_vmap_end(test, dmabuf, &map);
	dma_buf_vunmap_unlocked(dmabuf, &map);
	CHECK_EXPECT(test, DMA_BUF_BREACH_VUNMAP_UNMAPPED | CHECK_WITH_STACK);
}

static void release_while_vmapped(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct iosys_map map;

	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(buffer->dmabuf, &map), 0);
	mock_put(buffer);
	CHECK_EXPECT(test, DMA_BUF_BREACH_RELEASE_VMAPPED | CHECK_WITH_STACK);
}

static struct kunit_case check_cpu_cases[] = {
	KUNIT_CASE(end_without_begin),
	KUNIT_CASE(end_in_another_direction),
	KUNIT_CASE(bracket_is_left_open),
	KUNIT_CASE(brackets_of_two_users),
	KUNIT_CASE(brackets_with_errors),
	KUNIT_CASE(brackets_of_user_space),
	KUNIT_CASE(vmap_without_bracket),
	KUNIT_CASE(vmap_with_brackets_when_needed),
	KUNIT_CASE(vmap_without_damage_by_a_driver_that_uses_brackets),
	KUNIT_CASE(vmap_with_bracket_inside),
	KUNIT_CASE(vmap_outlives_the_lock),
	KUNIT_CASE(vmap_outlives_the_lock_legally),
	KUNIT_CASE(vmap_under_the_lock_outlives_it),
	KUNIT_CASE(vmap_ends_with_the_lock),
	KUNIT_CASE(move_while_vmapped),
	KUNIT_CASE(move_while_vmapped_by_dynamic_importer),
	KUNIT_CASE(vunmap_twice),
	KUNIT_CASE(release_while_vmapped),
	{ }
};

static struct kunit_suite check_cpu_suite = {
	.name = "dma-buf-check-cpu",
	.init = check_init,
	.test_cases = check_cpu_cases,
};

kunit_test_suite(check_cpu_suite);
