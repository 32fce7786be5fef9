/* SPDX-License-Identifier: MIT */
/*
 * Fences by hand: sw_sync timelines, and sync_files.
 */
#ifndef IGT_TESTS_SW_SYNC_H
#define IGT_TESTS_SW_SYNC_H

#include <stdbool.h>
#include <stdint.h>

/* A timeline at 0.  Closing it signals what is left of its fences, as errors. */
int sw_sync_timeline(void);
/* A sync_file that signals once the timeline has reached @point. */
int sw_sync_fence(int timeline, uint32_t point);
void sw_sync_advance(int timeline, uint32_t steps);

bool sync_file_signalled(int sync_file);
/* Fences inside, or -errno where it is no sync_file. */
int __sync_file_fences(int sync_file);
int sync_file_fences(int sync_file);
/* A sync_file of both. */
int sync_file_merge(int a, int b);

/* Put a fence at @point of the timeline into the buffer. */
void sw_sync_attach(int dmabuf, int timeline, uint32_t point, uint32_t flags);

#endif
