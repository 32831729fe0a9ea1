"""What Coze's error codes mean: for the user a sentence, for the operator what to do.

Sources: Coze's page of error codes, its SDKs, and the source of Coze Studio (codes from
103000000 on). Codes are told by the body; the HTTP status is not documented.
"""

import re
from dataclasses import dataclass

from bridge.core.errors import BridgeError, Denied, Fatal, Gone, Retryable

OFTEN, TWICE, NEVER = 7, 2, 0  # how many times a refused question may be asked again


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code means."""

    say: str  # the sentence for the user, in core.texts
    remedy: str  # for the operator
    retries: int = NEVER


_TOKEN = "check COZE_API_TOKEN: valid, not expired, of this region (coze.cn or coze.com)"  # noqa: S105
_BUG = "the request is at fault; please report it with the log id"
_WAIT = "Coze is busy; if it lasts, raise the plan's limits"
_PAY = "settle the account's balance at Coze"

MEANINGS: dict[int, Meaning] = {
    4000: Meaning("error.refused", _BUG),
    4001: Meaning("error.broken_off", "the chat is gone at Coze"),
    4002: Meaning("error.unknown", "the conversation is gone at Coze; a new one is begun"),
    4003: Meaning("error.unknown", _BUG),
    4004: Meaning("error.unknown", _BUG),
    4005: Meaning("error.refused", _BUG),
    4006: Meaning("error.setup", "check COZE_BOT_ID: Coze knows no such bot"),
    4007: Meaning("error.unknown", _BUG),
    4008: Meaning("error.quota_today", "the bot's daily allowance is used up; raise it at Coze"),
    4009: Meaning("error.busy", _WAIT, OFTEN),
    4010: Meaning("error.too_long", "the prompt exceeds the model's window; shorten it at Coze"),
    4011: Meaning("error.quota", _PAY),
    4012: Meaning("error.setup", "the bot's model is not available; choose another at Coze"),
    4013: Meaning("error.busy", _WAIT, OFTEN),
    4014: Meaning("error.content", "the bot could not answer this; nothing to do"),
    4015: Meaning("error.setup", "publish the bot to the channel API at Coze"),
    4016: Meaning("error.still_answering", "one answer at a time in a conversation", OFTEN),
    4019: Meaning("error.quota", "settle the Volcano Engine account's balance"),
    4020: Meaning("error.busy", _WAIT, OFTEN),
    4021: Meaning("error.setup", "configure the bot's workflow at Coze"),
    4022: Meaning("error.quota", "settle the model's balance"),
    4027: Meaning("error.quota", _PAY),
    4028: Meaning("error.quota", "the free allowance is used up; choose a plan at Coze"),
    4033: Meaning("error.quota", "look at the account at Coze"),
    4100: Meaning("error.setup", _TOKEN),
    4101: Meaning("error.setup", "give the token the permissions of the README, for this space"),
    4102: Meaning("error.content", "Coze's risk control refused it; nothing to do"),
    4105: Meaning("error.content", "Coze found the content sensitive; nothing to do"),
    4200: Meaning("error.setup", "publish the workflow or resource at Coze"),
    4300: Meaning("file.empty", "the file is empty; nothing to do"),
    4301: Meaning("error.unknown", _BUG),
    4302: Meaning("file.too_large", "Coze takes files of at most 512 MB; nothing to do"),
    4303: Meaning("file.type", "Coze does not take files of this type; nothing to do"),
    4304: Meaning("file.type", "Coze cannot read the file; nothing to do"),
    4314: Meaning("error.broken_off", "the record of the workflow's run is gone at Coze"),
    4315: Meaning("error.broken_off", "the workflow's run has ended; it cannot go on"),
    5000: Meaning("error.unavailable", "Coze failed; see its status page", TWICE),
    6003: Meaning("error.setup", "asynchronous workflows need a paid plan: use mode: stream"),
    6006: Meaning("error.timeout", "a code node of the workflow took over a minute"),
    6023: Meaning("error.timeout", "the workflow took too long; look at its run in Coze Studio"),
    6031: Meaning("error.setup", "publish the workflow in Coze Studio"),
    6039: Meaning("error.setup", "the workflow asks its user something: use mode: stream"),
    700012006: Meaning("error.setup", _TOKEN),
    788788103: Meaning("error.quota", "settle the Volcano Engine account's balance"),
    720701013: Meaning("error.unknown", "the bot's workflow failed; look at its run at Coze"),
    720702004: Meaning("error.setup", "check workflow_id: Coze Studio knows no such workflow"),
    720702011: Meaning("error.setup", "publish the workflow in Coze Studio"),
    720702204: Meaning("error.unknown", "the chatflow's conversation name is unknown at Coze"),
    720702085: Meaning("error.timeout", "the bot's workflow took too long; look at it at Coze"),
    103000000: Meaning("error.refused", _BUG),
    103000001: Meaning("error.setup", _TOKEN),
    103000002: Meaning("error.unknown", "the conversation is gone at Coze; a new one is begun"),
    103100001: Meaning("error.unavailable", "the agent failed; see Coze Studio's log"),
    103100002: Meaning("error.setup", "check COZE_BOT_ID: Coze Studio knows no such agent"),
    103200002: Meaning("error.unavailable", "the agent failed; see Coze Studio's log"),
    103200003: Meaning("error.broken_off", "the run is gone at Coze Studio"),
}

_OTHERS = Meaning("error.unknown", "look the code up in Coze's list of error codes")
_IN_TEXT = re.compile(r"\bcode=(\d+)")
_BY_STATUS = {401: 4100, 403: 4101, 413: 4302, 429: 4013}

QUOTA = frozenset({4008, 4011, 4019, 4022, 4027, 4028, 4033, 788788103})
"""Codes that stay until the operator pays, or until tomorrow."""

RUN_GONE = 103200003
CONVERSATION_GONE = frozenset({4002, 103000002})
NOT_CANCELLABLE = frozenset({4104, 103200005})
_DENIED = frozenset({4100, 4101, 700012006, 103000001})


class CozeError(BridgeError):
    """Coze refused or failed. `str()` is for the operator and holds no secret."""

    def __init__(self, code: int, message: str, *, log_id: str = "", status: int = 200) -> None:
        meaning = MEANINGS.get(code, _OTHERS)
        where = f", log id {log_id}" if log_id else ""
        super().__init__(f"Coze {code}: {message} (HTTP {status}{where}): {meaning.remedy}")
        self.code, self.message, self.log_id, self.status = code, message, log_id, status
        self.say, self.retries = meaning.say, meaning.retries
        if code in QUOTA or meaning.say == "error.setup":
            self.alert = f"Coze {code}"


class CozeBusy(CozeError, Retryable):
    """The same question may be taken later."""


class CozeRefused(CozeError, Fatal):
    """The same question will be refused again."""


class CozeDenied(CozeError, Denied):
    """The token is wrong, or lacks a permission."""


class ConversationGone(CozeError, Gone):
    """Coze no longer knows the conversation."""


def coze_error(code: object, message: str, *, log_id: str = "", status: int = 200) -> CozeError:
    """The error that an answer of Coze stands for; a code may be text, or missing."""
    try:
        number = int(str(code))
    except ValueError:
        number = 0
    if number in {0, status} and (told := _IN_TEXT.search(message)):
        number = int(told[1])  # Coze Studio tells some codes in the message only
    if number in {0, status} and "record not found" in message:
        number = RUN_GONE  # likewise, and with HTTP 500
    if number in {0, status}:
        number = _BY_STATUS.get(status, 5000 if status >= 500 else number)  # noqa: PLR2004 - HTTP
    kind: type[CozeError]
    if number in CONVERSATION_GONE:
        kind = ConversationGone
    elif number in _DENIED:
        kind = CozeDenied
    elif number == RUN_GONE:
        kind = CozeRefused
    elif MEANINGS.get(number, _OTHERS).retries or status == 429 or status >= 500:  # noqa: PLR2004
        kind = CozeBusy
    else:
        kind = CozeRefused
    return kind(number, message, log_id=log_id, status=status)


def unanswerable(why: str, say: str) -> CozeError:
    """A run that ended without an answer, and not by a code."""
    error = coze_error(0, why)
    error.say = say
    return error
