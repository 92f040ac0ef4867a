"""Pictures of pages, taken by a browser, and what colours are in them."""

import struct
import time
import zlib
from collections import Counter

SECONDS = 60


def picture(browser, page, png, *, shows, width, height, scale=1.0):
    """Takes a picture of a page once it shows all these colours; gives how many pixels have which colour."""
    deadline = time.monotonic() + SECONDS
    options = (f"--window-size={width},{height}", f"--force-device-scale-factor={scale}", f"--screenshot={png}")
    while True:
        browser(page, *options)
        colors = pixels(png.read_bytes())
        if all(colors[color] for color in shows):
            return colors
        assert time.monotonic() < deadline, f"{page.name} does not show {shows}: {colors.most_common(5)}"


def pixels(png):
    """The colours of a PNG of eight bits a channel without interlacing, as Chromium writes them (PNG, section 9)."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind in {2, 6}) == (8, True)
    size, at, packed = {2: 3, 6: 4}[kind], 8, b""
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        packed += png[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw, stride, above, colors = zlib.decompress(packed), width * size + 1, bytes(width * size), Counter()
    for row in range(height):
        above = unfiltered(raw[row * stride], raw[row * stride + 1 : (row + 1) * stride], above, size)
        colors.update(tuple(above[x : x + 3]) for x in range(0, len(above), size))
    return colors


def unfiltered(kind, row, above, size):
    if kind == 0:
        return row
    made = bytearray(row)
    for x in range(len(made)):
        left, up = made[x - size] if x >= size else 0, above[x]
        corner = above[x - size] if x >= size else 0
        nearest = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
        made[x] = (made[x] + (0, left, up, (left + up) // 2, nearest)[kind]) & 0xFF
    return bytes(made)
