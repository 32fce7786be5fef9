# SPDX-License-Identifier: GPL-2.0-only
"""What a text console must look like: draws the kernel's cells with the kernel's font and colours.

The description comes from tools/console, which says what is in it.
"""


def _colour_number(attribute):
    """Cells count colours as a VGA card does, with blue as bit 0; the palette has red there."""
    return attribute & 10 | (attribute & 1) << 2 | (attribute & 4) >> 2


class Console:
    """A description of a console, as tools/console saves it."""

    def __init__(self, path):
        self.colours, self.glyphs, self.cells = [], [], []
        self.size = self.font = None
        with open(path, encoding='ascii') as file:
            for line in file:
                word, *values = line.split()
                getattr(self, f'_read_{word}')(values)

    def _read_size(self, values):
        self.size = tuple(int(value) for value in values)

    def _read_font(self, values):
        self.font = tuple(int(value) for value in values)

    def _read_colour(self, values):
        self.colours.append(bytes.fromhex(values[0]))

    def _read_glyph(self, values):
        self.glyphs.append(bytes.fromhex(values[0]))

    def _read_row(self, values):
        self.cells.append(bytes.fromhex(values[0]))

    def text(self):
        """The lines of text."""
        return [row[0::2].decode('latin-1').rstrip() for row in self.cells]

    def _glyph_row(self, character, attribute, y):
        """One row of pixels of one cell."""
        width = self.font[0]
        bytes_per_row = (width + 7) // 8
        glyph = self.glyphs[character]
        bits = int.from_bytes(glyph[y * bytes_per_row:(y + 1) * bytes_per_row], 'big') >> (8 * bytes_per_row - width)
        ink, paper = self.colours[_colour_number(attribute & 15)], self.colours[_colour_number(attribute >> 4 & 7)]
        return b''.join(ink if bits >> (width - 1 - x) & 1 else paper for x in range(width))

    def draw(self):
        """All rows of pixels, red, green, blue."""
        cache = {}
        for row in self.cells:
            for y in range(self.font[1]):
                line = bytearray()
                for character, attribute in zip(row[0::2], row[1::2]):
                    key = character, attribute, y
                    if key not in cache:
                        cache[key] = self._glyph_row(*key)
                    line += cache[key]
                yield line
