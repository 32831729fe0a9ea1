"""From what a user types behind a workflow's command to the workflow's inputs. Pure."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.core.ports.coze import Parameter

_PAIR = re.compile(
    r"""(?:(?<=\s)|^)([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'[^']*'|“[^”]*”|\S*)(?=\s|$)"""
)
_THOUSANDS = re.compile(r"(?<=\d)[,_](?=\d{3}(?!\d))")
_QUOTES = {'"': '"', "'": "'", "“": "”"}
_YES = frozenset({"true", "yes", "y", "on", "1", "是", "对"})
_NO = frozenset({"false", "no", "n", "off", "0", "否", "不"})

FILES = frozenset(
    [
        "file",
        "image",
        "svg",
        "audio",
        "video",
        "voice",
        "doc",
        "ppt",
        "excel",
        "txt",
        "code",
        "zip",
    ]
)
"""Types of inputs that are files."""


class BadInput(ValueError):
    """A value is not of the type that the workflow takes; `expected` is a key of core.texts."""

    def __init__(self, parameter: Parameter, found: str, expected: str) -> None:
        super().__init__(f"{parameter.name}: found {found}")
        self.parameter, self.found, self.expected = parameter, found, expected


def typed(text: str, parameters: Sequence[Parameter], main: str) -> dict[str, str]:
    """The values in `text`: each key=value, and all other text as the input `main`.

    Where the parameters are known, only their names are keys: other pairs are text.
    """
    known = {parameter.name for parameter in parameters}
    values: dict[str, str] = {}

    def take(pair: re.Match[str]) -> str:
        name, value = pair.groups()
        if known and name not in known:
            return pair[0]
        values[name] = unquoted(value)
        return ""

    rest = _PAIR.sub(take, text).strip()
    rest = re.sub(r"[ \t]{2,}", " ", rest) if values else rest
    if rest and main not in values:
        values[main] = unquoted(rest)
    return values


def unquoted(value: str) -> str:
    """A value without the quotes around it, if it has any."""
    if len(value) > 1 and _QUOTES.get(value[0]) == value[-1]:
        inner = value[1:-1]
        return re.sub(r'\\(["\\])', r"\1", inner) if value[0] == '"' else inner
    return value


def missing(values: Mapping[str, str], parameters: Sequence[Parameter]) -> Parameter | None:
    """The first input that is needed and not there."""
    for parameter in parameters:
        if parameter.required and not parameter.default and not values.get(parameter.name):
            return parameter
    return None


def converted(values: Mapping[str, str], parameters: Sequence[Parameter]) -> dict[str, object]:
    """The inputs, each of the type that is declared for it.

    Raises:
        BadInput: one cannot be.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    given = {p.name: p.default for p in parameters if p.default} | dict(values)
    return {
        name: _convert(by_name[name], value) if name in by_name else value
        for name, value in given.items()
    }


def _convert(parameter: Parameter, value: str) -> object:
    kind = parameter.type
    try:
        match kind:
            case "integer":
                return int(_THOUSANDS.sub("", value))
            case "number":
                return _number(value)
            case "boolean":
                return _boolean(value)
            case "array" | "object":
                return _structure(kind, value)
            case _:
                return value
    except (ValueError, RecursionError) as error:
        raise BadInput(parameter, value, f"input.{kind}") from error


def _number(value: str) -> float:
    made = float(_THOUSANDS.sub("", value))
    if not math.isfinite(made):
        raise ValueError(value)  # JSON knows no such number
    return made


def _boolean(value: str) -> bool:
    word = value.strip().lower()
    if word not in _YES | _NO:
        raise ValueError(value)
    return word in _YES


def _structure(kind: str, value: str) -> Any:  # noqa: ANN401
    """JSON; a list may also be written with commas."""
    if kind == "array" and not value.lstrip().startswith(("[", "{")):
        return [part.strip() for part in re.split(r"[,，、]", value) if part.strip()]
    made = json.loads(value)
    if not isinstance(made, list if kind == "array" else dict):
        raise ValueError(value)  # noqa: TRY004 - a user's, not a programmer's
    return made
