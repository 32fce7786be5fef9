// SPDX-License-Identifier: MIT
/*
 * Where things end: descriptors, handles, memory, pins, what a GPU can be made
 * like.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bufinfo.h"
#include "compat32.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "submit.h"
#include "subtest.h"
#include "vprime.h"

#define SIZE (4 * PAGE_BYTES)
#define OWN_VRAM (4u << 20)

/* No descriptor is left: nothing is exported, and the buffer is as it was. */
static void no_descriptors(void)
{
	int gpu = gpu_open(RENDER), before = bufinfo_count(), fd;
	uint32_t handle = vprime_bo_create(gpu, SIZE, ANYWHERE);
	struct rlimit limit, none;

	check_ok(neg_errno(getrlimit(RLIMIT_NOFILE, &limit)));
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = limit.rlim_max };
	check_ok(neg_errno(setrlimit(RLIMIT_NOFILE, &none)));
	check_ret(__drm_handle_to_fd(gpu, handle, DRM_CLOEXEC_FLAG | DRM_RDWR_FLAG, &fd),
		  -EMFILE);
	/* Without a descriptor nobody looks at the handle. */
	check_ret(__drm_handle_to_fd(gpu, 4711, DRM_CLOEXEC_FLAG, &fd), -EMFILE);
	check_ok(neg_errno(setrlimit(RLIMIT_NOFILE, &limit)));
	check_eq(vprime_bo_flags(gpu, handle), 0);
	check_eq(bufinfo_count(), before);
	fd = vprime_export(gpu, handle);
	check_eq(vprime_bo_flags(gpu, handle), VPRIME_BO_EXPORTED);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(gpu);
}

static void many_handles(void)
{
	uint32_t count = subtest_full() ? 20000 : 1500, *handles = calloc(count, 4), i;
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	struct drm_vprime_region tt;

	check(handles);
	for (i = 0; i < count; i++)
		handles[i] = vprime_bo_create(gpu, PAGE_BYTES, TT);
	vprime_region(gpu, TT, &tt);
	check_eq(tt.used, (uint64_t)count * PAGE_BYTES);
	for (i = 0; i < count; i += 2)
		drm_close_handle(gpu, handles[i]);
	for (i = 0; i < count; i += 2)
		handles[i] = vprime_bo_create(gpu, PAGE_BYTES, TT);
	/* Half of them one by one, the rest with the file. */
	for (i = 1; i < count; i += 2)
		drm_close_handle(gpu, handles[i]);
	close_fd(gpu);
	gpu = gpu_open(OWN);
	vprime_region(gpu, TT, &tt);
	check_eq(tt.used, 0);
	close_fd(gpu);
	gpu_destroy(OWN);
	free(handles);
}

/* Every buffer exported: each is one dma-buf more, and none of them stays. */
static void many_exports(void)
{
	enum { COUNT = 200 };
	int gpu = gpu_open(RENDER), display = gpu_open(DISPLAY), fds[COUNT], i;
	uint32_t handles[COUNT], abroad[COUNT];

	for (i = 0; i < COUNT; i++) {
		handles[i] = vprime_bo_create(gpu, PAGE_BYTES, ANYWHERE);
		fds[i] = vprime_export(gpu, handles[i]);
		abroad[i] = vprime_import(display, fds[i]);
		check(!i || abroad[i] != abroad[i - 1]);
	}
	for (i = 0; i < COUNT; i++)
		check_eq(vprime_import(display, fds[i]), abroad[i]);
	for (i = 0; i < COUNT; i++) {
		close_fd(fds[i]);
		drm_close_handle(gpu, handles[i]);
	}
	close_fd(display);
	close_fd(gpu);
}

