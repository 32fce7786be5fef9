// SPDX-License-Identifier: GPL-2.0-only
/*
 * vprimectl: virtual PRIME GPUs from the command line.  This file owns the
 * table of subcommands and the reading of the command line; what a subcommand
 * does is in the file that is named after its subject.
 */
#include "vprimectl.h"

#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"

#define NO_LIMIT 4096

/* Options, by the letter that getopt gives for them. */
#define OPTIONS_JSON "j"
#define OPTIONS_CREATE "d"
#define OPTIONS_TOP "jni"

/**
 * struct command - one subcommand
 * @name: what calls it
 * @arguments: as they stand in its usage line
 * @summary: a line for the list of subcommands
 * @help: the rest of its --help
 * @options: letters of the options it takes
 * @least: how many arguments it needs
 * @most: how many it takes
 * @run: does it
 */
struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *help;
	const char *options;
	int least;
	int most;
	command_run run;
};

static const struct command commands[] = {
	{
		.name = "create",
		.arguments = "[-d] NAME [KEY=VALUE...]",
		.summary = "make a GPU and switch it on",
		.help = "Keys are the files of a GPU's folder in configfs, those of faults/ too:\n"
			"vram_size, pin_limit, render_node, fbdev_peer, p2p, dma_mask, engine_speed,\n"
			"engine_latency_us, job_timeout_ms, poison, refuse_attach, refuse_import,\n"
			"fence_delay_ms, hang, chaos_ms. Sizes may end in k, M or G.\n",
		.options = OPTIONS_CREATE,
		.least = 1,
		.most = NO_LIMIT,
		.run = create_run,
	}, {
		.name = "destroy",
		.arguments = "NAME",
		.summary = "switch a GPU off and remove it",
		.help = "Programs that still use it get ENODEV from then on. The two GPUs that come with\n"
			"the driver stay.\n",
		.options = "",
		.least = 1,
		.most = 1,
		.run = destroy_run,
	}, {
		.name = "set",
		.arguments = "NAME KEY=VALUE...",
		.summary = "change a GPU",
		.help = "Faults can be changed at any time, the rest while the GPU is switched off.\n"
			"What was set before a value that is refused stays set.\n",
		.options = "",
		.least = 2,
		.most = NO_LIMIT,
		.run = set_run,
	}, {
		.name = "list",
		.arguments = "[--json]",
		.summary = "name the GPUs and their device nodes",
		.help = "",
		.options = OPTIONS_JSON,
		.least = 0,
		.most = 0,
		.run = list_run,
	}, {
		.name = "info",
		.arguments = "[--json] [NAME]",
		.summary = "all there is to know about a GPU, or about all of them",
		.help = "",
		.options = OPTIONS_JSON,
		.least = 0,
		.most = 1,
		.run = info_run,
	}, {
		.name = "move",
		.arguments = "NAME system|vram",
		.summary = "move every buffer that can be moved",
		.help = "system: out of video memory. vram: back into it, as far as there is room.\n"
			"Buffers that are pinned or imported stay where they are.\n",
		.options = "",
		.least = 2,
		.most = 2,
		.run = move_run,
	}, {
		.name = "chaos",
		.arguments = "NAME MS",
		.summary = "move a buffer picked at random every so many milliseconds",
		.help = "0 ends it.\n",
		.options = "",
		.least = 2,
		.most = 2,
		.run = chaos_run,
	}, {
		.name = "unplug",
		.arguments = "NAME",
		.summary = "take a GPU away from under its users",
		.help = "Its configuration stays, for `vprimectl plug`.\n",
		.options = "",
		.least = 1,
		.most = 1,
		.run = unplug_run,
	}, {
		.name = "plug",
		.arguments = "NAME",
		.summary = "switch a GPU on",
		.help = "",
		.options = "",
		.least = 1,
		.most = 1,
		.run = plug_run,
	}, {
		.name = "top",
		.arguments = "[-n N] [--interval SECONDS] [--json] [NAME]",
		.summary = "a live table of buffers and of what happened to them",
		.help = "Needs debugfs and the right to read it.\n",
		.options = OPTIONS_TOP,
		.least = 0,
		.most = 1,
		.run = top_run,
	},
};

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
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
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

	for (i = 0; i < ARRAY_SIZE(commands); i++)
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
