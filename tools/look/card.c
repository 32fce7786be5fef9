// SPDX-License-Identifier: GPL-2.0-only
/* Opens our GPUs by their names, without getting into the way of who shows something there. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xf86drm.h>
#include <xf86drmMode.h>

#include "card.h"

static bool read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	bool good = file && fgets(line, size, file);

	if (good)
		line[strcspn(line, "\n")] = 0;
	if (file)
		fclose(file);
	return good;
}

/* The number of the GPU's card, or -1. */
static int find_card(const char *gpu)
{
	char path[128], device[64];
	glob_t found;
	int card = -1;

	snprintf(path, sizeof(path), "/sys/kernel/config/vprime/%s/device", gpu);
	if (!read_line(path, device, sizeof(device)))
		return -1;
	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/drm/card*", device);
	if (glob(path, 0, NULL, &found))
		return -1;
	if (sscanf(strrchr(found.gl_pathv[0], '/'), "/card%d", &card) != 1)
		card = -1;
	globfree(&found);
	return card;
}

static bool is_on(int card)
{
	char path[64], line[256];
	bool on = false;
	FILE *state;

	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/state", card);
	state = fopen(path, "re");
	while (state && fgets(line, sizeof(line), state))
		on = on || strstr(line, "\tactive=1");
	if (state)
		fclose(state);
	return on;
}

static int fail(char *trouble, const char *what)
{
	snprintf(trouble, TROUBLE_SIZE, "%s: %s", what, strerror(errno));
	return -1;
}

/*
 * Who opens the card of a GPU that nobody uses becomes its master, and is in the way of who wants
 * to be. So it is opened when somebody has drawn. Returns -1 if it is not, and @trouble says why.
 */
int card_open(const char *gpu, char trouble[static TROUBLE_SIZE])
{
	char path[32];
	int card = find_card(gpu), fd;

	errno = ENODEV;
	if (card < 0)
		return fail(trouble, gpu);
	if (!is_on(card))
		return fail(trouble, "the screen is off");
	snprintf(path, sizeof(path), "/dev/dri/card%d", card);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail(trouble, path);
	if (drmIsMaster(fd))
		drmDropMaster(fd);
	return fd;
}

/* Returns 0 if there is no such head. */
uint32_t card_crtc(int fd, unsigned int head)
{
	drmModeRes *resources = drmModeGetResources(fd);
	uint32_t id = 0;

	if (resources && (int)head < resources->count_crtcs)
		id = resources->crtcs[head];
	drmModeFreeResources(resources);
	return id;
}
