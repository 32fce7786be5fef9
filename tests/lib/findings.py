# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel of a guest did wrong, as vm/run left it in the --out directory: for the row that says the kernel has
nothing to report. As a program: findings.py FOLDER LOG prints the detail of such a row."""

import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(folder):
    """One line for each finding; none if the kernel behaved."""
    path = os.path.join(folder, 'kernel-findings.txt')
    if not os.path.isfile(path):
        return []
    with open(path, encoding='utf-8') as lines:
        return lines.read().splitlines()


def detail(found, folder):
    """The first finding in words, how many there are, and where to read on; '' if there are none."""
    if not found:
        return ''
    more = f' (and {len(found) - 1} more)' if len(found) > 1 else ''
    return f'{found[0]}{more}; see {os.path.relpath(folder, TOP)}/'


def detail_of_run(folder, status, log):
    """The same for a run of vm/run that ended with this status."""
    found = detail(read(folder), folder)
    ended = '' if status in (0, 99) else f'vm/run ended with status {status}, see {log}'
    return '; '.join(filter(None, (found, ended)))


if __name__ == '__main__':
    print(detail(read(sys.argv[1]), sys.argv[1]))
