// SPDX-License-Identifier: MIT
/*
 * Buffers of one vprime GPU on the other, in both directions and from every
 * place: content both ways, identity, and what each side says of the buffer.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "bufinfo.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "pattern.h"
#include "procfs.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "vprime.h"

#define SIZE (16 * PAGE_BYTES)
#define WORDS (SIZE / 4)

/* Who makes the buffer, where, and who gets it. */
struct route {
	const char *from;
	const char *to;
	uint32_t place;
};

/**
 * struct shared - a buffer on two GPUs
 * @exporter: whose it is
 * @importer: who has it as well
 * @handle: on the exporter
 * @abroad: on the importer
 * @dmabuf: of it
 */
struct shared {
	int exporter;
	int importer;
	uint32_t handle;
	uint32_t abroad;
	int dmabuf;
};

#define ROUTE(name, ...) { name, &(const struct route){ __VA_ARGS__ } }

static const struct test_case routes[] = {
	ROUTE("render-vram-to-display", RENDER, DISPLAY, VRAM),
	ROUTE("render-tt-to-display", RENDER, DISPLAY, TT),
	ROUTE("render-system-to-display", RENDER, DISPLAY, SYSTEM),
	ROUTE("display-vram-to-render", DISPLAY, RENDER, VRAM),
	ROUTE("display-tt-to-render", DISPLAY, RENDER, TT),
	ROUTE("display-system-to-render", DISPLAY, RENDER, SYSTEM),
	{ }
};

static void share(struct shared *shared, int exporter, int importer, uint32_t place)
{
	*shared = (struct shared){ .exporter = exporter, .importer = importer };
	shared->handle = vprime_bo_create(exporter, SIZE, ANYWHERE);
	vprime_bo_move(exporter, shared->handle, place);
	shared->dmabuf = vprime_export(exporter, shared->handle);
	shared->abroad = vprime_import(importer, shared->dmabuf);
}

static void share_on(struct shared *shared, const struct test_case *row)
{
	const struct route *route = row->arg;

	share(shared, gpu_open(route->from), gpu_open(route->to), route->place);
}

static void check_no_faults(int gpu)
{
	struct drm_vprime_stats stats;

	vprime_stats(gpu, &stats);
	check_eq(stats.bus_faults, 0);
	check_eq(stats.stale_writes, 0);
}

static void unshare(struct shared *shared)
{
	check_no_faults(shared->exporter);
	check_no_faults(shared->importer);
	drm_close_handle(shared->importer, shared->abroad);
	close_fd(shared->dmabuf);
	drm_close_handle(shared->exporter, shared->handle);
	close_fd(shared->importer);
	close_fd(shared->exporter);
}

/* Each side writes by each means, and all others read. */
static void content(const struct test_case *row)
{
	struct shared shared;
	void *at[3];
	uint32_t i, j;

	share_on(&shared, row);
	at[0] = vprime_bo_mmap(shared.exporter, shared.handle, SIZE);
	at[1] = vprime_bo_mmap(shared.importer, shared.abroad, SIZE);
	at[2] = dmabuf_mmap(shared.dmabuf, SIZE, PROT_READ | PROT_WRITE);
	for (i = 0; i < 3; i++) {
		pattern_write(at[i], SIZE, i + 1);
		for (j = 0; j < 3; j++)
			pattern_check(at[j], SIZE, i + 1);
		check_eq(engine_sum(shared.importer, shared.abroad, SIZE),
			 pattern_sum(SIZE, i + 1));
		check_eq(engine_sum(shared.exporter, shared.handle, SIZE),
			 pattern_sum(SIZE, i + 1));
	}
	engine_fill(shared.exporter, shared.handle, SIZE, 0x10001);
	check_eq(engine_sum(shared.importer, shared.abroad, SIZE), WORDS * 0x10001ull);
	for (j = 0; j < 3; j++)
		pattern_check_fill(at[j], SIZE, 0x10001);
	engine_fill(shared.importer, shared.abroad, SIZE, 0x20002);
	check_eq(engine_sum(shared.exporter, shared.handle, SIZE), WORDS * 0x20002ull);
	for (j = 0; j < 3; j++)
		pattern_check_fill(at[j], SIZE, 0x20002);
	for (j = 0; j < 3; j++)
		dmabuf_munmap(at[j], SIZE);
	unshare(&shared);
}

