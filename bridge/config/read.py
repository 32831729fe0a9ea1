"""Read a section of the file into its type, and say everything that is wrong with it."""

import difflib
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from bridge.config.schema import Channel, Config, Section, Slack, Telegram

_PLAIN = {int: "a whole number", float: "a number", bool: "true or false", str: "some text"}
_PASSWORD = re.compile(r"//[^/\s]*@")
_SECRET = re.compile(r"(token|secret|key|password)$")


@dataclass(slots=True)
class Faults:
    """What is wrong with a file: a line for each fault."""

    file: str
    lines: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)  # path -> where its value is from

    def add(self, path: str, found: str, expected: str, remedy: str) -> None:
        """Note one fault."""
        self.lines.append(f"{self.file}: {path}: found {found}, expected {expected}; {remedy}")


class Reader:
    """Turns plain data, in which every scalar is text, into sections."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def config(self, data: object) -> Config | None:
        """The whole file; None when it cannot be made. Notes every fault on the way."""
        made = self._section(Config, data, "")
        return None if made is _BAD else made

    def _section(self, kind: type[Section], data: object, path: str) -> Any:  # noqa: ANN401
        """A section, or _BAD."""
        if data == "":
            data = {}  # a key with nothing behind it
        if not isinstance(data, dict):
            return self._fault(path, data, "a group of keys", "indent its keys below it")
        known = {key.name: key for key in msgspec.structs.fields(kind)}
        for key in data.keys() - known.keys():
            self._unknown(key, sorted(known), path)
        values, complete = {}, True
        for name, key in known.items():
            here = f"{path}.{name}" if path else name
            if name not in data:
                if key.required:
                    self._faults.add(here, "nothing", _expected(key.type), f"add {name}: to it")
                    complete = False
            elif (value := self._value(key.type, data[name], here)) is not _BAD:
                values[name] = value
            else:
                complete = False
        return kind(**values) if complete else _BAD

    def _value(self, kind: Any, data: object, path: str) -> Any:  # noqa: ANN401
        """The value of one key, or _BAD."""
        if kind == Channel:
            return self._channel(data, path)
        if _is_optional(kind):
            if data in ("", "null", "~"):
                return None
            kind = next(arg for arg in get_args(kind) if arg is not type(None))
        if isinstance(kind, type) and issubclass(kind, Section):
            return self._section(kind, data, path)
        read = {dict: self._entries, list: self._items}.get(get_origin(kind), self._leaf)
        return read(kind, data, path)

    def _leaf(self, kind: Any, data: object, path: str) -> Any:  # noqa: ANN401
        try:
            return msgspec.convert(data, kind, strict=False)
        except msgspec.ValidationError:
            return self._fault(path, data, _expected(kind))

    def _entries(self, kind: Any, data: object, path: str) -> Any:  # noqa: ANN401
        """A mapping with keys of the user's own."""
        key_kind, value_kind = get_args(kind)
        if data == "":
            return {}
        if not isinstance(data, dict):
            return self._fault(path, data, "names with something below each")
        made = {}
        for key, value in data.items():
            if self._value(key_kind, key, f"{path}.{key}") is not _BAD:
                made[key] = self._value(value_kind, value, f"{path}.{key}")
        return _BAD if any(value is _BAD for value in made.values()) else made

    def _items(self, kind: Any, data: object, path: str) -> Any:  # noqa: ANN401
        if data == "":
            return []
        if not isinstance(data, list):
            return self._fault(path, data, "a list", "write [a, b]")
        (item,) = get_args(kind)
        made = [self._value(item, value, f"{path}[{at}]") for at, value in enumerate(data)]
        return _BAD if any(value is _BAD for value in made) else made

    def _channel(self, data: object, path: str) -> Any:  # noqa: ANN401
        """A channel is of the kind that its `platform` names."""
        platform = data.get("platform") if isinstance(data, dict) else None
        kinds: dict[object, type[Section]] = {"telegram": Telegram, "slack": Slack}
        if not isinstance(platform, str) or platform not in kinds:
            return self._fault(f"{path}.platform", platform, "telegram or slack")
        return self._value(kinds[platform], data, path)

    def _unknown(self, key: str, known: list[str], path: str) -> None:
        near = difflib.get_close_matches(key, known, n=1)
        remedy = f"did you mean {near[0]}?" if near else "remove it"
        where = f"{path}.{key}" if path else key
        self._faults.add(where, "an unknown key", f"one of {', '.join(known)}", remedy)

    def _fault(self, path: str, data: object, expected: str, remedy: str = "") -> Any:  # noqa: ANN401
        """Note a fault; _BAD."""
        remedy = remedy or f"mend {self._faults.variables.get(path, path)}"
        self._faults.add(path, _shown(path, data), expected, remedy)
        return _BAD


_BAD: Any = object()


def _is_optional(kind: object) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def _expected(kind: Any) -> str:  # noqa: ANN401
    """What a type stands for, in words."""
    if get_origin(kind) is Annotated:
        described: Iterator[str] = (
            meta.description for meta in get_args(kind)[1:] if meta.description
        )
        return next(described, _expected(get_args(kind)[0]))
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    if get_origin(kind) is list:
        return "a list"
    return _PLAIN.get(kind, "a group of keys")


def _shown(path: str, data: object) -> str:
    """What was found, but for what may be a secret."""
    if data is None:
        return "nothing"
    if isinstance(data, dict | list):
        return "a group of keys" if isinstance(data, dict) else "a list"
    if _SECRET.search(path):
        return "a value that is not shown"
    return f'"{_PASSWORD.sub("//***@", str(data))}"'
