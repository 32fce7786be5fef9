# SPDX-License-Identifier: GPL-2.0-only
"""What the GPUs of the story counted (tools/story, prime.tsv), and what the core counted beside them."""

# As tools/story names them.
COUNTERS = ('moves', 'evictions', 'notifies', 'remaps', 'bytes copied', 'jobs', 'hangs', 'bus faults',
            'stale writes')


class Totals:
    """Counters by GPU; breaches are not of a GPU, but of the whole kernel."""

    def __init__(self, gpus, counters, breaches, is_checked):
        self.gpus, self.counters, self.breaches = gpus, counters, breaches
        self.remark = '' if is_checked else ' that is watched without DMABUF_CHECK, which is not in this kernel'

    def lines(self):
        """The table for people."""
        rows = [('', *self.gpus, 'both')]
        rows += [(name, *(f'{value:,}' for value in values), f'{sum(values):,}') for name, values in self.counters]
        rows.append(('contract breaches', *('' for _ in self.gpus), f'{self.breaches:,}'))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            yield '  '.join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])


def _read_lines(path):
    with open(path, encoding='utf-8') as file:
        return [line.rstrip('\n') for line in file]


def read(out):
    """The totals of a run; ValueError if there is no counter of breaches."""
    header, *rows = [line.split('\t') for line in _read_lines(f'{out}/prime.tsv')]
    breaches = [int(line.split('\t')[1]) for line in _read_lines(f'{out}/prime.breaches')]
    if not breaches:
        raise ValueError(f'{out}/prime.breaches lists no rules')
    is_checked = _read_lines(f'{out}/prime.check') == ['CONFIG_DMABUF_CHECK=y']
    return Totals(header[1:], [(name, [int(value) for value in values]) for name, *values in rows], sum(breaches),
                  is_checked)
