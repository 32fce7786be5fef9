// SPDX-License-Identifier: MIT
/*
 * The hot-spot of a cursor, its pixel that points at things.  A GPU that asks
 * for it hides its cursors from atomic clients that do not know of it.
 */
#include <stdio.h>

#include "dmabuf.h"
#include "gpu.h"
#include "kms.h"
#include "picture.h"
#include "procfs.h"
#include "subtest.h"
#include "vprime.h"

#ifndef DRM_CLIENT_CAP_CURSOR_PLANE_HOTSPOT	/* libdrm of Debian 12 */
#define DRM_CLIENT_CAP_CURSOR_PLANE_HOTSPOT 6
#endif

#define CURSOR_SIZE 64
#define STATE_SIZE 65536

static const struct gpu_setting without[] = { { "heads", "1" }, { } };
static const struct gpu_setting with[] = { { "heads", "1" }, { "cursor_hotspot", "1" }, { } };

static int __know_hotspots(int gpu)
{
	struct drm_set_client_cap arg = {
		.capability = DRM_CLIENT_CAP_CURSOR_PLANE_HOTSPOT,
		.value = 1,
	};

	return __vprime_ioctl(gpu, DRM_IOCTL_SET_CLIENT_CAP, &arg);
}

static void done(int gpu)
{
	close_fd(gpu);
	gpu_destroy(OWN);
}

static bool has_hotspot(const struct kms_head *head, uint32_t plane)
{
	uint64_t value;
	uint32_t id;

	return kms_find_property(head->gpu, plane, "HOTSPOT_X", &id, &value) &&
	       kms_find_property(head->gpu, plane, "HOTSPOT_Y", &id, &value);
}

static void off(void)
{
	int gpu = gpu_create(OWN, without);
	struct kms_head head;

	kms_client_init(gpu);
	check_ret(__know_hotspots(gpu), -EOPNOTSUPP);
	kms_head_init(&head, gpu, 0);
	check_ne(head.cursor, 0);
	check(!has_hotspot(&head, head.cursor));
	done(gpu);
}

static void hidden(void)
{
	int gpu = gpu_create(OWN, with);
	struct kms_head head;

	check_ret(__know_hotspots(gpu), -EINVAL);
	kms_client_init(gpu);
	kms_head_init(&head, gpu, 0);
	check_eq(head.cursor, 0);
	check_ret(__know_hotspots(gpu), 0);
	kms_head_init(&head, gpu, 0);
	check_ne(head.cursor, 0);
	check(has_hotspot(&head, head.cursor));
	check(!has_hotspot(&head, head.primary));
	done(gpu);
}

/* The screen is on, and its cursor is not. */
struct pointer {
	struct kms_head head;
	struct picture_buffer picture;
	struct picture_buffer cursor;
};

static void pointer_init(struct pointer *pointer)
{
	int gpu = gpu_create(OWN, with);

	kms_client_init(gpu);
	check_ok(__know_hotspots(gpu));
	kms_head_init(&pointer->head, gpu, 0);
	picture_buffer_init(&pointer->picture, gpu);
	picture_buffer_init_size(&pointer->cursor, gpu, CURSOR_SIZE, CURSOR_SIZE);
	kms_show(&pointer->head, pointer->picture.fb);
}

static void pointer_fini(struct pointer *pointer)
{
	kms_turn_off(&pointer->head);
	picture_buffer_fini(&pointer->cursor);
	picture_buffer_fini(&pointer->picture);
	done(pointer->head.gpu);
}

static void check_told(const struct pointer *pointer, int x, int y)
{
	static char state[STATE_SIZE];
	char path[64], expected[64];

	kms_debugfs_path(pointer->head.gpu, "state", path, sizeof(path));
	check_ok(__procfs_read(path, state, sizeof(state)));
	snprintf(expected, sizeof(expected), "\thotspot=%d,%d\n", x, y);
	check_msg(strstr(state, expected), "no %s in %s", expected, state);
}

static void check_properties(const struct pointer *pointer, int x, int y)
{
	const struct kms_head *head = &pointer->head;

	check_eq((int64_t)kms_property_value(head->gpu, head->cursor, "HOTSPOT_X"), x);
	check_eq((int64_t)kms_property_value(head->gpu, head->cursor, "HOTSPOT_Y"), y);
	check_told(pointer, x, y);
}

/* Such a cursor may point at what is beside it, too. */
static void commit(void)
{
	const struct drm_mode_rect at = { .x1 = 20, .y1 = 10, .x2 = 84, .y2 = 74 };
	struct kms_commit commit;
	struct pointer pointer;
	uint64_t *x, *y;

	pointer_init(&pointer);
	check_properties(&pointer, 0, 0);
	kms_commit_init(&commit, pointer.head.gpu);
	kms_commit_plane(&commit, &pointer.head, pointer.head.cursor, pointer.cursor.fb, &at);
	x = kms_commit_add(&commit, pointer.head.cursor, "HOTSPOT_X", 3);
	y = kms_commit_add(&commit, pointer.head.cursor, "HOTSPOT_Y", 63);
	kms_commit(&commit, 0, 0);
	check_properties(&pointer, 3, 63);
	*x = -1;
	*y = 100;
	kms_commit(&commit, DRM_MODE_ATOMIC_TEST_ONLY, 0);
	check_properties(&pointer, 3, 63);
	kms_commit(&commit, 0, 0);
	check_properties(&pointer, -1, 100);
	pointer_fini(&pointer);
}

/* A picture comes with its hot-spot, and takes it along. */
static void legacy(void)
{
	struct pointer pointer;

	pointer_init(&pointer);
	kms_set_cursor(&pointer.head, pointer.cursor.handle, CURSOR_SIZE, 7, 9);
	check_properties(&pointer, 7, 9);
	kms_move_cursor(&pointer.head, 30, 40);
	check_properties(&pointer, 7, 9);
	kms_set_cursor(&pointer.head, pointer.cursor.handle, CURSOR_SIZE, 1, 2);
	check_properties(&pointer, 1, 2);
	pointer_fini(&pointer);
}

static const struct subtest subtests[] = {
	{
		.name = "off",
		.describe = "Usually cursors have none, and everybody sees them.",
		.run = off,
	}, {
		.name = "hidden",
		.describe = "Cursors with a hot-spot are for atomic clients that know of it.",
		.run = hidden,
	}, {
		.name = "commit",
		.describe = "A commit says where it is, and debugfs tells.",
		.run = commit,
	}, {
		.name = "legacy",
		.describe = "So does the cursor call of old; a step keeps it.",
		.run = legacy,
	},
};

TEST_MAIN("The hot-spot of a cursor.", subtests)
