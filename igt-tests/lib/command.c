// SPDX-License-Identifier: MIT
/*
 * fork, exec, and a pipe to read from.
 */
#include "command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"

static void __attribute__((noreturn)) become(char *const argv[], int out)
{
	if (dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
		execvp(argv[0], argv);
	_exit(127);
}

int command_run(char *const argv[], char *output, size_t size)
{
	char rest[4096];
	size_t len = 0;
	int ends[2], status;
	ssize_t got;
	pid_t pid;

	check_ok(neg_errno(pipe2(ends, O_CLOEXEC)));
	pid = child_fork();
	if (!pid)
		become(argv, ends[1]);
	check_ok(neg_errno(close(ends[1])));
	while ((got = read(ends[0], output + len, size - 1 - len)) > 0)
		len += got;
	output[len] = '\0';
	/* It must not die of a full pipe. */
	while (read(ends[0], rest, sizeof(rest)) > 0)
		;
	check_ok(neg_errno(close(ends[0])));
	check_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
