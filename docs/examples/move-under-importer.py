#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Shares a buffer of a vprime GPU with another device, and moves it under that.

usage: move-under-importer.py EXPORTER IMPORTER

Both are device nodes (/dev/dri/...). EXPORTER is a vprime GPU. IMPORTER is any DRM device that imports buffers. What a
device does with a buffer has no common interface: see use() for where your driver's own comes in.
"""

import ctypes
import fcntl
import mmap
import os
import sys

SYSTEM, TT, VRAM = 1, 2, 4
PLACES = {SYSTEM: 'system', TT: 'tt', VRAM: 'vram'}
FILL, SUM = 1, 3
SIZE = 1 << 20
ROW = 4096
VALUE = 7


def fields(**kinds):
    """A structure of the uapi: u32 and u64, all of natural alignment."""
    return type('Args', (ctypes.Structure,), {'_fields_': list(kinds.items())})


u32, s32, u64, s64 = ctypes.c_uint32, ctypes.c_int32, ctypes.c_uint64, ctypes.c_int64
Version = fields(major=s32, minor=s32, patch=s32, name_len=u64, name=u64, date_len=u64, date=u64, desc_len=u64, desc=u64)
Close = fields(handle=u32, pad=u32)
Prime = fields(handle=u32, flags=u32, fd=s32)
Create = fields(size=u64, placements=u32, flags=u32, handle=u32, pad=u32)
Offset = fields(handle=u32, flags=u32, offset=u64)
Info = fields(handle=u32, pad=u32, size=u64, placement=u32, placements=u32, flags=u32, pins=u32, importers=u32,
              reserved=u32, moves=u64, notifies=u64, remaps=u64)
Move = fields(handle=u32, placement=u32, flags=u32, pad=u32)
Wait = fields(handle=u32, flags=u32, timeout_ns=s64)
Command = fields(op=u32, flags=u32, dst=u32, src=u32, dst_offset=u64, src_offset=u64, dst_pitch=u32, src_pitch=u32,
                 width=u32, height=u32, value=u32, pad=u32)
Submit = fields(commands=u64, command_count=u32, flags=u32, in_syncs=u64, out_syncs=u64, in_sync_count=u32,
                out_sync_count=u32, priority=u32, pad=u32)

WRITE, READ = 1 << 30, 1 << 31
CALLS = {
    Version: (READ | WRITE, 0x00), Close: (WRITE, 0x09), Create: (READ | WRITE, 0x42), Offset: (READ | WRITE, 0x43),
    Info: (READ | WRITE, 0x44), Move: (WRITE, 0x45), Wait: (WRITE, 0x46), Submit: (WRITE, 0x47),
}


class Device:
    """A DRM device."""

    def __init__(self, node):
        self.fd = os.open(node, os.O_RDWR | os.O_CLOEXEC)
        name = ctypes.create_string_buffer(32)
        self.call(Version(name_len=31, name=ctypes.addressof(name)))
        self.driver = name.value.decode()

    def call(self, args, request=None):
        direction, number = request or CALLS[type(args)]
        fcntl.ioctl(self.fd, direction | ctypes.sizeof(args) << 16 | ord('d') << 8 | number, args)
        return args

    def export(self, handle):
        return self.call(Prime(handle=handle, flags=os.O_RDWR | os.O_CLOEXEC), (READ | WRITE, 0x2d)).fd

    def import_(self, dmabuf):
        return self.call(Prime(fd=dmabuf), (READ | WRITE, 0x2e)).handle


class Vprime(Device):
    """A vprime GPU."""

    def create(self, size, placements):
        return self.call(Create(size=size, placements=placements)).handle

    def move(self, handle, placement):
        self.call(Move(handle=handle, placement=placement))

    def info(self, handle):
        return self.call(Info(handle=handle))

    def submit(self, **command):
        command = Command(**command)
        self.call(Submit(commands=ctypes.addressof(command), command_count=1))

    def fill(self, handle, value):
        self.submit(op=FILL, dst=handle, dst_pitch=ROW, width=ROW, height=SIZE // ROW, value=value)

    def sum(self, handle):
        result = self.create(ROW, TT)
        self.submit(op=SUM, dst=result, src=handle, src_pitch=ROW, width=ROW, height=SIZE // ROW)
        self.call(Wait(handle=result, flags=1, timeout_ns=2**63 - 1))
        offset = self.call(Offset(handle=result)).offset
        with mmap.mmap(self.fd, ROW, offset=offset) as memory:
            total = int.from_bytes(memory[:8], 'little')
        self.call(Close(handle=result))
        return total


def use(importer, handle):
    """What the importer does with the buffer. Returns a word about it, or dies."""
    if importer.driver != 'vprime':
        return '-'                      # here comes what your driver's jobs do
    total = Vprime.sum(importer, handle)
    assert total == VALUE * SIZE // 4, f'the importer read {total}'
    return 'reads it'


def show(step, exporter, handle, used):
    info = exporter.info(handle)
    print(f'{step:<22}{PLACES[info.placement]:<8}{info.importers:>9}{info.pins:>6}{info.moves:>7}{info.notifies:>10}'
          f'  {used}')


def open_device(node):
    device = Device(node)
    if device.driver == 'vprime':
        device.__class__ = Vprime
    return device


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    exporter, importer = open_device(sys.argv[1]), open_device(sys.argv[2])
    if exporter.driver != 'vprime':
        sys.exit(f'{sys.argv[1]} belongs to {exporter.driver}: the exporter has to be a vprime GPU. Try vprimectl list.')

    print(f'{"step":<22}{"place":<8}{"importers":>9}{"pins":>6}{"moves":>7}{"notifies":>10}  {importer.driver}')
    handle = exporter.create(SIZE, SYSTEM | TT | VRAM)
    exporter.fill(handle, VALUE)
    show('created', exporter, handle, '')
    abroad = importer.import_(exporter.export(handle))
    show('imported', exporter, handle, '')
    show('used', exporter, handle, use(importer, abroad))
    for place in (SYSTEM, VRAM, TT, VRAM):
        try:
            exporter.move(handle, place)
        except OSError as error:
            show(f'move to {PLACES[place]}', exporter, handle, error.strerror)
            continue
        show(f'moved to {PLACES[place]}', exporter, handle, '')
        show('used again', exporter, handle, use(importer, abroad))
    importer.call(Close(handle=abroad))
    show('importer closed it', exporter, handle, '')


if __name__ == '__main__':
    main()