/* All the VRAM there is, to the page; what is asked for then makes room. */
static void vram_to_the_page(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	uint32_t count = OWN_VRAM / PAGE_BYTES, *handles = calloc(count, 4), i, one_more;
	struct drm_vprime_region vram;

	check(handles);
	for (i = 0; i < count; i++)
		handles[i] = vprime_bo_create(gpu, PAGE_BYTES, VRAM);
	vprime_region(gpu, VRAM, &vram);
	check_eq(vram.used, OWN_VRAM);
	check_eq(vram.pinned, 0);
	for (i = 0; i < count; i++)
		check_eq(vprime_bo_placement(gpu, handles[i]), VRAM);
	one_more = vprime_bo_create(gpu, PAGE_BYTES, VRAM);
	check_eq(vprime_bo_placement(gpu, one_more), VRAM);
	vprime_region(gpu, VRAM, &vram);
	check_eq(vram.used, OWN_VRAM);
	close_fd(gpu);
	gpu_destroy(OWN);
	free(handles);
}

/* What others have mapped for good is in system memory: VRAM is never pinned by it. */
static void pins_are_not_in_vram(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), vkms = drm_open_driver("vkms"), i;
	struct drm_vprime_region vram;
	uint32_t abroad[8], big;

	for (i = 0; i < 8; i++) {
		uint32_t handle = vprime_bo_create(gpu, OWN_VRAM / 8, ANYWHERE);
		int fd = vprime_export(gpu, handle);

		abroad[i] = drm_fd_to_handle(vkms, fd);
		check_eq(vprime_bo_pins(gpu, handle), 1);
		close_fd(fd);
	}
	vprime_region(gpu, VRAM, &vram);
	check_eq(vram.pinned, 0);
	big = vprime_bo_create(gpu, OWN_VRAM, VRAM);
	check_eq(vprime_bo_placement(gpu, big), VRAM);
	for (i = 0; i < 8; i++)
		drm_close_handle(vkms, abroad[i]);
	close_fd(vkms);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* A buffer that may only be in VRAM cannot be had by who needs it elsewhere, and stays sound. */
static void vram_only_for_static_importer(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM), vkms = drm_open_driver("vkms"), fd, ret;
	uint32_t handle = vprime_bo_create(gpu, SIZE, VRAM), abroad = 0;

	engine_fill(gpu, handle, SIZE, 7);
	fd = vprime_export(gpu, handle);
	ret = __drm_fd_to_handle(vkms, fd, &abroad);
	subtest_info("a static importer of a buffer that is for VRAM alone: %s",
		     ret ? strerrorname_np(-ret) : "gets it");
	if (!ret) {
		check_eq(vprime_bo_pins(gpu, handle), 1);
		drm_close_handle(vkms, abroad);
	}
	check_eq(vprime_bo_pins(gpu, handle), 0);
	check_eq(engine_sum(gpu, handle, SIZE), SIZE / 4 * 7);
	close_fd(fd);
	drm_close_handle(gpu, handle);
	close_fd(vkms);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* What a GPU cannot be made like is refused, and leaves it as it was. */
static void configuration_errnos(void)
{
	static const struct {
		const char *key, *value;
		int expected;
	} rows[] = {
		{ "vram_size", "0", -EINVAL },
		{ "vram_size", "-1", -EINVAL },
		{ "vram_size", "4097", -EINVAL },
		{ "vram_size", "18446744073709551616", -ERANGE },
		{ "vram_size", "much", -EINVAL },
		{ "pin_limit", "18446744073709551615", -EINVAL },
		{ "dma_mask", "0", -EINVAL },
		{ "dma_mask", "65", -EINVAL },
		{ "job_timeout_ms", "0", -EINVAL },
		{ "render_node", "2", -EINVAL },
		{ "p2p", "maybe", -EINVAL },
		{ "enabled", "2", -EINVAL },
		{ "faults/refuse_attach", "2", -EINVAL },
		{ "faults/hang", "-1", -EINVAL },
		{ "faults/hang", "4294967296", -ERANGE },
		{ "faults/chaos_ms", "soon", -EINVAL },
		{ "device", "vprime.9", -EACCES },
	};
	static const char * const fixed[] = {
		"vram_size", "pin_limit", "render_node", "p2p", "dma_mask", "engine_speed",
		"engine_latency_us", "job_timeout_ms", "poison",
	};
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		check_msg(__gpu_set(OWN, fixed[i], "1") == -EBUSY,
			  "%s can be set while the GPU is there", fixed[i]);
	gpu_unplug(OWN);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int ret = __gpu_set(OWN, rows[i].key, rows[i].value);

		/* Root may open what nobody can write. */
		check_msg(ret == rows[i].expected || (rows[i].expected == -EACCES && ret),
			  "%s=%s gave %s", rows[i].key, rows[i].value,
			  ret ? strerrorname_np(-ret) : "success");
	}
	close_fd(gpu);
	gpu_plug(OWN);
	gpu = gpu_open(OWN);
	check_eq(vprime_param(gpu, VPRIME_PARAM_RENDER_NODE), 1);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* The same structures through the 32-bit entry mean the same. */