/* The importer copies out of it and into it, with its own buffers at the other end. */
static void copies(const struct test_case *row)
{
	struct drm_vprime_command copy;
	struct shared shared;
	uint32_t own;
	void *at;

	share_on(&shared, row);
	own = vprime_bo_create(shared.importer, SIZE, ANYWHERE);
	at = vprime_bo_mmap(shared.importer, own, SIZE);
	engine_fill(shared.exporter, shared.handle, SIZE, 31);
	copy = command_copy(own, shared.abroad, SIZE);
	submit_command(shared.importer, &copy);
	vprime_bo_wait(shared.importer, own);
	pattern_check_fill(at, SIZE, 31);
	pattern_write(at, SIZE, 32);
	copy = command_copy(shared.abroad, own, SIZE);
	submit_command(shared.importer, &copy);
	/* No wait: the exporter's engine has to see that it is being written. */
	check_eq(engine_sum(shared.exporter, shared.handle, SIZE), pattern_sum(SIZE, 32));
	dmabuf_munmap(at, SIZE);
	drm_close_handle(shared.importer, own);
	unshare(&shared);
}

static void identity(const struct test_case *row)
{
	struct shared shared;
	int back, copy, again;

	share_on(&shared, row);
	copy = check_ok(neg_errno(dup(shared.dmabuf)));
	check_eq(vprime_import(shared.importer, copy), shared.abroad);
	back = vprime_export(shared.importer, shared.abroad);
	check(dmabuf_same_file(back, shared.dmabuf));
	/* Home again it is the buffer it was. */
	check_eq(vprime_import(shared.exporter, back), shared.handle);
	again = vprime_export(shared.exporter, shared.handle);
	check(dmabuf_same_file(again, shared.dmabuf));
	close_fd(again);
	close_fd(back);
	close_fd(copy);
	unshare(&shared);
}

static void as_a_file(const struct test_case *row)
{
	struct bufinfo listed;
	struct shared shared;
	char link[128];

	share_on(&shared, row);
	check_eq(lseek(shared.dmabuf, 0, SEEK_END), SIZE);
	dmabuf_set_name(shared.dmabuf, "crossing");
	procfs_readlink(shared.dmabuf, link, sizeof(link));
	check_str(link, "/dmabuf:crossing");
	bufinfo_get(shared.dmabuf, &listed);
	check_str(listed.name, "crossing");
	check_str(listed.exp_name, "vprime");
	check_eq(listed.size, SIZE);
	check_eq(bufinfo_lines_with(&listed, "vprime."), 1);
	unshare(&shared);
}

/* What both sides say while the importer uses it, and when it no longer does. */
static void info(const struct test_case *row)
{
	struct drm_vprime_bo_info here, there;
	struct shared shared;

	share_on(&shared, row);
	vprime_bo_info(shared.exporter, shared.handle, &here);
	check_eq(here.flags, VPRIME_BO_EXPORTED);
	check_eq(here.importers, 1);
	check_eq(here.pins, 0);
	check_eq(here.size, SIZE);
	vprime_bo_info(shared.importer, shared.abroad, &there);
	check(there.flags & VPRIME_BO_IMPORTED);
	check(!(there.flags & VPRIME_BO_MAPPED));
	check_eq(there.placement, SYSTEM);
	check_eq(there.size, SIZE);
	check_eq(there.remaps, 0);

	engine_fill(shared.importer, shared.abroad, SIZE, 1);
	vprime_bo_info(shared.importer, shared.abroad, &there);
	check(there.flags & VPRIME_BO_MAPPED);
	check_eq(there.placement, TT);
	vprime_bo_info(shared.exporter, shared.handle, &here);
	/* Dynamic importers pin nothing. */
	check_eq(here.pins, 0);
	check_eq(!!(there.flags & VPRIME_BO_PEER), here.placement == VRAM);

	check_ret(__vprime_bo_move(shared.importer, shared.abroad, TT), -EINVAL);
	check_ret(__vprime_bo_move(shared.importer, shared.abroad, SYSTEM), -EINVAL);
	unshare(&shared);
}

