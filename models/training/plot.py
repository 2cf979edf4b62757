"""A small reliability plot as PNG, with nothing but zlib."""
import struct
import zlib

import numpy as np

SIZE, MARGIN = 240, 24
COLOURS = ((178, 34, 34), (218, 130, 0), (30, 90, 170))


def png(path, pixels):
    """Writes uint8 [height, width, 3]."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def line(pixels, a, b, colour):
    for t in np.linspace(0, 1, 2 * SIZE):
        x, y = (np.array(a) * (1 - t) + np.array(b) * t)
        pixels[MARGIN + int((1 - y) * (SIZE - 1)), MARGIN + int(x * (SIZE - 1))] = colour


def reliability(curves, path):
    """`curves`: class → rows (mean score, share of positives, weight). Across: the score, 0 to 1; up: the share that was so.
    Red gunshot, orange explosion, blue crowd clamour; the diagonal is perfect."""
    pixels = np.full((SIZE + 2 * MARGIN, SIZE + 2 * MARGIN, 3), 255, np.uint8)
    for k in range(6):
        line(pixels, (k / 5, 0), (k / 5, 1), (225, 225, 225))
        line(pixels, (0, k / 5), (1, k / 5), (225, 225, 225))
    line(pixels, (0, 0), (1, 1), (120, 120, 120))
    for colour, rows in zip(COLOURS, curves.values()):
        for (x1, y1, _), (x2, y2, _) in zip(rows, rows[1:]):
            line(pixels, (x1, y1), (x2, y2), colour)
        for x, y, _ in rows:
            row, column = MARGIN + int((1 - y) * (SIZE - 1)), MARGIN + int(x * (SIZE - 1))
            pixels[row - 2: row + 3, column - 2: column + 3] = colour
    png(path, pixels)
