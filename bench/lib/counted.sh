# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A machine whose clock counts instructions: its options for vm/run. What the host does meanwhile does not matter then.
# The kernel does without the one-instruction forms of its string operations: QEMU counts each byte of those. Fixed
# addresses: no run is luckier than another.

export COUNTED_ARGS="nokaslr norandmaps clearcpuid=erms,fsrm,rep_good"
