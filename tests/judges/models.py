"""What the Bot API's documentation says of a call, according to the models of aiogram.

aiogram makes them from the documentation: of each method the parameters and the result.
"""

import functools
import json
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from bridge.sandbox.telegram.content import Upload


def request_faults(method: str, params: Mapping[str, Any]) -> list[str]:
    """What is wrong with a call: unknown, missing and mistyped parameters."""
    model = _methods().get(method.lower())
    if model is None:
        return [f"{method}: there is no such method"]
    fields = model.model_fields
    given = {
        name: _read(fields[name].annotation if name in fields else str, value, name)
        for name, value in params.items()
        if not _is_attached(name, params, fields)
    }
    return [f"{method}: {fault}" for fault in _faults(model, given)]


def answer_faults(method: str, result: object) -> list[str]:
    """What is wrong with the result of a call, which comes from the simulator."""
    model = _methods().get(method.lower())
    if model is None:
        return []
    return [f"answer to {method}: {fault}" for fault in _faults(model.__returning__, result)]


def _read(annotation: object, value: object, name: str) -> object:
    """The value of a form's field as JSON has it; a file is what its place in the form names."""
    if isinstance(value, Upload):
        return f"attach://{name}"
    if isinstance(value, str) and str not in _members(annotation):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _members(annotation: object) -> Iterator[object]:
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        for member in typing.get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _is_attached(name: str, params: Mapping[str, Any], fields: Mapping[str, object]) -> bool:
    """Whether it is a file that another parameter names."""
    if name in fields or not isinstance(params[name], Upload):
        return False
    rest = [value for value in params.values() if not isinstance(value, Upload)]
    return f"attach://{name}" in json.dumps(rest, default=str)


def _faults(kind: Any, value: object) -> list[str]:
    from pydantic import ValidationError  # noqa: PLC0415 - only tests that speak to Telegram pay

    try:
        said = _adapter(kind).validate_python(value)
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}, not {each['input']!r:.80}"
            for each in error.errors()
        ]
    return [f"{where} is unknown" for where in _unknown(said, "")]


def _unknown(said: object, where: str) -> Iterator[str]:
    """The fields, also of inner objects, that the documentation does not know."""
    from pydantic import BaseModel  # noqa: PLC0415

    if isinstance(said, list):
        for at, each in enumerate(said):
            yield from _unknown(each, f"{where}.{at}")
    elif isinstance(said, BaseModel):
        yield from (f"{where}.{name}".strip(".") for name in said.model_extra or ())
        for name in said.model_fields_set & type(said).model_fields.keys():
            yield from _unknown(getattr(said, name), f"{where}.{name}")


@functools.cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter  # noqa: PLC0415

    for model in _models_in(kind):
        model.model_rebuild(_types_namespace=_names())
    return TypeAdapter(kind)


def _models_in(kind: Any) -> Iterator[Any]:
    if hasattr(kind, "model_rebuild"):
        yield kind
    for inner in typing.get_args(kind):
        yield from _models_in(inner)


@functools.cache
def _names() -> dict[str, Any]:
    """What the annotations of aiogram's models mean by their names, as aiogram itself has it."""
    import aiogram.types  # noqa: PLC0415
    from aiogram.client.default import Default  # noqa: PLC0415

    names = {name: getattr(typing, name) for name in ("List", "Optional", "Union", "Literal")}
    known = {name: getattr(aiogram.types, name) for name in aiogram.types.__all__}
    return names | known | {"Default": Default}


@functools.cache
def _methods() -> dict[str, Any]:
    """The models of the methods by their names in small letters."""
    from pydantic import BaseModel  # noqa: PLC0415

    # On its import aiogram builds all of its 400 models: five seconds, for the few needed here.
    build = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(lambda *_, **__: None)  # type: ignore[assignment,method-assign]
    try:
        from aiogram import methods  # noqa: PLC0415
    finally:
        BaseModel.model_rebuild = build  # type: ignore[method-assign]
    models = (getattr(methods, name) for name in methods.__all__)
    return {model.__name__.lower(): model for model in models}
