// SPDX-License-Identifier: MIT
/*
 * Finding what drives a screen, and talking to it in atomic commits.  What is
 * on a screen, and whether it is right, is the matter of picture.c.
 */
#include "kms.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "dmabuf.h"
#include "vprime.h"

#define OBJECTS_MAX 64
#define PROPERTIES_MAX 64
#define H_BLANK 64
#define V_BLANK 16

void kms_client_init(int gpu)
{
	static const uint64_t caps[] = {
		DRM_CLIENT_CAP_UNIVERSAL_PLANES,
		DRM_CLIENT_CAP_ATOMIC,
		DRM_CLIENT_CAP_WRITEBACK_CONNECTORS,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		struct drm_set_client_cap arg = { .capability = caps[i], .value = 1 };

		check_ret(__vprime_ioctl(gpu, DRM_IOCTL_SET_CLIENT_CAP, &arg), 0);
	}
}

struct drm_mode_modeinfo kms_mode(uint32_t width, uint32_t height, uint32_t hz)
{
	struct drm_mode_modeinfo mode = {
		.hdisplay = width,
		.hsync_start = width + H_BLANK / 4,
		.hsync_end = width + H_BLANK / 2,
		.htotal = width + H_BLANK,
		.vdisplay = height,
		.vsync_start = height + V_BLANK / 4,
		.vsync_end = height + V_BLANK / 2,
		.vtotal = height + V_BLANK,
		.vrefresh = hz,
		.type = DRM_MODE_TYPE_USERDEF,
	};

	mode.clock = (uint64_t)mode.htotal * mode.vtotal * hz / 1000;
	snprintf(mode.name, sizeof(mode.name), "%" PRIu32 "x%" PRIu32, width, height);
	return mode;
}

uint64_t kms_mode_period_ns(const struct drm_mode_modeinfo *mode)
{
	return (uint64_t)mode->htotal * mode->vtotal * 1000000 / mode->clock;
}

static bool property_is(int gpu, uint32_t id, const char *name)
{
	struct drm_mode_get_property arg = { .prop_id = id };

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_GETPROPERTY, &arg), 0);
	return !strcmp(arg.name, name);
}

bool kms_find_property(int gpu, uint32_t object, const char *name, uint32_t *id, uint64_t *value)
{
	uint32_t ids[PROPERTIES_MAX];
	uint64_t values[PROPERTIES_MAX];
	struct drm_mode_obj_get_properties arg = {
		.props_ptr = (uintptr_t)ids,
		.prop_values_ptr = (uintptr_t)values,
		.count_props = PROPERTIES_MAX,
		.obj_id = object,
	};
	uint32_t i;

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &arg), 0);
	check_le(arg.count_props, PROPERTIES_MAX);
	for (i = 0; i < arg.count_props; i++) {
		if (!property_is(gpu, ids[i], name))
			continue;
		*id = ids[i];
		*value = values[i];
		return true;
	}
	return false;
}

static void get_property(int gpu, uint32_t object, const char *name, uint32_t *id,
			 uint64_t *value)
{
	check_msg(kms_find_property(gpu, object, name, id, value),
		  "object %u has no property %s", object, name);
}

uint32_t kms_property(int gpu, uint32_t object, const char *name)
{
	uint64_t value;
	uint32_t id;

	get_property(gpu, object, name, &id, &value);
	return id;
}

uint64_t kms_property_value(int gpu, uint32_t object, const char *name)
{
	uint64_t value;
	uint32_t id;

	get_property(gpu, object, name, &id, &value);
	return value;
}

int __kms_create_blob(int gpu, const void *data, uint32_t size, uint32_t *id)
{
	struct drm_mode_create_blob arg = { .data = (uintptr_t)data, .length = size };
	int ret = __vprime_ioctl(gpu, DRM_IOCTL_MODE_CREATEPROPBLOB, &arg);

	*id = arg.blob_id;
	return ret;
}

uint32_t kms_create_blob(int gpu, const void *data, uint32_t size)
{
	uint32_t id = 0;

	check_ret(__kms_create_blob(gpu, data, size, &id), 0);
	return id;
}

