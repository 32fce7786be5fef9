# SPDX-License-Identifier: GPL-2.0-only
"""The rate of this host's time stamp counter.

A guest under TCG reads the host's counter, and finds its rate by counting during a few ticks of an emulated timer.
On a busy host that goes wrong by a factor of ten, and then every time-out in the guest comes ten times too early.
So the guest is told.
"""

import ctypes
import mmap
import platform
import time

# rdtsc; shl rdx, 32; or rax, rdx; ret
READ_COUNTER = bytes.fromhex('0f31 48c1e220 4809d0 c3')
SAMPLES, INTERVAL = 50, 0.1


def khz():
    """The rate in kHz, measured against the system's clock; None where there is no such counter."""
    if platform.machine() != 'x86_64':
        return None
    with mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as page:
        page.write(READ_COUNTER)
        anchor = ctypes.c_char.from_buffer(page)
        try:
            return _measure(ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(anchor)))
        finally:
            del anchor


def _measure(counter):
    time_before, count_before = _sample(counter)
    time.sleep(INTERVAL)
    time_after, count_after = _sample(counter)
    return round((count_after - count_before) * 1e6 / (time_after - time_before))


def _sample(counter):
    """Time (ns) and count at the same moment: the closest pair of many, as we may be interrupted between the two."""
    pairs = []
    for _ in range(SAMPLES):
        before = time.monotonic_ns()
        count = counter()
        pairs.append((time.monotonic_ns() - before, before, count))
    width, before, count = min(pairs)
    return before + width // 2, count
