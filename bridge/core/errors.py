"""Every error the bridge raises on purpose.

* BridgeError
  x Retryable            the same call may succeed later
    - RateLimited        ... after `retry_after` seconds
    - Unavailable        no connection, or a 5xx: the call had no effect
    - Uncertain          no answer: the call may have had its effect
    - StoreUnavailable   Redis did not answer, or is full
  x Fatal                the same call will fail again
    - TooLarge           a file is larger than the far side lets through
    - Denied             a token or a permission is wrong
    - Rejected           the far side understood the request and refused it
    - Gone               the message or conversation no longer exists
      + ChatClosed       nothing can be said in the chat, e.g. as its user blocked the bot
        * ChatGone       ... nor ever again
    - Moved              the chat has another id now
    - Full               a streamed message takes no more text
    - Ended              a streamed message is complete, whoever ended it
      + Halted           its reader did, and wants no more
  x NothingToAsk         a message holds nothing that Coze could be asked
  x LaneFull             too many messages of one conversation are waiting
  x LeaseLost            another replica owns this work now; stop silently
"""

from collections.abc import Mapping
from types import MappingProxyType


class BridgeError(Exception):
    """Base class. `say` names the sentence for a chat user (core.texts); `str()` is for logs."""

    say = "error.unknown"
    alert = ""  # a matter that the operator has to settle, and needs to be told of once
    values: Mapping[str, object] = MappingProxyType({})  # what the sentence tells beside


class Retryable(BridgeError):
    """The same call may succeed later."""

    say = "error.unavailable"


class RateLimited(Retryable):
    """The far side asked for a pause."""

    say = "error.busy"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds


class Unavailable(Retryable):
    """The far side could not be reached or failed; the call had no effect."""


class Uncertain(Retryable):
    """The far side did not answer; the call may have had its effect."""


class StoreUnavailable(Retryable):
    """Redis did not answer, or takes no new work."""


class Fatal(BridgeError):
    """The same call will fail again."""


class TooLarge(Fatal):
    """A file is larger than the far side lets through."""

    say = "file.too_large"


class Denied(Fatal):
    """A token or a permission is wrong."""

    say = "error.setup"
    alert = "denied"


class Rejected(Fatal):
    """The far side understood the request and refused it."""


class Gone(Fatal):
    """The message or conversation no longer exists."""


class ChatClosed(Gone):
    """Nothing can be said in the chat any more, and so nobody waits for it."""


class ChatGone(ChatClosed):
    """The chat is no more, or the bot is no more in it."""


class Moved(Fatal):
    """A chat has another id now, and knows none of its old messages by their ids."""

    def __init__(self, message: str, *, chat: str) -> None:
        super().__init__(message)
        self.chat = chat


class Full(Fatal):
    """A streamed message takes no more text."""


class Ended(Fatal):
    """A streamed message is complete: it was stopped, or its time is over."""


class Halted(Ended):
    """... as its reader wants no more of it."""


class NothingToAsk(BridgeError):
    """A message holds nothing that Coze could be asked; the sentence `say` tells why."""

    def __init__(self, say: str, **values: object) -> None:
        super().__init__(f"nothing to ask: {say}")
        self.say, self.values = say, values


class LaneFull(BridgeError):
    """Too many messages of one conversation are waiting for an answer."""

    say = "full"


class LeaseLost(BridgeError):
    """Another replica owns this work now."""
