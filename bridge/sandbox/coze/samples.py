"""Small files that are made on the spot, for a bot that shows what it can."""

import struct
import zlib
from collections.abc import Iterable


def png(width: int = 160, height: int = 96) -> bytes:
    """A picture of a sunset, in RGB."""
    rows = b"".join(b"\0" + _row(width, y / height) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def pdf(text: str) -> bytes:
    """One page with a line of ASCII on it."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    drawn = f"BT /F1 24 Tf 72 720 Td ({escaped}) Tj ET".encode("ascii")
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
    )
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page,
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
    )
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (count, table, count, len(body))
    )


def csv(rows: Iterable[Iterable[object]]) -> bytes:
    """A table, of values without commas."""
    return "".join(",".join(map(str, row)) + "\r\n" for row in rows).encode()


def _row(width: int, down: float) -> bytes:
    """One line of pixels, so far down the picture."""
    return b"".join(bytes(_pixel(x / width, down)) for x in range(width))


def _pixel(across: float, down: float) -> tuple[int, int, int]:
    """The sea, and above it the sun in the sky."""
    if down > 0.6:
        return 20, 60, int(110 + 60 * down)
    if ((across - 0.5) * 1.6) ** 2 + (down - 0.5) ** 2 < 0.03:
        return 255, 240, 190
    return 255, int(120 + 110 * down), int(60 + 40 * (1 - down))
