// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_cursor.h"

#include <linux/completion.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_plane.h>

#include "vprime_crtc.h"
#include "vprime_flip.h"

/**
 * DOC: A cursor that only moves
 *
 * Window systems of old tell each step of the mouse by a call of its own, hundreds of them in a
 * second. A step that changes nothing but the place is put into the frames directly: all that a
 * commit would check has been checked when the cursor came, and it would take many times as long.
 * Everything else that they do with a cursor is a commit.
 */

/* What the plane was told before, and is told again. */
static bool cursor_stays_the_same(const struct drm_plane_state *now,
				  const struct drm_plane_state *wanted)
{
	return now->crtc == wanted->crtc && now->fb == wanted->fb &&
	       now->crtc_w == wanted->crtc_w && now->crtc_h == wanted->crtc_h &&
	       now->src_x == wanted->src_x && now->src_y == wanted->src_y &&
	       now->src_w == wanted->src_w && now->src_h == wanted->src_h;
}

/* Until a commit has reached the screen, it reads the state that a move would change. */
static bool cursor_is_settled(const struct drm_plane_state *now)
{
	return !now->commit || completion_done(&now->commit->hw_done);
}

/* One that is not seen is in no frame that could be changed. */
static bool cursor_can_move(const struct drm_plane_state *now, struct drm_plane_state *wanted)
{
	if (!now->visible || !cursor_stays_the_same(now, wanted) || !cursor_is_settled(now))
		return false;
	return !drm_atomic_helper_check_plane_state(wanted, wanted->crtc->state,
						    DRM_PLANE_NO_SCALING, DRM_PLANE_NO_SCALING,
						    true, true) && wanted->visible;
}

static void cursor_move(struct drm_plane_state *now, const struct drm_plane_state *wanted)
{
	now->crtc_x = wanted->crtc_x;
	now->crtc_y = wanted->crtc_y;
	now->src = wanted->src;
	now->dst = wanted->dst;
	vprime_flip_update_plane(to_vprime_crtc(now->crtc), now);
}

/**
 * vprime_cursor_update_plane - do what a call of old wants of a cursor plane
 * @plane: the plane
 * @crtc: to be seen on that screen
 * @fb: with that picture
 * @crtc_x: there
 * @crtc_y: there
 * @crtc_w: so wide
 * @crtc_h: so high
 * @src_x: this part of the picture
 * @src_y: this part of the picture
 * @src_w: this part of the picture
 * @src_h: this part of the picture
 * @ctx: of locks
 *
 * Context: may sleep and allocate. The locks of the plane and of the CRTC are held.
 * Return: 0, or what a commit returns.
 */
int vprime_cursor_update_plane(struct drm_plane *plane, struct drm_crtc *crtc,
			       struct drm_framebuffer *fb, int crtc_x, int crtc_y,
			       unsigned int crtc_w, unsigned int crtc_h, u32 src_x, u32 src_y,
			       u32 src_w, u32 src_h, struct drm_modeset_acquire_ctx *ctx)
{
	struct drm_plane_state wanted = *plane->state;

	wanted.crtc = crtc;
	wanted.fb = fb;
	wanted.crtc_x = crtc_x;
	wanted.crtc_y = crtc_y;
	wanted.crtc_w = crtc_w;
	wanted.crtc_h = crtc_h;
	wanted.src_x = src_x;
	wanted.src_y = src_y;
	wanted.src_w = src_w;
	wanted.src_h = src_h;
	if (!cursor_can_move(plane->state, &wanted))
		return drm_atomic_helper_update_plane(plane, crtc, fb, crtc_x, crtc_y, crtc_w,
						      crtc_h, src_x, src_y, src_w, src_h, ctx);
	cursor_move(plane->state, &wanted);
	return 0;
}
