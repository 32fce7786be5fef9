/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a subcommand is: a row in the table of commands.c, and a function.
 */
#ifndef VPRIMECTL_H
#define VPRIMECTL_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* What vprimectl exits with. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,	/* the system refused; the message says why */
	STATUS_USAGE = 2,	/* the command line makes no sense */
	STATUS_NO_GPU = 3,	/* there is no GPU of that name, or it is switched off */
	STATUS_NO_DRIVER = 4,	/* vprime is not loaded, or configfs is not mounted */
};

/**
 * struct options - what the options of the command line say
 * @json: for programs
 * @disabled: leave a new GPU switched off
 * @count: how many tables, 0 for no end
 * @interval: seconds between two of them
 */
struct options {
	bool json;
	bool disabled;
	unsigned long count;
	double interval;
};

typedef enum status (*command_run)(const struct options *options, int argc, char **argv);

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

extern const struct command commands[];
extern const size_t command_count;

/* Each takes the arguments after its name and options; their number is right. */
enum status create_run(const struct options *options, int argc, char **argv);
enum status destroy_run(const struct options *options, int argc, char **argv);
enum status set_run(const struct options *options, int argc, char **argv);
enum status plug_run(const struct options *options, int argc, char **argv);
enum status unplug_run(const struct options *options, int argc, char **argv);
enum status connect_run(const struct options *options, int argc, char **argv);
enum status disconnect_run(const struct options *options, int argc, char **argv);
enum status replug_run(const struct options *options, int argc, char **argv);
enum status edid_run(const struct options *options, int argc, char **argv);
enum status link_status_run(const struct options *options, int argc, char **argv);
enum status shot_run(const struct options *options, int argc, char **argv);
enum status chaos_run(const struct options *options, int argc, char **argv);
enum status list_run(const struct options *options, int argc, char **argv);
enum status info_run(const struct options *options, int argc, char **argv);
enum status move_run(const struct options *options, int argc, char **argv);
enum status top_run(const struct options *options, int argc, char **argv);

/* One line on stderr, after the program's name; returns @status. */
enum status complain(enum status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