static void find_planes(struct kms_head *head)
{
	uint32_t ids[OBJECTS_MAX];
	struct drm_mode_get_plane_res res = {
		.plane_id_ptr = (uintptr_t)ids,
		.count_planes = OBJECTS_MAX,
	};
	uint32_t *const by_type[] = { &head->overlay, &head->primary, &head->cursor };
	uint32_t i;

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETPLANERESOURCES, &res), 0);
	check_le(res.count_planes, OBJECTS_MAX);
	for (i = 0; i < res.count_planes; i++) {
		struct drm_mode_get_plane plane = { .plane_id = ids[i] };

		check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETPLANE, &plane), 0);
		if (plane.possible_crtcs & 1u << head->pipe)
			*by_type[kms_property_value(head->gpu, ids[i], "type")] = ids[i];
	}
	check_ne(head->primary, 0);
}

static bool encoder_reaches(int gpu, uint32_t encoder, unsigned int pipe)
{
	struct drm_mode_get_encoder arg = { .encoder_id = encoder };

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_GETENCODER, &arg), 0);
	return arg.possible_crtcs & 1u << pipe;
}

/* Room for a mode keeps the kernel from probing for modes that nobody wants here. */
static void consider_connector(struct kms_head *head, uint32_t id)
{
	uint32_t encoders[OBJECTS_MAX];
	struct drm_mode_modeinfo mode;
	struct drm_mode_get_connector arg = {
		.connector_id = id,
		.encoders_ptr = (uintptr_t)encoders,
		.count_encoders = OBJECTS_MAX,
		.modes_ptr = (uintptr_t)&mode,
		.count_modes = 1,
	};

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_GETCONNECTOR, &arg), 0);
	if (!arg.count_encoders || !encoder_reaches(head->gpu, encoders[0], head->pipe))
		return;
	if (arg.connector_type == DRM_MODE_CONNECTOR_WRITEBACK)
		head->writeback = id;
	else
		head->connector = id;
}

void kms_head_init(struct kms_head *head, int gpu, unsigned int pipe)
{
	uint32_t crtcs[OBJECTS_MAX], connectors[OBJECTS_MAX];
	struct drm_mode_card_res res = {
		.crtc_id_ptr = (uintptr_t)crtcs,
		.count_crtcs = OBJECTS_MAX,
		.connector_id_ptr = (uintptr_t)connectors,
		.count_connectors = OBJECTS_MAX,
	};
	uint32_t i;

	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_GETRESOURCES, &res), 0);
	check_lt(pipe, res.count_crtcs);
	check_le(res.count_connectors, OBJECTS_MAX);
	*head = (struct kms_head){
		.gpu = gpu,
		.pipe = pipe,
		.crtc = crtcs[pipe],
		.mode = kms_mode(KMS_WIDTH, KMS_HEIGHT, KMS_HZ),
	};
	find_planes(head);
	for (i = 0; i < res.count_connectors; i++)
		consider_connector(head, connectors[i]);
	check_ne(head->connector, 0);
}

void kms_commit_init(struct kms_commit *commit, int gpu)
{
	commit->gpu = gpu;
	commit->count = 0;
}

uint64_t *kms_commit_add(struct kms_commit *commit, uint32_t object, const char *property,
			 uint64_t value)
{
	uint32_t at = commit->count++;

	check_lt(at, KMS_COMMIT_MAX);
	commit->objects[at] = object;
	commit->properties[at] = kms_property(commit->gpu, object, property);
	commit->values[at] = value;
	return &commit->values[at];
}

void kms_commit_mode(struct kms_commit *commit, const struct kms_head *head)
{
	uint32_t blob = kms_create_blob(head->gpu, &head->mode, sizeof(head->mode));

	kms_commit_add(commit, head->connector, "CRTC_ID", head->crtc);
	kms_commit_add(commit, head->crtc, "MODE_ID", blob);
	kms_commit_add(commit, head->crtc, "ACTIVE", 1);
}

