"""How the bridge reaches the Web API, and what its errors mean."""

import contextlib
from collections.abc import Iterator

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import (
    BridgeError,
    Denied,
    Gone,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
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
_GONE = frozenset(
    {
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "channel_not_found",
        "thread_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "user_not_in_channel",
    }
)
_BROKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


def make_client(token: str, api_base: str) -> AsyncWebClient:
    """A client with one warm session, and without repeats of its own. Needs a running loop."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    return AsyncWebClient(
        token=token,
        base_url=api_base,
        timeout=15,
        session=aiohttp.ClientSession(connector=connector),
        retry_handlers=[],  # they would repeat a post whose answer was lost
    )


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what slack_sdk raises into `core.errors`."""
    try:
        yield
    except SlackApiError as refused:
        raise _meaning(refused) from refused
    except (TimeoutError, aiohttp.ClientError, OSError, SlackClientError) as failed:
        if never_sent(failed):
            raise Unavailable(f"Slack {OUT_OF_REACH}") from failed
        raise Uncertain(f"Slack: {type(failed).__name__} {failed}") from failed


def _meaning(refused: SlackApiError) -> BridgeError:
    response = refused.response
    status = getattr(response, "status_code", 200)
    error = str(response.get("error", "") or f"HTTP {status}")
    if status == 429 or error == "ratelimited":  # noqa: PLR2004 - HTTP
        headers = {key.lower(): value for key, value in response.headers.items()}
        return RateLimited("Slack: ratelimited", retry_after=float(headers.get("retry-after", 30)))
    if error in _DENIED:
        needed = response.get("needed")
        return Denied(f"Slack: {error}{f' {needed}' if needed else ''}: {_DENIED[error]}")
    if error in _GONE:
        return Gone(f"Slack: {error}")
    if error in _BROKEN or status >= 500:  # noqa: PLR2004 - HTTP
        return Uncertain(f"Slack: {error}")
    return Rejected(f"Slack: {error}")
