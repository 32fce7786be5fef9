// SPDX-License-Identifier: MIT
/*
 * Makes the GPU with the screen, the peer beside it, and the buffer between
 * them.
 */
#include "scanout.h"

#include "check.h"
#include "dmabuf.h"
#include "vprime.h"

const struct gpu_setting scanout_p2p[] = {
	{ "vram_size", "4194304" }, { "heads", "1" }, { "p2p", "1" }, { }
};

const struct gpu_setting scanout_pinning[] = {
	{ "vram_size", "4194304" }, { "heads", "1" }, { "p2p", "0" }, { }
};

const struct test_case scanout_peers[] = {
	{ "p2p", scanout_p2p },
	{ "pinned", scanout_pinning },
	{ }
};

const struct gpu_setting scanout_exporter[] = {
	{ "vram_size", "2097152" }, { "render_node", "1" }, { "p2p", "1" }, { }
};

void scanout_init(struct scanout *scanout, const struct gpu_setting *settings)
{
	int gpu = gpu_create(OWN_PEER, settings);

	kms_client_init(gpu);
	kms_head_init(&scanout->head, gpu, 0);
	picture_buffer_init(&scanout->own, gpu);
	picture_draw(scanout->own.at, SCANOUT_OWN_SEED);
	kms_show(&scanout->head, scanout->own.fb);
	picture_crc_start(&scanout->crc, &scanout->head);
}

void scanout_fini(struct scanout *scanout)
{
	struct drm_vprime_stats stats;

	vprime_stats(scanout->head.gpu, &stats);
	check_eq(stats.bus_faults, 0);
	picture_crc_stop(&scanout->crc);
	kms_turn_off(&scanout->head);
	picture_buffer_fini(&scanout->own);
	close_fd(scanout->head.gpu);
	gpu_destroy(OWN_PEER);
}

uint32_t scanout_crc_of(struct scanout *scanout, uint32_t seed)
{
	struct picture_buffer buffer;
	struct kms_event event;
	uint32_t crc;

	picture_buffer_init(&buffer, scanout->head.gpu);
	picture_draw(buffer.at, seed);
	kms_flip(&scanout->head, buffer.fb, &event);
	crc = picture_crc_at(&scanout->crc, event.sequence);
	kms_flip(&scanout->head, scanout->own.fb, &event);
	picture_buffer_fini(&buffer);
	return crc;
}

void scanout_check(struct scanout *scanout, uint32_t fb, uint32_t seed, uint32_t crc)
{
	struct kms_event event;

	kms_flip(&scanout->head, fb, &event);
	check_eq(picture_crc_at(&scanout->crc, event.sequence), crc);
	picture_check(&scanout->head, seed);
}

void scanout_show_own(struct scanout *scanout)
{
	struct kms_event event;

	kms_flip(&scanout->head, scanout->own.fb, &event);
}

void scanout_shared_init_own(struct scanout_shared *shared, const struct gpu_setting *settings)
{
	scanout_init(&shared->scanout, settings);
	picture_buffer_init(&shared->fb, shared->scanout.head.gpu);
	shared->gpu = shared->scanout.head.gpu;
	shared->handle = shared->fb.handle;
	shared->at = shared->fb.at;
	shared->dmabuf = -1;
}

void scanout_shared_init(struct scanout_shared *shared, const struct gpu_setting *settings)
{
	scanout_init(&shared->scanout, settings);
	shared->gpu = gpu_create(OWN, scanout_exporter);
	shared->handle = vprime_bo_create(shared->gpu, KMS_BYTES, ANYWHERE);
	shared->at = vprime_bo_mmap(shared->gpu, shared->handle, KMS_BYTES);
	shared->dmabuf = vprime_export(shared->gpu, shared->handle);
	picture_buffer_import(&shared->fb, shared->scanout.head.gpu, shared->dmabuf);
}

/* The exporter's GPU and what is left of the buffer. */
static void fini_exporter(struct scanout_shared *shared)
{
	if (shared->dmabuf < 0)
		return;
	dmabuf_munmap(shared->at, KMS_BYTES);
	close_fd(shared->dmabuf);
	close_fd(shared->gpu);
	gpu_destroy(OWN);
}

void scanout_shared_fini(struct scanout_shared *shared)
{
	scanout_show_own(&shared->scanout);
	picture_buffer_fini(&shared->fb);
	fini_exporter(shared);
	scanout_fini(&shared->scanout);
}
