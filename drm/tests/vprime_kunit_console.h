/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the console need: pixels that are drawn on it, and a look at whether they have
 * come to its picture.
 */
#ifndef _VPRIME_KUNIT_CONSOLE_H_
#define _VPRIME_KUNIT_CONSOLE_H_

#include <linux/types.h>

#include <drm/drm_rect.h>

struct kunit;
struct vprime_console;

/* The kernel may have text for the console as well: not between these two. */
void vprime_kunit_undisturbed_begin(void);
void vprime_kunit_undisturbed_end(void);

struct drm_rect vprime_kunit_console_rect(const struct vprime_console *console);

/* Draws a part without telling anybody. At no place do two seeds have the same pixel. */
void vprime_kunit_scribble(struct vprime_console *console, u32 seed, const struct drm_rect *rect);

/* Draws all of it, and tells that it has changed. */
void vprime_kunit_draw(struct vprime_console *console, u32 seed);

void vprime_kunit_expect_seen(struct kunit *test, struct vprime_console *console, u32 seed);
void vprime_kunit_expect_part_seen(struct kunit *test, struct vprime_console *console, u32 seed,
				   const struct drm_rect *rect);

/*
 * As vprime_console_settle(), but also between vprime_kunit_undisturbed_begin() and _end(). Those
 * hold a lock that a flush takes when a peer goes, which lockdep cannot know not to happen then.
 */
void vprime_kunit_settle(struct kunit *test, struct vprime_console *console);

void vprime_kunit_draw_and_see(struct kunit *test, struct vprime_console *console, u32 seed);

#endif
