"""What Slack delivers to an app in many workspaces: whose it is, and what ends one."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace

from bridge.core.errors import BridgeError, Denied, Retryable
from bridge.core.model import Message
from bridge.core.ports import Accept, Installations
from bridge.platforms.slack.behind import Behind
from bridge.platforms.slack.grants import Grants
from bridge.platforms.slack.mrkdwn import mentioned
from bridge.platforms.slack.parse import Body
from bridge.platforms.slack.teams import home
from bridge.platforms.slack.workspaces import Workspaces
from bridge.wire.patience import Patience

log = logging.getLogger(__name__)

BETWEEN = " "  # a workspace and the id of a file in it
_AGAIN = 30.0  # seconds before it is tried again to read what was missed


class Deliveries:
    """Has the adapter of its workspace take each delivery. A `hearing.Hears`."""

    def __init__(
        self, channel: str, workspaces: Workspaces, installations: Installations, grants: Grants
    ) -> None:
        self.channel, self.patience = channel, Patience(channel)
        self.behind = Behind()  # in any of the workspaces
        self._workspaces, self._installations, self._grants = workspaces, installations, grants
        self.unreadable = ""  # why some workspaces cannot be served

    async def whoami(self) -> str:
        """The app, and where it is installed; raises like a call of the adapter."""
        await self._grants.check()
        names = [each.name for each in await self._installations.everyone()]
        where = f"{len(names)} workspaces{': ' if names else ''}{', '.join(names)}"
        return f"app {self._grants.client_id} in {where}"

    async def meet(self) -> None:
        """Look at what is installed, as soon as the store answers."""
        await self.patience.insist(self.look)
        log.info(
            "workspaces install the app at %s",
            self._grants.redirect.rpartition("/")[0] + "/install",
            extra={"channel": self.channel},
        )

    async def look(self) -> None:
        """See whether all installations can be read. Raises StoreUnavailable."""
        try:
            await self._installations.rotate()
            await self._installations.everyone()
        except Denied as error:
            if not self.unreadable:
                log.error("%s", error, extra={"channel": self.channel})  # noqa: TRY400
            self.unreadable = str(error)
        else:
            self.unreadable = ""

    async def take(self, body: Body, accept: Accept) -> bool:
        """Store what a delivery means; False if it is not stored, and has to come again."""
        try:
            if _ends(body):
                await self._end(body)
                return True
            whose = await self._whose(body)
            taken = [await self._take(id_, body, accept) for id_ in whose]
        except (Retryable, Denied) as error:
            log.warning("not stored", extra={"channel": self.channel, "error": str(error)})
            return False
        return all(taken)

    async def _take(self, id_: str, body: Body, accept: Accept) -> bool:
        adapter = await self._workspaces.at(id_)
        if adapter is None or self._workspaces.off(id_):
            return True  # nobody could be answered there

        return await adapter.take(_through(id_, body), placed(id_, accept))

    async def catch_up(self, accept: Accept) -> None:
        """Take in what was missed in any workspace, until cancelled."""
        while True:
            await self.behind.doubt.wait()
            self.behind.doubt.clear()
            try:
                ids = [each.id for each in await self._installations.everyone()]
            except BridgeError as error:
                log.warning("what was missed has to wait: %s", error)
                await asyncio.sleep(_AGAIN)
                self.behind.suspect()
            else:
                await asyncio.gather(*(self._catch_up_in(id_, accept) for id_ in ids))

    async def _catch_up_in(self, id_: str, accept: Accept) -> None:
        try:
            adapter = await self._workspaces.at(id_)
            if adapter and not self._workspaces.off(id_):
                await adapter.catch_up(placed(id_, accept))
        except Exception:
            log.exception("what was missed in %s is not read", id_)

    async def _whose(self, body: Body) -> list[str]:
        """The workspaces that a delivery is for.

        Of what is said in a channel that several of them share there is one event, which came
        by any of them: it is for those whose bots are mentioned.
        """
        if body.get("is_ext_shared_channel") and (event := body.get("event")):
            bots, names = await self._workspaces.bots(), mentioned(event.get("text") or "")
            if called := [bots[name] for name in names if name in bots]:
                return list(dict.fromkeys(called))
        for id_ in candidates(body):
            if await self._workspaces.at(id_):
                return [id_]
        log.info("a delivery of a workspace where the app is not installed: %s", home(body))
        return []

    async def _end(self, body: Body) -> None:
        """The app was uninstalled somewhere, or its token was taken away."""
        whole, at = is_whole(body), float(body.get("event_time") or 0)
        team, organisation = str(body.get("team_id") or ""), next(_organisations(body), "")
        await self._workspaces.erase(organisation if whole or not team else team, at)


def placed(id_: str, accept: Accept) -> Accept:
    """`accept`, with messages whose places and files name their workspace."""

    async def take(message: Message) -> str | None:
        files = tuple(replace(f, id=f"{id_}{BETWEEN}{f.id}") for f in message.files)
        to = replace(message.address, team=id_)
        return await accept(replace(message, address=to, files=files))

    return take


def candidates(body: Body) -> list[str]:
    """Under which ids the installation may be found that a delivery came through."""
    view = (body.get("view") or {}).get("app_installed_team_id")
    authorized = (str(each.get("team_id") or "") for each in body.get("authorizations") or ())
    teams = [str(view or home(body)), *authorized]
    organisations = [*_organisations(body)]
    found = [*organisations, *teams] if is_whole(body) else [*teams, *organisations]
    return list(dict.fromkeys(filter(None, found)))


def is_whole(body: Body) -> bool:
    """Whether a delivery came through an installation in a whole organisation."""
    told = (body, *(body.get("authorizations") or ()))
    return any(str(each.get("is_enterprise_install")).lower() == "true" for each in told)


def _organisations(body: Body) -> Iterator[str]:
    told = (body.get("context_enterprise_id"), body.get("enterprise_id"))
    named = (body.get("enterprise") or {}).get("id")
    authorized = (each.get("enterprise_id") for each in body.get("authorizations") or ())
    yield from (str(each) for each in (*told, named, *authorized) if each)


def _ends(body: Body) -> bool:
    event = body.get("event") or {}
    gone = event.get("type") == "tokens_revoked" and (event.get("tokens") or {}).get("bot")
    return bool(gone) or event.get("type") == "app_uninstalled"


def _through(id_: str, body: Body) -> Body:
    """A delivery that came through this very workspace: by it messages are told apart."""
    within = id_
    if is_whole(body):
        within = home(body)
        if within == id_:  # of some presses only the organisation is told
            within = (body.get("user") or {}).get("team_id") or id_
    told = {"team_id": id_} if body.get("type") == "event_callback" else {}
    return {**body, **told, "context_team_id": within}
