"""The bodies that start and resume workflows, and how their parameters are read."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from bridge.sandbox.coze.bodies import MetaData
from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.workflow_script import Parameter

Parameters = dict[str, Any] | str | None  # a string is JSON


class RunBody(Struct):
    """POST /v1/workflow/run and /v1/workflow/stream_run."""

    workflow_id: str = ""
    parameters: Parameters = None
    bot_id: str | None = None
    app_id: str | None = None
    ext: dict[str, str] | None = None
    is_async: bool | None = None
    workflow_version: str | None = None
    connector_id: str | None = None


class ResumeBody(Struct):
    """POST /v1/workflow/stream_resume and /v1/workflows/resume."""

    workflow_id: str = ""
    event_id: str = ""
    interrupt_type: int = 0
    resume_data: str | None = None


class FlowMessage(Struct):
    """A message for a chatflow."""

    role: str
    content: str = ""
    content_type: str | None = None
    type: str | None = None
    meta_data: MetaData | None = None


class FlowBody(Struct):
    """POST /v1/workflows/chat."""

    workflow_id: str = ""
    additional_messages: list[FlowMessage] | None = None
    parameters: Parameters = None
    bot_id: str | None = None
    app_id: str | None = None
    conversation_id: str | None = None
    ext: dict[str, str] | None = None
    workflow_version: str | None = None
    connector_id: str | None = None


def read(parameters: Parameters) -> dict[str, Any]:
    """The object that was sent, as such or as JSON.

    Raises:
        Refused: it is none.
    """
    if not isinstance(parameters, str):
        return parameters or {}
    try:
        return msgspec.json.decode(parameters or "{}", type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise Refused(Why.FLOW_PARAMETERS, str(error)) from error


def converted(sent: Mapping[str, Any], declared: Mapping[str, Parameter]) -> dict[str, Any]:
    """`sent` in the declared types, as Studio's nodes/convert.go does it, with the defaults.

    Raises:
        Refused: one is missing, or cannot be converted.
    """
    defaults = {name: p.default_value for name, p in declared.items() if p.default_value}
    given = defaults | dict(sent)
    try:
        values = {
            name: _converted(value, declared[name]) if name in declared else value
            for name, value in given.items()
        }
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        raise Refused(Why.FLOW_PARAMETERS, str(error)) from error
    for name, parameter in declared.items():
        if parameter.required and name not in values:
            raise Refused(Why.FLOW_PARAMETER_MISSING, name)
    return values


def _converted(value: object, to: Parameter) -> object:
    return value if value is None else _CONVERT.get(to.type, _string)(value, to)


def _string(value: Any, _to: Parameter) -> str:  # noqa: ANN401 (JSON is anything)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _integer(value: Any, _to: Parameter) -> int:  # noqa: ANN401
    return int(_number(value, _to)) if isinstance(value, float) else int(_scalar(value))


def _number(value: Any, _to: Parameter) -> float:  # noqa: ANN401
    return float(_scalar(value))


def _scalar(value: Any) -> int | float | str:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"unsupported type to convert: {value!r}")
    return value


def _boolean(value: Any, _to: Parameter) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return value
    words = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
    if not isinstance(value, str) or value.lower() not in words:
        raise TypeError(f"unsupported type to convert to bool: {value!r}")
    return words[value.lower()]


def _object(value: Any, to: Parameter) -> dict[str, Any]:  # noqa: ANN401
    held = msgspec.json.decode(value) if isinstance(value, str) else value
    fields: dict[str, Any] = msgspec.convert(held, dict[str, Any])
    return converted(fields, to.properties)


def _array(value: Any, to: Parameter) -> list[Any]:  # noqa: ANN401
    held = msgspec.json.decode(value) if isinstance(value, str) else value
    items: list[Any] = msgspec.convert(held, list[Any])
    return [_converted(item, to.items or Parameter()) for item in items]


_CONVERT: dict[str, Callable[[Any, Parameter], object]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "object": _object,
    "array": _array,
}
