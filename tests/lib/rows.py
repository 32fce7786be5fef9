# SPDX-License-Identifier: GPL-2.0-only
"""Rows of results: what a suite writes to results/NAME/results.tsv, and what everybody reads there.

One line a test: `pass|fail|skip<TAB>test<TAB>reason or detail`.
"""

import os
from collections import namedtuple

VERDICTS = ('pass', 'fail', 'skip')

Row = namedtuple('Row', 'verdict test detail')


def one_line(text):
    return ' '.join(text.split())


def write(path, rows):
    """Writes all rows of a suite."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as out:
        for row in rows:
            out.write(f'{row.verdict}\t{one_line(row.test)}\t{one_line(row.detail)}\n')


def read(path):
    """Reads the rows of a suite. A line that is none becomes a failed row, and so does a skip without a reason."""
    with open(path, encoding='utf-8', errors='replace') as lines:
        return [_parse(line.rstrip('\n'), number) for number, line in enumerate(lines, 1)]


def _parse(line, number):
    verdict, _, rest = line.partition('\t')
    test, _, detail = rest.partition('\t')
    if verdict not in VERDICTS or not test:
        return Row('fail', f'line {number} of results.tsv', f'is not a row of results: {line!r}')
    if verdict == 'skip' and not detail.strip():
        return Row('fail', test, 'skipped without a reason')
    return Row(verdict, test, detail.strip())


def count(rows, verdict):
    return sum(row.verdict == verdict for row in rows)


def tally(rows):
    """The line everybody looks for."""
    return f"{count(rows, 'pass')} passed, {count(rows, 'fail')} failed, {count(rows, 'skip')} skipped"
