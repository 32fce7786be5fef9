// SPDX-License-Identifier: MIT
/*
 * The kernel's fault injection by number (fail-nth), which counts and fails
 * only what the calling thread allocates.
 */
#include "fault.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "procfs.h"

#define DEBUGFS "/sys/kernel/debug/"

static int fail_nth = -1;

struct knob {
	const char *path;
	const char *value;
	bool optional;
};

/*
 * Allocations that may sleep and single pages are spared unless asked for, and
 * every injected failure would print a stack.
 */
static const struct knob knobs[] = {
	{ .path = DEBUGFS "failslab/ignore-gfp-wait", .value = "N" },
	{ .path = DEBUGFS "failslab/verbose", .value = "0" },
	{ .path = DEBUGFS "fail_page_alloc/ignore-gfp-wait", .value = "N" },
	{ .path = DEBUGFS "fail_page_alloc/ignore-gfp-highmem", .value = "N" },
	{ .path = DEBUGFS "fail_page_alloc/min-order", .value = "0" },
	{ .path = DEBUGFS "fail_page_alloc/verbose", .value = "0" },
	{ .path = DEBUGFS "fail_usercopy/verbose", .value = "0", .optional = true },
};

void fault_setup(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		int ret = __procfs_write(knobs[i].path, knobs[i].value);

		if (knobs[i].optional && ret == -ENOENT)
			continue;
		require(!ret, "no failure injection (CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC): %s: %s",
			knobs[i].path, strerror(-ret));
	}
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	require(fail_nth >= 0, "no /proc/thread-self/fail-nth (CONFIG_FAULT_INJECTION): %m");
}

void fault_teardown(void)
{
	check_ok(neg_errno(close(fail_nth)));
	fail_nth = -1;
}

void fault_arm(int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	check_eq(pwrite(fail_nth, text, len, 0), len);
}

bool fault_disarm(void)
{
	char text[16] = "";
	ssize_t got = pread(fail_nth, text, sizeof(text) - 1, 0);

	/*
	 * Copies to and from user space count as well, these two here too: a
	 * number that is nearly used up may hit either of them, and is gone then.
	 */
	check(got > 0 || errno == EFAULT);
	if (pwrite(fail_nth, "0", 1, 0) != 1) {
		check_eq(errno, EFAULT);
		check_eq(pwrite(fail_nth, "0", 1, 0), 1);
	}
	return got > 0 && atoi(text) == 0;
}