/* A move is announced, counted on both sides, and followed when there is need. */
static void move_is_noticed(const struct test_case *row)
{
	struct drm_vprime_bo_info here, there;
	uint32_t elsewhere;
	struct shared shared;

	share_on(&shared, row);
	engine_fill(shared.exporter, shared.handle, SIZE, 9);
	check_eq(engine_sum(shared.importer, shared.abroad, SIZE), WORDS * 9);
	vprime_bo_info(shared.exporter, shared.handle, &here);
	elsewhere = here.placement == VRAM ? TT : VRAM;
	vprime_bo_info(shared.importer, shared.abroad, &there);

	vprime_bo_move(shared.exporter, shared.handle, elsewhere);
	{
		struct drm_vprime_bo_info here_after, there_after;

		vprime_bo_info(shared.exporter, shared.handle, &here_after);
		vprime_bo_info(shared.importer, shared.abroad, &there_after);
		check_eq(here_after.moves, here.moves + 1);
		check_eq(here_after.notifies, here.notifies + 1);
		check_eq(there_after.moves, there.moves + 1);
		check(!(there_after.flags & VPRIME_BO_MAPPED));
		check_eq(there_after.remaps, there.remaps);
	}
	check_eq(engine_sum(shared.importer, shared.abroad, SIZE), WORDS * 9);
	{
		struct drm_vprime_bo_info there_after;

		vprime_bo_info(shared.importer, shared.abroad, &there_after);
		check(there_after.flags & VPRIME_BO_MAPPED);
		check_eq(there_after.remaps, there.remaps + 1);
	}
	unshare(&shared);
}

static const struct gpu_setting no_p2p[] = {
	{ "vram_size", "4194304" }, { "render_node", "1" }, { "p2p", "0" }, { }
};

static const struct gpu_setting with_p2p[] = {
	{ "vram_size", "4194304" }, { "render_node", "1" }, { "p2p", "1" }, { }
};

static const struct gpu_setting narrow[] = {
	{ "vram_size", "4194304" }, { "render_node", "1" }, { "dma_mask", "32" }, { }
};

struct pair {
	const struct gpu_setting *exporter, *importer;
	bool in_place;
};

static const struct test_case pairs[] = {
	{ "both", &(const struct pair){ with_p2p, with_p2p, true } },
	{ "importer-only", &(const struct pair){ no_p2p, with_p2p, false } },
	{ "exporter-only", &(const struct pair){ with_p2p, no_p2p, false } },
	{ "neither", &(const struct pair){ no_p2p, no_p2p, false } },
	{ }
};

