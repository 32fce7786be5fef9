// SPDX-License-Identifier: GPL-2.0-only
/*
 * vprimectl: virtual PRIME GPUs from the command line.  This file reads the
 * command line; the subcommands are in commands.c.
 */
#include "vprimectl.h"

#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "disabled", no_argument, NULL, 'd' },
	{ "count", required_argument, NULL, 'n' },
	{ "interval", required_argument, NULL, 'i' },
	{ "root", required_argument, NULL, 'r' },
	{ }
};

static const char * const option_help[] = {
	['j'] = "  -j, --json              for programs\n",
	['d'] = "  -d, --disabled          leave it switched off\n",
	['n'] = "  -n, --count N           end after N tables (default: never)\n",
	['i'] = "  -i, --interval SECONDS  between two tables (default: 1)\n",
};

enum status complain(enum status status, const char *format, ...)
{
	va_list args;

	fputs("vprimectl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

static void print_help(void)
{
	size_t i;

	printf("usage: vprimectl [--root DIR] COMMAND [ARGUMENT...]\n"
	       "Makes, changes and watches virtual PRIME GPUs.\n\n");
	for (i = 0; i < command_count; i++)
		printf("  %-11s %s\n", commands[i].name, commands[i].summary);
	printf("\n`vprimectl COMMAND --help` says more of each. --root DIR looks for /sys and /dev\n"
	       "below DIR.\n"
	       "Exit status: 0 done, 1 refused by the system, 2 wrong command line,\n"
	       "3 no such GPU, 4 vprime is not loaded or configfs not mounted.\n");
}

static void print_command_help(const struct command *command)
{
	const char *letter;

	printf("usage: vprimectl %s %s\n%c%s.\n", command->name, command->arguments,
	       command->summary[0] - 'a' + 'A', command->summary + 1);
	if (*command->help)
		printf("\n%s", command->help);
	if (*command->options)
		putchar('\n');
	for (letter = command->options; *letter; letter++)
		fputs(option_help[(unsigned char)*letter], stdout);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < command_count; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static bool parse_count(const char *text, unsigned long *count)
{
	char *end;

	*count = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && *count;
}

static bool parse_interval(const char *text, double *interval)
{
	char *end;

	*interval = strtod(text, &end);
	return end != text && !*end && isfinite(*interval) && *interval > 0 && *interval <= 86400;
}

static enum status take_option(int letter, struct options *options)
{
	switch (letter) {
	case 'j':
		options->json = true;
		break;
	case 'd':
		options->disabled = true;
		break;
	case 'n':
		if (!parse_count(optarg, &options->count))
			return complain(STATUS_USAGE, "\"%s\" is no number of tables", optarg);
		break;
	case 'i':
		if (!parse_interval(optarg, &options->interval))
			return complain(STATUS_USAGE, "\"%s\" is no number of seconds", optarg);
		break;
	}
	return STATUS_OK;
}

static enum status wrong_usage(const struct command *command)
{
	fprintf(stderr, "usage: vprimectl %s %s\n", command->name, command->arguments);
	return STATUS_USAGE;
}

static enum status run_command(const struct command *command, int argc, char **argv)
{
	struct options options = { .interval = 1 };
	enum status status;
	int letter;

	optind = 0;
	while ((letter = getopt_long(argc, argv, "hjdn:i:", long_options, NULL)) != -1) {
		if (letter == 'h') {
			print_command_help(command);
			return STATUS_OK;
		}
		if (letter == '?' || !strchr(command->options, letter))
			return wrong_usage(command);
		status = take_option(letter, &options);
		if (status)
			return status;
	}
	argc -= optind;
	if (argc < command->least || argc > command->most)
		return wrong_usage(command);
	return command->run(&options, argc, argv + optind);
}

/* Output that could not be written is a failure like any other. */
static int finish(enum status status)
{
	if (fflush(stdout) || ferror(stdout))
		return complain(STATUS_FAILED, "cannot write the output: %m");
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int letter;

	/* '+': what follows the subcommand is its own. */
	while ((letter = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
		if (letter == 'h') {
			print_help();
			return finish(STATUS_OK);
		}
		if (letter != 'r')
			return complain(STATUS_USAGE, "see vprimectl --help");
		path_set_root(optarg);
	}
	if (optind == argc)
		return complain(STATUS_USAGE, "no command; see vprimectl --help");
	command = find_command(argv[optind]);
	if (!command)
		return complain(STATUS_USAGE, "there is no command %s; see vprimectl --help",
				argv[optind]);
	return finish(run_command(command, argc - optind, argv + optind));
}
