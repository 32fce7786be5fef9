# SPDX-License-Identifier: GPL-2.0-only
"""docs/parity.tsv: what upstream IGT says on the kernel's own dma-buf core ("stock") and on ours, test by test.

One line a test: flavour, part, test, results on stock, results on ours, verdict. A test that was run more than once
has its results with how often each came, the most frequent first: `pass*3 fail*1`.
"""

import os
from collections import Counter
from dataclasses import dataclass, field

import igt

PATH = os.path.join(igt.TOP, 'docs/parity.tsv')
HEADER = ('flavour', 'part', 'test', 'stock', 'ours', 'verdict')


@dataclass
class Entry:
    """The results of one test on both cores."""
    stock: Counter = field(default_factory=Counter)
    ours: Counter = field(default_factory=Counter)

    @property
    def worst_of_stock(self):
        """None if it never ran there: nothing is excused by that."""
        return max(set(self.stock) - {'notrun'}, key=igt.rank, default=None)

    def is_worse(self, result):
        worst = self.worst_of_stock
        return igt.rank(result) > igt.rank(worst) if worst else igt.is_failure(result)

    @property
    def verdict(self):
        """same, better, flake or worse.

        Worse: ours came out worse than stock ever did, more than once or every time. Once in several runs is a flake,
        and so is what differs from run to run on stock as well.
        """
        if set(self.stock) == set(self.ours) and len(self.stock) == 1:
            return 'same'
        worse = sum(count for result, count in self.ours.items() if self.is_worse(result))
        if worse > 1 or worse == self.ours.total():
            return 'worse'
        if worse or len(self.stock) > 1 or len(self.ours) > 1:
            return 'flake'
        return 'better'

    @property
    def differs(self):
        return set(self.stock) != set(self.ours)


def show(counts):
    if counts.total() == 1:
        return next(iter(counts))
    return ' '.join(f'{result}*{count}' for result, count in counts.most_common())


def _parse(text):
    counts = Counter()
    for word in text.split():
        result, _, count = word.partition('*')
        counts[result] = int(count or 1)
    return counts


def read():
    """All entries by flavour, part and test."""
    entries = {}
    if not os.path.exists(PATH):
        return entries
    with open(PATH, encoding='utf-8') as lines:
        next(lines)
        for line in lines:
            flavour, part, test, stock, ours, _ = line.rstrip('\n').split('\t')
            entries[flavour, part, test] = Entry(_parse(stock), _parse(ours))
    return entries


def write(entries):
    with open(PATH, 'w', encoding='utf-8') as out:
        out.write('\t'.join(HEADER) + '\n')
        for (flavour, part, test), entry in sorted(entries.items()):
            out.write('\t'.join((flavour, part, test, show(entry.stock), show(entry.ours), entry.verdict)) + '\n')
