"""One reply on one screen, told what to say and when."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bridge.core.model import Answer, Reply
from bridge.flow.attachments import Fetch
from bridge.flow.present import Screen, Show, Stage
from bridge.flow.throttle import Throttle
from tests.flow.fake_store import FakeLease, FakeLimiter
from tests.flow.fakes import FakeChat


def working(text: str) -> Reply:
    return Reply(answers=(Answer("a", text),))


def done(text: str) -> Reply:
    return Reply(status="done", answers=(Answer("a", text),))


class Drawing:
    """A screen, and a stream of snapshots for it: (seconds to wait, text) and then the last."""

    def __init__(
        self,
        chat: FakeChat | None = None,
        *,
        lease: FakeLease | None = None,
        stream: bool = True,
        fetch: Fetch | None = None,
    ) -> None:
        self.chat, self.lease = chat or FakeChat(), lease or FakeLease()
        self.chat.confirmed.clear()  # another process knows only the ids
        self.limiter = FakeLimiter()
        self.throttle = Throttle(self.limiter)
        self.stage = Stage(self.chat, self.throttle, stream=stream)
        self.fetch = fetch

    async def follow(self, *said: tuple[float, str], last: float = 0.5) -> Reply:
        """Show growing snapshots; `last` seconds after the last of them it is complete."""

        async def read(show: Show) -> Reply:
            for pause, text in said:
                await asyncio.sleep(pause)
                show(working(text))
            await asyncio.sleep(last)
            return done(said[-1][1])

        return await self.screen.follow(read)

    async def settle(self, text: str, *, enclosure: str = "") -> None:
        await self.screen.settle(replace(done(text), enclosure=enclosure))

    @property
    def screen(self) -> Screen:
        """A new one, as each process has."""
        return Screen(self.stage, self.lease, self.fetch)

    @property
    def times(self) -> list[float]:
        """When something was drawn, or tried to."""
        return [round(call.at, 3) for call in self.chat.calls if call.kind != "find"]

    @property
    def shown(self) -> Sequence[str]:
        """The texts that stand in the chat."""
        return [piece.text for piece in self.chat.messages.values()]

    def is_complete(self, text: str) -> bool:
        """Whether just this stands in the chat, without buttons, and the lease knows it."""
        pieces = self.chat.messages.values()
        return (
            "".join(piece.text for piece in pieces) == text
            and not any(piece.buttons for piece in pieces)
            and [each.id for each in self.lease.progress.shown] == list(self.chat.messages)
            and not self.lease.progress.posting
            and not self.chat.complaints
        )


def growing(text: str, *, every: float, step: int = 1) -> list[tuple[float, str]]:
    return [(every, text[:end]) for end in range(step, len(text) + step, step)]
