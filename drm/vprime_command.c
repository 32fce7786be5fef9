// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_command.h"

#include <kunit/visibility.h>

#include <linux/bsearch.h>
#include <linux/dma-buf.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

#include <drm/drm_gem.h>

#include "vprime_bo.h"
#include "vprime_export.h"
#include "vprime_sched.h"

/**
 * DOC: Commands
 *
 * What user space writes and what the engine is told, and the checks between: every rectangle lies
 * inside of its buffer, so whatever is written, no memory is reached that its author was not given.
 */

static bool is_word_aligned(u64 value)
{
	return IS_ALIGNED(value, sizeof(u32));
}

/* Whether the rectangle that starts at @offset is inside of @size bytes. */
static bool rectangle_fits(u64 size, u64 offset, u32 pitch, u32 width, u32 height)
{
	u64 last_row = (u64)pitch * (height - 1);
	u64 end;

	if (check_add_overflow(offset, last_row, &end) || check_add_overflow(end, (u64)width, &end))
		return false;
	return end <= size;
}

static bool rectangle_is_valid(const struct vprime_bo *bo, u64 offset, u32 pitch, u32 width,
			       u32 height)
{
	if (!width || !height || !is_word_aligned(width) || !is_word_aligned(pitch) ||
	    !is_word_aligned(offset))
		return false;
	if (height > 1 && pitch < width)
		return false;
	return rectangle_fits(bo->tbo.base.size, offset, pitch, width, height);
}

static u64 rectangle_end(u64 offset, u32 pitch, u32 width, u32 height)
{
	return offset + (u64)pitch * (height - 1) + width;
}

static struct dma_buf *dmabuf_of(const struct vprime_bo *import)
{
	return import->tbo.base.import_attach->dmabuf;
}

/*
 * A file may have several handles of one object, and several objects that import one buffer. A
 * buffer of ours that has lost its last handle may be exported anew, as another dma-buf.
 */
static bool is_same_memory(const struct vprime_bo *a, const struct vprime_bo *b)
{
	struct vprime_bo *owner;

	if (a == b)
		return true;
	if (!vprime_bo_is_import(a) || !vprime_bo_is_import(b))
		return false;
	owner = vprime_export_to_bo(dmabuf_of(a));
	return dmabuf_of(a) == dmabuf_of(b) ||
	       (owner && owner == vprime_export_to_bo(dmabuf_of(b)));
}

/* Rectangles of one pitch overlap if any rows of theirs do; of two, if what they span does. */
static bool copy_overlaps(const struct drm_vprime_command *cmd, const struct vprime_bo *dst,
			  const struct vprime_bo *src)
{
	u64 dst_end = rectangle_end(cmd->dst_offset, cmd->dst_pitch, cmd->width, cmd->height);
	u64 src_end = rectangle_end(cmd->src_offset, cmd->src_pitch, cmd->width, cmd->height);
	u64 distance, column;

	if (!is_same_memory(dst, src) || cmd->dst_offset >= src_end || cmd->src_offset >= dst_end)
		return false;
	if (cmd->dst_pitch != cmd->src_pitch || cmd->height == 1)
		return true;

	distance = cmd->dst_offset > cmd->src_offset ? cmd->dst_offset - cmd->src_offset :
		   cmd->src_offset - cmd->dst_offset;
	column = distance % cmd->dst_pitch;
	return column < cmd->width || cmd->dst_pitch - column < cmd->width;
}

static bool has_no_src(const struct drm_vprime_command *cmd)
{
	return !cmd->src && !cmd->src_offset && !cmd->src_pitch;
}

static bool dst_is_valid(const struct drm_vprime_command *cmd, const struct vprime_bo *dst)
{
	return rectangle_is_valid(dst, cmd->dst_offset, cmd->dst_pitch, cmd->width, cmd->height);
}

static bool src_is_valid(const struct drm_vprime_command *cmd, const struct vprime_bo *src)
{
	return rectangle_is_valid(src, cmd->src_offset, cmd->src_pitch, cmd->width, cmd->height);
}

static bool nop_is_valid(const struct drm_vprime_command *cmd, const struct vprime_bo *dst,
			 const struct vprime_bo *src)
{
	const struct drm_vprime_command nothing = { .op = VPRIME_OP_NOP };

	return !memcmp(cmd, &nothing, sizeof(nothing));
}

