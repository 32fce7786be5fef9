# SPDX-License-Identifier: GPL-2.0-only
"""Finds the windows of the demo's clients in a picture of the desktop, and says whether they are what they should be.

A window is what stands out from the desktop's plain background (guest/weston.ini), below the panel.
"""

BACKGROUND = bytes((0x20, 0x3c, 0x5a))
PANEL_HEIGHT = 32
WHITE, BLACK = b'\xff\xff\xff', b'\0\0\0'


def _runs(row):
    """Where a row is not background: pairs of first and last pixel."""
    start = None
    for x in range(len(row) // 3):
        if row[3 * x:3 * x + 3] == BACKGROUND:
            if start is not None:
                yield start, x - 1
            start = None
        elif start is None:
            start = x
    if start is not None:
        yield start, len(row) // 3 - 1


def windows(picture):
    """Boxes (left, top, right, bottom) around what stands out and hangs together."""
    done, growing = [], []
    for y in range(PANEL_HEIGHT, picture.height):
        grown = []
        for left, right in _runs(picture.rows[y]):
            box = (left, y, right, y)
            touching = [other for other in growing + grown if other[0] <= right and left <= other[2]]
            for other in touching:
                box = (min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), y)
                (grown if other in grown else growing).remove(other)
            grown.append(box)
        done += growing
        growing = grown
    return done + growing


def _pixels(picture, box):
    left, top, right, bottom = box
    for y in range(top, bottom + 1):
        row = picture.rows[y]
        for x in range(left, right + 1):
            yield bytes(row[3 * x:3 * x + 3])


class ShmClient:
    """weston-simple-shm: a white frame, 20 pixels wide, around rings of many colours."""

    name = 'the shm client'
    size, frame, least_colours = 256, 20, 500

    def describe(self, picture, box):
        """What is seen in the box, and whether it is this client's window."""
        left, top, right, bottom = box
        frame = [(left, top, right, top + self.frame - 1), (left, bottom - self.frame + 1, right, bottom),
                 (left, top, left + self.frame - 1, bottom), (right - self.frame + 1, top, right, bottom)]
        is_white = all(pixel == WHITE for part in frame for pixel in _pixels(picture, part))
        colours = len(set(_pixels(picture, box)))
        return is_white and colours >= self.least_colours, f'rings of {colours} colours in a white frame'


class GlClient:
    """weston-simple-egl: a triangle with a red, a green and a blue corner, turning on black."""

    name = 'the GL client'
    size, least_pixels, tolerance = 250, 50, 6

    def _is_triangle(self, pixel):
        """Between the corners, red, green and blue share what one of them has there."""
        return abs(sum(pixel) - 255) <= self.tolerance

    def describe(self, picture, box):
        """What is seen in the box, and whether it is this client's window."""
        pixels = list(_pixels(picture, box))
        black = pixels.count(BLACK)
        triangle = sum(self._is_triangle(pixel) for pixel in pixels)
        is_client = triangle >= self.least_pixels and black + triangle > 0.95 * len(pixels)
        return is_client, f'a triangle of {triangle} pixels between red, green and blue on black'


CLIENTS = (ShmClient(), GlClient())


def find(client, picture):
    """The box of a client's window, by its size; None if there is none."""
    for box in windows(picture):
        if (box[2] - box[0] + 1, box[3] - box[1] + 1) == (client.size, client.size):
            return box
    return None


def has_changed(box, first, later):
    """Has the client drawn something else in the meantime?"""
    return any(a != b for a, b in zip(_pixels(first, box), _pixels(later, box)))
