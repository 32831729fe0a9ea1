"""Coze's own description of its API, and what it has against a request or an answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bridge.sandbox.coze import Exchange

Schema = dict[str, Any]
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
# The simulator goes by the examples beside the description, and by the official SDK, where they
# have digits in place of an integer, or a field more.
OTHERWISE_IN_EXAMPLES = re.compile(
    r"updated_at: '\d+' is no integer$|\.(suggest_reply_info|variable_type): unknown$"
)


@dataclass
class Description:
    """An OpenAPI document, and what it has against a request or a response."""

    document: Schema

    def find(self, method: str, path: str) -> tuple[str, Schema] | None:
        """The path as the document spells it, and what it says of it, if it does."""
        for template, methods in self.document["paths"].items():
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in methods:
                return template, methods[method.lower()]
        return None

    def operation(self, method: str, path: str) -> tuple[str, Schema]:
        """The path as the document spells it, and what it says of it."""
        if found := self.find(method, path):
            return found
        pytest.fail(f"there is no {method} {path}")

    def request(self, made: Exchange) -> Iterator[str]:
        _, operation = self.operation(made.method, made.path)
        parameters = {p["name"]: p for p in operation.get("parameters", ()) if p["in"] == "query"}
        for name in made.query.keys() - parameters.keys():
            yield f"query {name}: unknown"
        for name, parameter in parameters.items():
            if name in made.query:
                value = _read(made.query[name], parameter["schema"]["type"])
                yield from self.against(parameter["schema"], value, f"query {name}")
            elif parameter.get("required"):
                yield f"query {name}: missing"
        body = operation.get("requestBody")
        if made.body is not None and not body:
            yield "body: unknown"
        if body and "multipart/form-data" in body["content"]:
            if not made.headers.get("content-type", "").startswith("multipart/form-data"):
                yield "body: no upload"
        elif body:
            schema = body["content"]["application/json"]["schema"]
            yield from self.against(schema, made.body or {}, "body")

    def response(self, made: Exchange, told: object) -> Iterator[str]:
        _, operation = self.operation(made.method, made.path)
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        for problem in self.against(schema, told, "response"):
            if not OTHERWISE_IN_EXAMPLES.search(problem):
                yield problem

    def properties(self) -> set[str]:
        """The names of all fields, wherever they stand."""
        return set(_properties(self.document))

    def against(self, schema: Schema, value: object, at: str) -> Iterator[str]:
        """What is wrong with `value`, and with all that is in it."""
        if ref := schema.get("$ref"):
            named = self.document["components"]["schemas"][ref.rsplit("/", 1)[1]]
            yield from self.against(named, value, at)
            return
        kind = TYPES[schema["type"]]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            yield f"{at}: {value!r} is no {schema['type']}"
        elif value not in schema.get("enum", [value]):
            yield f"{at}: {value!r} is none of {schema['enum']}"
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.against(schema["items"], item, f"{at}[{number}]")
        elif isinstance(value, dict):
            yield from self._fields(schema, value, at)

    def _fields(self, schema: Schema, value: Schema, at: str) -> Iterator[str]:
        if not schema.keys() & {"properties", "additionalProperties"}:
            return  # anything
        known = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{at}.{name}: missing"
        for name, item in value.items():
            if inner := known.get(name) or schema.get("additionalProperties"):
                yield from self.against(inner, item, f"{at}.{name}")
            else:
                yield f"{at}.{name}: unknown"


def _read(text: str, kind: str) -> object:
    """A value of a query, in which all is text."""
    if kind == "integer" and text.isdecimal():
        return int(text)
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text


def _properties(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(fields := node.get("properties"), dict):
            yield from fields
        for inner in node.values():
            yield from _properties(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _properties(inner)