static bool fill_is_valid(const struct drm_vprime_command *cmd, const struct vprime_bo *dst,
			  const struct vprime_bo *src)
{
	return has_no_src(cmd) && dst_is_valid(cmd, dst);
}

static bool copy_is_valid(const struct drm_vprime_command *cmd, const struct vprime_bo *dst,
			  const struct vprime_bo *src)
{
	return !cmd->value && dst_is_valid(cmd, dst) && src_is_valid(cmd, src) &&
	       !copy_overlaps(cmd, dst, src);
}

static bool sum_is_valid(const struct drm_vprime_command *cmd, const struct vprime_bo *dst,
			 const struct vprime_bo *src)
{
	return !cmd->value && !cmd->dst_pitch && IS_ALIGNED(cmd->dst_offset, sizeof(u64)) &&
	       rectangle_fits(dst->tbo.base.size, cmd->dst_offset, 0, sizeof(u64), 1) &&
	       src_is_valid(cmd, src);
}

/**
 * struct op_info - what is known of a VPRIME_OP_*
 * @code: for the engine
 * @has_dst: it writes a buffer
 * @has_src: it reads one
 * @is_valid: whether its fields make sense
 */
struct op_info {
	enum vprime_op_code code;
	bool has_dst;
	bool has_src;
	bool (*is_valid)(const struct drm_vprime_command *cmd, const struct vprime_bo *dst,
			 const struct vprime_bo *src);
};

static const struct op_info op_infos[] = {
	[VPRIME_OP_NOP] = {
		.is_valid = nop_is_valid,
	},
	[VPRIME_OP_FILL] = {
		.code = VPRIME_ENGINE_FILL,
		.has_dst = true,
		.is_valid = fill_is_valid,
	},
	[VPRIME_OP_COPY] = {
		.code = VPRIME_ENGINE_COPY,
		.has_dst = true,
		.has_src = true,
		.is_valid = copy_is_valid,
	},
	[VPRIME_OP_SUM] = {
		.code = VPRIME_ENGINE_SUM,
		.has_dst = true,
		.has_src = true,
		.is_valid = sum_is_valid,
	},
};

static int compare_bos(const void *a, const void *b)
{
	const struct vprime_command_bo *bo_a = a, *bo_b = b;

	return (bo_a->handle > bo_b->handle) - (bo_a->handle < bo_b->handle);
}

static struct vprime_command_bo *find_bo(const struct vprime_commands *commands, u32 handle)
{
	const struct vprime_command_bo key = { .handle = handle };

	return bsearch(&key, commands->bos, commands->bo_count, sizeof(key), compare_bos);
}

/* Each handle that is used, sorted, once; written if it ever is. */
static void collect_handles(struct vprime_commands *commands)
{
	struct vprime_command_bo *bos = commands->bos;
	u32 i, used = 0, kept = 0;

	for (i = 0; i < commands->count; i++) {
		const struct drm_vprime_command *cmd = &commands->array[i];

		if (op_infos[cmd->op].has_dst)
			bos[used++].handle = cmd->dst;
		if (op_infos[cmd->op].has_src)
			bos[used++].handle = cmd->src;
	}
	sort(bos, used, sizeof(*bos), compare_bos, NULL);
	for (i = 0; i < used; i++) {
		if (!kept || bos[kept - 1].handle != bos[i].handle)
			bos[kept++].handle = bos[i].handle;
	}
	commands->bo_count = kept;

	for (i = 0; i < commands->count; i++) {
		if (op_infos[commands->array[i].op].has_dst)
			find_bo(commands, commands->array[i].dst)->written = true;
	}
}

static int look_up_bos(struct vprime_commands *commands, struct drm_file *file)
{
	struct drm_gem_object *obj;
	u32 i;

	for (i = 0; i < commands->bo_count; i++) {
		obj = drm_gem_object_lookup(file, commands->bos[i].handle);
		if (!obj)
			return -ENOENT;
		commands->bos[i].bo = to_vprime_bo(obj);
	}
	return 0;
}

static struct vprime_bo *bo_of(const struct vprime_commands *commands, bool has, u32 handle)
{
	return has ? find_bo(commands, handle)->bo : NULL;
}

