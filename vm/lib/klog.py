# SPDX-License-Identifier: GPL-2.0-only
"""Kernel logs: which lines are reports of a fault ("splats"), and which of those a test has announced.

A test announces with two lines in the log, `expect-splat: begin NAME` and `expect-splat: end NAME`. At least one
splat has to lie between them; none of those counts against the run.
"""

import re
from dataclasses import dataclass, field

# What printk puts before a message: time, and with PRINTK_CALLER the task or CPU.
PREFIX = re.compile(r'^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?')
SECTION = re.compile(r'expect-splat: (begin|end) (\S+)')

# The first line of a report. Case matters: the kernel says "WARNING: " only when something is wrong.
FIRST_LINE = re.compile('|'.join((
    r'\bWARNING: ',                             # WARN_ON, and all of lockdep
    r'\bBUG: ',                                 # KASAN, atomic sleep, soft lock-ups, page state, spinlocks
    r'\bBUG \S+ \(.*\): ',                      # SLUB
    r'kernel BUG at ',
    r'\bOops\b.*: ',
    r'general protection fault',
    r'Kernel panic - not syncing',
    r'\bUBSAN: ',
    r'\bKASAN: ',
    r'\bODEBUG: ',
    r'\brefcount_t: ',
    r'\blist_(?:add|del)(?:_valid)?\b.* corruption',
    r'\bINFO: (?:possible|suspicious|trying to register|task .* blocked|rcu\S* .*stall|.* detected stall)',
    r'\brcu: INFO: .*stall',
    r'\bDMA-API: (?!preallocated|debugging |dma_debug)',
    r'kmemleak: \d+ new suspected memory leaks',
    r'kmemleak: .*(?:Cannot insert|disabled|exceed)',
    r'\bdma-buf: breach\b',
    r'unchecked MSR access',
    r'\*\* \d+ printk messages dropped',        # what was lost may have been a report
)))

# The kernel patches itself with breakpoints that are gone when it is done. QEMU (7.2) can still run the code it
# translated in between, on another CPU.
STALE_BREAKPOINT = re.compile(r'\bOops: int3: ')

# A report that does not say where it ends is cut here.
LONGEST_REPORT = 120

# A line of a trace, but for those the unwinder is not sure of; and what is in a trace because a report was made.
FRAME = re.compile(r' +(?:\[<[0-9a-f]+>\] )?(\w[\w.]*)\+0x[0-9a-f]+/')
REPORTING = re.compile(r'dump_stack\w*|__?warn\w*|report_bug|handle_bug|(?:asm_)?exc_\w+|print_\w+|_*kasan_\w+|__asan_\w+|'
                       r'__might_\w+|debug_\w+|add_dma_entry|check_\w+|__lock_acquire|lock_acquire|kmemleak_\w+|'
                       r'_*ubsan_\w+|lockdep_\w+|dma_buf_check_\w+|_*k[mvz]+alloc\w*|kmem_cache_\w+')
FRAMES_SHOWN = 3


@dataclass
class Splat:
    """One report: where it begins in the log, its lines, and why it may be there (None: it may not)."""
    line_number: int
    lines: list
    excuse: str | None = None

    @property
    def title(self):
        return PREFIX.sub('', self.lines[0])

    @property
    def summary(self):
        """The title and where it was, for people who see one line of the report."""
        body = [PREFIX.sub('', line) for line in self.lines]
        frames = [match[1] for match in map(FRAME.match, body) if match and not REPORTING.fullmatch(match[1])]
        task = next((match[1] for match in (re.search(r'\b[Cc]omm:? "?([^\s",]+)', line) for line in body) if match), '')
        return ''.join((self.title, f'; task {task}' if task else '',
                        f"; in {' < '.join(frames[:FRAMES_SHOWN])}" if frames else ''))


@dataclass
class Verdict:
    """What a log says about the run: splats nobody announced, those that are accepted, broken announcements."""
    splats: list = field(default_factory=list)
    accepted: list = field(default_factory=list)
    broken_sections: list = field(default_factory=list)

    @property
    def is_clean(self):
        return not self.splats and not self.broken_sections


