"""What was said in a thread before the bot was spoken to there."""

import pytest

from bridge.core.errors import BridgeError, Denied, RateLimited, Unavailable
from bridge.core.model import Piece
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator, Upload
from tests.platforms.slack.rig import BOT, GENERAL, to


def named(ts: str) -> str:
    return f"sl:T0SANDBOX:{GENERAL}:{ts}"


async def test_it_is_told_in_order_with_the_names_of_people_and_apps(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.robot("U0CI", "Buildkite")
    slack.channel(members=("U0ANN", "U0BEN", "U0BOT", "U0CI"))
    root = slack.say("Is it <down> & why?")
    slack.say("Ask <@U0ANN>", thread_ts=root, user="U0BEN")
    await adapter.post(to(root), Piece("It was *me*."), mark="m")
    slack.say("Build 7 failed", thread_ts=root, user="U0CI")
    slack.say("", thread_ts=root, files=[Upload("log.txt", b"x")])
    now = slack.say(f"{BOT} so?", thread_ts=root)
    slack.say("later", thread_ts=root)
    said = await adapter.earlier(to(root), before=named(now), most=30)
    assert [(each.name, each.text) for each in said] == [
        ("Ann", "Is it <down> & why?"),
        ("Ben", "Ask @Ann"),
        ("coze", "It was *me*."),
        ("Buildkite", "Build 7 failed"),
        ("Ann", "[log.txt]"),
    ]


async def test_of_a_long_thread_its_first_message_and_the_last_are_told(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say("first")
    for number in range(9):
        slack.say(str(number), thread_ts=root)
    said = await adapter.earlier(to(root), before="sl:T0SANDBOX:U0ANN:V1", most=2)
    assert [each.text for each in said] == ["first", "7", "8"]


async def test_where_the_thread_begins_nobody_is_asked(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    assert await adapter.earlier(to(root), before=named(root), most=30) == ()
    assert slack.calls == []


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ({"error": "missing_scope"}, Denied),
        ({"error": "ratelimited", "status": 429, "retry_after": 9}, RateLimited),
        ({"drop": True, "times": 2}, Unavailable),
    ],
)
async def test_what_is_refused_is_an_error_like_any_other(
    slack: SlackSimulator,
    adapter: SlackAdapter,
    fault: dict[str, object],
    meaning: type[BridgeError],
):
    root = slack.say("first")
    slack.fail("conversations.replies", **fault)  # type: ignore[arg-type]
    with pytest.raises(meaning):
        await adapter.earlier(to(root), before="x", most=2)


async def test_who_cannot_be_named_has_no_name(slack: SlackSimulator, adapter: SlackAdapter):
    root = slack.say("first")
    slack.scopes.remove("users:read")
    [said] = await adapter.earlier(to(root), before="x", most=2)
    assert (said.name, said.text) == ("", "first")
