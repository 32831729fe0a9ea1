"""The places of one workspace, among those of all that an app is installed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bridge.core.model import Address
from bridge.core.ports import Place, Places


@dataclass(frozen=True, slots=True)
class Within:
    """`ports.Places` in which a chat is unlike any of another workspace."""

    places: Places
    team: str

    async def heard(
        self, channel: str, at: float, places: Sequence[Place], *, whole: bool
    ) -> None:
        """See `ports.Places`."""
        kept = [replace(each, team=self.team, chat=self._where(each.chat)) for each in places]
        await self.places.heard(channel, at, kept, whole=whole)

    async def known(self, channel: str) -> Mapping[Place, float]:
        """See `ports.Places`."""
        here = self._where("")
        return {
            replace(place, chat=place.chat.removeprefix(here)): newest
            for place, newest in (await self.places.known(channel)).items()
            if place.chat.startswith(here)
        }

    async def unheard(self, channel: str, chat: str, moments: Sequence[float]) -> set[float]:
        """See `ports.Places`."""
        return await self.places.unheard(channel, self._where(chat), moments)

    def _where(self, chat: str) -> str:
        return Address("", chat, team=self.team).where
