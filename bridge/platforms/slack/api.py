"""How the bridge reaches the Web API, and what its errors mean."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bridge.core.errors import (
    BridgeError,
    ChatClosed,
    ChatGone,
    Denied,
    Ended,
    Fatal,
    Gone,
    Halted,
    RateLimited,
    Rejected,
    TooLarge,
    Unavailable,
    Uncertain,
)
from bridge.platforms.slack.pace import ALLOWED, Turns
from bridge.wire import never_sent

OUT_OF_REACH = "cannot be reached: check the network, and SLACK_API_BASE if you set it"
TOKENS = "SLACK_APP_TOKEN must begin with xapp-, SLACK_BOT_TOKEN with xoxb-"
_DENIED = {
    "invalid_auth": "check SLACK_BOT_TOKEN (xoxb-) and SLACK_APP_TOKEN (xapp-)",
    "not_authed": "set SLACK_BOT_TOKEN (xoxb-)",
    "account_inactive": "install the app in the workspace again",
    "token_revoked": "install the app in the workspace again",
    "token_expired": "install the app in the workspace again",
    "not_allowed_token_type": TOKENS,
    "missing_scope": "give the app the scopes of its manifest and install it again",
}
_REVOKED = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired"})
_REFUSED: Mapping[str, type[Fatal]] = {
    "message_not_found": Gone,
    "cant_update_message": Gone,
    "edit_window_closed": Gone,
    "thread_not_found": Gone,
    "user_not_in_channel": Gone,
    "channel_not_found": ChatGone,
    "not_in_channel": ChatGone,
    "is_archived": ChatClosed,
    "restricted_action": ChatClosed,
    "file_upload_size_restricted": TooLarge,
    "message_not_in_streaming_state": Ended,
    "stopped_by_user": Halted,
}
_BROKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class PacedClient(AsyncWebClient):
    """Waits before a call until Slack may be called, where no budget that is shared does that.

    Raises RateLimited of its own where that would take long.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - slack_sdk's own
        super().__init__(**options)
        self._turns = {method: Turns.within(allowed) for method, allowed in ALLOWED.items()}

    async def api_call(
        self,
        api_method: str,
        **options: Any,  # noqa: ANN401 - slack_sdk's own
    ) -> AsyncSlackResponse:
        """Make a call in its turn; a pause that Slack names holds for all calls of the method."""
        turns = self._turns.get(api_method)
        if turns is None:
            return await super().api_call(api_method, **options)
        await turns.take()
        try:
            return await super().api_call(api_method, **options)
        except SlackApiError as refused:
            if isinstance(limit := _meaning(refused, ""), RateLimited):
                turns.close(limit.retry_after)
            raise


class Revoked(Denied):
    """The token opens nothing any more."""


def make_client(token: str, api_base: str) -> AsyncWebClient:
    """A client with one warm session, and without repeats of its own. Needs a running loop."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    patience = aiohttp.ClientTimeout(total=15)  # slack_sdk's own is not for a given session
    return PacedClient(
        token=token,
        base_url=api_base,
        session=aiohttp.ClientSession(connector=connector, timeout=patience),
        retry_handlers=[],  # they would repeat a post whose answer was lost
    )


@contextlib.contextmanager
def translated(scope: str = "") -> Iterator[None]:
    """Turn what slack_sdk and aiohttp raise into `core.errors`; `scope`: what a call needs."""
    try:
        yield
    except SlackApiError as refused:
        raise _meaning(refused, scope) from refused
    except (TimeoutError, aiohttp.ClientError, OSError, SlackClientError) as failed:
        if never_sent(failed):
            raise Unavailable(f"Slack {OUT_OF_REACH}") from failed
        raise Uncertain(f"Slack: {type(failed).__name__} {failed}") from failed


@contextlib.contextmanager
def without_effect() -> Iterator[None]:
    """Calls in here may be made again: a lost answer is no more than a failure."""
    try:
        yield
    except Uncertain as lost:
        raise Unavailable(str(lost)) from lost


def pause(headers: Mapping[str, str]) -> float:
    """For how many seconds Slack wants to be left alone."""
    return float({key.lower(): value for key, value in headers.items()}.get("retry-after", 30))


def _meaning(refused: SlackApiError, scope: str) -> BridgeError:
    response = refused.response
    status = getattr(response, "status_code", 0)  # of a body that is not even JSON there is none
    body = getattr(response, "data", None)
    told: dict[str, Any] = body if isinstance(body, dict) else {}
    error = str(told.get("error", "") or f"HTTP {status}")
    if status == 429 or error == "ratelimited":  # noqa: PLR2004 - HTTP
        return RateLimited("Slack: ratelimited", retry_after=pause(response.headers))
    if error in _DENIED:
        needed = told.get("needed") or (scope if error == "missing_scope" else "")
        kind = Revoked if error in _REVOKED else Denied
        return kind(f"Slack: {error}{f' {needed}' if needed else ''}: {_DENIED[error]}")
    if error in _REFUSED:
        return _REFUSED[error](f"Slack: {error}")
    silent = not told and status <= 200  # noqa: PLR2004 - a page of somebody in between
    if error in _BROKEN or status >= 500 or silent:  # noqa: PLR2004 - HTTP
        return Uncertain(f"Slack: {error}")
    return Rejected(f"Slack: {error}")
