#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""picture.py FILE.png X Y: prints "WIDTHxHEIGHT #rrggbb", the size and the colour of one pixel. Reads what QEMU
writes: 8 bits a channel, RGB, not interlaced."""

import struct
import sys
import zlib


def chunks(data):
    if data[:8] != b'\x89PNG\r\n\x1a\n':
        raise ValueError('not a PNG')
    at = 8
    while at < len(data):
        length, kind = struct.unpack_from('>I4s', data, at)
        yield kind, data[at + 8:at + 8 + length]
        at += 12 + length


def paeth(left, up, corner):
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))


def unfilter(kind, line, above):
    """Undoes one line's filter; see the PNG specification, section 9."""
    out = bytearray(len(line))
    for index, value in enumerate(line):
        left, corner = (out[index - 3], above[index - 3]) if index >= 3 else (0, 0)
        up = above[index]
        out[index] = (value + (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]) & 255
    return out


def main():
    path, x, y = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(path, 'rb') as file:
        parts = list(chunks(file.read()))
    width, height, depth, colour, _, _, interlace = struct.unpack('>IIBBBBB', parts[0][1])
    if (depth, colour, interlace) != (8, 2, 0):
        raise ValueError(f'not the kind of PNG QEMU writes: depth {depth}, colour type {colour}')
    raw = zlib.decompress(b''.join(data for kind, data in parts if kind == b'IDAT'))
    line, stride = bytearray(width * 3), width * 3 + 1
    for row in range(y + 1):
        line = unfilter(raw[row * stride], raw[row * stride + 1:(row + 1) * stride], line)
    print(f'{width}x{height} #{line[x * 3:x * 3 + 3].hex()}')


if __name__ == '__main__':
    main()