void kms_commit_off(struct kms_commit *commit, const struct kms_head *head)
{
	kms_commit_add(commit, head->connector, "CRTC_ID", 0);
	kms_commit_add(commit, head->crtc, "MODE_ID", 0);
	kms_commit_add(commit, head->crtc, "ACTIVE", 0);
	kms_commit_add(commit, head->primary, "FB_ID", 0);
	kms_commit_add(commit, head->primary, "CRTC_ID", 0);
	if (head->writeback)
		kms_commit_add(commit, head->writeback, "CRTC_ID", 0);
}

void kms_commit_plane(struct kms_commit *commit, const struct kms_head *head, uint32_t plane,
		      uint32_t fb, const struct drm_mode_rect *at)
{
	uint64_t width = at->x2 - at->x1, height = at->y2 - at->y1;

	kms_commit_add(commit, plane, "FB_ID", fb);
	kms_commit_add(commit, plane, "CRTC_ID", head->crtc);
	kms_commit_add(commit, plane, "SRC_X", 0);
	kms_commit_add(commit, plane, "SRC_Y", 0);
	kms_commit_add(commit, plane, "SRC_W", width << 16);
	kms_commit_add(commit, plane, "SRC_H", height << 16);
	kms_commit_add(commit, plane, "CRTC_X", at->x1);
	kms_commit_add(commit, plane, "CRTC_Y", at->y1);
	kms_commit_add(commit, plane, "CRTC_W", width);
	kms_commit_add(commit, plane, "CRTC_H", height);
}

int __kms_commit(const struct kms_commit *commit, uint32_t flags, uint64_t user_data)
{
	uint32_t ones[KMS_COMMIT_MAX];
	struct drm_mode_atomic arg = {
		.flags = flags,
		.count_objs = commit->count,
		.objs_ptr = (uintptr_t)commit->objects,
		.count_props_ptr = (uintptr_t)ones,
		.props_ptr = (uintptr_t)commit->properties,
		.prop_values_ptr = (uintptr_t)commit->values,
		.user_data = user_data,
	};
	uint32_t i;

	for (i = 0; i < commit->count; i++)
		ones[i] = 1;
	return __vprime_ioctl(commit->gpu, DRM_IOCTL_MODE_ATOMIC, &arg);
}

void kms_commit(const struct kms_commit *commit, uint32_t flags, uint64_t user_data)
{
	check_ret(__kms_commit(commit, flags, user_data), 0);
}

