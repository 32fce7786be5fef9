# SPDX-License-Identifier: GPL-2.0-only
"""Reads PNG files as QEMU writes them: 8 bits a channel, RGB or RGBA, not interlaced."""

import struct
import zlib

SIGNATURE = b'\x89PNG\r\n\x1a\n'
CHANNELS = {2: 3, 6: 4}


class Picture:
    """Pixels as (red, green, blue)."""

    def __init__(self, width, height, rows):
        self.width, self.height, self.rows = width, height, rows

    def pixel(self, x, y):
        row = self.rows[y]
        return row[3 * x], row[3 * x + 1], row[3 * x + 2]

    def crop(self, x, y, width, height):
        return Picture(width, height, [row[3 * x:3 * (x + width)] for row in self.rows[y:y + height]])


def _chunks(data):
    at = len(SIGNATURE)
    while at < len(data):
        length, kind = struct.unpack_from('>I4s', data, at)
        yield kind, data[at + 8:at + 8 + length]
        at += length + 12


def _paeth(left, up, corner):
    guess = left + up - corner
    distances = abs(guess - left), abs(guess - up), abs(guess - corner)
    return (left, up, corner)[distances.index(min(distances))]


def _unfilter(kind, row, above, step):
    """Undoes a row's filter in place; `step` is the bytes of a pixel."""
    for i, byte in enumerate(row):
        left = row[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        if kind == 1:
            row[i] = byte + left & 255
        elif kind == 2:
            row[i] = byte + above[i] & 255
        elif kind == 3:
            row[i] = byte + (left + above[i]) // 2 & 255
        elif kind == 4:
            row[i] = byte + _paeth(left, above[i], corner) & 255
        else:
            raise ValueError(f'unknown PNG filter {kind}')


def _rows(data, width, height, step):
    above = bytearray(width * step)
    length = width * step + 1
    for y in range(height):
        row = bytearray(data[y * length + 1:(y + 1) * length])
        if data[y * length]:
            _unfilter(data[y * length], row, above, step)
        yield row
        above = row


def _without_alpha(row):
    rgb = bytearray(len(row) // 4 * 3)
    for channel in range(3):
        rgb[channel::3] = row[channel::4]
    return rgb


def read(path):
    """The picture in a file; ValueError if it is not one that we can read."""
    with open(path, 'rb') as file:
        data = file.read()
    if not data.startswith(SIGNATURE):
        raise ValueError(f'{path} is not a PNG file')
    chunks = list(_chunks(data))
    width, height, depth, colour, _, _, interlaced = struct.unpack('>IIBBBBB', dict(chunks)[b'IHDR'])
    if depth != 8 or colour not in CHANNELS or interlaced:
        raise ValueError(f'{path} is a kind of PNG that QEMU does not write')
    step = CHANNELS[colour]
    pixels = zlib.decompress(b''.join(body for kind, body in chunks if kind == b'IDAT'))
    rows = list(_rows(pixels, width, height, step))
    return Picture(width, height, rows if step == 3 else [_without_alpha(row) for row in rows])
