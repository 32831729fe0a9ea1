"""Why a request is refused, and the words each platform has for it."""

from dataclasses import replace
from enum import Enum, auto

import msgspec

from bridge.sandbox.coze.faults import HttpError, JsonError


class Why(Enum):
    """The reasons; `Refused` carries the particulars where the platform names them."""

    TOKEN = auto()
    CHAT_BODY = auto()
    PARAMETER = auto()
    NOT_RUNNABLE = auto()  # found only when the run is set up
    META_DATA = auto()
    TOO_MANY_MESSAGES = auto()
    UNSAVED_POLLING = auto()
    NO_AGENT = auto()  # to chat with
    NO_BOT = auto()  # to tell of
    NO_CONVERSATION = auto()
    NO_CHAT = auto()
    NO_CHAT_TO_CANCEL = auto()
    BUSY = auto()
    NOT_CANCELLABLE = auto()
    WRONG_BOT = auto()  # for a new conversation


class Refused(Exception):
    """The platform refuses; `streaming` says that an event stream was asked for."""

    def __init__(self, why: Why, detail: str = "", *, streaming: bool = False) -> None:
        super().__init__(why, detail)
        self.why, self.detail, self.streaming = why, detail, streaming


_NO_BOT = (
    "Requested resource bot_id={} does not exist. Ensure you are the correct resource identifier."
)

_CLOUD: dict[Why, JsonError | HttpError] = {
    Why.TOKEN: JsonError(4100, "authentication is invalid", 401),
    Why.CHAT_BODY: JsonError(
        4000,
        "The field http body provided is not a valid json or chat request. "
        "Please check your input.",
    ),
    Why.PARAMETER: JsonError(4000, "Request parameter error"),
    Why.NOT_RUNNABLE: JsonError(4000, "Request parameter error"),
    Why.NO_CHAT: JsonError(4001, "Invalid chat"),
    Why.NO_CHAT_TO_CANCEL: JsonError(4001, "Invalid chat"),
    Why.NO_CONVERSATION: JsonError(4002, "invalid conversation"),
    Why.META_DATA: JsonError(4003, "meta data 超过限制"),
    Why.TOO_MANY_MESSAGES: JsonError(4004, "additional messages超过限制"),
    Why.UNSAVED_POLLING: JsonError(4007, "流false仅在自动保存为true时允许"),
    Why.BUSY: JsonError(4016, "当前会话已有chat在运行"),
    Why.NOT_CANCELLABLE: JsonError(4104, "当前对话不支持取消"),
    Why.NO_AGENT: JsonError(4200, _NO_BOT),
    Why.NO_BOT: JsonError(4200, _NO_BOT),
    Why.WRONG_BOT: JsonError(
        5000,
        "We're currently experiencing server issues. Please try your request again after a "
        "short delay. If the problem persists, contact our support team.",
    ),
}

_STUDIO: dict[Why, JsonError | HttpError] = {
    Why.TOKEN: JsonError(700012006, "authentication failed: {}"),
    Why.CHAT_BODY: JsonError(400, "{}", 400),
    Why.PARAMETER: JsonError(400, "{}", 400),
    Why.NOT_RUNNABLE: JsonError(400, "{}", 400),
    Why.NO_AGENT: JsonError(400, "code=103100002 message=agent not exists", 400),
    Why.NO_BOT: JsonError(100000003, "unauthorized access : agent not exist"),
    Why.NO_CONVERSATION: JsonError(103000002, "conversation not found"),
    Why.NO_CHAT: HttpError(500, "record not found", "text/plain; charset=utf-8"),
    Why.NO_CHAT_TO_CANCEL: JsonError(400, "record not found", 400),
    Why.NOT_CANCELLABLE: JsonError(
        400, "code=103200005 message=in progress can not be cancelled", 400
    ),
}


def cloud_refusal(refused: Refused) -> JsonError | HttpError:
    """What Coze's cloud answers."""
    return _worded(_CLOUD[refused.why], refused.detail)


def studio_refusal(refused: Refused) -> JsonError | HttpError:
    """What Coze Studio answers; it sets up a run after it began to stream."""
    refusal = _worded(_STUDIO[refused.why], refused.detail)
    late = refused.streaming and refused.why in {Why.NO_AGENT, Why.NOT_RUNNABLE}
    if late and isinstance(refusal, JsonError):
        error = msgspec.json.encode({"code": 103100001, "msg": refusal.msg}).decode()
        return HttpError(200, f"event:error\ndata:{error}\n\n", "text/event-stream")
    return refusal


def _worded(refusal: JsonError | HttpError, detail: str) -> JsonError | HttpError:
    if isinstance(refusal, HttpError):
        return refusal
    return replace(refusal, msg=refusal.msg.replace("{}", detail))
