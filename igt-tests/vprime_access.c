// SPDX-License-Identifier: MIT
/*
 * What an ordinary user may do with a GPU: what he was given a node for, and
 * nothing else.  What he reaches of other people's buffers is in
 * vprime_others.c, who may take a picture of a screen in screenshot.c as well.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "command.h"
#include "dmabuf.h"
#include "drm.h"
#include "exporter.h"
#include "gpu.h"
#include "ordinary.h"
#include "pattern.h"
#include "procfs.h"
#include "screen.h"
#include "submit.h"
#include "subtest.h"
#include "syncobj.h"
#include "usage.h"
#include "vprime.h"
#include "vprimectl.h"

#define SIZE (16 * PAGE_BYTES)
#define OWN_VRAM (4u << 20)
#define TREE "/sys/kernel/config/vprime"
#define DEBUGFS "/sys/kernel/debug"
#define PATH_BYTES 256

static void stat_fd(int fd, struct stat *st)
{
	check_ok(neg_errno(fstat(fd, st)));
}

/* What the file's mode allows, and not more. */
static void open_node(void *arg)
{
	const char *path = arg;
	struct stat st;
	int ret, expected;

	check_ok(neg_errno(stat(path, &st)));
	expected = (st.st_mode & 06) == 06 ? 0 : -EACCES;
	ret = __ordinary_open(path, O_RDWR);
	check_msg(ret == expected, "opening %s, of mode %o, gave %s", path, st.st_mode & 0777,
		  ret ? strerrorname_np(-ret) : "success");
}

static void nodes(void)
{
	int fds[] = {
		gpu_create_small(OWN, OWN_VRAM), gpu_open(DISPLAY), gpu_open(RENDER),
		check_ok(__gpu_open_render(OWN)), check_ok(__gpu_open_render(RENDER)),
	};
	char path[PATH_BYTES];
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		procfs_readlink(fds[i], path, sizeof(path));
		ordinary_run(NO_GROUP, open_node, path);
		stat_fd(fds[i], &st);
		/* Who opens a primary node first has the screens. */
		if (strstr(path, "card"))
			check_msg(!(st.st_mode & 07), "%s is everybody's", path);
		close_fd(fds[i]);
	}
	gpu_destroy(OWN);
}

static int files_seen;

static int check_read_only(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char inside[PATH_BYTES * 2];

	(void)st;
	(void)ftw;
	snprintf(inside, sizeof(inside), "%s/igt-not-mine", path);
	if (type == FTW_F)
		check_msg(__ordinary_open(path, O_WRONLY) == -EACCES, "%s can be written", path);
	if (type == FTW_D)
		check_msg(mkdir(inside, 0755) && errno == EACCES, "%s can be made: %m", inside);
	files_seen += type == FTW_F;
	return 0;
}

static void write_nothing(void *arg)
{
	check_ok(neg_errno(nftw(arg, check_read_only, 16, FTW_PHYS)));
	check_lt(0, files_seen);
}

static const struct test_case trees[] = {
	{ "configuration", TREE },
	{ "device", "/sys/devices/platform/vprime." OWN },
	{ "driver", "/sys/bus/platform/drivers/vprime" },
	{ "module", "/sys/module/vprime" },
	{ }
};

static void files(const struct test_case *row)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);

	ordinary_run(NO_GROUP, write_nothing, (void *)row->arg);
	ordinary_run_as_own_root(write_nothing, (void *)row->arg);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void change_folders(void *arg)
{
	(void)arg;
	check_ret(neg_errno(mkdir(TREE "/igt-not-mine", 0755)), -EACCES);
	check_ret(neg_errno(rmdir(TREE "/" OWN)), -EACCES);
	check_ret(__gpu_set(OWN, "enabled", "0"), -EACCES);
	check_ret(__gpu_set(OWN, "faults/hang", "1"), -EACCES);
}

static void folders(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);

	ordinary_run(NO_GROUP, change_folders, NULL);
	ordinary_run_as_own_root(change_folders, NULL);
	check_ret(neg_errno(access(TREE "/igt-not-mine", F_OK)), -ENOENT);
	/* It is there, and its next job does not hang. */
	engine_fill(gpu, vprime_bo_create(gpu, SIZE, ANYWHERE), SIZE, 1);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static int check_owner_only(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_F)
		check_msg(!(st->st_mode & 022), "%s is of mode %o", path,
			  st->st_mode & 0777);
	return 0;
}

