# SPDX-License-Identifier: GPL-2.0-only
"""Upstream IGT in the guest: which tests, how they are run, and what came of them.

The tests come in parts, one for each driver they are run on; igt-tests/upstream/ says which, and which not and why.
A test can take the whole guest with it, so a run may need several boots: each goes on where the one before ended.
Some tests need a guest of their own: those that suspend the machine (vm/run --sleeps), and those that want screens
with which others would take too long or fail. In what follows a part's job is all of its tests that one guest can run.
"""

import glob
import itertools
import json
import os
import re
import selectors
import signal
import subprocess
import tarfile
from dataclasses import dataclass, field

import findings

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LISTS = os.path.join(TOP, 'igt-tests/upstream')
KNOWN = os.path.join(TOP, 'tests/known-splats')
# The kernel's own drivers, which can be compared with the stock core; and ours, with which nothing may fail.
PARTS = ('vgem', 'vkms', 'virtio_gpu')
OWN_PARTS = ('vprime',)

# From good to bad. A result that comes later in the list is worse.
RESULTS = ('pass', 'dmesg-warn', 'skip', 'dmesg-fail', 'fail', 'timeout', 'abort', 'crash', 'incomplete', 'notrun')
GOOD = ('pass', 'dmesg-warn')
# What igt_runner calls a test that passes and writes to stderr. When subtests are quick it tears what they say and
# takes the pieces for that, so it tells nothing.
PASS_WITH_STDERR = 'warn'

# Tests that need a guest of their own, by short name, and the end of the name of the job that has them.
ASLEEP = '-asleep'
GUESTS = {ASLEEP: re.compile(r'.*suspend.*')}
# Only with a driver that can be told which screens to have.
OWN_GUESTS = {
    '-screens': re.compile(r'kms_bw@.*-([3-9]|1[0-9])-displays-.*|kms_feature_discovery@display-[34]x|'
                           r'kms_atomic_transition@.*-internal-panels'),
    '-special': re.compile(r'kms_setmode@(basic-clone-single-crtc|invalid-clone-single-crtc-stealing)|'
                           r'kms_cursor_legacy@modeset-atomic-cursor-hotspot'),
}

# Seconds for one subtest, and for which a guest may say nothing before it is taken for hung.
PATIENCE = {'fast': (25, 240), 'debug': (90, 600)}
# The latter where the clock skips what the guest waits for: when that is the host's disk, it can skip half a minute.
SILENCE_WITH_ICOUNT = 1200
# Powers of two: nanoseconds for an instruction. Many tests work as much as they can for some seconds of that clock, so
# it is slower where all of them run; on the debug kernel, which does more for each step, others would miss their time.
ICOUNT_SHIFT = {'debug': '0', 'fast': '2'}
BOOTS, BOOT_SECONDS = 8, 3600


def rank(result):
    return RESULTS.index(result)


def is_failure(result):
    return result not in GOOD and result != 'skip'


def read_list(path):
    """The lines of a file that are not comments."""
    with open(path, encoding='utf-8') as lines:
        return [line.strip() for line in lines if line.strip() and not line.startswith('#')]


def read_skips(part):
    """Pairs of a pattern and a reason, which is the comment above it."""
    pairs, reason = [], []
    with open(os.path.join(LISTS, f'{part}-skips.txt'), encoding='utf-8') as lines:
        for line in map(str.strip, lines):
            if line.startswith('#'):
                reason.append(line[1:].strip())
            elif line:
                pairs.append((re.compile(line), ' '.join(reason)))
            else:
                reason = []
    return pairs


def tests_of(part, full):
    """Names of the tests of a part that are run, and pairs of name and reason of those that are left out."""
    names = read_list(os.path.join(LISTS, f'{part}.testlist'))
    if full:
        names += read_list(os.path.join(LISTS, f'{part}-full.testlist'))
    skips, run, left_out = read_skips(part), [], []
    for name in names:
        short = short_name(name)
        reason = next((reason for pattern, reason in skips if pattern.fullmatch(short)), None)
        if reason is None:
            run.append(name)
        else:
            left_out.append((short, reason))
    return run, left_out


