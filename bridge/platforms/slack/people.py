"""Who speaks: names and languages, as far as Slack tells them."""

import asyncio
import logging
from dataclasses import dataclass, replace

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import BridgeError, Retryable, Unavailable
from bridge.core.model import User
from bridge.platforms.slack.api import translated

log = logging.getLogger(__name__)

_FRESH = 3600.0  # seconds for which an answer is taken to hold
_REFUSED, _AWAY = 60.0, 1.0  # seconds before Slack is asked again that refused, or was away
_PATIENCE = 2.0  # seconds that a message waits to learn who wrote it
_MOST = 10_000  # people to remember
_GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger")


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    locale: str  # an IETF tag, or empty
    until: float  # on the clock of the loop
    team: str = ""
    guest: bool = False
    doubt: BridgeError | None = None  # why nothing of this was ever told


class People:
    """The users of one workspace, each asked for once an hour. Never in the way of a message."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: dict[str, _Person] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    def name(self, id_: str) -> str:
        """The name of a user; empty while it is not known."""
        return self._known[id_].name if id_ in self._known else ""

    def doubt(self, id_: str) -> BridgeError | None:
        """Why Slack never told who a user is; None if it did."""
        known = self._known.get(id_)
        return known.doubt if known else Unavailable("Slack: users.info takes long")

    async def introduced(self, user: User, *, ask: bool = True) -> User:
        """The user, with name and language; as far as they are known unless we `ask`."""
        known = self._known.get(user.id)
        if ask and (known is None or known.until < _now()):
            asking = self._asking.get(user.id) or asyncio.create_task(self._ask(user.id))
            self._asking[user.id] = asking
            await asyncio.wait({asking}, timeout=_PATIENCE)  # a late answer is for the next one
            known = self._known.get(user.id)
        if known is None:
            return user
        language = _language(known.locale, user.language)
        name, team = known.name or user.name, user.team or known.team
        return replace(user, name=name, language=language, team=team, guest=known.guest)

    async def aclose(self) -> None:
        """Ask no more."""
        for asking in self._asking.values():
            asking.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def _ask(self, id_: str) -> None:
        try:
            with translated("users:read"):
                told = await self._client.users_info(user=id_, include_locale=True)
            user = told.get("user") or {}
            profile = user.get("profile") or {}
            name = profile.get("display_name") or user.get("real_name") or user.get("name")
            team, guest = user.get("team_id") or "", any(user.get(key) for key in _GUEST)
            locale = user.get("locale") or ""
            person = _Person(name or "", locale, _now() + _FRESH, team, guest)
        except BridgeError as error:
            log.info("a user is not told", extra={"error": str(error)})
            old = self._known.get(id_, _Person("", "", 0.0, doubt=error))
            until = _now() + (_AWAY if isinstance(error, Retryable) else _REFUSED)
            person = replace(old, until=until, doubt=old.doubt and error)
        finally:
            del self._asking[id_]
        self._known.pop(id_, None)
        self._known[id_] = person
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]


def _language(locale: str, seen: str) -> str:
    """What Slack is set to counts; but many who write Chinese have left it in English."""
    english = not locale or locale.lower().startswith("en")
    return seen if english and seen != "en" else locale or seen


def _now() -> float:
    return asyncio.get_running_loop().time()