@dataclass
class Known:
    """A known report: it is accepted, and the reason is shown each time."""
    pattern: re.Pattern
    reason: str


def read_known(path):
    """Reads a file of known reports: lines `regex<TAB>reason`; empty lines and lines with # are for people."""
    known = []
    with open(path, encoding='utf-8') as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip('\n')
            if not line.strip() or line.startswith('#'):
                continue
            pattern, tab, reason = line.partition('\t')
            if not tab or not reason.strip():
                raise ValueError(f'{path}:{number}: a known report needs a reason: regex<TAB>reason')
            known.append(Known(re.compile(pattern), reason.strip()))
    return known


class _Sections:
    """The announcements seen so far, and whether each was kept."""

    def __init__(self):
        self.open = {}
        self.broken = []

    def note(self, number, what, name):
        if what == 'begin':
            if name in self.open:
                self.broken.append(f'line {number}: section {name} begins inside itself')
            self.open[name] = 0
        elif name not in self.open:
            self.broken.append(f'line {number}: section {name} ends but never began')
        elif not self.open.pop(name):
            self.broken.append(f'line {number}: section {name} announced a splat, and none came')

    def count(self):
        """A splat came: it is what every open section waited for. Returns the name of one, or None."""
        for name in self.open:
            self.open[name] += 1
        return next(reversed(self.open), None)

    def close(self):
        self.broken += [f'section {name} never ended' for name in self.open]


def _report_at(lines, start):
    """The lines of the report that begins at lines[start]."""
    end = start + 1
    while end < len(lines) and end - start < LONGEST_REPORT:
        text = PREFIX.sub('', lines[end])
        if SECTION.search(text):
            break
        end += 1
        if text.startswith(('---[ end ', '=====')):
            break
        if not text.strip() and end < len(lines) and not _continues(lines[end]):
            break
    return lines[start:end]


def _continues(line):
    """After an empty line: does the report go on? Lockdep, KASAN and traces have empty lines inside."""
    text = PREFIX.sub('', line)
    return bool(re.match(
        r' |\t|-+|but task|which lock|other info|the existing|stack backtrace|Call Trace|Allocated|Freed|The buggy|'
        r'Memory state|Possible|Chain exists|Modules linked|\d+ locks? held|CPU:|Hardware|RIP:|irq event|Last ', text))


def has_stale_breakpoint(text):
    return STALE_BREAKPOINT.search(text) is not None


def scan(text, known=()):
    """Judges a kernel log."""
    lines = text.splitlines()
    verdict, sections = Verdict(), _Sections()
    skip_until = 0
    for index, line in enumerate(lines):
        body = PREFIX.sub('', line)
        section = SECTION.search(body)
        if section:
            sections.note(index + 1, *section.groups())
            continue
        if index < skip_until or not FIRST_LINE.search(body):
            continue
        splat = Splat(index + 1, _report_at(lines, index))
        skip_until = index + len(splat.lines)
        _place(splat, sections.count(), known, verdict)
    sections.close()
    verdict.broken_sections = sections.broken
    return verdict


def _place(splat, section, known, verdict):
    """Puts a splat where it belongs: accepted, with the reason, or not."""
    if section:
        splat.excuse = f'announced by section {section}'
    else:
        report = '\n'.join(splat.lines)
        splat.excuse = next((entry.reason for entry in known if entry.pattern.search(report)), None)
    (verdict.accepted if splat.excuse else verdict.splats).append(splat)


def judge_leaks(text, known=()):
    """Judges what kmemleak says: one Splat a leak, those that are known with their reason."""
    leaks = []
    for index, line in enumerate(text.splitlines()):
        if line.startswith('unreferenced object'):
            leaks.append(Splat(index + 1, []))
        if leaks:
            leaks[-1].lines.append(line)
    verdict = Verdict()
    for leak in leaks:
        _place(leak, None, known, verdict)
    return verdict