static void compat(void)
{
	struct drm_vprime_command *command;
	struct drm_vprime_bo_create *create;
	struct drm_vprime_submit *arg;
	struct drm_vprime_bo_info *info;
	int gpu;

	compat32_require();
	gpu = gpu_open(RENDER);
	create = compat32_alloc(sizeof(*create));
	info = compat32_alloc(sizeof(*info));
	arg = compat32_alloc(sizeof(*arg));
	command = compat32_alloc(sizeof(*command));

	*create = (struct drm_vprime_bo_create){ .size = SIZE, .placements = ANYWHERE };
	check_ret(compat32_ioctl(gpu, DRM_IOCTL_VPRIME_BO_CREATE, create), 0);
	info->handle = create->handle;
	check_ret(compat32_ioctl(gpu, DRM_IOCTL_VPRIME_BO_INFO, info), 0);
	check_eq(info->size, SIZE);
	check_eq(info->placement, VRAM);
	*command = command_fill(create->handle, 0, SIZE, 13);
	*arg = submission(command, 1);
	check_ret(compat32_ioctl(gpu, DRM_IOCTL_VPRIME_SUBMIT, arg), 0);
	check_eq(engine_sum(gpu, create->handle, SIZE), SIZE / 4 * 13);
	info->pad = 1;
	check_ret(compat32_ioctl(gpu, DRM_IOCTL_VPRIME_BO_INFO, info), -EINVAL);

	drm_close_handle(gpu, create->handle);
	compat32_free(command, sizeof(*command));
	compat32_free(arg, sizeof(*arg));
	compat32_free(info, sizeof(*info));
	compat32_free(create, sizeof(*create));
	close_fd(gpu);
}

static const struct subtest subtests[] = {
	{
		.name = "no-descriptors",
		.describe = "An export without a free descriptor is EMFILE and exports nothing.",
		.run = no_descriptors,
	}, {
		.name = "many-handles",
		.describe = "Thousands of buffers, closed in any order or with their file, leave nothing.",
		.run = many_handles,
		.seconds = 300,
	}, {
		.name = "many-exports",
		.describe = "Hundreds of exports and imports are found again, each as itself.",
		.run = many_exports,
	}, {
		.name = "vram-to-the-page",
		.describe = "All video memory can be used, and one page more evicts one.",
		.run = vram_to_the_page,
	}, {
		.name = "pins-are-not-in-vram",
		.describe = "Static importers take no video memory from anybody.",
		.run = pins_are_not_in_vram,
	}, {
		.name = "vram-only-for-static-importer",
		.describe = "A buffer for VRAM alone and an importer that cannot reach it: a clean answer.",
		.run = vram_only_for_static_importer,
	}, {
		.name = "configuration-errnos",
		.describe = "A GPU that is there does not change, and one that cannot be is refused.",
		.run = configuration_errnos,
	}, {
		.name = "compat",
		.describe = "32-bit programs see the same structures.",
		.run = compat,
	},
};

TEST_MAIN("vprime's limits.", subtests)
