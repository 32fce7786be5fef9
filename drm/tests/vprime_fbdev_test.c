// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the console's rooms in display/: what is drawn is seen, whosever memory the picture is
 * in, wherever that memory goes, and after its owner has gone.
 */
#include <kunit/test.h>

#include <linux/dma-buf.h>
#include <linux/fb.h>

#include <drm/drm_crtc.h>
#include <drm/drm_drv.h>
#include <drm/drm_fb_helper.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_modeset_lock.h>

#include "../display/vprime_console.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"
#include "vprime_kunit_console.h"

#define CONSOLE		"console"
#define PEER		"console-peer"

/* One with room for a picture, on time: whoever flushes a console waits for the moves of it. */
static struct vprime_gpu *faulty_gpu_create(struct kunit *test, const char *name, const char *peer,
					    bool p2p, const struct vprime_faults *faults)
{
	struct vprime_config config = vprime_kunit_config(name);
	struct vprime_gpu *gpu;

	config.clock = VPRIME_CLOCK_TIMED;
	config.vram_size = SZ_64M;
	config.pin_limit = SZ_32M;
	config.p2p = p2p;
	config.heads = 1;
	strscpy(config.fbdev_peer, peer);
	gpu = vprime_kunit_gpu(test, &config);
	if (faults)
		vprime_gpu_set_faults(gpu, faults);
	vprime_fbdev_setup(gpu);
	return gpu;
}

static struct vprime_gpu *gpu_create(struct kunit *test, const char *name, const char *peer,
				     bool p2p)
{
	return faulty_gpu_create(test, name, peer, p2p, NULL);
}

static struct vprime_console *console_of(struct kunit *test, struct vprime_gpu *gpu)
{
	KUNIT_ASSERT_NOT_NULL(test, gpu->fbdev.console);
	return gpu->fbdev.console;
}

static bool console_is_abroad(const struct vprime_console *console)
{
	return vprime_bo_is_import(to_vprime_bo(console->fb->obj[0]));
}

/* The buffer itself, on the GPU whose memory it is. */
static struct vprime_bo *memory_of(const struct vprime_console *console)
{
	struct drm_gem_object *obj = console->fb->obj[0];

	return console_is_abroad(console) ? to_vprime_bo(obj->import_attach->dmabuf->priv) :
					    to_vprime_bo(obj);
}

static void expect_at_home(struct kunit *test, struct vprime_console *console)
{
	KUNIT_EXPECT_FALSE(test, console_is_abroad(console));
	KUNIT_EXPECT_NULL(test, console->peer);
	KUNIT_EXPECT_PTR_EQ(test, console->helper->fb, console->fb);
}

static struct drm_framebuffer *fb_on_screen(struct vprime_gpu *gpu)
{
	struct drm_framebuffer *fb;
	struct drm_crtc *crtc;

	drm_modeset_lock_all(&gpu->drm);
	crtc = drm_crtc_from_index(&gpu->drm, 0);
	fb = crtc->primary->state->fb;
	drm_modeset_unlock_all(&gpu->drm);
	return fb;
}

static bool screen_is_on(struct vprime_gpu *gpu)
{
	bool on;

	drm_modeset_lock_all(&gpu->drm);
	on = drm_crtc_from_index(&gpu->drm, 0)->state->active;
	drm_modeset_unlock_all(&gpu->drm);
	return on;
}

/* As when the kernel's text comes to a screen, which it need not have done. */
static void light_up(struct kunit *test, struct vprime_console *console)
{
	KUNIT_ASSERT_EQ(test, drm_fb_helper_set_par(console->helper->info), 0);
	KUNIT_ASSERT_PTR_EQ(test, fb_on_screen(console->gpu), console->fb);
	KUNIT_ASSERT_TRUE(test, screen_is_on(console->gpu));
}

/* Both GPUs, and the console of the first in the memory of the second. */
struct pair {
	struct vprime_gpu *gpu;
	struct vprime_gpu *peer;
	struct vprime_console *console;
};

static struct pair pair_create(struct kunit *test, bool p2p)
{
	struct pair pair;

	pair.peer = gpu_create(test, PEER, "", p2p);
	pair.gpu = gpu_create(test, CONSOLE, PEER, p2p);
	pair.console = console_of(test, pair.gpu);
	KUNIT_ASSERT_TRUE(test, console_is_abroad(pair.console));
	KUNIT_ASSERT_PTR_EQ(test, memory_of(pair.console)->gpu, pair.peer);
	light_up(test, pair.console);
	return pair;
}

