// SPDX-License-Identifier: MIT
/*
 * The command line of a test program, as igt_runner and people use it.  Says
 * which subtests there are and which of them to run; run.c runs them.
 */
#include "subtest.h"

#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "run.h"

#define PROTOCOL_VERSION "2.5"

enum action { ACTION_RUN, ACTION_LIST, ACTION_LIST_BEYOND, ACTION_DESCRIBE, ACTION_HELP };

struct options {
	enum action action;
	const char *subtests;
	const char *dynamic;
};

enum {
	OPT_LIST = 256,
	OPT_RUN,
	OPT_DYNAMIC,
	OPT_DESCRIBE,
	OPT_ABOUT,
	OPT_BEYOND,
	OPT_IGNORED,
};

static const struct option long_options[] = {
	{ "list-subtests", no_argument, NULL, OPT_LIST },
	{ "run-subtest", required_argument, NULL, OPT_RUN },
	{ "dynamic-subtest", required_argument, NULL, OPT_DYNAMIC },
	{ "describe", optional_argument, NULL, OPT_DESCRIBE },
	{ "help-description", no_argument, NULL, OPT_ABOUT },
	{ "list-beyond-stock", no_argument, NULL, OPT_BEYOND },
	{ "debug", optional_argument, NULL, OPT_IGNORED },
	{ "interactive-debug", optional_argument, NULL, OPT_IGNORED },
	{ "hook", required_argument, NULL, OPT_IGNORED },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

bool pattern_matches(const char *patterns, const char *name)
{
	char *copy, *pattern, *rest;
	bool matches = false;

	if (!patterns)
		return true;
	copy = strdup(patterns);
	if (!copy)
		return false;
	rest = copy;
	while ((pattern = strsep(&rest, ","))) {
		bool inverted = *pattern == '!';

		if (!fnmatch(pattern + inverted, name, 0))
			matches = !inverted;
	}
	free(copy);
	return matches;
}

static void print_help(const char *program)
{
	printf("usage: %s [OPTION]...\n"
	       "  --list-subtests           name every subtest\n"
	       "  --run-subtest PATTERN     run those that match (a,b*,!c)\n"
	       "  --dynamic-subtest PATTERN run only these dynamic subtests of them\n"
	       "  --describe[=PATTERN]      say what the subtests are for\n"
	       "  --help-description        say what the program is for\n"
	       "  --list-beyond-stock       name the subtests that the kernel's own core fails, and why\n"
	       "FULL=1 in the environment makes the long ones longer.\n", program);
}

static void print_subtest(const struct subtest *subtest, enum action action)
{
	if (action == ACTION_LIST)
		printf("%s\n", subtest->name);
	else if (action == ACTION_LIST_BEYOND && subtest->beyond_stock)
		printf("%s\t%s\n", subtest->name, subtest->beyond_stock);
	else if (action == ACTION_DESCRIBE)
		printf("SUB %s\n  %s\n%s%s%s\n", subtest->name, subtest->describe,
		       subtest->beyond_stock ? "  Fails on the kernel's own core: " : "",
		       subtest->beyond_stock ? subtest->beyond_stock : "",
		       subtest->beyond_stock ? "\n" : "");
}

static int exit_status(enum result result)
{
	switch (result) {
	case RESULT_SUCCESS:
		return EXIT_STATUS_SUCCESS;
	case RESULT_SKIP:
		return EXIT_STATUS_SKIP;
	case RESULT_FAIL:
		return EXIT_STATUS_FAIL;
	default:
		return EXIT_STATUS_BROKEN;
	}
}

static void print_version(void)
{
	struct utsname uts = { 0 };

	uname(&uts);
	printf("IGT-Version: %s-vprime (%s) (Linux: %s %s)\n", PROTOCOL_VERSION,
	       uts.machine, uts.release, uts.machine);
	fflush(stdout);
}

/* Returns false where the command line makes no sense. */
static bool parse(int argc, char **argv, struct options *options, const char *about)
{
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case OPT_LIST:
			options->action = ACTION_LIST;
			break;
		case OPT_BEYOND:
			options->action = ACTION_LIST_BEYOND;
			break;
		case OPT_RUN:
			options->subtests = optarg;
			break;
		case OPT_DYNAMIC:
			options->dynamic = optarg;
			break;
		case OPT_DESCRIBE:
			options->action = ACTION_DESCRIBE;
			options->subtests = optarg;
			break;
		case OPT_ABOUT:
			options->action = ACTION_HELP;
			printf("%s\n", about);
			break;
		case OPT_IGNORED:
			break;
		case 'h':
			options->action = ACTION_HELP;
			print_help(argv[0]);
			break;
		default:
			return false;
		}
	}
	return optind == argc;
}

int subtest_main(int argc, char **argv, const char *describe,
		 const struct subtest *subtests, size_t count)
{
	struct options options = { .action = ACTION_RUN };
	enum result result = RESULT_SKIP;
	bool any = false;
	size_t i;

	if (!parse(argc, argv, &options, describe))
		return EXIT_STATUS_INVALID;
	if (options.action == ACTION_HELP)
		return EXIT_STATUS_SUCCESS;
	if (options.action == ACTION_DESCRIBE)
		printf("%s\n\n", describe);
	if (options.action == ACTION_RUN) {
		print_version();
		kernel_log("executing");
	}

	for (i = 0; i < count; i++) {
		enum result one;

		if (!pattern_matches(options.subtests, subtests[i].name))
			continue;
		any = true;
		if (options.action != ACTION_RUN) {
			print_subtest(&subtests[i], options.action);
			continue;
		}
		one = run_subtest(&subtests[i], options.dynamic);
		if (one > result)
			result = one;
	}

	if (!any) {
		fprintf(stderr, "Unknown subtest: %s\n", options.subtests);
		return EXIT_STATUS_INVALID;
	}
	if (options.action != ACTION_RUN)
		return EXIT_STATUS_SUCCESS;
	kernel_log("exiting, ret=%d", exit_status(result));
	return exit_status(result);
}
