// SPDX-License-Identifier: MIT
#include "asleep.h"

#include <glob.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "check.h"
#include "procfs.h"

#define STATE "/sys/power/state"
#define ALARM "/sys/class/rtc/rtc0/wakealarm"
#define SHARES "/sys/bus/virtio/drivers/9pnet_virtio/virtio*"
/* An alarm that comes while the machine is still on its way to sleep wakes nobody. */
#define SECONDS "+6"

/* Linux 6.12 can freeze no virtio share: this program's own file would be gone. */
static bool has_virtio_share(void)
{
	glob_t found;
	int ret = glob(SHARES, 0, NULL, &found);

	globfree(&found);
	return !ret;
}

void asleep_require(void)
{
	char states[64];
	ssize_t len = __procfs_read(STATE, states, sizeof(states));

	require(len > 0 && strstr(states, "mem"), "this kernel cannot suspend to RAM");
	require(!access(ALARM, W_OK), "there is no clock that could wake the machine");
	require(!has_virtio_share(), "a virtio share would be lost; vm/run --sleeps does without");
}

int __asleep(void)
{
	check_ret(__procfs_write(ALARM, "0"), 0);
	check_ret(__procfs_write(ALARM, SECONDS), 0);
	return __procfs_write(STATE, "mem");
}

void asleep(void)
{
	check_ret(__asleep(), 0);
}
