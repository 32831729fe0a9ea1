"""How large a picture is, told from the beginning of its file. Pure."""

import struct

HEAD = 262_144  # bytes of a file, which are enough: in a JPEG much may come before the picture
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG markers that tell a size


def sides(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a JPEG, PNG or WebP; None: it is none of these, or broken."""
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", head, 16)
        elif head.startswith(b"\xff\xd8\xff"):
            width, height = _jpeg(head)
        elif head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            width, height = _webp(head)
        else:
            return None
    except struct.error:  # it ends too early
        return None
    return width, height


def _jpeg(head: bytes) -> tuple[int, int]:
    """Segments follow one another: a marker, the length from there, and what it is about."""
    at = 2
    while True:
        marker, length = struct.unpack_from(">xBH", head, at)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + length  # noqa: PLR2004 - a byte of padding


def _webp(head: bytes) -> tuple[int, int]:
    match head[12:16]:
        case b"VP8X":
            width, high, height, higher = struct.unpack_from("<HBHB", head, 24)
            return (width | high << 16) + 1, (height | higher << 16) + 1
        case b"VP8L":
            (packed,) = struct.unpack_from("<I", head, 21)
            return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        case _:
            width, height = struct.unpack_from("<HH", head, 26)
            return width & 0x3FFF, height & 0x3FFF
