/* SPDX-License-Identifier: MIT */
/*
 * Work for vprime's engine.  __x() returns -errno, x() asserts.
 */
#ifndef IGT_TESTS_SUBMIT_H
#define IGT_TESTS_SUBMIT_H

#include "vprime.h"

/* Commands on whole rows of bytes; change what is to be otherwise. */
struct drm_vprime_command command_fill(uint32_t dst, uint64_t offset, uint32_t bytes,
				       uint32_t value);
struct drm_vprime_command command_copy(uint32_t dst, uint32_t src, uint32_t bytes);
struct drm_vprime_command command_sum(uint32_t dst, uint64_t dst_offset, uint32_t src,
				      uint32_t bytes);

/* As it is handed to the kernel, without syncobjs; @command may be NULL. */
struct drm_vprime_submit submission(const struct drm_vprime_command *commands,
				    uint32_t count);

int __submit(int gpu, struct drm_vprime_submit *submit);
void submit(int gpu, struct drm_vprime_submit *submit);
int __submit_command(int gpu, const struct drm_vprime_command *command);
void submit_command(int gpu, const struct drm_vprime_command *command);
/* One command that waits for a syncobj, signals another, or both; 0 for none. */
void submit_synced(int gpu, const struct drm_vprime_command *command, uint32_t in,
		   uint32_t out, uint32_t flags);

/* Fill a buffer, by the engine, and wait for it. */
void engine_fill(int gpu, uint32_t handle, uint32_t bytes, uint32_t value);
/* The engine's sum of a buffer's 32-bit words. */
uint64_t engine_sum(int gpu, uint32_t handle, uint32_t bytes);

/*
 * A gate: a syncobj that signals when it is opened.  A job that has it among
 * its in-syncs is held up until then.
 */
struct gate {
	int gpu;
	int timeline;
	int fence;
	uint32_t syncobj;
};

void gate_init(struct gate *gate, int gpu);
void gate_open(struct gate *gate);
void gate_fini(struct gate *gate);
/* Without the syncobj, for a client that is gone. */
void gate_leave(struct gate *gate);

#endif
