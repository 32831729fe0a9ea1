"""How a fault changes what goes over the wire: a stream of parts in, a stream of parts out."""

import re
from collections.abc import AsyncIterator

from bridge.sandbox.coze.events import EventStream
from bridge.sandbox.coze.faults import Cut, Fault, Framing, Stall

_NOT_TERMINAL = re.compile(
    rb"(id: ?\d+\n)?event: ?"
    rb"(conversation\.(chat\.(created|in_progress)\n|message\.)|Message\n|PING\n)"
)


class Broken(Exception):
    """The connection is to be closed here."""


def damaged(parts: AsyncIterator[bytes], fault: Fault | None) -> AsyncIterator[bytes]:
    """What is sent of `parts`, which are events, or one JSON body.

    Reading it raises `Broken` where the response ends without its proper end.
    """
    match fault:
        case Cut():
            return _cut(parts, fault)
        case Stall():
            return _stalled(parts, fault)
        case Framing():
            return _dressed(parts, fault)
        case _:
            return parts


async def _cut(parts: AsyncIterator[bytes], cut: Cut) -> AsyncIterator[bytes]:
    sent = 0
    while cut.mid_event or sent != cut.after:
        part = await anext(parts, b"")
        terminal = not _NOT_TERMINAL.match(part)
        if not part or sent == cut.after or (cut.after is None and terminal):
            if cut.mid_event:
                yield part[: len(part) // 2]
            break
        yield part
        sent += 1
    if cut.run_dies and isinstance(parts, EventStream):
        parts.die()
    if not cut.clean:
        raise Broken


async def _stalled(parts: AsyncIterator[bytes], stall: Stall) -> AsyncIterator[bytes]:
    sent = 0
    async for part in parts:
        if sent == stall.after:
            await stall.release.wait()
        yield part
        sent += 1


async def _dressed(parts: AsyncIterator[bytes], framing: Framing) -> AsyncIterator[bytes]:
    number, held_back = 0, b""
    async for part in parts:
        numbered = framing.ids and not part.startswith(b"id:")
        number_line = b"id:%d\n" % number if numbered else b""
        dressed = held_back + framing.interject + number_line + part
        if framing.unterminated:
            dressed, held_back = dressed.removesuffix(b"\n\n"), b"\n\n"
        if framing.crlf:
            dressed = dressed.replace(b"\n", b"\r\n")
        step = 1 if framing.one_byte else len(dressed)
        for at in range(0, len(dressed), step):
            yield dressed[at : at + step]
        number += 1
