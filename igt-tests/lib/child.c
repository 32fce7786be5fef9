// SPDX-License-Identifier: MIT
/*
 * A failed check ends the subtest's process where it stands, so its children
 * have to notice by themselves.
 */
#include "child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

pid_t child_fork(void)
{
	pid_t parent = getpid(), pid = check_ok(neg_errno(fork()));

	if (!pid) {
		check_ok(neg_errno(prctl(PR_SET_PDEATHSIG, SIGKILL)));
		/* It may have ended before it was asked for. */
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

void child_join(pid_t pid)
{
	int status;

	check_eq(waitpid(pid, &status, 0), pid);
	check_msg(WIFEXITED(status) && !WEXITSTATUS(status),
		  "a child process ended with %#x", status);
}

void child_kill(pid_t pid)
{
	check_ok(neg_errno(kill(pid, SIGKILL)));
	check_eq(waitpid(pid, NULL, 0), pid);
}
