# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the parts of the demo share: telling a person what goes on, and keeping verdicts. Source it.

# shellcheck disable=SC2034 # for those who source this
TOOLS=/project/build/tools

say() { printf '%s\n' "$*"; }

# proved ok|FAIL TEXT
proved() {
	printf '%s\t%s\n' "$1" "$2" >>/out/proof.tsv
	say "  $1  $2" >&2
}

# die WHAT-FAILED: the rest of the demo makes no sense.
die() {
	proved FAIL "$1"
	exit 1
}

screenshot() { /project/vm/guest/screenshot "$@" >/dev/null; }
