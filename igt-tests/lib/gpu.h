/* SPDX-License-Identifier: MIT */
/*
 * vprime's GPUs: the two that are always there, and such as a subtest makes
 * for itself.  __x() returns -errno, x() asserts.
 */
#ifndef IGT_TESTS_GPU_H
#define IGT_TESTS_GPU_H

#include <stddef.h>

/* The pair that comes with the driver. */
#define DISPLAY "display"
#define RENDER "render"
/* What subtests call GPUs of their own. */
#define OWN "igt"
#define OWN_PEER "igt-peer"

struct gpu_setting {
	const char *key;
	const char *value;
};

/* Its primary node; skips the subtest where vprime is not loaded. */
int gpu_open(const char *name);
/* Its render node, or -ENOENT where it has none. */
int __gpu_open_render(const char *name);

/*
 * Makes a GPU and opens it; one of the same name that an earlier subtest left
 * is removed first.  @settings ends with a row without a key, NULL for none.
 */
int gpu_create(const char *name, const struct gpu_setting *settings);
/* The usual one: this much VRAM, a render node, and no settings else. */
int gpu_create_small(const char *name, size_t vram);
void gpu_destroy(const char *name);

int __gpu_set(const char *name, const char *key, const char *value);
void gpu_set(const char *name, const char *key, const char *value);
void gpu_unplug(const char *name);
void gpu_plug(const char *name);

#endif
