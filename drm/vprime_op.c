// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_op.h"

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "vprime_binding.h"
#include "vprime_engine.h"

/**
 * DOC: The silicon's commands
 *
 * What an engine does with memory: it walks the rows of a rectangle, and the pieces of a row as the
 * bus gives them. It lets go of the bus now and then, and looks whether the job is to end.
 */

/*
 * How much is done between two looks at whether somebody wants the bus, the CPU or the job's end.
 */
#define CHUNK SZ_64K

/**
 * struct engine_run - one command while it runs
 * @engine: that runs it
 * @op: the command
 * @sum: for SUM, so far
 * @stale: for VERIFY, something else than poison was seen
 */
struct engine_run {
	struct vprime_engine *engine;
	const struct vprime_op *op;
	u64 sum;
	bool stale;
};

/* A step does up to @length bytes, and says how many in it. */
typedef int (*engine_step)(struct engine_run *run, u64 dst_offset, u64 src_offset, u64 *length);

static int step_fill(struct engine_run *run, u64 dst_offset, u64 src_offset, u64 *length)
{
	struct vprime_piece dst;
	int ret;

	ret = vprime_binding_map_piece(run->op->dst, dst_offset, &dst);
	if (ret)
		return ret;

	*length = min_t(u64, *length, dst.length);
	if (run->op->value)
		memset32(dst.vaddr, run->op->value, *length / sizeof(u32));
	else
		memset(dst.vaddr, 0, *length);
	vprime_binding_unmap_piece(&dst);
	return 0;
}

static int step_copy(struct engine_run *run, u64 dst_offset, u64 src_offset, u64 *length)
{
	struct vprime_piece dst, src;
	int ret;

	ret = vprime_binding_map_piece(run->op->dst, dst_offset, &dst);
	if (ret)
		return ret;
	ret = vprime_binding_map_piece(run->op->src, src_offset, &src);
	if (ret)
		goto unmap_dst;

	*length = min3(*length, (u64)dst.length, (u64)src.length);
	if (*length == PAGE_SIZE)
		copy_page(dst.vaddr, src.vaddr);
	else
		memcpy(dst.vaddr, src.vaddr, *length);
	vprime_binding_unmap_piece(&src);

unmap_dst:
	vprime_binding_unmap_piece(&dst);
	return ret;
}

static int step_sum(struct engine_run *run, u64 dst_offset, u64 src_offset, u64 *length)
{
	struct vprime_piece src;
	const u32 *word;
	u64 i;
	int ret;

	ret = vprime_binding_map_piece(run->op->src, src_offset, &src);
	if (ret)
		return ret;

	*length = min_t(u64, *length, src.length);
	word = src.vaddr;
	for (i = 0; i < *length / sizeof(u32); i++)
		run->sum += word[i];
	vprime_binding_unmap_piece(&src);
	return 0;
}

static int step_verify(struct engine_run *run, u64 dst_offset, u64 src_offset, u64 *length)
{
	struct vprime_piece dst;
	int ret;

	ret = vprime_binding_map_piece(run->op->dst, dst_offset, &dst);
	if (ret)
		return ret;

	*length = min_t(u64, *length, dst.length);
	if (memchr_inv(dst.vaddr, VPRIME_POISON & 0xff, *length))
		run->stale = true;
	vprime_binding_unmap_piece(&dst);
	return 0;
}

static const engine_step engine_steps[] = {
	[VPRIME_ENGINE_FILL]	= step_fill,
	[VPRIME_ENGINE_COPY]	= step_copy,
	[VPRIME_ENGINE_SUM]	= step_sum,
	[VPRIME_ENGINE_VERIFY]	= step_verify,
};

static int run_chunk(struct engine_run *run, u64 dst_offset, u64 src_offset, u64 length)
{
	engine_step step = engine_steps[run->op->code];
	u64 done;
	int ret;

	for (; length; length -= done, dst_offset += done, src_offset += done) {
		done = length;
		ret = step(run, dst_offset, src_offset, &done);
		if (ret)
			return ret;
	}
	return 0;
}

