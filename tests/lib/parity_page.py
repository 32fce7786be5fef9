# SPDX-License-Identifier: GPL-2.0-only
"""Turns the record of parity into docs/parity.rst, and into fails and flakes files in the manner of drm-ci."""

import os
from collections import Counter

import igt
import record

INTRO = '''.. SPDX-License-Identifier: GPL-2.0-only
.. Made by tests/parity (make parity). Changes by hand are lost with the next run.

Parity with the kernel's own core
=================================

Upstream IGT (Debian's igt-gpu-tools-tests) on the kernel's own dma-buf core ("stock") and on ours: same
configuration, same guest image, same tests, QEMU without hardware acceleration. ``make parity`` makes this page.

A test counts as *worse* if ours came out worse than stock ever did, more than once or each time; as a *flake* if
results changed from run to run, either on stock too or just once on ours. What differs at first is run again on both
cores, and how often each result came is shown. Each dynamic subtest counts as a test. Parts are named after the
driver that the tests see.

'''
LICENCE = '# SPDX-License-Identifier: GPL-2.0-only\n'
COLUMNS = ('same', 'better', 'flake', 'worse')


def _table(title, header, lines):
    text = f'.. list-table:: {title}\n   :header-rows: 1\n\n'
    for line in [header, *lines]:
        first, *others = line
        text += f'   * - {first}\n' + ''.join(f'     - {cell}\n' for cell in others)
    return text + '\n'


def _summary(entries):
    counts = {}
    for (flavour, part, _), entry in entries.items():
        counts.setdefault((flavour, part), Counter())[entry.verdict] += 1
    lines = [(*key, *(count[verdict] for verdict in COLUMNS)) for key, count in sorted(counts.items())]
    return _table('Tests by verdict', ('kernel', 'part', *COLUMNS), lines)


def _differing(entries):
    lines = [(key[0], key[1], f'``{key[2]}``', record.show(entry.stock), record.show(entry.ours), entry.verdict)
             for key, entry in sorted(entries.items()) if entry.verdict != 'same']
    if not lines:
        return 'No test differs.\n\n'
    return _table('Tests that differ', ('kernel', 'part', 'test', 'stock', 'ours', 'verdict'), lines)


def fails_on_both(entry):
    return entry.verdict == 'same' and igt.is_failure(entry.worst_of_stock or 'pass')


def _failing(entries):
    lines = [(key[0], key[1], f'``{key[2]}``', record.show(entry.stock))
             for key, entry in sorted(entries.items()) if fails_on_both(entry)]
    if not lines:
        return 'No test fails on both.\n\n'
    return _table('Tests that fail on both', ('kernel', 'part', 'test', 'result'), lines)


def _everything():
    return ('Every test\n----------\n\n.. csv-table::\n   :file: parity.tsv\n   :delim: tab\n   :header-rows: 1\n\n')


def write(path, entries):
    with open(path, 'w', encoding='utf-8') as out:
        out.write(INTRO + _summary(entries) + _differing(entries) + _failing(entries) + _everything())


def _of_part(part, entries):
    return ((flavour, test, entry) for (flavour, its_part, test), entry in sorted(entries.items()) if its_part == part)


def write_fails(part, entries):
    """Tests that fail on both cores, as drm-ci writes them: test,result."""
    found = {test: entry.worst_of_stock for _, test, entry in _of_part(part, entries)
             if fails_on_both(entry)}
    with open(os.path.join(igt.LISTS, f'{part}-fails.txt'), 'w', encoding='utf-8') as out:
        out.write(LICENCE + '# Tests that fail on the stock core and on ours. Made by tests/parity.\n')
        out.writelines(f'{test},{result.capitalize()}\n' for test, result in sorted(found.items()))


def write_flakes(part, entries):
    """Tests whose result changes, with how often each came."""
    with open(os.path.join(igt.LISTS, f'{part}-flakes.txt'), 'w', encoding='utf-8') as out:
        out.write(LICENCE + '# Tests whose result changes from run to run. Made by tests/parity.\n')
        for flavour, test, entry in _of_part(part, entries):
            if entry.verdict == 'flake':
                stock, ours = record.show(entry.stock), record.show(entry.ours)
                out.write(f'\n# Kernel: {flavour}\n# Stock: {stock}\n# Ours: {ours}\n{test}\n')