/* Peers work in VRAM in place; who cannot reach it has the buffer come to it. */
static void p2p(const struct test_case *row)
{
	const struct pair *pair = row->arg;
	struct drm_vprime_bo_info here, there;
	struct shared shared;

	share(&shared, gpu_create(OWN, pair->exporter), gpu_create(OWN_PEER, pair->importer),
	      VRAM);
	engine_fill(shared.exporter, shared.handle, SIZE, 15);
	check_eq(engine_sum(shared.importer, shared.abroad, SIZE), WORDS * 15);
	vprime_bo_info(shared.exporter, shared.handle, &here);
	vprime_bo_info(shared.importer, shared.abroad, &there);
	check_eq(here.placement, pair->in_place ? VRAM : TT);
	check_eq(!!(there.flags & VPRIME_BO_PEER), pair->in_place);
	engine_fill(shared.importer, shared.abroad, SIZE, 16);
	check_eq(engine_sum(shared.exporter, shared.handle, SIZE), WORDS * 16);
	unshare(&shared);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

/* An engine with short addresses gets what it can reach, or a refusal, and no fault. */
static void narrow_importer(void)
{
	uint32_t result, done;
	struct drm_vprime_command sum, fill;
	struct drm_vprime_sync out;
	struct drm_vprime_submit arg;
	struct shared shared;
	uint64_t *at;
	int ret;

	share(&shared, gpu_create(OWN, with_p2p), gpu_create(OWN_PEER, narrow), VRAM);
	engine_fill(shared.exporter, shared.handle, SIZE, 17);
	result = vprime_bo_create(shared.importer, PAGE_BYTES, TT);
	at = vprime_bo_mmap(shared.importer, result, PAGE_BYTES);
	done = syncobj_create(shared.importer);
	out = (struct drm_vprime_sync){ .handle = done };
	sum = command_sum(result, 0, shared.abroad, SIZE);
	arg = submission(&sum, 1);
	arg.out_syncs = (uintptr_t)&out;
	arg.out_sync_count = 1;
	ret = __submit(shared.importer, &arg);
	if (!ret) {
		check_ret(syncobj_result(shared.importer, done), 0);
		check_eq(*at, WORDS * 17);
	}
	subtest_info("an importer of 32 bits: %s", ret ? strerrorname_np(-ret) : "reads it");

	/* What it writes is there for all, and not in a copy of its own. */
	fill = command_fill(shared.abroad, 0, SIZE, 18);
	ret = __submit_command(shared.importer, &fill);
	if (!ret)
		vprime_bo_wait(shared.importer, shared.abroad);
	check_eq(engine_sum(shared.exporter, shared.handle, SIZE), WORDS * (ret ? 17 : 18));
	syncobj_destroy(shared.importer, done);
	dmabuf_munmap(at, PAGE_BYTES);
	drm_close_handle(shared.importer, result);
	unshare(&shared);
	gpu_destroy(OWN_PEER);
	gpu_destroy(OWN);
}

/* The exporter's client goes first; the buffer lives where it was taken to. */
static void exporter_closes_first(const struct test_case *row)
{
	struct shared shared;

	share_on(&shared, row);
	engine_fill(shared.exporter, shared.handle, SIZE, 18);
	drm_close_handle(shared.exporter, shared.handle);
	check_eq(engine_sum(shared.importer, shared.abroad, SIZE), WORDS * 18);
	close_fd(shared.exporter);
	close_fd(shared.dmabuf);
	engine_fill(shared.importer, shared.abroad, SIZE, 19);
	check_eq(engine_sum(shared.importer, shared.abroad, SIZE), WORDS * 19);
	drm_close_handle(shared.importer, shared.abroad);
	close_fd(shared.importer);
}

/* Both GPUs at work on each other's buffers, in one submission each. */
static void both_ways_at_once(void)
{
	struct drm_vprime_command swap[2];
	struct drm_vprime_submit arg;
	struct shared there, back;
	int i;

	share(&there, gpu_open(RENDER), gpu_open(DISPLAY), VRAM);
	share(&back, gpu_open(DISPLAY), gpu_open(RENDER), VRAM);
	/* In the clients that have the other's buffer as an import. */
	check_eq(lseek(back.dmabuf, 0, SEEK_END), SIZE);
	{
		uint32_t in_render = vprime_import(there.exporter, back.dmabuf);
		uint32_t in_display = vprime_import(back.exporter, there.dmabuf);

		for (i = 1; i <= 20; i++) {
			swap[0] = command_fill(there.handle, 0, SIZE, i);
			swap[1] = command_copy(in_render, there.handle, SIZE);
			arg = submission(swap, 2);
			submit(there.exporter, &arg);
			swap[0] = command_fill(back.handle, 0, SIZE / 2, i + 100);
			swap[1] = command_copy(in_display, back.handle, SIZE);
			arg = submission(swap, 2);
			submit(back.exporter, &arg);
			check_eq(engine_sum(there.exporter, there.handle, SIZE),
				 WORDS / 2 * (i + 100ull) + WORDS / 2 * (uint64_t)i);
		}
		drm_close_handle(back.exporter, in_display);
		drm_close_handle(there.exporter, in_render);
	}
	unshare(&back);
	unshare(&there);
}

static const struct subtest subtests[] = {
	{
		.name = "content",
		.describe = "What one GPU or any mapping writes, the other GPU and all mappings read.",
		.run_case = content,
		.cases = routes,
	}, {
		.name = "copies",
		.describe = "The importer's engine copies out of it and into it, and the exporter waits for that.",
		.run_case = copies,
		.cases = routes,
	}, {
		.name = "identity",
		.describe = "Imported twice it is one handle, exported again the same dma-buf, home again the same buffer.",
		.run_case = identity,
		.cases = routes,
	}, {
		.name = "as-a-file",
		.describe = "Its size, its name, and who is attached.",
		.run_case = as_a_file,
		.cases = routes,
	}, {
		.name = "info",
		.describe = "Both sides tell what they have of it.",
		.run_case = info,
		.cases = routes,
	}, {
		.name = "move-is-noticed",
		.describe = "A move is announced once, and followed at the next use.",
		.run_case = move_is_noticed,
		.cases = routes,
	}, {
		.name = "p2p",
		.describe = "Peers reach VRAM in place, all others have the buffer brought to system memory.",
		.run_case = p2p,
		.cases = pairs,
	}, {
		.name = "narrow-importer",
		.describe = "An importer with short addresses never faults.",
		.run = narrow_importer,
	}, {
		.name = "exporter-closes-first",
		.describe = "An import outlives the exporter's handle, file and descriptor.",
		.run_case = exporter_closes_first,
		.cases = routes,
	}, {
		.name = "both-ways-at-once",
		.describe = "Two GPUs that write into each other's buffers take turns.",
		.run = both_ways_at_once,
	},
};

TEST_MAIN("PRIME between two vprime GPUs.", subtests)
