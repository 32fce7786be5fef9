# SPDX-License-Identifier: GPL-2.0-only
"""What came of one suite: its rows, how long it took, and how much of the processors."""

from dataclasses import dataclass


@dataclass
class Outcome:
    """The rows of a suite that was run."""
    name: str
    rows: list
    seconds: float
    cpu_seconds: float

    def of(self, verdict):
        return [row for row in self.rows if row.verdict == verdict]

    def skips_by_reason(self):
        """Pairs of a reason and the tests skipped for it, the most frequent first."""
        reasons = {}
        for row in self.of('skip'):
            reasons.setdefault(row.detail, []).append(row.test)
        return sorted(reasons.items(), key=lambda pair: -len(pair[1]))
