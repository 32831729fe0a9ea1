"""One turn, from a stored message to its complete answer. Read this file first."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from bridge.core.errors import BridgeError, Fatal, LeaseLost, NothingToAsk, StoreUnavailable
from bridge.core.model import Answer, Reply, ReplyEvent
from bridge.core.reply import fold
from bridge.core.texts import say, trouble
from bridge.flow.news import News
from bridge.flow.present import Screen, Show

log = logging.getLogger(__name__)


_TIMEOUT = "error.timeout"


class Work(Protocol):
    """What a turn is about: a question to a bot (`flow.asking`), a workflow (`flow.errand`).

    It stores in the lease what it does before that matters, so that a turn which is run
    again picks up where it was: it asks no second time.
    """

    turn: str  # the short id, which a user sees beside an error

    def events(self) -> AsyncGenerator[ReplyEvent, None]:
        """All that there is to be said, from the beginning or from where it was."""

    async def cancel(self) -> None:
        """End it at Coze; what is said from now on would only cost."""

    async def over(self, reply: Reply, error: BridgeError | None) -> Reply:
        """Store what became of it, and add to the reply what it may have once it is complete."""


class Turn:
    """A message on its way: read what Coze says, show it, survive a crash anywhere."""

    def __init__(
        self,
        work: Work,
        screen: Screen,
        *,
        language: str,
        timeout: float,
        stopped: bool = False,
        news: News | None = None,
    ) -> None:
        self._work, self._screen = work, screen
        self._language, self._timeout = language, timeout  # seconds for one whole answer
        self._stopped = stopped  # before this process began with it
        self._news = news
        self._clock: asyncio.Timeout | None = None

    async def run(self) -> Reply:
        """Answer; return the reply as it stands complete on the screen.

        Raises:
            Retryable: it could not be shown, or stored; run it again later.
            Fatal: the platform refuses to show it.
            LeaseLost: another replica goes on with it.
        """
        try:
            return await self._screen.follow(self._read)
        except Fatal:  # nobody can read it any more
            await self._work.cancel()
            raise

    def stop(self) -> None:
        """End the answer now and keep what was said."""
        self._stopped = True
        if self._clock:
            self._clock.reschedule(asyncio.get_running_loop().time())

    async def _read(self, show: Show) -> Reply:
        """Read the answer to its end, its failure, or the user's Stop."""
        if self._stopped:
            await self._work.cancel()
            reply, error = Reply("stopped"), None
        else:
            reply, error = await self._told(show)
        reply = await self._work.over(reply, error)
        if reply.status != "failed" or reply.answers or reply.thought or self._news is None:
            return reply
        return replace(reply, hushed=not await self._news(error.say if error else _TIMEOUT))

    async def _told(self, show: Show) -> tuple[Reply, BridgeError | None]:
        reply = Reply()
        try:
            async with asyncio.timeout(self._timeout) as clock:
                self._clock = clock
                async with aclosing(self._work.events()) as events:
                    async for event in events:
                        reply = fold(reply, event)
                        if reply.status == "working":  # else there is something to add
                            show(reply)
        except TimeoutError:
            await self._work.cancel()
            if self._stopped:
                return replace(reply, status="stopped", doing=None), None
            return self._failed(reply, say(_TIMEOUT, self._language)), None
        except (LeaseLost, StoreUnavailable):
            raise
        except NothingToAsk as nothing:
            words = Answer("", say(nothing.say, self._language, **nothing.values))
            return replace(reply, status="done", answers=(words,)), None
        except Exception as raised:  # noqa: BLE001 - a fault of ours keeps nothing from its user
            error = self._logged(raised)
            return self._failed(reply, trouble(error, self._language)), error
        finally:
            self._clock = None
        return reply if reply.asked else replace(reply, status="done", doing=None), None

    def _logged(self, raised: Exception) -> BridgeError:
        """What went wrong, as one of our errors; what is none is a fault of ours."""
        extra = {"turn": self._work.turn}
        if isinstance(raised, BridgeError):
            log.warning("no answer", extra=extra | {"error": str(raised)})
            return raised
        log.error("a fault in the bridge", extra=extra, exc_info=raised)
        return BridgeError(repr(raised))

    def _failed(self, reply: Reply, sentence: str) -> Reply:
        """The reply with what went wrong below it, and what to ask the operator about."""
        told = say("turn", self._language, turn=self._work.turn)
        return replace(reply, status="failed", trouble=f"{sentence} {told}", doing=None)
