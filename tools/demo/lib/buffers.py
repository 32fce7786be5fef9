# SPDX-License-Identifier: GPL-2.0-only
"""Reads what the kernel tells about all dma-bufs: bufinfo, and the lines of our BPF programs."""

import re
from typing import NamedTuple

IMPORTER = re.compile(r'(?P<device>\S+) driver:(?P<driver>\S*) (?P<kind>static|dynamic)(?P<p2p> p2p)? '
                      r'pins:(?P<pins>\d+) maps:(?P<maps>\d+)')


class Importer(NamedTuple):
    """A device that is attached."""
    device: str
    driver: str
    kind: str
    p2p: bool
    pins: int
    maps: int


class Buffer(NamedTuple):
    """What is known of one buffer."""
    size: int
    count: int
    exporter: str
    inode: int
    name: str
    importers: tuple


def _importer(text):
    match = IMPORTER.fullmatch(text)
    if not match:
        raise ValueError(f'not an importer: {text}')
    return Importer(match['device'], match['driver'], match['kind'], bool(match['p2p']), int(match['pins']),
                    int(match['maps']))


def read_rows(path):
    """The lines of tools/bpf, a buffer each."""
    buffers = []
    with open(path, encoding='utf-8') as file:
        for line in file:
            size, count, exporter, inode, name, *importers = line.rstrip('\n').split('\t')
            buffers.append(Buffer(int(size), int(count), exporter, int(inode), name,
                                  tuple(_importer(text) for text in importers)))
    return buffers


def read_bufinfo(path):
    """The blocks of bufinfo. ValueError if its totals say something else than its blocks."""
    buffers = []
    totals = None
    with open(path, encoding='utf-8') as file:
        for line in file.read().splitlines():
            fields = line.split('\t')
            match = re.match(r'Total (\d+) objects, (\d+) bytes', line)
            if match:
                totals = int(match[1]), int(match[2])
            elif len(fields) == 7 and fields[0].isdigit():
                buffers.append(Buffer(int(fields[0]), int(fields[3]), fields[4], int(fields[5]), fields[6], ()))
            elif ' driver:' in line:
                last = buffers.pop()
                buffers.append(last._replace(importers=(*last.importers, _importer(line.strip()))))
    if totals != (len(buffers), sum(buffer.size for buffer in buffers)):
        raise ValueError(f'{path} ends with the totals {totals}, which is not what it lists')
    return buffers


def table(buffers):
    """The buffers as lines for people: a line for each importer."""
    rows = [('exporter', 'size', 'inode', 'name', 'importer', 'driver', 'kind', 'pins', 'maps')]
    for buffer in buffers:
        first = (buffer.exporter, str(buffer.size), str(buffer.inode), buffer.name)
        for importer in buffer.importers or [None]:
            rows.append(first + _importer_cells(importer))
            first = ('', '', '', '')
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield '  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()


def _importer_cells(importer):
    if not importer:
        return ('nobody', '', '', '', '')
    kind = importer.kind + (' p2p' if importer.p2p else '')
    return (importer.device, importer.driver, kind, str(importer.pins), str(importer.maps))