static void open_debugfs(void *arg)
{
	check_ret(__ordinary_open(arg, O_RDONLY), -EACCES);
	check_ret(__ordinary_open(DEBUGFS, O_RDONLY), -EACCES);
	check_ret(__ordinary_open("/sys/kernel/tracing", O_RDONLY), -EACCES);
}

/* Where somebody has made debugfs readable for all, its files are still no more than that. */
static void debugfs(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	char path[PATH_BYTES], buffers[PATH_BYTES + 32];
	struct stat st;

	stat_fd(gpu, &st);
	snprintf(path, sizeof(path), DEBUGFS "/dri/%u", minor(st.st_rdev));
	snprintf(buffers, sizeof(buffers), "%s/vprime_buffers", path);
	check_ret(__ordinary_open(buffers, O_RDONLY), 0);
	check_ok(neg_errno(nftw(path, check_owner_only, 16, FTW_PHYS)));
	ordinary_run(NO_GROUP, open_debugfs, buffers);
	ordinary_run_as_own_root(open_debugfs, buffers);
	close_fd(gpu);
	gpu_destroy(OWN);
}

static void run_vprimectl(void *arg)
{
	static const char * const refused[] = {
		"create igt-not-mine", "destroy " OWN, "set " OWN " hang=1", "unplug " OWN,
		"move " OWN " system", "chaos " OWN " 7", "disconnect " OWN " 0",
		"link-status " OWN " 0 bad", "edid " OWN " 0 none", "info " OWN, "top -n 1 " OWN,
		"shot " OWN " /tmp/igt-not-mine.png",
	};
	size_t i;

	(void)arg;
	vprimectl_check("list", 0);
	vprimectl_check_output(OWN);
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		vprimectl_check(refused[i], 1);
		vprimectl_check_output("Permission denied");
	}
}

static void command_line(void)
{
	static const struct gpu_setting no_render[] = {
		{ "vram_size", "4194304" }, { "render_node", "0" }, { "heads", "1" }, { }
	};
	int gpu = gpu_create(OWN, no_render);

	ordinary_run(NO_GROUP, run_vprimectl, NULL);
	vprimectl_check("info --json " OWN, 0);
	vprimectl_check_output("\"enabled\":1");
	vprimectl_check_output("\"hang\":0");
	vprimectl_check_output("\"chaos_ms\":0");
	vprimectl_check_output("\"status\":\"connected\",\"link\":\"good\"");
	vprimectl_check("info igt-not-mine", 3);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/**
 * struct given - what a user has
 * @gpu: a node of the GPU
 * @other: the render node of another one
 */
struct given {
	int gpu;
	int other;
};

static int __submit_prioritized(int gpu, uint32_t priority)
{
	struct drm_vprime_command nop = { .op = VPRIME_OP_NOP };
	struct drm_vprime_submit arg = submission(&nop, 1);

	arg.priority = priority;
	return __submit(gpu, &arg);
}

/* Everything a render node is for. */
static void use_render_node(void *arg)
{
	const struct given *given = arg;
	uint32_t handle = vprime_bo_create(given->gpu, SIZE, ANYWHERE), abroad, done;
	void *at = vprime_bo_mmap(given->gpu, handle, SIZE);
	struct drm_vprime_command fill;
	char value[64];
	int fd;

	pattern_write(at, SIZE, 1);
	vprime_bo_move(given->gpu, handle, SYSTEM);
	vprime_bo_move(given->gpu, handle, VRAM);
	pattern_check(at, SIZE, 1);
	check_eq(engine_sum(given->gpu, handle, SIZE), pattern_sum(SIZE, 1));

	fd = vprime_export(given->gpu, handle);
	abroad = vprime_import(given->other, fd);
	check_eq(engine_sum(given->other, abroad, SIZE), pattern_sum(SIZE, 1));
	fill = command_fill(abroad, 0, SIZE, 3);
	done = syncobj_create(given->other);
	submit_synced(given->other, &fill, 0, done, 0);
	syncobj_wait(given->other, done);
	pattern_check_fill(at, SIZE, 3);

	check(procfs_fdinfo(given->gpu, "drm-driver", value, sizeof(value)));
	check_str(value, "vprime");
	check_ret(__submit_prioritized(given->gpu, VPRIME_PRIORITY_LOW), 0);
	check_ret(__submit_prioritized(given->gpu, VPRIME_PRIORITY_HIGH), -EACCES);
}

struct request {
	const char *name;
	unsigned long number;
};

#define REQUEST(name) { #name, DRM_IOCTL_##name }

static void check_refused(int gpu, const struct request *requests, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		uint64_t arg[64] = { 0 };
		int ret = __vprime_ioctl(gpu, requests[i].number, arg);

		check_msg(ret == -EACCES, "%s gave %s", requests[i].name,
			  ret ? strerrorname_np(-ret) : "success");
	}
}

