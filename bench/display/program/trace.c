// SPDX-License-Identifier: GPL-2.0-only
#include "trace.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "dmabuf.h"
#include "procfs.h"

#define TRACING "/sys/kernel/tracing/instances/bench"

static void trace_set(const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), TRACING "/%s", file);
	check_ret(__procfs_write(path, value), 0);
}

/* Once, as each switching patches the kernel's code. */
void trace_init(void)
{
	static const char *const events[] = {
		"events/workqueue/workqueue_execute_start/enable",
		"events/workqueue/workqueue_execute_end/enable",
		"events/timer/hrtimer_expire_entry/enable",
		"events/timer/hrtimer_expire_exit/enable",
	};
	size_t i;

	if (mkdir(TRACING, 0700))
		check_eq(errno, EEXIST);
	trace_set("tracing_on", "0");
	trace_set("trace_clock", "mono");
	trace_set("buffer_size_kb", "8192");
	for (i = 0; i < ARRAY_SIZE(events); i++)
		trace_set(events[i], "1");
}

void trace_start(void)
{
	/* Opening it like that forgets what is there. */
	close_fd(check_ok(neg_errno(open(TRACING "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC))));
	trace_set("tracing_on", "1");
}

void trace_stop(void)
{
	trace_set("tracing_on", "0");
}

/* "TASK-PID [CPU] FLAGS SECONDS: EVENT: REST" */
static bool parse(const char *line, double *us, const char **event)
{
	const char *at = strstr(line, "] ");
	double seconds;
	int length;

	if (line[0] == '#' || !at || sscanf(at + 2, "%*s %lf: %n", &seconds, &length) != 1)
		return false;
	*us = seconds * 1e6;
	*event = at + 2 + length;
	return true;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void add_run(struct runs *runs, double us)
{
	check_lt(runs->count, RUNS_MAX);
	runs->us[runs->count++] = us;
}

/* Whose end has the same word in it as its beginning is one run: that of a work or of a timer. */
static void match(const char *begin, const char *end, const char *function, const char *key,
		  struct runs *runs)
{
	char line[512], word[64] = "";
	const char *event, *at;
	double us, since = 0;
	FILE *trace = fopen(TRACING "/trace", "r");

	check(trace);
	runs->count = 0;
	while (fgets(line, sizeof(line), trace)) {
		if (!parse(line, &us, &event))
			continue;
		at = strstr(event, key);
		if (!at)
			continue;
		at += strlen(key);
		if (begins(event, begin) && strstr(event, function)) {
			snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, " :\n"), at);
			since = us;
		} else if (begins(event, end) && word[0] && begins(at, word)) {
			add_run(runs, us - since);
			word[0] = '\0';
		}
	}
	fclose(trace);
}

void trace_read_work(const char *function, struct runs *runs)
{
	match("workqueue_execute_start:", "workqueue_execute_end:", function, "work struct ",
	      runs);
}

void trace_read_timer(const char *function, struct runs *runs)
{
	match("hrtimer_expire_entry:", "hrtimer_expire_exit:", function, "hrtimer=", runs);
}

size_t trace_count_works_of(const char *module)
{
	char line[512], wanted[64];
	const char *event;
	size_t count = 0;
	double us;
	FILE *trace = fopen(TRACING "/trace", "r");

	check(trace);
	snprintf(wanted, sizeof(wanted), "[%s]", module);
	while (fgets(line, sizeof(line), trace)) {
		if (parse(line, &us, &event) && begins(event, "workqueue_execute_start:") &&
		    strstr(event, wanted))
			count++;
	}
	fclose(trace);
	return count;
}
