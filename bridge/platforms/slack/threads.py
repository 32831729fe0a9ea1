"""What was said in a thread, as far as Slack tells it."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.model import Address, User
from bridge.core.ports import Remark
from bridge.platforms.slack.api import translated, without_effect
from bridge.platforms.slack.mrkdwn import readable
from bridge.platforms.slack.people import People

_SAID = frozenset({None, "file_share", "thread_broadcast", "bot_message"})
_TS = re.compile(r":(\d+\.\d+)$")  # ends the id of a message, and of a press
_PAGE = 1000  # the most that Slack tells at once, from the thread's beginning


class Threads:
    """Reads threads of one workspace."""

    def __init__(self, client: AsyncWebClient, people: People) -> None:
        self._client, self._people = client, people

    async def earlier(self, to: Address, before: str, most: int, *, me: str) -> Sequence[Remark]:
        """See `ports.Adapter`. Of more than a thousand messages the first thousand are told."""
        moment = _TS.search(before)
        if to.thread is None or (moment and moment[1] == to.thread):
            return ()  # it begins here
        until = moment[1] if moment else None
        with without_effect(), translated("channels:history"):
            told = await self._client.conversations_replies(
                channel=to.chat, ts=to.thread, limit=_PAGE, latest=until
            )
        said = [each for each in told["messages"] if each.get("subtype") in _SAID]
        found = await self.remarks([*said[:1], *said[1:][-most:]], me)
        return [remark for remark in found if remark.text]

    async def remarks(self, said: Sequence[Mapping[str, Any]], me: str) -> Sequence[Remark]:
        """Messages as they are read, with the names of who wrote them."""
        await self._meet(said)
        return [self._remark(each, me) for each in said]

    async def _meet(self, said: Sequence[Mapping[str, Any]]) -> None:
        """Find out the names of the people who wrote."""
        ids = {each["user"] for each in said if each.get("user") and not each.get("bot_id")}
        await asyncio.gather(*(self._people.introduced(User(id_)) for id_ in ids))

    def _remark(self, said: Mapping[str, Any], me: str) -> Remark:
        """What somebody said, or another app, or the bot itself."""
        robot = said.get("username") or (said.get("bot_profile") or {}).get("name")
        text = readable(said.get("text") or "", me, self._people.name)
        files = [f"[{file['name']}]" for file in said.get("files") or () if file.get("name")]
        name = robot or self._people.name(said.get("user") or "")
        return Remark(said["ts"], name, " ".join(filter(None, (text, *files))), float(said["ts"]))
