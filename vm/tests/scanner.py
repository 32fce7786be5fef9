#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks vm/lib/klog.py without a guest: each case is a kernel log and what has to be found in it. Prints one row of
results.tsv per case."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lib'))

import klog  # noqa: E402 pylint: disable=wrong-import-position

HARMLESS = '''[    0.000000] Linux version 6.12.0-vprime (gcc) #1 SMP PREEMPT
[    3.349254] DMA-API: preallocated 65536 debug entries
[    3.349631] DMA-API: debugging enabled by kernel config
[    1.416341] kasan: KernelAddressSanitizer initialized
[   12.649763] kmemleak: Kernel memory leak detector initialized (mem pool available: 38658)
[    2.706767] APIC calibration not consistent with PM-Timer: 97ms instead of 100ms
[    5.000000] Warning: unable to open an initial console.
[    5.000000] FAULT_INJECTION: forcing a failure.
name failslab, interval 1, probability 100, space 0, times -1
[    5.100000] weston[123]: segfault at 0 ip 00007f sp 00007f error 4
'''

WARN = '''[   20.000000] ------------[ cut here ]------------
[   20.000001] WARNING: CPU: 1 PID: 77 at drivers/dma-buf/dma-buf.c:10 f+0x1/0x2
[   20.000002] Call Trace:
[   20.000003]  <TASK>
[   20.000004] ---[ end trace 0000000000000000 ]---
'''

KASAN = '''[   21.000000] ==================================================================
[   21.000001] BUG: KASAN: slab-use-after-free in f+0x1/0x2
[   21.000002] Read of size 8 at addr ffff888000000000 by task a/1
[   21.000003]
[   21.000004] Call Trace:
[   21.000005]
[   21.000006] Allocated by task 1:
[   21.000007] ==================================================================
[   21.000008] harmless again
'''

LOCKDEP = '''[   22.000000] ======================================================
[   22.000001] WARNING: possible circular locking dependency detected
[   22.000002] 6.12.0-vprime #1 Not tainted
[   22.000003] ------------------------------------------------------
[   22.000004] a/1 is trying to acquire lock:
'''

ONE_LINE = {
    'oops': '[   1.0] Oops: general protection fault, probably for non-canonical address: 0000 [#1] PREEMPT SMP',
    'panic': '[   1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00007f00',
    'refcount': '[   1.0] refcount_t: underflow; use-after-free.',
    'list': '[   1.0] list_del corruption. prev->next should be ffff, but was 0000',
    'UBSAN': '[   1.0] UBSAN: array-index-out-of-bounds in f.c:1:2',
    'atomic sleep': '[   1.0] BUG: sleeping function called from invalid context at mm/slab.h:1',
    'BUG_ON': '[   1.0] kernel BUG at drivers/dma-buf/dma-buf.c:1!',
    'SLUB': '[   1.0] BUG kmalloc-64 (Not tainted): Poison overwritten',
    'hung task': '[   1.0] INFO: task kworker/0:1:9 blocked for more than 300 seconds.',
    'RCU stall': '[   1.0] rcu: INFO: rcu_preempt self-detected stall on CPU',
    'RCU usage': '[   1.0] WARNING: suspicious RCU usage',
    'lockdep key': '[   1.0] INFO: trying to register non-static key.',
    'DMA-API': '[   1.0] DMA-API: vgem vgem: device driver frees DMA memory it has not allocated',
    'kmemleak': '[   1.0] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
    'debug objects': '[   1.0] ODEBUG: free active (active state 0) object: ffff object type: work_struct',
    'breach': '[   1.0] dma-buf: breach: detach-while-mapped',
    'lost messages': '[   1.0] ** 12 printk messages dropped **',
    'printk caller': '[   1.0][ T123] BUG: unable to handle page fault for address: 0000',
}


