"""What the failures of the Web API mean to the bridge, as they come over a socket."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bridge.core.errors import (
    BridgeError,
    ChatClosed,
    ChatGone,
    Denied,
    Gone,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from bridge.core.model import Piece
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.api import Revoked
from bridge.sandbox.slack import SlackLimits, SlackSimulator
from bridge.wire.serve import serve
from tests.platforms.slack.rig import GENERAL, adapter_at, adapter_of, to
from tests.platforms.waiting import free_port

HELLO = Piece("hello")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        ("account_inactive", Revoked),
        ("token_revoked", Revoked),
        ("token_expired", Revoked),
        ("missing_scope", Denied),
        ("not_allowed_token_type", Denied),
        ("channel_not_found", ChatGone),
        ("message_not_found", Gone),
        ("thread_not_found", Gone),
        ("not_in_channel", ChatGone),
        ("is_archived", ChatClosed),
        ("edit_window_closed", Gone),
        ("cant_update_message", Gone),
        ("user_not_in_channel", Gone),
        ("invalid_blocks", Rejected),
        ("msg_too_long", Rejected),
        ("no_text", Rejected),
        ("something_new", Rejected),
        ("internal_error", Uncertain),
        ("fatal_error", Uncertain),
        ("service_unavailable", Uncertain),
        ("request_timeout", Uncertain),
    ],
)
async def test_each_error_has_a_meaning(
    slack: SlackSimulator, adapter: SlackAdapter, error: str, meaning: type[BridgeError]
):
    slack.fail("chat.postMessage", error=error)
    with pytest.raises(meaning, match=error) as caught:
        await adapter.post(to(), HELLO, mark="1")
    assert type(caught.value) is meaning


async def test_a_refused_pace_names_the_pause(slack: SlackSimulator, adapter: SlackAdapter):
    slack.fail("chat.update", error="ratelimited", status=429, retry_after=17)
    with pytest.raises(RateLimited) as caught:
        await adapter.edit(to(), "1.000001", HELLO)
    assert caught.value.retry_after == 17


async def test_a_refused_pace_without_a_pause_is_a_pause_all_the_same(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.fail("chat.update", error="ratelimited")
    with pytest.raises(RateLimited) as caught:
        await adapter.edit(to(), "1.000001", HELLO)
    assert caught.value.retry_after > 0


async def test_a_budget_that_is_spent_names_the_pause():
    slack = SlackSimulator(limits=SlackLimits(post_burst=1, posts_per_second=0.05))
    async with adapter_of(slack) as adapter:
        await adapter.post(to(), HELLO, mark="1")
        with pytest.raises(RateLimited) as caught:
            await adapter.post(to(), HELLO, mark="2")
    assert 0 < caught.value.retry_after <= 20
    assert len(slack.calls) == 2


@pytest.mark.parametrize(("tokens", "named"), [({"bot": "xoxb-wrong"}, "SLACK_BOT_TOKEN")])
async def test_a_wrong_token_is_denied_with_what_to_check(
    slack: SlackSimulator, tokens: dict[str, str], named: str
):
    async with adapter_of(slack, **tokens) as adapter:
        for call in (adapter.whoami(), adapter.post(to(), HELLO, mark="1")):
            with pytest.raises(Denied, match=named):
                await call


async def test_a_call_with_the_token_of_the_socket_is_told_apart(slack: SlackSimulator):
    async with adapter_of(slack, bot="xapp-sandbox") as adapter:
        with pytest.raises(Denied, match="SLACK_BOT_TOKEN with xoxb-"):
            await adapter.post(to(), HELLO, mark="1")


async def test_a_wrong_token_of_the_socket_is_seen_when_asked_who_we_are(slack: SlackSimulator):
    async with adapter_of(slack, app="xapp-wrong") as adapter:
        with pytest.raises(Denied, match="SLACK_APP_TOKEN"):
            await adapter.whoami()


async def test_a_wrong_address_is_out_of_reach_with_what_to_check():
    async with adapter_at(f"http://127.0.0.1:{free_port()}") as adapter:
        with pytest.raises(Unavailable, match="SLACK_API_BASE"):
            await adapter.whoami()


@pytest.mark.parametrize("after_doing", [True, False])
async def test_a_dropped_connection_leaves_it_uncertain_and_is_not_repeated(
    slack: SlackSimulator, adapter: SlackAdapter, *, after_doing: bool
):
    slack.fail("chat.postMessage", drop=True, after_doing=after_doing)
    with pytest.raises(Uncertain):
        await adapter.post(to(), HELLO, mark="1")
    assert len(slack.messages(GENERAL)) == after_doing
    assert [call.method for call in slack.calls] == ["chat.postMessage"]


@pytest.mark.parametrize("status", [500, 503])
async def test_a_broken_slack_may_have_done_it(
    slack: SlackSimulator, adapter: SlackAdapter, status: int
):
    slack.fail("chat.postMessage", error="oops", status=status, after_doing=True)
    with pytest.raises(Uncertain):
        await adapter.post(to(), HELLO, mark="1")


@pytest.mark.parametrize(
    "answer",
    [
        HTMLResponse("<h1>Bad Gateway</h1>", 502),
        PlainTextResponse("upstream connect error", 503),
        PlainTextResponse("", 500),
        HTMLResponse("<h1>Welcome to our network</h1>"),
        Response("{", media_type="application/json"),
    ],
)
async def test_a_gateway_may_have_hidden_what_happened(answer: Response):
    async def page(_: Request) -> Response:
        return answer

    gateway = Starlette(routes=[Route("/api/{method}", page, methods=["POST"])])
    async with serve(gateway) as url, adapter_at(url) as adapter:
        with pytest.raises(Uncertain):
            await adapter.post(to(), HELLO, mark="1")


async def test_no_error_tells_a_token(slack: SlackSimulator):
    async with adapter_of(slack, bot="xoxb-wrong", app="xapp-wrong") as adapter:
        with pytest.raises(Denied) as caught:
            await adapter.whoami()
    assert "wrong" not in str(caught.value)
