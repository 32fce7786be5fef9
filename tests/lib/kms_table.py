# SPDX-License-Identifier: GPL-2.0-only
"""docs/kms-table.*: what upstream IGT's tests of a display say on vprime and on the kernel's other virtual displays.

kms-table.tsv has one line a test, with a result for each driver; kms-table-runs.tsv says when and on what each column
was made; kms-table.rst is the page around them. Columns come from different runs: one can be made anew by itself.
kms-table/DRIVER.json is what igt_runner wrote of a run, but for what the tests printed.
"""

import json
import os
import time
from dataclasses import dataclass, field

import igt

PARTS = ('vprime', 'vkms', 'virtio_gpu')
DOCS = os.path.join(igt.TOP, 'docs')
TABLE, RUNS, PAGE = (os.path.join(DOCS, name) for name in ('kms-table.tsv', 'kms-table-runs.tsv', 'kms-table.rst'))
# A test that this driver's list leaves out, and one of which nothing is known: it was found only on another driver.
LEFT_OUT, UNKNOWN = 'left out', '-'
KEPT = os.path.join(DOCS, 'kms-table')
RUN_HEADER = ('driver', 'made', 'kernel', 'IGT', 'boots')

INTRO = '''.. SPDX-License-Identifier: GPL-2.0-only
.. Made by tests/kms-table (make kms-table). Changes by hand are lost with the next run.

Displays, test by test
======================

Upstream IGT (Debian's igt-gpu-tools-tests) on vprime and on the kernel's two other virtual displays: what belongs to a
display or to what its pictures need (``kms_*``, ``core_*``, ``drm_read``, ``dumb_buffer``, ``fbdev``, ``prime_*``, ``syncobj_*``).
Same kernel (*fast*), same guest image, same list, which is vprime's (``igt-tests/upstream``), QEMU without hardware
acceleration. ``make kms-table`` makes this page; igt_runner's results and piglit's pages of them are then in
``results/kms-table/``. ``tests/kms-table --part vprime`` renews one column and keeps the others.

All run on a clock that counts instructions (see :doc:`testing`): vprime with two screens on one GPU and a third on
the other, or with those that a test asks for; the other two with what they have, vkms with overlay planes. Each dynamic subtest
counts as a test, and has the name of the pipe or connector that it ran on, so those differ between drivers. Tests that suspend
the machine really do. *left out*: the driver's skips file says why; on vkms because the guest would hang, on virtio-gpu because
it cannot be suspended. A dash: there is no such test on that driver.

``docs/kms-table/`` has igt_runner's results of the runs in its own form, without what the tests printed, and with *incomplete* for
*abort*, which piglit does not know; ``piglit summary html FOLDER docs/kms-table/*.json`` makes pages of them.

.. csv-table:: When and on what
   :file: kms-table-runs.tsv
   :delim: tab
   :header-rows: 1

'''
EVERYTHING = '''Every test
----------

.. csv-table::
   :file: kms-table.tsv
   :delim: tab
   :header-rows: 1
   :widths: 64 12 12 12
'''


@dataclass
class Table:
    """Results by test and driver, and a line about each driver's run."""
    results: dict = field(default_factory=dict)
    runs: dict = field(default_factory=dict)

    def set_column(self, part, results, left_out, about):
        """Takes what a run found in place of what the column held."""
        for row in self.results.values():
            row.pop(part, None)
        for test, result in results.items():
            self.results.setdefault(test, {})[part] = result.result
        for test in left_out:
            self.results.setdefault(test, {})[part] = LEFT_OUT
        self.results = {test: row for test, row in self.results.items() if row}
        self.runs[part] = about

    def of(self, test, part):
        return self.results[test].get(part, UNKNOWN)

    def show(self, test):
        return f'{test}: ' + ', '.join(f'{part} {self.of(test, part)}' for part in PARTS)

    def passes(self, part):
        return sum(self.of(test, part) == 'pass' for test in self.results)

    def count(self, part):
        """How often each result came, from good to bad."""
        found = [self.of(test, part) for test in self.results]
        return {result: found.count(result) for result in (*igt.RESULTS, LEFT_OUT)}

    def behind(self):
        """Tests that another driver passes and vprime does not, although it has them."""
        return [test for test in self._passed_elsewhere() if self.of(test, 'vprime') not in ('pass', LEFT_OUT, UNKNOWN)]

    def left_behind(self):
        """Tests that another driver passes and vprime's list leaves out."""
        return [test for test in self._passed_elsewhere() if self.of(test, 'vprime') == LEFT_OUT]

    def _passed_elsewhere(self):
        return [test for test in sorted(self.results)
                if any(self.of(test, part) == 'pass' for part in PARTS if part != 'vprime')]


def tests_of(part):
    """vprime's list, without what this driver leaves out; what only vprime leaves out, the others have to run."""
    left_out = left_out_of(part)
    return [name for name in _list() if igt.short_name(name) not in left_out]