int __kms_show(const struct kms_head *head, uint32_t fb)
{
	const struct drm_mode_rect all = { .x2 = head->mode.hdisplay, .y2 = head->mode.vdisplay };
	struct kms_commit commit;

	kms_commit_init(&commit, head->gpu);
	kms_commit_mode(&commit, head);
	kms_commit_plane(&commit, head, head->primary, fb, &all);
	return __kms_commit(&commit, DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
}

void kms_show(const struct kms_head *head, uint32_t fb)
{
	check_ret(__kms_show(head, fb), 0);
}

void kms_turn_off(const struct kms_head *head)
{
	struct kms_commit commit;

	kms_commit_init(&commit, head->gpu);
	kms_commit_off(&commit, head);
	kms_commit(&commit, DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
}

int __kms_queue_flip(const struct kms_head *head, uint32_t fb, uint64_t user_data)
{
	struct kms_commit commit;

	kms_commit_init(&commit, head->gpu);
	kms_commit_add(&commit, head->primary, "FB_ID", fb);
	return __kms_commit(&commit, DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT,
			    user_data);
}

void kms_queue_flip(const struct kms_head *head, uint32_t fb, uint64_t user_data)
{
	check_ret(__kms_queue_flip(head, fb, user_data), 0);
}

static void parse_vblank(const struct drm_event *base, struct kms_event *event)
{
	const struct drm_event_vblank *vblank = (const struct drm_event_vblank *)base;

	*event = (struct kms_event){
		.type = base->type,
		.crtc = vblank->crtc_id,
		.user_data = vblank->user_data,
		.sequence = vblank->sequence,
		.time_ns = vblank->tv_sec * 1000000000ull + vblank->tv_usec * 1000ull,
	};
}

static void parse_sequence(const struct drm_event *base, struct kms_event *event)
{
	const struct drm_event_crtc_sequence *sequence =
		(const struct drm_event_crtc_sequence *)base;

	*event = (struct kms_event){
		.type = base->type,
		.user_data = sequence->user_data,
		.sequence = sequence->sequence,
		.time_ns = sequence->time_ns,
	};
}

/* A read takes as many events as fit: here there is room for one. */
void kms_read_event(int gpu, struct kms_event *event)
{
	union {
		struct drm_event base;
		struct drm_event_vblank vblank;
		struct drm_event_crtc_sequence sequence;
	} buf;
	ssize_t len = check_ok(neg_errno(read(gpu, &buf, sizeof(buf))));

	check_eq(len, buf.base.length);
	if (buf.base.type == DRM_EVENT_CRTC_SEQUENCE)
		parse_sequence(&buf.base, event);
	else
		parse_vblank(&buf.base, event);
}

bool kms_event_pending(int gpu)
{
	struct pollfd poller = { .fd = gpu, .events = POLLIN };

	return check_ok(neg_errno(poll(&poller, 1, 0)));
}

void kms_flip(const struct kms_head *head, uint32_t fb, struct kms_event *event)
{
	kms_queue_flip(head, fb, fb);
	kms_read_event(head->gpu, event);
	check_eq(event->type, DRM_EVENT_FLIP_COMPLETE);
	check_eq(event->user_data, fb);
	check_eq(event->crtc, head->crtc);
}

int __kms_vblank(const struct kms_head *head, uint64_t *sequence, uint64_t *time_ns)
{
	struct drm_crtc_get_sequence arg = { .crtc_id = head->crtc };
	int ret = __vprime_ioctl(head->gpu, DRM_IOCTL_CRTC_GET_SEQUENCE, &arg);

	*sequence = arg.sequence;
	*time_ns = arg.sequence_ns;
	return ret;
}

void kms_vblank(const struct kms_head *head, uint64_t *sequence, uint64_t *time_ns)
{
	check_ret(__kms_vblank(head, sequence, time_ns), 0);
}

/* The kernel gives up after some seconds, which a slow machine may need. */
void kms_wait_vblanks(const struct kms_head *head, unsigned int count)
{
	uint64_t from, now, time_ns;

	kms_vblank(head, &from, &time_ns);
	do {
		union drm_wait_vblank arg = {
			.request = {
				.type = _DRM_VBLANK_RELATIVE |
					head->pipe << _DRM_VBLANK_HIGH_CRTC_SHIFT,
				.sequence = 1,
			},
		};

		check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_WAIT_VBLANK, &arg), 0);
		kms_vblank(head, &now, &time_ns);
	} while (now < from + count);
}

void kms_queue_sequence(const struct kms_head *head, uint64_t sequence, uint64_t user_data)
{
	struct drm_crtc_queue_sequence arg = {
		.crtc_id = head->crtc,
		.sequence = sequence,
		.user_data = user_data,
	};

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_CRTC_QUEUE_SEQUENCE, &arg), 0);
}

static void call_cursor(const struct kms_head *head, struct drm_mode_cursor2 arg)
{
	arg.crtc_id = head->crtc;
	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_CURSOR2, &arg), 0);
}

void kms_set_cursor(const struct kms_head *head, uint32_t handle, uint32_t size, int hot_x,
		    int hot_y)
{
	call_cursor(head, (struct drm_mode_cursor2){
		.flags = DRM_MODE_CURSOR_BO,
		.handle = handle,
		.width = size,
		.height = size,
		.hot_x = hot_x,
		.hot_y = hot_y,
	});
}

void kms_move_cursor(const struct kms_head *head, int x, int y)
{
	call_cursor(head, (struct drm_mode_cursor2){
		.flags = DRM_MODE_CURSOR_MOVE,
		.x = x,
		.y = y,
	});
}

void kms_debugfs_path(int gpu, const char *name, char *path, size_t size)
{
	struct stat node;

	check_ok(neg_errno(fstat(gpu, &node)));
	snprintf(path, size, "/sys/kernel/debug/dri/%u/%s", minor(node.st_rdev), name);
}

uint64_t kms_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}
