"""The operator is told of what only they can settle: once."""

import logging
from asyncio import sleep

import pytest

from bridge.core.errors import BridgeError, Denied, Rejected, StoreUnavailable, Unavailable
from bridge.flow.operator import AGAIN, Operator
from tests.flow.fake_store import FakeRecords
from tests.flow.office import Office

WHAT = "needs the operator: "


def empty(code: int = 4028) -> BridgeError:
    """The account at Coze is empty."""
    error = Rejected(f"Coze {code}: no more")
    error.alert = f"Coze {code}"
    return error


class Phone:
    """The operator's chat."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.fault: BridgeError | None = None

    async def __call__(self, text: str) -> None:
        if self.fault:
            raise self.fault
        self.said.append(text)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture):
    """What the log tells the operator."""
    caplog.set_level(logging.INFO)
    return lambda: [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]


async def test_what_only_the_operator_can_settle_is_told_in_the_log_and_in_a_chat(log):
    phone = Phone()
    await Operator(FakeRecords(), phone).hear(empty(), "bot")
    assert phone.said == ["⚠️ bot: Coze 4028: no more"]
    assert log() == [WHAT + "Coze 4028: no more"]


async def test_without_a_chat_the_log_tells(log):
    await Operator(FakeRecords()).hear(empty(), "bot")
    assert log() == [WHAT + "Coze 4028: no more"]


@pytest.mark.parametrize("error", [Unavailable("502"), Rejected("no"), BridgeError("?")])
async def test_what_settles_itself_is_none_of_theirs(log, error: BridgeError):
    phone, records = Phone(), FakeRecords()
    await Operator(records, phone).hear(error, "bot")
    assert (phone.said, log(), records.heard) == ([], [], {})


async def test_they_are_told_once(log):
    phone, records = Phone(), FakeRecords()
    for _ in range(5):
        await Operator(records, phone).hear(empty(), "bot")
    assert len(phone.said) == len(log()) == 1


async def test_what_is_still_not_settled_is_told_again_later():
    phone, records = Phone(), FakeRecords()
    operator = Operator(records, phone)
    await operator.hear(empty(), "bot")
    await sleep(AGAIN - 1)
    await operator.hear(empty(), "bot")
    assert len(phone.said) == 1
    await sleep(2)
    await operator.hear(empty(), "bot")
    assert len(phone.said) == 2


async def test_another_bot_and_another_matter_are_told_too():
    phone = Phone()
    operator = Operator(FakeRecords(), phone)
    for error, bot in ((empty(), "bot"), (empty(), "other"), (empty(4011), "bot")):
        await operator.hear(error, bot)
    assert len(phone.said) == 3


async def test_without_the_store_the_log_tells_each_time(log):
    phone, records = Phone(), FakeRecords()
    records.down = True
    for _ in range(2):
        await Operator(records, phone).hear(empty(), "bot")
    assert log() == [WHAT + "Coze 4028: no more"] * 2


@pytest.mark.parametrize("fault", [Unavailable("502"), Denied("kicked"), StoreUnavailable("away")])
async def test_a_chat_that_cannot_be_reached_harms_nobody(log, fault: BridgeError):
    phone = Phone()
    phone.fault = fault
    await Operator(FakeRecords(), phone).hear(empty(), "bot")
    assert log()[0] == WHAT + "Coze 4028: no more"


async def test_a_question_that_fails_of_it_is_told_to_both():
    office = Office()
    office.coze.faults.add("ask", empty(), empty())
    for id_ in "12":
        await office.turn(id_)
    assert office.told == ["⚠️ bot: Coze 4028: no more"]
    assert all(text.startswith("⚠️ ") for text in office.texts)
