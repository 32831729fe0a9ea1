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

    def operation(self, method: str, path: str) -> tuple[str, Schema]:
        """The path as the document spells it, and what it says of it."""
        for template, methods in self.document["paths"].items():
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in methods:
                return template, methods[method.lower()]
        pytest.fail(f"there is no {method} {path}")

    def request(self, made: Exchange) -> Iterator[str]:
        _, operation = self.operation(made.method, made.path)
        parameters = {p["name"]: p for p in operation.get("parameters", ()) if p["in"] == "query"}
        for name in made.query.keys() - parameters.keys():
            yield f"query {name}: unknown"
        for name, parameter in parameters.items():
            if name in made.query:
                value: object = made.query[name]
                if parameter["schema"]["type"] == "boolean":
                    value = {"true": True, "false": False}.get(made.query[name], value)
                yield from self.against(parameter["schema"], value, f"query {name}")
            elif parameter.get("required"):
                yield f"query {name}: missing"
        body = operation.get("requestBody")
        if made.body is not None and not body:
            yield "body: unknown"
        if body:
            schema = body["content"]["application/json"]["schema"]
            yield from self.against(schema, made.body or {}, "body")

    def response(self, made: Exchange, told: object) -> Iterator[str]:
        _, operation = self.operation(made.method, made.path)
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        for problem in self.against(schema, told, "response"):
            if not OTHERWISE_IN_EXAMPLES.search(problem):
                yield problem

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
