"""An intake with all that is behind it, and messages to bring there."""

from dataclasses import replace
from typing import Any

from bridge.core.model import Address, Message, User
from bridge.core.routing import Policy
from bridge.flow.intake import Intake
from tests.flow.fake_groups import FakeGroups, FakePairing
from tests.flow.fake_inbox import FakeInbox
from tests.flow.fake_store import FakeMemory, FakeRecords

TELEGRAM = Policy("telegram", "bot")
SLACK = Policy("slack", "bot", group_session="thread")
THREAD, OUTSIDE = Address("slack", "C1", "1.2"), Address("slack", "C1")


class Door:
    """An intake with its inboxes and its memory, for a Telegram and a Slack channel."""

    def __init__(self, *, most: int = 50, **policy: Any) -> None:
        self.turns, self.controls = FakeInbox(most=most), FakeInbox()
        self.memory = FakeMemory()
        policies = {"telegram": replace(TELEGRAM, **policy), "slack": replace(SLACK, **policy)}
        self.records, self.groups, self.pairing = FakeRecords(), FakeGroups(), FakePairing()
        self.accept = Intake(
            policies,
            self.turns,
            self.controls,
            self.memory,
            self.records,
            self.groups,
            self.pairing,
        ).accept

    @property
    def waiting(self) -> list[str]:
        return [job.id for jobs in self.turns.jobs.values() for job in jobs]

    @property
    def obeyed(self) -> list[tuple[str, str]]:
        return [(job.id, job.command) for jobs in self.controls.jobs.values() for job in jobs]


def direct(id_: str = "1", command: str = "", text: str = "hi", user: str = "501") -> Message:
    return Message(id_, Address("telegram", "7"), User(user), text, command)


def in_slack(id_: str = "1", to: Address = THREAD, command: str = "", **more: bool) -> Message:
    addressed = more.get("addressed", True)
    return Message(id_, to, User("U1"), "hi", command, private=False, addressed=addressed)
