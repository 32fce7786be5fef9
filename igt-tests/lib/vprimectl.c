// SPDX-License-Identifier: MIT
/*
 * Finds the program next to this one, and keeps what it printed last.
 */
#include "vprimectl.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "check.h"
#include "command.h"

#define ARGUMENTS_MAX 8

static char output[1 << 16];

static const char *program(void)
{
	static char path[PATH_MAX];
	char self[PATH_MAX / 2] = "", *slash;

	check_ok(neg_errno(readlink("/proc/self/exe", self, sizeof(self) - 1)));
	slash = strrchr(self, '/');
	check(slash);
	*slash = '\0';
	snprintf(path, sizeof(path), "%s/../tools/vprimectl", self);
	require(!access(path, X_OK), "no %s: make -C tools", path);
	return path;
}

int vprimectl_run(const char *arguments)
{
	char words[256], *argv[ARGUMENTS_MAX + 2] = { (char *)program() }, *rest = words;
	int argc = 1;

	snprintf(words, sizeof(words), "%s", arguments);
	while (rest && argc <= ARGUMENTS_MAX)
		argv[argc++] = strsep(&rest, " ");
	check(!rest);
	return command_run(argv, output, sizeof(output));
}

void vprimectl_check(const char *arguments, int status)
{
	int got = vprimectl_run(arguments);

	check_msg(got == status, "vprimectl %s ended with %d, expected %d: %s", arguments, got,
		  status, output);
}

void vprimectl_check_output(const char *text)
{
	check_msg(strstr(output, text), "no \"%s\" in: %s", text, output);
}