static void what_is_drawn_is_seen(struct kunit *test)
{
	struct vprime_gpu *gpu = gpu_create(test, CONSOLE, "", true);
	struct vprime_console *console = console_of(test, gpu);

	expect_at_home(test, console);
	light_up(test, console);
	vprime_kunit_draw_and_see(test, console, 1);
	vprime_kunit_draw_and_see(test, console, 2);
}

static const struct drm_rect parts[] = {
	{ 0, 0, 1, 1 },
	{ 3, 5, 11, 6 },
	{ 17, 33, 401, 77 },
	{ 0, 100, 640, 116 },
};

/* Each part is small enough to be on every screen. */
static void no_more_is_copied_than_was_drawn(struct kunit *test)
{
	struct vprime_console *console = console_of(test, gpu_create(test, CONSOLE, "", true));
	struct drm_rect all = vprime_kunit_console_rect(console), below;
	int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		vprime_kunit_draw_and_see(test, console, 100);
		below = DRM_RECT_INIT(0, parts[i].y2, console->fb->width,
				      console->fb->height - parts[i].y2);
		vprime_kunit_undisturbed_begin();
		vprime_kunit_scribble(console, 200, &all);
		vprime_console_damage(console, &parts[i]);
		vprime_kunit_settle(test, console);
		vprime_kunit_expect_part_seen(test, console, 200, &parts[i]);
		vprime_kunit_expect_part_seen(test, console, 100, &below);
		vprime_kunit_undisturbed_end();
	}
}

/* Two parts that were drawn one after the other are copied at once, with what is between. */
static void parts_add_up(struct kunit *test)
{
	struct vprime_console *console = console_of(test, gpu_create(test, CONSOLE, "", true));
	struct drm_rect all = vprime_kunit_console_rect(console);

	vprime_kunit_draw_and_see(test, console, 100);
	vprime_kunit_undisturbed_begin();
	vprime_kunit_scribble(console, 200, &all);
	vprime_console_damage(console, &parts[0]);
	vprime_console_damage(console, &parts[3]);
	vprime_kunit_settle(test, console);
	vprime_kunit_expect_part_seen(test, console, 200, &parts[0]);
	vprime_kunit_expect_part_seen(test, console, 200, &parts[3]);
	vprime_kunit_undisturbed_end();
}

/**
 * struct lodging - where the memory of a picture is when it is drawn
 * @what: for the name of the test
 * @p2p: the console's GPU reaches it in place
 * @placement: there
 */
struct lodging {
	const char *what;
	bool p2p;
	u32 placement;
};

static const struct lodging lodgings[] = {
	{ .what = "peer to peer, in VRAM", .p2p = true, .placement = VPRIME_PLACEMENT_VRAM },
	{ .what = "peer to peer, in TT", .p2p = true, .placement = VPRIME_PLACEMENT_TT },
	{ .what = "peer to peer, in SYSTEM", .p2p = true, .placement = VPRIME_PLACEMENT_SYSTEM },
	{ .what = "not peer to peer, in TT", .placement = VPRIME_PLACEMENT_TT },
};

