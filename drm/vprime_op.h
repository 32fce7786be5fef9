/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_OP_H_
#define _VPRIME_OP_H_

#include <linux/types.h>

struct page;
struct vprime_binding;
struct vprime_engine;

/**
 * enum vprime_op_code - what the silicon can do
 * @VPRIME_ENGINE_FILL: every word of the rectangle at dst becomes value
 * @VPRIME_ENGINE_COPY: the rectangle at src goes to dst
 * @VPRIME_ENGINE_SUM: the words of the rectangle at src are added up into a 64-bit word at dst
 * @VPRIME_ENGINE_VERIFY: the rectangle at dst should be poison; counted if it is not
 * @VPRIME_ENGINE_REVOKE: nobody else may use src any more
 */
enum vprime_op_code {
	VPRIME_ENGINE_FILL,
	VPRIME_ENGINE_COPY,
	VPRIME_ENGINE_SUM,
	VPRIME_ENGINE_VERIFY,
	VPRIME_ENGINE_REVOKE,
};

/* What is left in VRAM that a buffer has moved out of. */
#define VPRIME_POISON 0x6b6b6b6b

/**
 * struct vprime_op - one command for the silicon
 * @code: what to do
 * @dst: what is written; the job holds a reference
 * @src: what is read; the job holds a reference
 * @dst_offset: in bytes, of the rectangle
 * @src_offset: in bytes, of the rectangle
 * @dst_pitch: in bytes from row to row
 * @src_pitch: in bytes from row to row
 * @width: bytes in a row, a multiple of 4
 * @height: rows
 * @value: for FILL
 * @dst_pages: all that is behind @dst, for vprime_op_run_by_cpu(); NULL if that is not called
 * @src_pages: all that is behind @src, the same
 */
struct vprime_op {
	enum vprime_op_code code;
	struct vprime_binding *dst;
	struct vprime_binding *src;
	u64 dst_offset;
	u64 src_offset;
	u64 dst_pitch;
	u64 src_pitch;
	u64 width;
	u32 height;
	u32 value;
	struct page **dst_pages;
	struct page **src_pages;
};

int vprime_op_run(struct vprime_engine *engine, const struct vprime_op *op);
void vprime_op_run_by_cpu(const struct vprime_op *op);
u64 vprime_op_bytes(const struct vprime_op *op);

#endif
