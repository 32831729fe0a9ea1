"""The calls by which a message grows, and what stands in their way."""

import pytest

from bridge.core.errors import Full, Halted, Rejected
from bridge.core.model import Address, Piece, User
from bridge.core.ports import Call
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator
from bridge.wire.serve import serve
from tests.platforms.slack.rig import DIRECT, GENERAL, to

ANN = User("U0ANN", team="T0SANDBOX")


@pytest.fixture
def slack() -> SlackSimulator:
    return SlackSimulator(limits=None)


@pytest.fixture
async def adapter(slack: SlackSimulator):
    async with serve(slack.app) as url:
        tokens = ("xoxb-sandbox", "xapp-sandbox")
        made = SlackAdapter("slack", *tokens, api_base=f"{url}/api/", streaming="auto")
        await made.whoami()
        yield made
        await made.aclose()


@pytest.fixture
async def here(slack: SlackSimulator) -> Address:
    return to(slack.say("hello", channel=DIRECT), chat=DIRECT)


@pytest.mark.parametrize("call", ["edit", "delete"])
async def test_what_grows_is_ended_where_it_is_to_be_changed(slack, adapter, here, call):
    id_ = await adapter.begin(here, "one", asker=ANN)
    if call == "edit":
        await adapter.edit(here, id_, Piece("two"))
        assert slack.messages(DIRECT)[-1].plain() == "two"
    else:
        await adapter.delete(here, id_)
        assert len(slack.messages(DIRECT)) == 1
    assert not slack.streaming(DIRECT, id_)


async def test_what_was_begun_is_found_until_it_is_ended(slack, adapter, here):
    await adapter.post(here, Piece("earlier"), mark="1:0")
    assert await adapter.find(here, mark="2:0") is None
    id_ = await adapter.begin(here, "one", asker=ANN)
    assert await adapter.find(here, mark="2:0") == id_
    slack.end_streams()
    await adapter.edit(here, id_, Piece("one two"))
    assert await adapter.find(here, mark="2:0") is None


async def test_what_slack_says_to_more_text_is_understood(slack, adapter, here):
    id_ = await adapter.begin(here, "one", asker=ANN)
    with pytest.raises(Full):
        await adapter.append(here, id_, "x" * 10_600)
    slack.stop_stream(id_, channel=DIRECT)
    with pytest.raises(Halted):
        await adapter.append(here, id_, "x")


@pytest.mark.parametrize(
    ("error", "left"),  # of the chat where it was refused, and of another one
    [
        ("unknown_method", [False, False]),
        ("channel_type_not_supported", [False, True]),
        ("missing_recipient_team_id", [True, True]),
    ],
)
async def test_where_there_are_no_streams_is_remembered(slack, adapter, here, error, left):
    slack.fail("chat.startStream", error=error)
    with pytest.raises(Rejected):
        await adapter.begin(here, "one", asker=ANN)
    places = (here, to("1.0", chat="D0BEN"))
    assert [bool(adapter.limits(place).streams) for place in places] == left


async def test_streams_have_a_thread_and_no_secrets_and_by_default_no_channel(adapter, here):
    assert adapter.limits(here).streams
    for place in (to(chat=DIRECT), to("1.0"), to("1.0", chat=DIRECT, only_for="U0ANN")):
        assert adapter.limits(place).streams is None


@pytest.mark.parametrize(("call", "tier"), [("begin", 20), ("append", 100), ("end", 20)])
async def test_a_minute_of_calls_stays_within_their_tier(adapter, call: Call, tier: int):
    for chat in (DIRECT, GENERAL):
        (budget,) = adapter.budgets(call, to("1.0", chat=chat))
        assert budget.key == f"slack:slack:{call}"
        assert budget.burst + 60 / budget.every <= tier
