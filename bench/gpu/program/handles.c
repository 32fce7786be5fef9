// SPDX-License-Identifier: GPL-2.0-only
/*
 * PRIME with few and with many handles open, against vgem: nothing may get slower because a client
 * has much.
 */
#include <stdio.h>
#include <sys/ioctl.h>

#include <libdrm/drm.h>

#include "bench.h"
#include "check.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "vprime.h"

#define FEW 10
#define MANY 100000
#define CALLS 200
#define ROUNDS 8
#define BYTES 4096

struct device {
	uint32_t (*create)(int drm);
	int drm;
	uint32_t handle;
	int foreign;
};

static void export_and_close(struct device *device)
{
	close_fd(drm_handle_to_fd(device->drm, device->handle, DRM_CLOEXEC_FLAG));
}

static void import_and_close(struct device *device)
{
	drm_close_handle(device->drm, drm_fd_to_handle(device->drm, device->foreign));
}

static void import_again(struct device *device)
{
	check(drm_fd_to_handle(device->drm, device->foreign));
}

/* A call that does little else than to look a handle up. */
static void look_up(struct device *device)
{
	struct drm_mode_map_dumb map = { .handle = device->handle };

	check_ok(neg_errno(ioctl(device->drm, DRM_IOCTL_MODE_MAP_DUMB, &map)));
}

struct question {
	const char *name;
	void (*call)(struct device *device);
	bool held;	/* while the import is held */
};

static const struct question questions[] = {
	{ "export", export_and_close, false },
	{ "import", import_and_close, false },
	{ "re-import", import_again, true },
	{ "lookup", look_up, false },
};

static double best_call(struct device *device, const struct question *question)
{
	uint64_t best = 0, since, took;
	uint32_t held = 0;
	int round, i;

	if (question->held)
		held = drm_fd_to_handle(device->drm, device->foreign);
	for (round = 0; round < ROUNDS; round++) {
		since = now_ns();
		for (i = 0; i < CALLS; i++)
			question->call(device);
		took = now_ns() - since;
		if (!best || took < best)
			best = took;
	}
	if (held)
		drm_close_handle(device->drm, held);
	return (double)best / CALLS;
}

static void fill_up(struct device *device, int from, int to)
{
	for (; from < to; from++)
		device->handle = device->create(device->drm);
}

/* Neither has memory before it is used. */
static uint32_t create_vprime(int drm)
{
	return vprime_bo_create(drm, BYTES, SYSTEM);
}

static uint32_t create_vgem(int drm)
{
	return drm_create_dumb(drm, BYTES);
}

static void report_all(struct device *ours, struct device *other, int handles, double *few)
{
	char name[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		double mine = best_call(ours, &questions[i]),
		       theirs = best_call(other, &questions[i]);

		snprintf(name, sizeof(name), "%s/%d-handles", questions[i].name, handles);
		report(name, "vgem", (struct pair){ mine, theirs }, "ns",
		       (struct bar){ .most = 1.1 });
		if (few[i]) {
			snprintf(name, sizeof(name), "%s/%d-against-%d", questions[i].name, MANY,
				 FEW);
			report(name, "few", (struct pair){ mine, few[i] }, "ns",
			       (struct bar){ .most = 1.5 });
		}
		few[i] = mine;
	}
}

void bench_handles(void)
{
	struct device ours = { .create = create_vprime, .drm = gpu_open(RENDER) };
	struct device other = { .create = create_vgem, .drm = drm_open_driver("vgem") };
	double few[ARRAY_SIZE(questions)] = {};

	ours.foreign = exporter_create(exporter_get("udmabuf"), BYTES);
	other.foreign = ours.foreign;
	fill_up(&ours, 0, FEW);
	fill_up(&other, 0, FEW);
	report_all(&ours, &other, FEW, few);
	fill_up(&ours, FEW, MANY);
	fill_up(&other, FEW, MANY);
	report_all(&ours, &other, MANY, few);
	close_fd(ours.foreign);
	close_fd(other.drm);
	close_fd(ours.drm);
}