def short_name(name):
    """igt@test@Subtest as results are named: test@subtest."""
    return name.removeprefix('igt@').lower()


# What IGT prints when it skips or fails: the condition, and in the next line, if the test has one, what that means.
REASON = re.compile(r'^Test requirement: (?P<condition>.*)\n(?!Last errno|Subtest|Dynamic|Stack)(?P<meaning>.+)|'
                    r'^Test requirement: (?P<requirement>.*)|Failed assertion: (?P<assertion>.*)|'
                    r'^(?P<display>No KMS driver.*)', re.MULTILINE)


@dataclass
class Result:
    """What came of one subtest."""
    result: str
    output: str = ''
    reason: str = ''

    def __post_init__(self):
        found = REASON.search(self.output)
        if found:
            self.reason = found[found.lastgroup].strip()


def _result(test):
    """From what igt_runner says of a test."""
    result = 'pass' if test['result'] == PASS_WITH_STDERR else test['result']
    return Result(result, test.get('out', '') + test.get('err', ''))


def for_piglit(record):
    """What igt_runner wrote, as piglit takes it: that knows no aborts, and counts by itself where there are no totals."""
    tests = {name: test | {'result': 'incomplete'} if test.get('result') == 'abort' else test
             for name, test in record['tests'].items()}
    return {key: value for key, value in record.items() if key != 'totals'} | {'tests': tests}


def give_reasons(results):
    """A program that finds nothing to work with says so once and skips all its tests."""
    said = {}
    for name, test in results.items():
        if test.result == 'skip' and test.reason:
            said.setdefault(name.split('@')[0], test.reason)
    for name, test in results.items():
        if test.result == 'skip':
            test.reason = test.reason or said.get(name.split('@')[0], '')


