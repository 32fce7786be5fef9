// SPDX-License-Identifier: GPL-2.0-only
#include "head.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "check.h"

static void call_named(int card, unsigned long request, const char *name, void *arg)
{
	check_msg(!ioctl(card, request, arg), "%s: %s", name, strerror(errno));
}

#define call(card, request, arg) call_named(card, request, #request, arg)

void head_init(struct kms_head *head, int card)
{
	call(card, DRM_IOCTL_SET_MASTER, NULL);
	kms_client_init(card);
	kms_head_init(head, card, 0);
	check_msg(head->writeback && head->overlay && head->cursor,
		  "a screen has no writeback, overlay or cursor");
}

static void plane_off(struct kms_commit *commit, uint32_t plane)
{
	kms_commit_add(commit, plane, "FB_ID", 0);
	kms_commit_add(commit, plane, "CRTC_ID", 0);
}

void head_off(const struct kms_head *head)
{
	struct kms_commit commit;

	kms_commit_init(&commit, head->gpu);
	kms_commit_off(&commit, head);
	plane_off(&commit, head->overlay);
	plane_off(&commit, head->cursor);
	kms_commit(&commit, DRM_MODE_ATOMIC_ALLOW_MODESET, 0);
}

/* Off and on again: nothing of what was before is left. */
void head_on(struct kms_head *head, const struct sheet *sheet, uint32_t hz)
{
	head_off(head);
	head->mode = kms_mode(WIDTH, HEIGHT, hz);
	kms_show(head, sheet->fb);
}

void head_put(struct kms_commit *commit, const struct kms_head *head, uint32_t plane,
	      const struct sheet *sheet, int32_t x, int32_t y)
{
	const struct drm_mode_rect at = {
		.x1 = x,
		.y1 = y,
		.x2 = x + sheet->width,
		.y2 = y + sheet->height,
	};

	kms_commit_plane(commit, head, plane, sheet->fb, &at);
}

void sheet_create(int card, uint32_t width, uint32_t height, uint32_t format, struct sheet *sheet)
{
	struct drm_mode_create_dumb dumb = { .width = width, .height = height, .bpp = 32 };
	struct drm_mode_fb_cmd2 fb = { .width = width, .height = height, .pixel_format = format };
	struct drm_mode_map_dumb map = {};

	call(card, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);
	check_eq(dumb.pitch, width * 4);
	fb.handles[0] = dumb.handle;
	fb.pitches[0] = dumb.pitch;
	call(card, DRM_IOCTL_MODE_ADDFB2, &fb);
	map.handle = dumb.handle;
	call(card, DRM_IOCTL_MODE_MAP_DUMB, &map);
	*sheet = (struct sheet){
		.fb = fb.fb_id,
		.handle = dumb.handle,
		.width = width,
		.height = height,
		.pixels = mmap(NULL, dumb.size, PROT_READ | PROT_WRITE, MAP_SHARED, card,
			       map.offset),
	};
	check_msg(sheet->pixels != MAP_FAILED, "mmap of a dumb buffer: %s", strerror(errno));
}

void sheet_destroy(int card, struct sheet *sheet)
{
	struct drm_mode_destroy_dumb dumb = { .handle = sheet->handle };

	call(card, DRM_IOCTL_MODE_RMFB, &sheet->fb);
	munmap(sheet->pixels, (size_t)sheet->width * sheet->height * 4);
	call(card, DRM_IOCTL_MODE_DESTROY_DUMB, &dumb);
}

/* No channel is above alpha: the picture is premultiplied. */
void sheet_weave(const struct sheet *sheet, uint32_t alpha)
{
	uint32_t i;

	for (i = 0; i < sheet->width * sheet->height; i++)
		sheet->pixels[i] = alpha << 24 | ((i * 0x9e3779b1u) >> 8 & 0x3f3f3f);
}

void head_flip(const struct kms_head *head, const struct sheet *sheet)
{
	struct drm_mode_crtc_page_flip arg = {
		.crtc_id = head->crtc,
		.fb_id = sheet->fb,
		.flags = DRM_MODE_PAGE_FLIP_EVENT,
	};

	call(head->gpu, DRM_IOCTL_MODE_PAGE_FLIP, &arg);
}

void head_ask_for_vblank(const struct kms_head *head)
{
	union drm_wait_vblank arg = {
		.request = {
			.type = _DRM_VBLANK_RELATIVE | _DRM_VBLANK_EVENT,
			.sequence = 1,
		},
	};

	call(head->gpu, DRM_IOCTL_WAIT_VBLANK, &arg);
}

int crc_open(const struct kms_head *head)
{
	struct stat node;
	char path[128];
	int crc;

	check_ok(neg_errno(fstat(head->gpu, &node)));
	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%u/crtc-%u/crc/data",
		 minor(node.st_rdev), head->pipe);
	crc = open(path, O_RDONLY | O_CLOEXEC);
	check_msg(crc >= 0, "%s: %s", path, strerror(errno));
	return crc;
}

void crc_read(int crc)
{
	char text[4096];

	check_ok(neg_errno(read(crc, text, sizeof(text))));
}
