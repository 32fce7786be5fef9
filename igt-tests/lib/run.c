// SPDX-License-Identifier: MIT
/*
 * Runs one subtest: each part of it in a child of its own, so that a failed
 * check, a crash or a leftover thread ends that part and nothing else.  Owns
 * the result lines, and two checks that hold for every part: it closed what
 * it opened, and once it is gone no buffer of its is left.
 */
#include "run.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bufinfo.h"
#include "exporter.h"
#include "procfs.h"

#define WATCHDOG_SECONDS 120

struct part {
	const struct subtest *subtest;
	const struct exporter *exporter;
	const struct test_case *row;
};

static const char * const result_names[] = {
	[RESULT_SKIP] = "SKIP",
	[RESULT_SUCCESS] = "SUCCESS",
	[RESULT_FAIL] = "FAIL",
	[RESULT_CRASH] = "CRASH",
	[RESULT_TIMEOUT] = "TIMEOUT",
};

/* One line in one write: parts run side by side with threads of theirs. */
static void print_line(int fd, const char *format, va_list args)
{
	char line[1024];
	int len = vsnprintf(line, sizeof(line) - 1, format, args);

	if (len < 0)
		return;
	if ((size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(fd, line, len) != len)
		_exit(EXIT_STATUS_BROKEN);
}

void subtest_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(STDOUT_FILENO, format, args);
	va_end(args);
}

/* The runner cuts stderr into subtests by the same lines as stdout. */
static void sentinel(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(STDOUT_FILENO, format, args);
	va_end(args);
	if (!getenv("IGT_SENTINEL_ON_STDERR"))
		return;
	va_start(args, format);
	print_line(STDERR_FILENO, format, args);
	va_end(args);
}

void kernel_log(const char *format, ...)
{
	FILE *kmsg = fopen("/dev/kmsg", "we");
	va_list args;

	if (!kmsg)
		return;
	va_start(args, format);
	fprintf(kmsg, "<6>[IGT] %s: ", program_invocation_short_name);
	vfprintf(kmsg, format, args);
	va_end(args);
	fclose(kmsg);
}

static void end_part(const struct check_site *site, const char *what, int status,
		     const char *format, va_list args)
{
	char reason[768];

	vsnprintf(reason, sizeof(reason), format, args);
	subtest_info("%s: %s (%s, %s:%d)", what, reason, site->function, site->file,
		     site->line);
	_exit(status);
}

void subtest_fail(const struct check_site *site, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_part(site, "Failed", EXIT_STATUS_FAIL, format, args);
	__builtin_unreachable();
}

void subtest_skip(const struct check_site *site, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_part(site, "Skipped", EXIT_STATUS_SKIP, format, args);
	__builtin_unreachable();
}

bool subtest_full(void)
{
	const char *full = getenv("FULL");

	return full && !strcmp(full, "1");
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) + (now.tv_nsec - start->tv_nsec) / 1e9;
}

/* Devices of exporters stay open by design. */
static int own_fds(void)
{
	return procfs_count_fds() - exporter_open_devices();
}

static void child_body(const struct part *part)
{
	const struct subtest *subtest = part->subtest;
	int fds;

	if (part->exporter)
		exporter_require(part->exporter);
	fds = own_fds();

	if (subtest->run_on)
		subtest->run_on(part->exporter);
	else if (subtest->run_case)
		subtest->run_case(part->row);
	else
		subtest->run();

	if (!subtest->keeps_fds)
		check_eq(own_fds(), fds);
}

static void child_main(const struct part *part)
{
	const struct rlimit no_core = { 0 };
	unsigned int seconds = part->subtest->seconds;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	alarm(seconds ? seconds : WATCHDOG_SECONDS);
	child_body(part);
	_exit(EXIT_STATUS_SUCCESS);
}

static enum result result_of(int status)
{
	if (WIFSIGNALED(status)) {
		subtest_info("Received signal %s", strsignal(WTERMSIG(status)));
		return WTERMSIG(status) == SIGALRM ? RESULT_TIMEOUT : RESULT_CRASH;
	}
	switch (WEXITSTATUS(status)) {
	case EXIT_STATUS_SUCCESS:
		return RESULT_SUCCESS;
	case EXIT_STATUS_SKIP:
		return RESULT_SKIP;
	case EXIT_STATUS_FAIL:
		return RESULT_FAIL;
	default:
		return RESULT_CRASH;
	}
}

static enum result run_part(const struct part *part)
{
	int before = __bufinfo_count();
	enum result result;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid)
		child_main(part);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		subtest_info("Failed: no child process: %m");
		return RESULT_CRASH;
	}

	result = result_of(status);
	if (result == RESULT_SUCCESS && before >= 0 &&
	    !bufinfo_settles_at(before)) {
		subtest_info("Failed: %d dma-bufs alive before the subtest, %d after it",
			     before, __bufinfo_count());
		result = RESULT_FAIL;
	}
	return result;
}

static enum result run_dynamic(const struct part *part, const char *name)
{
	struct timespec start;
	enum result result;

	clock_gettime(CLOCK_MONOTONIC, &start);
	sentinel("Starting dynamic subtest: %s", name);
	kernel_log("starting dynamic subtest %s", name);
	result = run_part(part);
	sentinel("Dynamic subtest %s: %s (%.3fs)", name, result_names[result],
		 seconds_since(&start));
	return result;
}

static enum result worse(enum result a, enum result b)
{
	return a > b ? a : b;
}

static enum result run_parts(const struct subtest *subtest, const char *dynamic)
{
	struct part part = { .subtest = subtest };
	enum result result = RESULT_SKIP;
	size_t i;

	for (i = 0; subtest->run_on && i < exporter_count; i++) {
		part.exporter = &exporters[i];
		/* Where it would make no sense it is no subtest either. */
		if (exporter_can(part.exporter, subtest->needs) &&
		    pattern_matches(dynamic, part.exporter->name))
			result = worse(result, run_dynamic(&part, part.exporter->name));
	}
	for (part.row = subtest->cases; part.row && part.row->name; part.row++)
		if (pattern_matches(dynamic, part.row->name))
			result = worse(result, run_dynamic(&part, part.row->name));
	return result;
}

enum result run_subtest(const struct subtest *subtest, const char *dynamic)
{
	struct part plain = { .subtest = subtest };
	struct timespec start;
	enum result result;

	clock_gettime(CLOCK_MONOTONIC, &start);
	sentinel("Starting subtest: %s", subtest->name);
	kernel_log("starting subtest %s", subtest->name);
	result = subtest->run ? run_part(&plain) : run_parts(subtest, dynamic);
	sentinel("Subtest %s: %s (%.3fs)", subtest->name, result_names[result],
		 seconds_since(&start));
	kernel_log("finished subtest %s, %s", subtest->name, result_names[result]);
	return result;
}
