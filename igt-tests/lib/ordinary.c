// SPDX-License-Identifier: MIT
/*
 * Drops rights in a child, as they do not come back.
 */
#include "ordinary.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "check.h"
#include "child.h"

#define NOBODY ((uid_t)65534)

static void drop_rights(gid_t group)
{
	check_ok(neg_errno(setgroups(0, NULL)));
	check_ok(neg_errno(setresgid(group, group, group)));
	check_ok(neg_errno(setresuid(NOBODY, NOBODY, NOBODY)));
	/* Both are lost with the old rights; his own files in /proc are his after an exec. */
	check_ok(neg_errno(prctl(PR_SET_PDEATHSIG, SIGKILL)));
	check_ok(neg_errno(prctl(PR_SET_DUMPABLE, 1)));
}

void ordinary_run(gid_t group, void (*act)(void *arg), void *arg)
{
	pid_t pid = child_fork();

	if (!pid) {
		drop_rights(group);
		act(arg);
		_exit(0);
	}
	child_join(pid);
}

void ordinary_run_as_own_root(void (*act)(void *arg), void *arg)
{
	pid_t pid = child_fork();

	if (!pid) {
		drop_rights(NO_GROUP);
		check_ok(neg_errno(unshare(CLONE_NEWUSER)));
		act(arg);
		_exit(0);
	}
	child_join(pid);
}

int __ordinary_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}
