// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells when some screen has got a new frame: the kernel's own trace of it, in an instance that
 * nobody else reads.
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events.h"

#define TRACING "/sys/kernel/tracing"
#define EVENT "events/drm/drm_vblank_event_delivered/enable"

static char instance[64];
static int trace_fd = -1;

void events_end(void)
{
	if (trace_fd >= 0)
		close(trace_fd);
	trace_fd = -1;
	if (instance[0])
		rmdir(instance);
}

static void set(const char *folder, const char *file, const char *value)
{
	char path[160];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	out = fopen(path, "we");
	if (!out || fputs(value, out) < 0 || fclose(out))
		err(2, "%s", path);
}

/*
 * Traces of this machine have no names of programs from now on. For those the kernel would patch
 * its scheduler each time that this begins and ends. On QEMU another processor may then run what
 * was there a moment before, a breakpoint, and the kernel ends with "Oops: int3".
 */
static void leave_scheduler_alone(void)
{
	set(TRACING, "trace_options", "norecord-cmd");
}

void events_begin(void)
{
	char path[160];

	leave_scheduler_alone();
	snprintf(instance, sizeof(instance), TRACING "/instances/look-%d", (int)getpid());
	if (mkdir(instance, 0700))
		err(2, "%s", instance);
	atexit(events_end);
	set(instance, EVENT, "1");
	snprintf(path, sizeof(path), "%s/trace_pipe", instance);
	trace_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (trace_fd < 0)
		err(2, "%s", path);
}

/*
 * Returns false if no frame came. Frames that came since the last call count, so one that comes
 * while a picture is taken is not missed.
 */
bool events_wait(double seconds)
{
	struct pollfd event = { .fd = trace_fd, .events = POLLIN };
	char lines[4096];
	bool any = poll(&event, 1, (int)(seconds * 1000)) > 0;

	while (read(trace_fd, lines, sizeof(lines)) > 0)
		any = true;
	return any;
}