static int run_row(struct engine_run *run, u64 dst_offset, u64 src_offset, u64 width)
{
	struct vprime_engine *engine = run->engine;
	u64 chunk;
	int ret;

	for (; width; width -= chunk, dst_offset += chunk, src_offset += chunk) {
		chunk = min_t(u64, width, CHUNK);
		vprime_port_lock(engine->port);
		ret = run_chunk(run, dst_offset, src_offset, chunk);
		vprime_port_unlock(engine->port);
		if (!ret)
			ret = READ_ONCE(engine->abort);
		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

static int store_sum(struct engine_run *run)
{
	struct vprime_engine *engine = run->engine;
	struct vprime_piece dst;
	int ret;

	vprime_port_lock(engine->port);
	ret = vprime_binding_map_piece(run->op->dst, run->op->dst_offset, &dst);
	if (!ret) {
		/* A multiple of 8, so it is in one piece. */
		memcpy(dst.vaddr, &run->sum, sizeof(run->sum));
		vprime_binding_unmap_piece(&dst);
	}
	vprime_port_unlock(engine->port);
	return ret;
}

static bool op_is_linear(const struct vprime_op *op)
{
	return op->height == 1 ||
	       (op->dst_pitch == op->width && (!op->src || op->src_pitch == op->width)) ||
	       (!op->dst_pitch && op->src_pitch == op->width);
}

static int run_rows(struct engine_run *run)
{
	const struct vprime_op *op = run->op;
	u64 dst_offset = op->dst_offset, src_offset = op->src_offset;
	u32 row;
	int ret;

	if (op_is_linear(op))
		return run_row(run, dst_offset, src_offset, op->width * op->height);

	for (row = 0; row < op->height; row++) {
		ret = run_row(run, dst_offset, src_offset, op->width);
		if (ret)
			return ret;
		dst_offset += op->dst_pitch;
		src_offset += op->src_pitch;
	}
	return 0;
}

/**
 * vprime_op_run - carry a command out
 * @engine: on which
 * @op: the command
 *
 * Context: may sleep, does not allocate: fences wait for it.
 * Return: 0; -EFAULT after a bus fault; the error with which the engine's job was aborted.
 */
int vprime_op_run(struct vprime_engine *engine, const struct vprime_op *op)
{
	struct engine_run run = { .engine = engine, .op = op };
	int ret;

	if (op->code == VPRIME_ENGINE_REVOKE) {
		vprime_binding_revoke_others(op->src);
		return 0;
	}

	ret = run_rows(&run);
	if (!ret && op->code == VPRIME_ENGINE_SUM)
		ret = store_sum(&run);
	if (run.stale)
		atomic64_inc(&engine->stale_writes);
	return ret;
}

static void fill_page(struct page *page, u32 value)
{
	u32 *words = kmap_local_page(page);

	memset32(words, value, PAGE_SIZE / sizeof(*words));
	kunmap_local(words);
}

/**
 * vprime_op_run_by_cpu - carry a command out without an engine
 * @op: the command, about all of the pages that it names
 *
 * For what has to be done although the engine did not do it: it was given up, or is gone. Neither
 * the bus nor the device is needed. Carrying a command out again that an engine has begun does no
 * harm. VERIFY is left out.
 *
 * Context: may sleep, does not allocate: fences wait for it.
 */
void vprime_op_run_by_cpu(const struct vprime_op *op)
{
	unsigned long i, pages = PFN_DOWN(vprime_op_bytes(op));

	if (op->code == VPRIME_ENGINE_REVOKE) {
		vprime_binding_revoke_others(op->src);
		return;
	}

	for (i = 0; i < pages; i++) {
		if (op->code == VPRIME_ENGINE_FILL)
			fill_page(op->dst_pages[i], op->value);
		else if (op->code == VPRIME_ENGINE_COPY)
			copy_highpage(op->dst_pages[i], op->src_pages[i]);
		cond_resched();
	}
}

/**
 * vprime_op_bytes - how much a command is about
 * @op: the command
 *
 * Context: any.
 * Return: bytes.
 */
u64 vprime_op_bytes(const struct vprime_op *op)
{
	return op->code == VPRIME_ENGINE_REVOKE ? 0 : op->width * op->height;
}
