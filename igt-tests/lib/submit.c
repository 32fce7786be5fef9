// SPDX-License-Identifier: MIT
/*
 * Makes submissions of vprime's commands.  The gate holds a job up by a fence
 * that the subtest signals itself, so that no subtest has to be quick.
 */
#include "submit.h"

#include "check.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "sw_sync.h"
#include "syncobj.h"

struct drm_vprime_command command_fill(uint32_t dst, uint64_t offset, uint32_t bytes,
				       uint32_t value)
{
	return (struct drm_vprime_command){
		.op = VPRIME_OP_FILL,
		.dst = dst,
		.dst_offset = offset,
		.dst_pitch = bytes,
		.width = bytes,
		.height = 1,
		.value = value,
	};
}

struct drm_vprime_command command_copy(uint32_t dst, uint32_t src, uint32_t bytes)
{
	return (struct drm_vprime_command){
		.op = VPRIME_OP_COPY,
		.dst = dst,
		.src = src,
		.dst_pitch = bytes,
		.src_pitch = bytes,
		.width = bytes,
		.height = 1,
	};
}

struct drm_vprime_command command_sum(uint32_t dst, uint64_t dst_offset, uint32_t src,
				      uint32_t bytes)
{
	return (struct drm_vprime_command){
		.op = VPRIME_OP_SUM,
		.dst = dst,
		.dst_offset = dst_offset,
		.src = src,
		.src_pitch = bytes,
		.width = bytes,
		.height = 1,
	};
}

struct drm_vprime_submit submission(const struct drm_vprime_command *commands,
				    uint32_t count)
{
	return (struct drm_vprime_submit){
		.commands = (uintptr_t)commands,
		.command_count = count,
	};
}

int __submit(int gpu, struct drm_vprime_submit *submit)
{
	return __vprime_ioctl(gpu, DRM_IOCTL_VPRIME_SUBMIT, submit);
}

void submit(int gpu, struct drm_vprime_submit *arg)
{
	check_ret(__submit(gpu, arg), 0);
}

int __submit_command(int gpu, const struct drm_vprime_command *command)
{
	struct drm_vprime_submit arg = submission(command, 1);

	return __submit(gpu, &arg);
}

void submit_command(int gpu, const struct drm_vprime_command *command)
{
	check_ret(__submit_command(gpu, command), 0);
}

void submit_synced(int gpu, const struct drm_vprime_command *command, uint32_t in,
		   uint32_t out, uint32_t flags)
{
	const struct drm_vprime_sync wait = { .handle = in }, signal = { .handle = out };
	struct drm_vprime_submit arg = submission(command, 1);

	arg.flags = flags;
	arg.in_syncs = (uintptr_t)&wait;
	arg.in_sync_count = in != 0;
	arg.out_syncs = (uintptr_t)&signal;
	arg.out_sync_count = out != 0;
	submit(gpu, &arg);
}

void engine_fill(int gpu, uint32_t handle, uint32_t bytes, uint32_t value)
{
	struct drm_vprime_command fill = command_fill(handle, 0, bytes, value);

	submit_command(gpu, &fill);
	vprime_bo_wait(gpu, handle);
}

uint64_t engine_sum(int gpu, uint32_t handle, uint32_t bytes)
{
	uint32_t result = vprime_bo_create(gpu, PAGE_BYTES, TT);
	struct drm_vprime_command sum = command_sum(result, 0, handle, bytes);
	uint64_t *at = vprime_bo_mmap(gpu, result, PAGE_BYTES), value;

	/* A sum that was never written is no sum that a test expects. */
	*at = UINT64_MAX;
	submit_command(gpu, &sum);
	vprime_bo_wait(gpu, result);
	value = *at;
	dmabuf_munmap(at, PAGE_BYTES);
	drm_close_handle(gpu, result);
	return value;
}

/*
 * The descriptor of the fence stays open, and has a higher number than that of
 * its timeline: a timeline that is closed by the end of a failed subtest must
 * not be the last to know the fence, or 6.12's sw_sync takes its lock twice.
 */
void gate_init(struct gate *gate, int gpu)
{
	*gate = (struct gate){
		.gpu = gpu,
		.timeline = sw_sync_timeline(),
		.syncobj = syncobj_create(gpu),
	};
	gate->fence = sw_sync_fence(gate->timeline, 1);
	check_lt(gate->timeline, gate->fence);
	syncobj_import_sync_file(gpu, gate->syncobj, gate->fence);
}

void gate_open(struct gate *gate)
{
	sw_sync_advance(gate->timeline, 1);
}

/* Its GPU may have gone, and the syncobj with it. */
void gate_leave(struct gate *gate)
{
	close_fd(gate->timeline);
	close_fd(gate->fence);
}

void gate_fini(struct gate *gate)
{
	syncobj_destroy(gate->gpu, gate->syncobj);
	gate_leave(gate);
}