@dataclass
class Run:
    """The tests of some parts on one kernel, and what came of them.

    Some tests sleep for 80 ms and allow 100. The clock of the guest in which the counted parts run does not go ahead while
    the host is busy.
    """
    core: str
    flavour: str
    out: str
    lists: dict
    findings: list = field(default_factory=list)
    corrected: tuple = OWN_PARTS
    counted: tuple = OWN_PARTS
    patience_with_icount: int = 900

    def go(self, say=print):
        """Runs everything, with as many boots as it takes."""
        os.makedirs(self.out, exist_ok=True)
        for job, names in self._jobs().items():
            with open(self._tests_file(job), 'w', encoding='utf-8') as out:
                out.write('\n'.join(names) + '\n')
        for part in set(self.corrected) & set(self.lists):
            self._make_preload(part)
        for _, jobs in itertools.groupby(sorted(self._jobs(), key=self._guest_of), self._guest_of):
            self._go_on(list(jobs), say)

    def _jobs(self):
        """Each job's tests."""
        found = {}
        for part, names in self.lists.items():
            for name in names:
                found.setdefault(_job_of(part, short_name(name)), []).append(name)
        return found

    def _is_counted(self, job):
        return _part_of(job) in self.counted

    def _guest_of(self, job):
        """Jobs of which this is the same share a guest."""
        return job.removeprefix(_part_of(job)), self._is_counted(job)

    def _make_preload(self, part):
        """A function that the tests of a part get in place of IGT's own: see there why."""
        subprocess.run(['gcc', '-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-nostdlib', '-o',
                        os.path.join(self.out, f'{part}.preload.so'), os.path.join(LISTS, 'not-intel.c')], check=True)

    def _go_on(self, jobs, say):
        """Runs jobs that share a guest."""
        seconds = self.patience_with_icount if all(map(self._is_counted, jobs)) else PATIENCE[self.flavour][0]
        last, in_vain = self.boots + BOOTS, 0
        while not self._are_done(jobs) and self.boots < last and in_vain < 2:
            done = self._progress()
            self._boot(str(seconds), jobs, say)
            in_vain = in_vain + 1 if self._progress() == done else 0
        if not self._are_done(jobs):
            self._boot('results', jobs, say)

    def _are_done(self, jobs):
        return all(os.path.exists(os.path.join(self.out, f'{job}.done')) for job in jobs)

    def was_run(self):
        """Whether an earlier run of just these tests has left its results."""
        return self._are_done(self._jobs()) and all(read_list(self._tests_file(job)) == names
                                                    for job, names in self._jobs().items())

    @property
    def boots(self):
        """How many it has taken so far, or took if it was an earlier run."""
        return len(glob.glob(os.path.join(self.out, 'boot*-kernel.log')))

    def _tests_file(self, job):
        return os.path.join(self.out, f'{job}.tests')

    def _boot(self, order, jobs, say):
        """One boot of the guest. What the kernel reports is noted."""
        command, silence = self._command(self.flavour, order, jobs), PATIENCE[self.flavour][1]
        if all(map(self._is_counted, jobs)):
            command[1:1] = ['--icount', '--icount-shift', ICOUNT_SHIFT[self.flavour]]
            silence = SILENCE_WITH_ICOUNT
        if all(job.endswith(ASLEEP) for job in jobs):
            command[1:1] = ['--sleeps']
        watch(command, silence, say)
        log = f'boot{self.boots + 1}-kernel.log'
        os.replace(os.path.join(self.out, 'kernel.log'), os.path.join(self.out, log))
        self.findings += [line.replace('kernel.log', log) for line in findings.read(self.out)]

    def _command(self, flavour, order, jobs):
        return [os.path.join(TOP, 'vm/run'), '--core', self.core, '--flavour', flavour, '--timeout', str(BOOT_SECONDS),
                '--out', self.out, '--expect-splats', KNOWN, '--', os.path.join(TOP, 'tests/lib/guest-igt'),
                order, *jobs]

    def _progress(self):
        """Grows with every subtest that is begun."""
        return sum(os.path.getsize(os.path.join(folder, name))
                   for folder, _, names in os.walk(self.out) for name in names if name in ('comms', 'journal.txt'))

    def make_page(self, say=print):
        """Piglit's pages of the results, in html/. True if it worked."""
        archive = os.path.join(self.out, 'html.tar')
        self._write_for_piglit()
        watch(self._command(self.flavour, 'page', []), PATIENCE['debug'][1], say)
        if not os.path.isfile(archive):
            return False
        with tarfile.open(archive) as tar:
            tar.extractall(os.path.join(self.out, 'html'))
        os.remove(archive)
        return os.path.isfile(os.path.join(self.out, 'html', 'index.html'))

    def _write_for_piglit(self):
        folder = os.path.join(self.out, 'page')
        os.makedirs(folder, exist_ok=True)
        for part in self.lists:
            for number, record in enumerate(self.records(part), 1):
                with open(os.path.join(folder, f'{part}.{number}.json'), 'w', encoding='utf-8') as out:
                    json.dump(for_piglit(record), out)

    def records(self, part):
        """What igt_runner wrote: one record for each round of each job, in order."""
        for job in (part + end for end in ('', *GUESTS, *OWN_GUESTS)):
            for path in sorted(glob.glob(os.path.join(self.out, f'{job}.[0-9]', 'results.json'))):
                with open(path, encoding='utf-8', errors='replace') as text:
                    yield json.load(text)

    def results(self, part):
        """Each test of the part, by short name, and those it found while it ran (dynamic subtests)."""
        found = {short_name(name): Result('notrun') for name in self.lists[part]}
        for record in self.records(part):
            found |= {short_name(name): _result(test) for name, test in record['tests'].items()
                      if test.get('result', 'notrun') != 'notrun'}
        give_reasons(found)
        return found


def _job_of(part, test):
    guests = GUESTS | OWN_GUESTS if part in OWN_PARTS else GUESTS
    return next((part + end for end, tests in guests.items() if tests.fullmatch(test)), part)


def _part_of(job):
    return job.partition('-')[0]


def watch(command, silence, say):
    """Runs a command and passes its lines on; ends it if there are none for that many seconds."""
    rest = b''
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process, selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(silence):
                say(f'no word from the guest for {silence} s: it is taken for hung')
                process.send_signal(signal.SIGTERM)
                continue
            data = os.read(process.stdout.fileno(), 1 << 16)
            if not data:
                break
            *lines, rest = (rest + data).split(b'\n')
            for line in lines:
                say(line.decode(errors='replace').rstrip())
    return process.returncode