/* Nothing of screens, of names that anybody could guess, of who is who. */
static void misuse_render_node(void *arg)
{
	static const struct request requests[] = {
		REQUEST(GET_MAGIC), REQUEST(AUTH_MAGIC), REQUEST(SET_MASTER), REQUEST(DROP_MASTER),
		REQUEST(SET_VERSION), REQUEST(SET_CLIENT_CAP), REQUEST(GEM_FLINK),
		REQUEST(GEM_OPEN), REQUEST(WAIT_VBLANK), REQUEST(CRTC_GET_SEQUENCE),
		REQUEST(CRTC_QUEUE_SEQUENCE), REQUEST(MODE_GETRESOURCES), REQUEST(MODE_GETCRTC),
		REQUEST(MODE_SETCRTC), REQUEST(MODE_GETCONNECTOR), REQUEST(MODE_GETFB),
		REQUEST(MODE_GETFB2), REQUEST(MODE_ADDFB), REQUEST(MODE_ADDFB2), REQUEST(MODE_RMFB),
		REQUEST(MODE_PAGE_FLIP), REQUEST(MODE_CURSOR), REQUEST(MODE_ATOMIC),
		REQUEST(MODE_CREATE_DUMB), REQUEST(MODE_MAP_DUMB), REQUEST(MODE_DESTROY_DUMB),
		REQUEST(MODE_CREATEPROPBLOB), REQUEST(MODE_CREATE_LEASE), REQUEST(VPRIME_CAPTURE),
	};
	const struct given *given = arg;

	check_refused(given->gpu, requests, ARRAY_SIZE(requests));
}

static void render_node(void)
{
	int gpu = gpu_create_small(OWN, OWN_VRAM);
	struct usage before = usage_of(gpu);
	struct given given = {
		.gpu = check_ok(__gpu_open_render(OWN)),
		.other = check_ok(__gpu_open_render(RENDER)),
	};

	ordinary_run(NO_GROUP, use_render_node, &given);
	ordinary_run(NO_GROUP, misuse_render_node, &given);
	ordinary_run_as_own_root(misuse_render_node, &given);
	/* Root itself has no more of it: the node is not for that. */
	misuse_render_node(&given);
	close_fd(given.other);
	close_fd(given.gpu);
	check_usage(gpu, &before);
	close_fd(gpu);
	gpu_destroy(OWN);
}

/* Of the screen that somebody else is the master of. */
static void misuse_primary_node(int gpu, const struct kms_head *head, uint32_t fb)
{
	static const struct request requests[] = {
		REQUEST(AUTH_MAGIC), REQUEST(SET_MASTER), REQUEST(DROP_MASTER),
		REQUEST(SET_VERSION), REQUEST(GEM_FLINK), REQUEST(GEM_OPEN), REQUEST(MODE_SETCRTC),
		REQUEST(MODE_SETPLANE), REQUEST(MODE_CURSOR), REQUEST(MODE_CURSOR2),
		REQUEST(MODE_SETGAMMA), REQUEST(MODE_SETPROPERTY), REQUEST(MODE_OBJ_SETPROPERTY),
		REQUEST(MODE_PAGE_FLIP), REQUEST(MODE_DIRTYFB), REQUEST(MODE_ATOMIC),
		REQUEST(MODE_CREATE_LEASE), REQUEST(MODE_LIST_LESSEES), REQUEST(MODE_GET_LEASE),
		REQUEST(MODE_REVOKE_LEASE), REQUEST(VPRIME_CAPTURE),
	};
	struct drm_mode_fb_cmd2 shown2 = { .fb_id = fb };
	struct drm_mode_fb_cmd shown = { .fb_id = fb };
	struct drm_vprime_capture capture;

	check_refused(gpu, requests, ARRAY_SIZE(requests));
	capture = picture_capture_to(vprime_bo_create(gpu, KMS_BYTES, TT));
	capture.crtc_id = head->crtc;
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_VPRIME_CAPTURE, &capture), -EACCES);
	check_eq(engine_sum(gpu, capture.handle, KMS_BYTES), 0);

	/* What is on the screen can be asked for, but not got. */
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_GETFB, &shown), 0);
	check_eq(shown.width, KMS_WIDTH);
	check_eq(shown.handle, 0);
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_GETFB2, &shown2), 0);
	check_eq(shown2.handles[0], 0);
	check_ret(__vprime_ioctl(gpu, DRM_IOCTL_MODE_RMFB, &fb), -ENOENT);
}