static void lodging_name(const struct lodging *lodging, char *desc)
{
	strscpy(desc, lodging->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(lodgings, lodgings, lodging_name);

static void a_peers_memory_is_written_wherever_it_is(struct kunit *test)
{
	const struct lodging *lodging = test->param_value;
	struct pair pair = pair_create(test, lodging->p2p);

	vprime_kunit_draw_and_see(test, pair.console, 1);
	KUNIT_EXPECT_EQ(test, vprime_kunit_try_move(memory_of(pair.console), lodging->placement),
			0);
	vprime_kunit_expect_seen(test, pair.console, 1);
	KUNIT_EXPECT_EQ(test, vprime_kunit_try_move(memory_of(pair.console), lodging->placement),
			0);
	vprime_kunit_draw_and_see(test, pair.console, 2);
}

/* Not even while it is on the screen, as long as the bus reaches it where it is. */
static void a_peers_memory_is_not_pinned(struct kunit *test)
{
	struct pair pair = pair_create(test, true);

	vprime_kunit_draw_and_see(test, pair.console, 1);
	KUNIT_EXPECT_EQ(test, memory_of(pair.console)->tbo.pin_count, 0);
}

static void without_the_peer_it_is_at_home(struct kunit *test)
{
	struct vprime_gpu *gpu = gpu_create(test, CONSOLE, "nobody", true);

	expect_at_home(test, console_of(test, gpu));
	vprime_kunit_draw_and_see(test, console_of(test, gpu), 1);
}

static void a_peer_that_refuses_is_not_needed(struct kunit *test)
{
	const struct vprime_faults faults = { .refuse_attach = true };
	struct vprime_gpu *gpu;

	faulty_gpu_create(test, PEER, "", true, &faults);
	gpu = gpu_create(test, CONSOLE, PEER, true);
	expect_at_home(test, console_of(test, gpu));
	vprime_kunit_draw_and_see(test, console_of(test, gpu), 1);
}

static void a_gpu_that_imports_nothing_has_its_console_at_home(struct kunit *test)
{
	const struct vprime_faults faults = { .refuse_import = true };
	struct vprime_gpu *gpu;

	gpu_create(test, PEER, "", true);
	gpu = faulty_gpu_create(test, CONSOLE, PEER, true, &faults);
	expect_at_home(test, console_of(test, gpu));
	vprime_kunit_draw_and_see(test, console_of(test, gpu), 1);
}

static void when_the_peer_goes_it_comes_home_with_all_text(struct kunit *test)
{
	struct pair pair = pair_create(test, true);

	vprime_kunit_draw_and_see(test, pair.console, 1);
	vprime_gpu_unplug(pair.peer);
	expect_at_home(test, pair.console);
	KUNIT_EXPECT_PTR_EQ(test, fb_on_screen(pair.gpu), pair.console->fb);
	KUNIT_EXPECT_TRUE(test, screen_is_on(pair.gpu));
	vprime_kunit_draw_and_see(test, pair.console, 2);
}

static void a_blanked_screen_stays_blank_when_the_peer_goes(struct kunit *test)
{
	struct pair pair = pair_create(test, true);

	KUNIT_ASSERT_EQ(test, drm_fb_helper_blank(FB_BLANK_POWERDOWN, pair.console->helper->info),
			0);
	KUNIT_ASSERT_FALSE(test, screen_is_on(pair.gpu));
	vprime_gpu_unplug(pair.peer);
	KUNIT_EXPECT_FALSE(test, screen_is_on(pair.gpu));
	expect_at_home(test, pair.console);
	KUNIT_EXPECT_PTR_EQ(test, fb_on_screen(pair.gpu), pair.console->fb);
	vprime_kunit_draw_and_see(test, pair.console, 2);
}

/* Nor does it light up where it was not shown. */
static void a_screen_that_is_off_stays_off_when_the_peer_goes(struct kunit *test)
{
	struct vprime_gpu *peer = gpu_create(test, PEER, "", true);
	struct vprime_gpu *gpu = gpu_create(test, CONSOLE, PEER, true);
	struct drm_framebuffer *before = fb_on_screen(gpu);

	if (before == console_of(test, gpu)->fb)
		kunit_skip(test, "the kernel's text has come to this screen by itself");
	vprime_gpu_unplug(peer);
	expect_at_home(test, console_of(test, gpu));
	KUNIT_EXPECT_PTR_EQ(test, fb_on_screen(gpu), before);
	vprime_kunit_draw_and_see(test, console_of(test, gpu), 1);
}

/* What the console was drawn in last is what counts, not what was in the picture. */
static void text_that_was_on_its_way_is_not_lost_with_the_peer(struct kunit *test)
{
	struct pair pair = pair_create(test, true);

	vprime_kunit_draw_and_see(test, pair.console, 1);
	vprime_kunit_suspend(pair.peer);
	vprime_kunit_undisturbed_begin();
	vprime_kunit_draw(pair.console, 2);
	vprime_kunit_undisturbed_end();
	vprime_kunit_resume(pair.peer);
	vprime_gpu_unplug(pair.peer);
	expect_at_home(test, pair.console);
	vprime_kunit_expect_seen(test, pair.console, 2);
}

static void the_console_can_go_before_its_peer(struct kunit *test)
{
	struct pair pair = pair_create(test, true);

	vprime_kunit_draw_and_see(test, pair.console, 1);
	vprime_gpu_unplug(pair.gpu);
	KUNIT_EXPECT_NULL(test, pair.gpu->fbdev.console);
	vprime_gpu_unplug(pair.peer);
}

static void each_can_be_in_the_memory_of_the_other(struct kunit *test)
{
	struct vprime_gpu *a, *b;

	a = gpu_create(test, "console-a", "", true);
	b = gpu_create(test, "console-b", "console-a", true);
	vprime_gpu_unplug(a);
	expect_at_home(test, console_of(test, b));
	a = gpu_create(test, "console-a", "console-b", true);
	vprime_kunit_draw_and_see(test, console_of(test, a), 1);
	vprime_kunit_draw_and_see(test, console_of(test, b), 2);
	vprime_kunit_expect_seen(test, console_of(test, a), 1);
	vprime_gpu_unplug(b);
	expect_at_home(test, console_of(test, a));
	vprime_kunit_expect_seen(test, console_of(test, a), 1);
}

enum sleeper { THE_GPU, THE_PEER };

static const enum sleeper sleepers[] = { THE_GPU, THE_PEER };

static void sleeper_name(const enum sleeper *sleeper, char *desc)
{
	strscpy(desc, *sleeper == THE_GPU ? "the console's GPU" : "its peer",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sleepers, sleepers, sleeper_name);

static void nothing_is_written_until_who_sleeps_is_resumed(struct kunit *test)
{
	const enum sleeper *sleeper = test->param_value;
	struct pair pair = pair_create(test, true);
	struct vprime_gpu *asleep = *sleeper == THE_GPU ? pair.gpu : pair.peer;

	vprime_kunit_draw_and_see(test, pair.console, 1);
	KUNIT_ASSERT_EQ(test, vprime_kunit_suspend(asleep), 0);
	vprime_kunit_undisturbed_begin();
	vprime_kunit_draw(pair.console, 2);
	vprime_kunit_settle(test, pair.console);
	KUNIT_EXPECT_TRUE(test, drm_rect_visible(&pair.console->damage));
	vprime_kunit_undisturbed_end();

	vprime_kunit_resume(asleep);
	vprime_console_settle(pair.console);
	vprime_kunit_undisturbed_begin();
	vprime_kunit_expect_seen(test, pair.console, 2);
	vprime_kunit_undisturbed_end();
}

static void a_peer_that_sleeps_is_not_needed(struct kunit *test)
{
	struct vprime_gpu *peer = gpu_create(test, PEER, "", true), *gpu;

	KUNIT_ASSERT_EQ(test, vprime_kunit_suspend(peer), 0);
	gpu = gpu_create(test, CONSOLE, PEER, true);
	expect_at_home(test, console_of(test, gpu));
	vprime_kunit_draw_and_see(test, console_of(test, gpu), 1);
	vprime_kunit_resume(peer);
}

static struct kunit_case vprime_fbdev_cases[] = {
	KUNIT_CASE(what_is_drawn_is_seen),
	KUNIT_CASE(no_more_is_copied_than_was_drawn),
	KUNIT_CASE(parts_add_up),
	KUNIT_CASE_PARAM(a_peers_memory_is_written_wherever_it_is, lodgings_gen_params),
	KUNIT_CASE(a_peers_memory_is_not_pinned),
	KUNIT_CASE(without_the_peer_it_is_at_home),
	KUNIT_CASE(a_peer_that_refuses_is_not_needed),
	KUNIT_CASE(a_gpu_that_imports_nothing_has_its_console_at_home),
	KUNIT_CASE(when_the_peer_goes_it_comes_home_with_all_text),
	KUNIT_CASE(a_blanked_screen_stays_blank_when_the_peer_goes),
	KUNIT_CASE(a_screen_that_is_off_stays_off_when_the_peer_goes),
	KUNIT_CASE(text_that_was_on_its_way_is_not_lost_with_the_peer),
	KUNIT_CASE(the_console_can_go_before_its_peer),
	KUNIT_CASE(each_can_be_in_the_memory_of_the_other),
	KUNIT_CASE_PARAM(nothing_is_written_until_who_sleeps_is_resumed, sleepers_gen_params),
	KUNIT_CASE(a_peer_that_sleeps_is_not_needed),
	{}
};

static struct kunit_suite vprime_fbdev_suite = {
	.name = "vprime-fbdev",
	.test_cases = vprime_fbdev_cases,
};

kunit_test_suite(vprime_fbdev_suite);
