"""A desk with one chat, and all that outlives the process that it is in."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bridge.core.model import Message
from bridge.core.ports import Talk
from bridge.core.routing import Policy, coze_user, route
from bridge.flow.allowance import Allowance
from bridge.flow.attachments import Fetch
from bridge.flow.bot import Bot
from bridge.flow.desk import Desk
from bridge.flow.errand import Command
from bridge.flow.gate import Gate
from bridge.flow.operator import Operator
from bridge.flow.present import Stage
from bridge.flow.throttle import Throttle
from bridge.flow.worker import Job
from bridge.flow.works import Works
from tests.flow.fake_coze import FakeCoze, FakeServices
from tests.flow.fake_groups import FakeGroups, FakePairing
from tests.flow.fake_inbox import FakeInbox
from tests.flow.fake_store import FakeLease, FakeLimiter, FakeMemory, FakeRecords
from tests.flow.fake_workflow import FakeWorkflow
from tests.flow.fakes import FakeChat, Fate, message

SESSION = "telegram:7::"
ANN, BEN = coze_user("telegram", "501"), coze_user("telegram", "502")
POLICY = Policy("telegram", "bot")


class Office:
    """A desk with one channel, two bots, and workflows of one of them (`owner`) as commands.

    `settings` are those of the first bot, which answers here.
    """

    def __init__(
        self,
        *,
        coze: FakeCoze | None = None,
        flows: Mapping[str, FakeWorkflow] | None = None,
        owner: str = "bot",
        per_minute: int = 0,
        per_day: int = 0,
        policy: Policy = POLICY,
        fetch: Fetch | None = None,
        **settings: Any,
    ) -> None:
        self.coze, self.other = coze or FakeCoze("Hello."), FakeCoze("I am the other.")
        self.chat, self.services = FakeChat(most=1000), FakeServices()
        self.memory, self.records, self.lease = FakeMemory(), FakeRecords(), FakeLease()
        self.limiter, self.turns = FakeLimiter(), FakeInbox()
        self.flows, self.policy = dict(flows or {}), policy
        self.told: list[str] = []  # to the operator
        self.groups, self.pairing = FakeGroups(), FakePairing()
        operator = Operator(self.records, self._tell)
        policies = {"telegram": policy}
        stages = {"telegram": Stage(self.chat, Throttle(FakeLimiter()))}
        commands = {n: Command(n, flow, "text", owner) for n, flow in self.flows.items()}
        kept = (self.memory, self.records)
        self.desk = Desk(
            policies,
            stages,
            {
                "bot": Bot("bot", self.coze, self.services, **settings),
                "other": Bot("other", self.other, self.services),
            },
            *kept,
            self.turns,
            Allowance(self.limiter, self.records, per_minute, per_day),
            self.groups,
            Gate(self.pairing, self.records, operator),
            Works(policies, stages, *kept, operator, self.groups, commands),
            fetch,
        )

    async def _tell(self, text: str) -> None:
        self.told.append(text)

    async def turn(
        self, id_: str = "1", text: str = "why?", command: str = "", **more: Any
    ) -> None:
        """Have a message answered that waits for its turn."""
        self.arrives(message(id_, text, command, **more))
        await self.again()

    async def again(self) -> None:
        """A successor's attempt at the last message."""
        self.chat.confirmed.clear()
        await self.desk.on_turn(Job(self.lease))
        while self.desk.background:
            await asyncio.wait(self.desk.background)

    async def control(self, id_: str, text: str, command: str, **more: Any) -> None:
        """Have a command obeyed that overtakes."""
        self.arrives(message(id_, text, command, **more))
        self.chat.confirmed.clear()
        await self.desk.on_control(Job(self.lease))

    def arrives(self, given: Message) -> None:
        """A message is stored."""
        self.lease = FakeLease(given, lane=route(given, self.policy).session)

    def live(self, fate: Fate) -> None:
        """From here on it is this process that does everything."""
        alive: list[Any] = [self.coze, self.chat, self.memory, self.records, self.lease]
        for each in (*alive, *self.flows.values()):
            each.fate = fate

    def talks(self, conversation: str, user: str = ANN) -> None:
        """The session has been talking already."""
        self.coze.conversations.add(conversation)
        self.memory.talks[f"{SESSION}@bot"] = Talk(user, conversation)

    @property
    def texts(self) -> list[str]:
        """What stands in the chat."""
        return [piece.text for piece in self.chat.messages.values()]

    @property
    def last(self) -> str:
        return self.texts[-1]

    def buttons(self, at: int = -1) -> list[str]:
        """What the buttons below a message stand for."""
        piece = list(self.chat.messages.values())[at]
        return [button.command for button in piece.buttons]
