"""What is kept of groups, and of who was let in, in memory."""

from collections import defaultdict
from collections.abc import Sequence

from bridge.core.model import Address
from bridge.core.ports import Applicant, Remark


class FakeGroups:
    """`ports.Groups`."""

    def __init__(self) -> None:
        self.remarks: dict[str, list[Remark]] = defaultdict(list)
        self.homes: dict[str, str] = {}
        self.ended: list[str] = []

    async def overhear(self, place: str, remark: Remark, most: int) -> None:
        self.remarks[place] = [*self.remarks[place], remark][-most:]

    async def overheard(self, place: str) -> Sequence[Remark]:
        return self.remarks.pop(place, [])

    async def move(self, to: Address, chat: str) -> None:
        self.homes[chat] = self.homes.get(to.chat, to.chat)

    async def home(self, to: Address) -> str:
        return self.homes.get(to.chat, "")

    async def end(self, to: Address) -> None:
        self.ended.append(to.chat)


class FakePairing:
    """`ports.Pairing`."""

    def __init__(self, *, most: int = 100) -> None:
        self.codes: dict[str, Applicant] = {}
        self.let_in: dict[tuple[str, str], Applicant] = {}
        self._most = most

    async def paired(self, channel: str, user: str) -> bool:
        return (channel, user) in self.let_in

    async def apply(self, who: Applicant, code: str) -> str | None:
        had = [code for code, other in self.codes.items() if other.user == who.user]
        if not had and len(self.codes) >= self._most:
            return None
        code = had[0] if had else code
        self.codes[code] = who
        return code

    async def admit(self, code: str) -> Applicant | None:
        who = self.codes.pop(code, None)
        if who:
            self.let_in[who.channel, who.user] = who
        return who

    async def everyone(self) -> Sequence[Applicant]:
        return list(self.let_in.values())

    async def remove(self, user: str) -> int:
        known = [key for key in self.let_in if key[1] == user]
        for key in known:
            del self.let_in[key]
        return len(known)
