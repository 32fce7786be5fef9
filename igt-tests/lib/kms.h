/* SPDX-License-Identifier: MIT */
/*
 * Screens: finding what drives one, commits, framebuffers and events.  Every
 * screen has a small mode of its own making, as emulated machines compose
 * slowly.  __x() returns -errno, x() asserts.
 */
#ifndef IGT_TESTS_KMS_H
#define IGT_TESTS_KMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libdrm/drm.h>
#include <libdrm/drm_fourcc.h>

/* Of the usual screen. */
#define KMS_WIDTH 256
#define KMS_HEIGHT 128
#define KMS_HZ 60
/* Of a picture on it, without any gaps, so that any exporter has room for one. */
#define KMS_PITCH (KMS_WIDTH * 4)
#define KMS_BYTES (KMS_PITCH * KMS_HEIGHT)

/**
 * struct kms_head - what drives one screen
 * @gpu: whose
 * @pipe: number of its CRTC
 * @crtc: object id, as all that follow
 * @connector: where the monitor is
 * @writeback: connector, 0 where there is none
 * @primary: plane
 * @overlay: plane, 0 where there is none
 * @cursor: plane, 0 where there is none
 * @mode: that it has, or will have
 */
struct kms_head {
	int gpu;
	unsigned int pipe;
	uint32_t crtc;
	uint32_t connector;
	uint32_t writeback;
	uint32_t primary;
	uint32_t overlay;
	uint32_t cursor;
	struct drm_mode_modeinfo mode;
};

/* Asks for atomic commits, all planes, and writeback connectors. */
void kms_client_init(int gpu);
/* With the usual mode.  @gpu has been through kms_client_init(). */
void kms_head_init(struct kms_head *head, int gpu, unsigned int pipe);
struct drm_mode_modeinfo kms_mode(uint32_t width, uint32_t height, uint32_t hz);
uint64_t kms_mode_period_ns(const struct drm_mode_modeinfo *mode);

/* Returns false where the object has no such property. */
bool kms_find_property(int gpu, uint32_t object, const char *name, uint32_t *id, uint64_t *value);
uint32_t kms_property(int gpu, uint32_t object, const char *name);
uint64_t kms_property_value(int gpu, uint32_t object, const char *name);
int __kms_create_blob(int gpu, const void *data, uint32_t size, uint32_t *id);
uint32_t kms_create_blob(int gpu, const void *data, uint32_t size);

#define KMS_COMMIT_MAX 320

/**
 * struct kms_commit - an atomic commit in the making; may be made many times
 * @gpu: where
 * @count: so many properties
 * @objects: whose they are
 * @properties: which
 * @values: that they get
 */
struct kms_commit {
	int gpu;
	uint32_t count;
	uint32_t objects[KMS_COMMIT_MAX];
	uint32_t properties[KMS_COMMIT_MAX];
	uint64_t values[KMS_COMMIT_MAX];
};

void kms_commit_init(struct kms_commit *commit, int gpu);
/* Returns where the value stands, to be changed for another commit. */
uint64_t *kms_commit_add(struct kms_commit *commit, uint32_t object, const char *property,
			 uint64_t value);
/* The screen is on, in its mode. */
void kms_commit_mode(struct kms_commit *commit, const struct kms_head *head);
void kms_commit_off(struct kms_commit *commit, const struct kms_head *head);
/* A plane shows the whole of a framebuffer, at that place of the screen. */
void kms_commit_plane(struct kms_commit *commit, const struct kms_head *head, uint32_t plane,
		      uint32_t fb, const struct drm_mode_rect *at);
int __kms_commit(const struct kms_commit *commit, uint32_t flags, uint64_t user_data);
void kms_commit(const struct kms_commit *commit, uint32_t flags, uint64_t user_data);

/* Turns the screen on with a framebuffer that fills it, and waits for that. */
int __kms_show(const struct kms_head *head, uint32_t fb);
void kms_show(const struct kms_head *head, uint32_t fb);
void kms_turn_off(const struct kms_head *head);
/* Asks for a flip to a framebuffer that fills the screen; its event has @user_data. */
int __kms_queue_flip(const struct kms_head *head, uint32_t fb, uint64_t user_data);
void kms_queue_flip(const struct kms_head *head, uint32_t fb, uint64_t user_data);

/**
 * struct kms_event - the kernel has told of something
 * @type: DRM_EVENT_*
 * @crtc: whose
 * @user_data: of who asked for it
 * @sequence: number of the vblank
 * @time_ns: of it, of CLOCK_MONOTONIC; of a flip in whole microseconds
 */
struct kms_event {
	uint32_t type;
	uint32_t crtc;
	uint64_t user_data;
	uint64_t sequence;
	uint64_t time_ns;
};

/* Waits for the next one. */
void kms_read_event(int gpu, struct kms_event *event);
bool kms_event_pending(int gpu);
/* Flips, and waits until that is over. */
void kms_flip(const struct kms_head *head, uint32_t fb, struct kms_event *event);

/* Waits until so many more vblanks have been. */
void kms_wait_vblanks(const struct kms_head *head, unsigned int count);
/* Which vblank was the last, and when. */
int __kms_vblank(const struct kms_head *head, uint64_t *sequence, uint64_t *time_ns);
void kms_vblank(const struct kms_head *head, uint64_t *sequence, uint64_t *time_ns);
/* Asks for an event at that vblank. */
void kms_queue_sequence(const struct kms_head *head, uint64_t sequence, uint64_t user_data);

/* The legacy cursor ioctl.  Handle 0 hides the cursor. */
void kms_set_cursor(const struct kms_head *head, uint32_t handle, uint32_t size, int hot_x,
		    int hot_y);
void kms_move_cursor(const struct kms_head *head, int x, int y);

/* Where a file about the GPU is in debugfs. */
void kms_debugfs_path(int gpu, const char *name, char *path, size_t size);

uint64_t kms_now_ns(void);

#endif
