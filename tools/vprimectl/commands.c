// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of subcommands.  What one does is in the file that is named after
 * its subject.
 */
#include "vprimectl.h"

#define NO_LIMIT 4096

/* Options, by the letter that getopt gives for them. */
#define OPTIONS_JSON "j"
#define OPTIONS_CREATE "d"
#define OPTIONS_TOP "jni"

#define HELP_HEAD \
	"HEAD is a number from 0, or the name of a folder in connectors/ if there are any.\n"

const struct command commands[] = {
	{
		.name = "create",
		.arguments = "[-d] NAME [KEY=VALUE...]",
		.summary = "make a GPU and switch it on",
		.help = "Keys are the files of a GPU's folder in configfs, those of faults/ too:\n"
			"vram_size, pin_limit, heads, cursor_hotspot, render_node, fbdev_peer, p2p,\n"
			"dma_mask, engine_speed, engine_latency_us, job_timeout_ms, poison,\n"
			"refuse_attach, refuse_import, fence_delay_ms, hang, chaos_ms, fail_commit,\n"
			"late_flip_ms, lost_hotplug. Sizes may end in k, M or G.\n",
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
		.name = "connect",
		.arguments = "NAME HEAD",
		.summary = "plug a monitor into a GPU",
		.help = HELP_HEAD,
		.options = "",
		.least = 2,
		.most = 2,
		.run = connect_run,
	}, {
		.name = "disconnect",
		.arguments = "NAME HEAD",
		.summary = "pull a monitor out",
		.help = HELP_HEAD,
		.options = "",
		.least = 2,
		.most = 2,
		.run = disconnect_run,
	}, {
		.name = "replug",
		.arguments = "NAME HEAD",
		.summary = "pull a monitor out and plug it in again at once",
		.help = HELP_HEAD,
		.options = "",
		.least = 2,
		.most = 2,
		.run = replug_run,
	}, {
		.name = "edid",
		.arguments = "NAME HEAD [FILE|default|none]",
		.summary = "show what a monitor tells of itself, or plug in another",
		.help = HELP_HEAD "FILE: a binary EDID. default: the one that monitors have at first. none: the monitor\n"
			"tells nothing. Without any of these the EDID is shown in hexadecimal, for edid-decode.\n",
		.options = "",
		.least = 2,
		.most = 3,
		.run = edid_run,
	}, {
		.name = "link-status",
		.arguments = "NAME HEAD good|bad",
		.summary = "let the link to a monitor fail",
		.help = HELP_HEAD "bad: user space has to set a mode anew. good: it is not to fail when the GPU is\n"
			"switched on the next time.\n",
		.options = "",
		.least = 3,
		.most = 3,
		.run = link_status_run,
	}, {
		.name = "shot",
		.arguments = "NAME[:HEAD] FILE.png",
		.summary = "save what is on a screen as a picture",
		.help = "HEAD is the number of a connector, from 0 (default: 0).\n",
		.options = "",
		.least = 2,
		.most = 2,
		.run = shot_run,
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

const size_t command_count = ARRAY_SIZE(commands);
