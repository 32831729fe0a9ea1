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
    UNSAVED_OUTPUTS = auto()
    NO_FILE = auto()
    MANY_FILES = auto()
    FILE_SIZE = auto()
    FILE_TYPE = auto()
    FILE_BROKEN = auto()
    NO_RESOURCE = auto()  # a file, message, voice or app
    NO_WORKFLOW = auto()
    UNPUBLISHED = auto()
    FLOW_PARAMETERS = auto()
    FLOW_PARAMETER_MISSING = auto()
    FLOW_EXECUTION = auto()  # a workflow cannot be started, or cannot go on
    FLOW_OPERATION = auto()  # a chatflow cannot, or there is no history
    ASYNC_IS_PREMIUM = auto()
    NO_EXECUTION = auto()
    EXECUTION_OVER = auto()
    NO_CHATFLOW = auto()
    NO_CONVERSATION_NAME = auto()


class Refused(Exception):
    """The platform refuses; `streaming` says that an event stream was asked for."""

    def __init__(self, why: Why, detail: str = "", *, streaming: bool = False) -> None:
        super().__init__(why, detail)
        self.why, self.detail, self.streaming = why, detail, streaming


_NO_BOT = (
    "Requested resource bot_id={} does not exist. Ensure you are the correct resource identifier."
)

_ISSUES = JsonError(
    5000,
    "We're currently experiencing server issues. Please try your request again after a "
    "short delay. If the problem persists, contact our support team.",
)

_DENIALS = {
    4101: "The token you entered is incorrect. Please double-check and try again.",
    700012006: "access token invalid",
}

# Coze Studio has other codes within than for callers of its API, but streams show the former.
OPEN_CODES = {
    720702001: 4000,
    720702002: 4000,
    720702011: 6031,
    720702078: 6039,
    720702085: 6023,
    720712014: 4000,
}
_UNPUBLISHED = (
    "Workflow not published. The requested operation cannot be performed on an unpublished "
    "workflow. Please publish the workflow and try again."
)
_FLOW_PARAMETERS = (
    "Invalid request parameters. Please check your input and ensure all required fields are "
    "correctly formatted and within allowed ranges."
)
_FLOW_PARAMETER_MISSING = (
    "Missing required parameters：’{}‘. Please review the API documentation and ensure all "
    "mandatory fields are included in your request."
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
    Why.WRONG_BOT: _ISSUES,
    Why.UNSAVED_OUTPUTS: _ISSUES,
    Why.NO_FILE: JsonError(4300, "上传文件时文件为空"),
    Why.MANY_FILES: JsonError(4301, "文件上传时超过一个"),
    Why.FILE_SIZE: JsonError(4302, "文件上传大小超过限制"),
    Why.FILE_TYPE: JsonError(4303, "文件类型不支持"),
    Why.FILE_BROKEN: JsonError(4304, "文件无效"),
    Why.NO_RESOURCE: JsonError(4200, _NO_BOT.replace("bot_id=", "")),
    Why.NO_WORKFLOW: JsonError(4200, _NO_BOT.replace("bot_id", "workflow_id")),
    Why.UNPUBLISHED: JsonError(4200, _UNPUBLISHED),
    Why.FLOW_PARAMETERS: JsonError(4000, _FLOW_PARAMETERS),
    Why.FLOW_PARAMETER_MISSING: JsonError(4000, _FLOW_PARAMETER_MISSING),
    Why.FLOW_EXECUTION: JsonError(4000, "Request parameter error"),
    Why.FLOW_OPERATION: JsonError(4000, "Request parameter error"),
    Why.ASYNC_IS_PREMIUM: JsonError(
        6003,
        "Workflow execution with is_async=true is a premium feature available only to Coze "
        "Professional users",
    ),
    Why.NO_EXECUTION: JsonError(4314, "未找到执行记录"),
    Why.EXECUTION_OVER: JsonError(4315, "执行已结束"),
    Why.NO_CONVERSATION_NAME: JsonError(720702204, "会话名不存在"),
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
    Why.NO_FILE: JsonError(104000006, "upload file（open）can't find file"),
    Why.MANY_FILES: JsonError(104000007, "upload file（open）exceed one file"),
    Why.FILE_SIZE: HttpError(413, "Request Entity Too Large", "text/plain; charset=utf-8"),
    Why.FILE_BROKEN: JsonError(104000005, "multipart form data read failed"),
    Why.NO_RESOURCE: JsonError(500, "internal server error", 500),
    Why.NO_WORKFLOW: JsonError(
        720702004, "workflow {} not found, please check if the workflow exists and not deleted"
    ),
    Why.UNPUBLISHED: JsonError(720702011, _UNPUBLISHED),
    Why.FLOW_PARAMETERS: JsonError(720702001, _FLOW_PARAMETERS),
    Why.FLOW_PARAMETER_MISSING: JsonError(720702002, _FLOW_PARAMETER_MISSING),
    Why.FLOW_EXECUTION: JsonError(720701013, "Workflow execution failure: {}"),
    Why.FLOW_OPERATION: JsonError(777777775, "Workflow operation failure: {}"),
    Why.NO_CHATFLOW: JsonError(
        777777780, "ChatFlowRole operation failure: workflow {} is not a chat flow"
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
    if isinstance(refusal, JsonError) and not refused.streaming:
        return replace(refusal, code=OPEN_CODES.get(refusal.code, refusal.code))
    return refusal


def denial(status: int, code: int) -> JsonError:
    """The refusal of a token in one of the other forms that clients have met."""
    return JsonError(code, _DENIALS.get(code, "authentication is invalid"), status)


def _worded(refusal: JsonError | HttpError, detail: str) -> JsonError | HttpError:
    if isinstance(refusal, HttpError):
        return refusal
    return replace(refusal, msg=refusal.msg.replace("{}", detail))