TRACE = '''[   23.000000] BUG: KASAN: slab-use-after-free in dma_buf_put+0x1/0x2
[   23.000001] CPU: 1 UID: 0 PID: 7 Comm: weston Not tainted 6.12.0-vprime #1
[   23.000002] Call Trace:
[   23.000003]  <TASK>
[   23.000004]  dump_stack_lvl+0x1/0x2
[   23.000005]  print_report+0x1/0x2
[   23.000006]  kasan_report+0x1/0x2
[   23.000007]  ? unsure+0x1/0x2
[   23.000008]  dma_buf_put+0x1/0x2
[   23.000009]  vprime_bo_free+0x1/0x2 [vprime]
[   23.000010]  ttm_bo_put+0x1/0x2
[   23.000011]  drm_release+0x1/0x2
'''

LEAK = '''unreferenced object 0xffff888004a3d800 (size 192):
  comm "modprobe", pid 77, jiffies 4294900000
  backtrace (crc 1234):
    [<0000000000000000>] dma_buf_export+0x1/0x2
'''


def section(name, body):
    return f'[   9.0] expect-splat: begin {name}\n{body}[   9.9] mock: expect-splat: end {name}\n'


def outcome(text, known=()):
    """(splats, accepted, broken sections)"""
    return count(klog.scan(text, known))


def count(verdict):
    return len(verdict.splats), len(verdict.accepted), len(verdict.broken_sections)


KNOWN = [klog.Known(re.compile('dma-buf.c:10'), 'seen before')]

CASES = [
    ('harmless lines', outcome(HARMLESS), (0, 0, 0)),
    ('warning', outcome(HARMLESS + WARN), (1, 0, 0)),
    ('KASAN is one report', outcome(KASAN), (1, 0, 0)),
    ('lockdep is one report', outcome(LOCKDEP), (1, 0, 0)),
    ('a report in one line', klog.scan(TRACE).splats[0].summary,
     'BUG: KASAN: slab-use-after-free in dma_buf_put+0x1/0x2; task weston; in dma_buf_put < vprime_bo_free < ttm_bo_put'),
    ('a leak in one line', klog.judge_leaks(LEAK).splats[0].summary,
     'unreferenced object 0xffff888004a3d800 (size 192):; task modprobe; in dma_buf_export'),
    ('a report without a trace in one line', klog.scan(ONE_LINE['refcount']).splats[0].summary,
     'refcount_t: underflow; use-after-free.'),
    ('three reports in a row', outcome(WARN + KASAN + LOCKDEP), (3, 0, 0)),
    ('the same report twice', outcome(WARN + WARN), (2, 0, 0)),
    ('announced', outcome(section('a', WARN)), (0, 1, 0)),
    ('announced, several', outcome(section('a', WARN + KASAN)), (0, 2, 0)),
    ('announced, none came', outcome(section('a', HARMLESS)), (0, 0, 1)),
    ('announced, but later', outcome(section('a', '') + WARN), (1, 0, 1)),
    ('announced, but before', outcome(WARN + section('a', WARN)), (1, 1, 0)),
    ('announced in two sections', outcome(section('a', section('b', WARN))), (0, 1, 0)),
    ('section without end', outcome('[   9.0] expect-splat: begin a\n' + WARN), (0, 1, 1)),
    ('section without begin', outcome('[   9.0] expect-splat: end a\n'), (0, 0, 1)),
    ('report cut off by the end of its section', outcome(section('a', LOCKDEP) + WARN), (1, 1, 0)),
    ('known', outcome(WARN, KNOWN), (0, 1, 0)),
    ('known, another', outcome(WARN + KASAN, KNOWN), (1, 1, 0)),
    ('no leak', count(klog.judge_leaks('')), (0, 0, 0)),
    ('leaks', count(klog.judge_leaks(LEAK + LEAK)), (2, 0, 0)),
    ('a known leak and another', count(klog.judge_leaks(LEAK + LEAK.replace('export', 'attach'),
                                                        [klog.Known(re.compile('dma_buf_export'), 'seen before')])), (1, 1, 0)),
    *((name, outcome(HARMLESS + line + '\n'), (1, 0, 0)) for name, line in ONE_LINE.items()),
]


def main():
    failed = False
    for name, found, expected in CASES:
        good = found == expected
        failed |= not good
        detail = '' if good else f'is {found}, has to be {expected}; three numbers are splats, accepted, broken sections'
        print(f"{'pass' if good else 'fail'}\tscanner: {name}\t{detail}")
    return failed


if __name__ == '__main__':
    sys.exit(main())