def left_out_of(part):
    """Short names of the tests that this driver's skips file leaves out."""
    skips = [pattern for pattern, _ in igt.read_skips(part)]
    return {test for test in map(igt.short_name, _list()) if any(skip.fullmatch(test) for skip in skips)}


def _list():
    return [name for which in ('', '-full') for name in igt.read_list(os.path.join(igt.LISTS, f'vprime{which}.testlist'))]


def keep(run):
    """Keeps what igt_runner wrote, as one run, a line a test, without what the tests printed."""
    part, = run.lists
    kept, tests = {}, {}
    for record in map(igt.for_piglit, run.records(part)):
        tests |= {name: {key: test[key] for key in ('__type__', 'result', 'time') if key in test}
                  for name, test in record['tests'].items() if test.get('result', 'notrun') != 'notrun'}
        kept = kept or {key: value for key, value in record.items() if key not in ('tests', 'runtimes')}
    lines = [f'  {json.dumps(name)}: {json.dumps(test)}' for name, test in sorted(tests.items())]
    os.makedirs(KEPT, exist_ok=True)
    with open(os.path.join(KEPT, f'{part}.json'), 'w', encoding='utf-8') as out:
        out.write(json.dumps(kept)[:-1] + ', "tests": {\n' + ',\n'.join(lines) + '\n}}\n')


def about(run):
    """The line about a run: when it was, which kernel and which IGT."""
    part, = run.lists
    found = next(run.records(part))
    version = next((line for test in found['tests'].values() for line in [test.get('igt-version', '')] if line), '')
    kernel = found.get('uname', '').split()
    return (time.strftime('%Y-%m-%d', time.gmtime()), kernel[2] if len(kernel) > 2 else '?',
            version.removeprefix('IGT-Version: ').split(' ')[0] or '?', str(run.boots))


def read():
    table = Table()
    if os.path.exists(TABLE):
        for test, *results in _read_rows(TABLE):
            table.results[test] = {part: result for part, result in zip(PARTS, results) if result != UNKNOWN}
    if os.path.exists(RUNS):
        table.runs = {part: tuple(rest) for part, *rest in _read_rows(RUNS)}
    return table


def _read_rows(path):
    with open(path, encoding='utf-8') as lines:
        next(lines)
        return [line.rstrip('\n').split('\t') for line in lines]


def _write_rows(path, header, rows):
    with open(path, 'w', encoding='utf-8') as out:
        out.writelines('\t'.join(row) + '\n' for row in [header, *rows])


def write(table):
    _write_rows(TABLE, ('test', *PARTS),
                [(test, *(table.of(test, part) for part in PARTS)) for test in sorted(table.results)])
    _write_rows(RUNS, RUN_HEADER, [(part, *table.runs[part]) for part in PARTS if part in table.runs])
    with open(PAGE, 'w', encoding='utf-8') as out:
        out.write(INTRO + _summary(table) + _behind(table) + _left_behind(table) + _ahead(table) + EVERYTHING)


def _rows(title, header, lines):
    text = f'.. list-table:: {title}\n   :header-rows: 1\n\n'
    for first, *others in [header, *lines]:
        text += f'   * - {first}\n' + ''.join(f'     - {cell}\n' for cell in others)
    return text + '\n'


def _summary(table):
    counts = {part: table.count(part) for part in PARTS if part in table.runs}
    kinds = [kind for kind in (*igt.RESULTS, LEFT_OUT) if any(count[kind] for count in counts.values())]
    return _rows('Results', ('driver', *kinds),
                 [(part, *(str(count[kind]) for kind in kinds)) for part, count in counts.items()])


def _tests(title, table, tests):
    return _rows(title, ('test', *PARTS), [(f'``{test}``', *(table.of(test, part) for part in PARTS)) for test in tests])


def _behind(table):
    if not table.behind():
        return 'Of what it runs, vprime passes all that another driver passes.\n\n'
    return _tests('Tests that another driver passes and vprime does not', table, table.behind())


def _left_behind(table):
    tests = table.left_behind()
    if not tests:
        return ''
    skips = igt.read_skips('vprime')
    reasons = [next(reason for pattern, reason in skips if pattern.fullmatch(test)) for test in tests]
    return _rows('Tests that another driver passes and vprime leaves out', ('test', 'because it'),
                 [(f'``{test}``', reason) for test, reason in zip(tests, reasons)])


def _ahead(table):
    """Only where the other driver was asked and gave a bad answer: skips would be half of the table."""
    ahead = [test for test in sorted(table.results) if table.of(test, 'vprime') == 'pass' and
             any(table.of(test, part) not in ('pass', 'skip', UNKNOWN) for part in PARTS)]
    return _tests('Tests that vprime passes, and that fail, hang or warn elsewhere', table, ahead) if ahead else ''
