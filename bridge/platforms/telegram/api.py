"""How the bridge reaches the Bot API, and what its errors mean."""

import contextlib
import copy
import logging
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import aiohttp
from telegram import Update, error
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bridge.core.errors import (
    ChatClosed,
    ChatGone,
    Denied,
    Fatal,
    Gone,
    Moved,
    RateLimited,
    Rejected,
    TooLarge,
    Unavailable,
    Uncertain,
)
from bridge.wire import never_sent, transport

# retry_after as a timedelta; python-telegram-bot warns at each 429 until one says so
os.environ.setdefault("PTB_TIMEDELTA", "1")


log = logging.getLogger(__name__)

OUT_OF_REACH = "cannot be reached: check the network, and TELEGRAM_API_BASE if you set it"
UNKNOWN_BOT = "Telegram knows no bot with this token: check TELEGRAM_BOT_TOKEN"
POLL = 30  # seconds that a poll is held open; Telegram allows 50

# What the Bot API says, in lower case, when a message, a topic or a file is no longer there.
_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message thread not found",
    "invalid file_id",
    "wrong file_id",
    "file_reference_expired",
)
# ... and when a chat is not, for the bot; it is closed by each 403, else it is only for now.
_CHAT_GONE = ("chat not found", "chat was deleted", "deactivated", "was kicked", "not a member")
_CHAT_CLOSED = ("have no rights to send a message", "not enough rights to send text messages")
_TOO_LARGE = ("file is too big", "is too big for", "request entity too large")
_AS_GOOD = ("message is not modified", "message to delete not found")


class Bot(ExtBot[None]):
    """A bot that can be closed also when Telegram never answered, and that reads what it can."""

    _in_doubt = False  # the last updates could not all be read

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:  # noqa: ANN401
        """See `telegram.Bot`: an update that cannot be read becomes one without content."""
        try:
            return await super().get_updates(*args, **kwargs)
        except error.TelegramError:
            raise
        except Exception:  # noqa: BLE001 - it reads what Telegram sends, and raises what it likes
            self._in_doubt = True
            return await super().get_updates(*args, **kwargs)
        finally:
            self._in_doubt = False

    async def _post(self, endpoint: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        result = await super()._post(endpoint, *args, **kwargs)
        if endpoint != "getUpdates" or not self._in_doubt:
            return result
        return [self._readable(update) for update in result]

    def read(self, update: dict[str, Any]) -> Update:
        """An update as Telegram posts it; one that cannot be read becomes one without content."""
        return Update.de_json(self._readable(update), self)

    def _readable(self, update: dict[str, Any]) -> dict[str, Any]:
        try:
            Update.de_json(copy.deepcopy(update), self)
        except Exception:
            log.exception("an update cannot be read", extra={"update": update["update_id"]})
            return {"update_id": update["update_id"]}
        return update

    async def aclose(self) -> None:
        """Close all connections. Idempotent."""
        await self.shutdown()
        for request in self._request:
            await request.shutdown()


class Request(HTTPXRequest):
    """Carries calls; its errors do not tell the address, in which the token is."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        """See `telegram.request.BaseRequest`."""
        try:
            return await super().do_request(*args, **kwargs)
        except error.TimedOut:
            raise
        except (error.NetworkError, aiohttp.ClientError) as failed:
            cause = type(failed.__cause__ or failed).__name__
            raise error.NetworkError(f"no proper answer ({cause})") from failed


def make_bot(token: str, api_base: str) -> Bot:
    """A bot with one warm set of connections for calls and another for polls."""

    def how() -> dict[str, Any]:
        timeouts = {"read_timeout": 20, "write_timeout": 20, "connect_timeout": 10}
        # aiohttp counts the making of a connection as time in the pool
        return {**timeouts, "pool_timeout": 15, "httpx_kwargs": {"transport": transport()}}

    base = api_base.rstrip("/")
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=Request(**how()),
        get_updates_request=Request(**how()),
    )


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what python-telegram-bot raises into `core.errors`; pass over what is no failure."""
    try:
        yield
    except error.RetryAfter as refused:
        raise RateLimited(f"Telegram: {refused}", retry_after=pause_of(refused)) from refused
    except error.InvalidToken as refused:
        raise Denied(UNKNOWN_BOT) from refused
    except error.Forbidden as refused:
        gone = _is(_CHAT_GONE, str(refused).lower())
        raise (ChatGone if gone else ChatClosed)(f"Telegram: {refused}") from refused
    except error.BadRequest as refused:
        said = str(refused).lower()
        if _is(_AS_GOOD, said):
            return
        raise _meaning(said)(f"Telegram: {refused}") from refused
    except error.NetworkError as failed:
        if _is(_TOO_LARGE, str(failed).lower()):
            raise TooLarge(f"Telegram: {failed}") from failed
        if never_sent(failed):
            raise Unavailable(f"Telegram {OUT_OF_REACH}") from failed
        raise Uncertain(f"Telegram: {failed}") from failed
    except error.TelegramError as refused:
        raise _other(refused) from refused


def _other(refused: error.TelegramError) -> Fatal:
    """A chat that became a supergroup, or a conflict."""
    if isinstance(refused, error.ChatMigrated):
        return Moved(f"Telegram: {refused}", chat=str(refused.new_chat_id))
    return Rejected(f"Telegram: {refused}")


def pause_of(refused: error.RetryAfter) -> float:
    """The seconds for which Telegram wants to be left alone."""
    pause = refused.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else pause


def _meaning(said: str) -> type[Fatal]:
    """What it means that Telegram does not do what it was asked."""
    if _is(_TOO_LARGE, said):
        return TooLarge
    if _is(_CHAT_GONE, said):
        return ChatGone
    if _is(_CHAT_CLOSED, said):
        return ChatClosed
    return Gone if _is(_GONE, said) else Rejected


def _is(phrases: Iterable[str], said: str) -> bool:
    return any(phrase in said for phrase in phrases)
