"""What answers link to, and an answer that links to it."""

import asyncio
from pathlib import Path

from bridge.core.errors import BridgeError
from bridge.core.model import Media
from tests.flow.clock import now
from tests.flow.drawing import Drawing
from tests.flow.fakes import FakeChat

CAT, DOG, VOICE = "https://x/cat.png", "https://x/dog.png", "voice:"
TEXT = f"Look:\n\n![a cat]({CAT})\n\nNice, isn't it?"
BEFORE, AFTER = "Look:\n\n", "Nice, isn't it?"


class Web:
    """What is behind addresses; knows what it has put on our disk."""

    def __init__(self, place: Path, *, within: float = 0.0) -> None:
        self.place, self.within = place, within  # seconds
        self.faults: dict[str, BridgeError] = {}
        self.fetched: list[tuple[str, float]] = []
        self.given_up: list[str] = []

    async def __call__(self, url: str) -> Media:
        self.fetched.append((url, now()))
        try:
            await asyncio.sleep(self.within)
        except asyncio.CancelledError:
            self.given_up.append(url)
            raise
        if fault := self.faults.get(url):
            raise fault
        content = url.encode()
        path = self.place / f"fetched-{len(self.fetched)}"
        path.write_bytes(content)
        return Media(str(path), "image", "cat.png", "image/png", len(content))

    @property
    def left(self) -> list[str]:
        """What is still on our disk."""
        return [path.name for path in self.place.iterdir()]


def drawing_with(web: Web, chat: FakeChat | None = None, **more) -> Drawing:
    return Drawing(chat or FakeChat(most=1000), fetch=web, **more)


def stands(drawing: Drawing) -> list[str]:
    """What stands in the chat: texts, and the addresses of files."""
    return [piece.media or piece.text for piece in drawing.chat.messages.values()]
