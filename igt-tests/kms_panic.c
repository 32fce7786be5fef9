// SPDX-License-Identifier: MIT
/*
 * What DRM writes on a screen when the kernel panics, tried out by debugfs:
 * over whose buffers it can, and what is left of it.
 */
#include <sys/mman.h>

#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "picture.h"
#include "procfs.h"
#include "scanout.h"
#include "subtest.h"
#include "vprime.h"

/* CONFIG_DRM_PANIC_FOREGROUND_COLOR and CONFIG_DRM_PANIC_BACKGROUND_COLOR. */
#define INK 0xffffffffu
#define PAPER 0xff000000u
#define SEED 5

/* Of the first primary plane, which is the first screen's. */
static void try_panic(const struct kms_head *head)
{
	char path[64];

	kms_debugfs_path(head->gpu, "drm_panic_plane_0", path, sizeof(path));
	check_ok(__procfs_write(path, "1"));
}

/* Nothing but ink on paper, and words do not cover half of it. */
static void check_last_words(const struct kms_head *head)
{
	uint32_t *at = picture_take(head), pixels = KMS_BYTES / 4, ink = 0, i;

	for (i = 0; i < pixels; i++) {
		check_msg(at[i] == INK || at[i] == PAPER, "pixel %u, %u is %#x",
			  i % KMS_WIDTH, i / KMS_WIDTH, at[i]);
		ink += at[i] == INK;
	}
	check_msg(ink > 100 && ink < pixels / 2, "%u of %u pixels are ink", ink, pixels);
	dmabuf_munmap(at, KMS_BYTES);
}

/* The screen shows a picture, then the panic's words if it can, and a picture after it. */
static void panic_over(struct scanout *scanout, uint32_t fb, bool drawn)
{
	uint32_t crc = scanout_crc_of(scanout, SEED);

	scanout_check(scanout, fb, SEED, crc);
	try_panic(&scanout->head);
	if (drawn)
		check_last_words(&scanout->head);
	else
		picture_check(&scanout->head, SEED);
	scanout_show_own(scanout);
}

static void own(void)
{
	struct scanout_shared shared;

	scanout_shared_init_own(&shared, scanout_p2p);
	picture_draw(shared.at, SEED);
	panic_over(&shared.scanout, shared.fb.fb, true);
	scanout_shared_fini(&shared);
}

static void peer(const struct test_case *row)
{
	const struct gpu_setting *settings = row->arg;
	struct scanout_shared shared;

	scanout_shared_init(&shared, settings);
	picture_draw(shared.at, SEED);
	panic_over(&shared.scanout, shared.fb.fb, settings == scanout_pinning);
	scanout_shared_fini(&shared);
}

static void foreign(const struct exporter *exp)
{
	int fd = exporter_create_for_sync(exp, KMS_BYTES);
	void *at = dmabuf_mmap(fd, KMS_BYTES, PROT_READ | PROT_WRITE);
	struct picture_buffer import;
	struct scanout scanout;

	scanout_init(&scanout, scanout_p2p);
	picture_buffer_import(&import, scanout.head.gpu, fd);
	dmabuf_sync(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
	picture_draw(at, SEED);
	dmabuf_sync(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
	panic_over(&scanout, import.fb, false);
	picture_buffer_fini(&import);
	scanout_fini(&scanout);
	dmabuf_munmap(at, KMS_BYTES);
	close_fd(fd);
}

/* Nothing is on it, so there is nothing to draw on. */
static void off(void)
{
	struct scanout scanout;

	scanout_init(&scanout, scanout_p2p);
	kms_turn_off(&scanout.head);
	try_panic(&scanout.head);
	kms_show(&scanout.head, scanout.own.fb);
	picture_check(&scanout.head, SCANOUT_OWN_SEED);
	scanout_fini(&scanout);
}

static const struct subtest subtests[] = {
	{
		.name = "own",
		.describe = "The last words are on the screen, and the next frame is right.",
		.run = own,
	}, {
		.name = "peer",
		.describe = "So they are over a peer's buffer that stays where it is.",
		.run_case = peer,
		.cases = scanout_peers,
	}, {
		.name = "foreign",
		.describe = "Another driver's memory is left alone.",
		.run_on = foreign,
	}, {
		.name = "off",
		.describe = "A screen that is off stays as it is.",
		.run = off,
	},
};

TEST_MAIN("The panic screen.", subtests)