VISIBLE_IF_KUNIT int vprime_command_check(const struct vprime_commands *commands,
					  const struct drm_vprime_command *cmd)
{
	const struct op_info *info = &op_infos[cmd->op];

	if (cmd->flags || cmd->pad)
		return -EINVAL;
	return info->is_valid(cmd, bo_of(commands, info->has_dst, cmd->dst),
			      bo_of(commands, info->has_src, cmd->src)) ? 0 : -EINVAL;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_command_check);

static int check_commands(const struct vprime_commands *commands)
{
	u32 i;
	int ret = 0;

	for (i = 0; i < commands->count && !ret; i++)
		ret = vprime_command_check(commands, &commands->array[i]);
	return ret;
}

static int check_ops(const struct vprime_commands *commands)
{
	u32 i;

	for (i = 0; i < commands->count; i++) {
		if (commands->array[i].op >= ARRAY_SIZE(op_infos))
			return -EINVAL;
	}
	return 0;
}

static int copy_commands(struct vprime_commands *commands, const struct drm_vprime_submit *args)
{
	commands->count = args->command_count;
	if (!args->command_count)
		return 0;

	commands->array = kvmalloc_array(args->command_count, sizeof(*commands->array),
					 GFP_KERNEL_ACCOUNT);
	if (!commands->array)
		return -ENOMEM;
	if (copy_from_user(commands->array, u64_to_user_ptr(args->commands),
			   array_size(args->command_count, sizeof(*commands->array))))
		return -EFAULT;
	commands->bos = kvcalloc(args->command_count, 2 * sizeof(*commands->bos),
				 GFP_KERNEL_ACCOUNT);
	return commands->bos ? check_ops(commands) : -ENOMEM;
}

/**
 * vprime_commands_get - take the commands of a submission over from user space
 * @commands: to fill in
 * @file: who asks
 * @args: where they are; @command_count is within bounds
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: 0, and vprime_commands_put() is due; -EFAULT; -ENOENT for a handle that is none; -EINVAL
 * for any command that makes no sense; -ENOMEM.
 */
int vprime_commands_get(struct vprime_commands *commands, struct drm_file *file,
			const struct drm_vprime_submit *args)
{
	int ret;

	ret = copy_commands(commands, args);
	if (ret)
		goto err_put;
	collect_handles(commands);
	ret = look_up_bos(commands, file);
	if (ret)
		goto err_put;
	ret = check_commands(commands);
	if (ret)
		goto err_put;
	return 0;

err_put:
	vprime_commands_put(commands);
	return ret;
}

static struct vprime_binding *binding_of(const struct vprime_commands *commands, bool has,
					 u32 handle)
{
	return has ? find_bo(commands, handle)->binding : NULL;
}

/**
 * vprime_commands_emit - tell a job what to do
 * @commands: with the bindings of all buffers
 * @job: with room for all commands
 *
 * Context: the dma-resv locks of all buffers are held.
 */
void vprime_commands_emit(struct vprime_commands *commands, struct vprime_job *job)
{
	u32 i;

	for (i = 0; i < commands->count; i++) {
		const struct drm_vprime_command *cmd = &commands->array[i];
		const struct op_info *info = &op_infos[cmd->op];
		const struct vprime_op op = {
			.code		= info->code,
			.dst		= binding_of(commands, info->has_dst, cmd->dst),
			.src		= binding_of(commands, info->has_src, cmd->src),
			.dst_offset	= cmd->dst_offset,
			.src_offset	= cmd->src_offset,
			.dst_pitch	= cmd->dst_pitch,
			.src_pitch	= cmd->src_pitch,
			.width		= cmd->width,
			.height		= cmd->height,
			.value		= cmd->value,
		};

		if (info->has_dst)
			vprime_job_add_op(job, &op);
	}
}

/**
 * vprime_commands_put - the counterpart of vprime_commands_get()
 * @commands: filled in by it
 *
 * Context: may sleep. No dma-resv lock is held.
 */
void vprime_commands_put(struct vprime_commands *commands)
{
	u32 i;

	for (i = 0; i < commands->bo_count; i++) {
		if (commands->bos[i].bo)
			drm_gem_object_put(&commands->bos[i].bo->tbo.base);
	}
	kvfree(commands->bos);
	kvfree(commands->array);
}