/* The node of a GPU that was made just now has its group from udev. */
static void wait_for_udev(void)
{
	char *const settle[] = { "udevadm", "settle", NULL };
	char output[256];

	require(!command_run(settle, output, sizeof(output)), "no udev here: %s", output);
}

/* Opens the node himself, as root's descriptors are trusted by DRM. */
static void use_primary_node(void *arg)
{
	const struct screen *screen = arg;
	struct given given = { .gpu = gpu_open(OWN), .other = gpu_open(RENDER) };
	struct picture_buffer picture;

	misuse_primary_node(given.gpu, &screen->head, screen->buffers[0].fb);
	use_render_node(&given);
	picture_buffer_init(&picture, given.gpu);
	picture_buffer_fini(&picture);
}

static void primary_node(void)
{
	struct screen screen;
	struct stat st;

	screen_init_on(&screen);
	wait_for_udev();
	stat_fd(screen.head.gpu, &st);
	require(st.st_gid && (st.st_mode & 060) == 060, "primary nodes are for root alone here");
	ordinary_run(st.st_gid, use_primary_node, &screen);
	picture_check(&screen.head, SCREEN_SEED);
	screen_fini(&screen);
}

static int lease_head(const struct kms_head *head)
{
	const uint32_t objects[] = { head->crtc, head->connector, head->primary };
	struct drm_mode_create_lease lease = {
		.object_ids = (uintptr_t)objects,
		.object_count = ARRAY_SIZE(objects),
		.flags = O_CLOEXEC,
	};

	check_ret(__vprime_ioctl(head->gpu, DRM_IOCTL_MODE_CREATE_LEASE, &lease), 0);
	return lease.fd;
}

/* Master of the second screen, and a stranger to the first. */
static void use_lease(void *arg)
{
	const struct screen_pair *pair = arg;
	struct kms_head first = pair->heads[0], second = pair->heads[1];
	struct drm_mode_crtc crtc = { .crtc_id = first.crtc };
	struct drm_vprime_capture ask = { };
	struct picture_buffer picture;

	kms_client_init(second.gpu);
	first.gpu = second.gpu;
	check_ret(__vprime_ioctl(first.gpu, DRM_IOCTL_MODE_GETCRTC, &crtc), -ENOENT);
	check_ret(__vprime_ioctl(first.gpu, DRM_IOCTL_MODE_SETCRTC, &crtc), -ENOENT);
	check_ret(__picture_capture(&first, &ask), -ENOENT);
	check_ret(__picture_capture(&second, &ask), -ENODATA);
	picture_buffer_init(&picture, second.gpu);
	picture_draw(picture.at, SCREEN_SEED + 1);
	kms_show(&second, picture.fb);
	picture_check(&second, SCREEN_SEED + 1);
	kms_turn_off(&second);
	picture_buffer_fini(&picture);
}

static void leased_screen(void)
{
	struct screen_pair pair, given;

	screen_pair_init(&pair);
	kms_turn_off(&pair.heads[1]);
	given = pair;
	given.heads[1].gpu = lease_head(&pair.heads[1]);
	given.heads[1].writeback = 0;
	ordinary_run(NO_GROUP, use_lease, &given);
	picture_check(&pair.heads[0], SCREEN_SEED);
	close_fd(given.heads[1].gpu);
	screen_pair_fini(&pair);
}

static const struct subtest subtests[] = {
	{
		.name = "nodes",
		.describe = "Nodes open for whom their mode says, primary nodes not for everybody.",
		.run = nodes,
	}, {
		.name = "files",
		.describe = "Nothing in configfs and sysfs can be written or made but by root.",
		.run_case = files,
		.cases = trees,
	}, {
		.name = "folders",
		.describe = "GPUs are made, changed, unplugged and removed by root alone.",
		.run = folders,
	}, {
		.name = "debugfs",
		.describe = "What debugfs tells of everybody's buffers is for root.",
		.run = debugfs,
	}, {
		.name = "command-line",
		.describe = "vprimectl says that it may not, and leaves everything as it was.",
		.run = command_line,
	}, {
		.name = "render-node",
		.describe = "A render node is for work and for sharing; no screen is reached by it.",
		.run = render_node,
	}, {
		.name = "primary-node",
		.describe = "Who is not the master can work, but neither see nor change a screen.",
		.run = primary_node,
	}, {
		.name = "leased-screen",
		.describe = "Who was given one screen sees and changes that one alone.",
		.run = leased_screen,
	},
};

TEST_MAIN("Ordinary users of vprime: what they may.", subtests)
