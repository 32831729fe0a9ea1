"""Rules for Block Kit: small ones that are put together to those of whole blocks."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = dict[str, Any]
Rule = Callable[["Check", object, str], None]


class Check:
    """Collects what is wrong, in the words and with the pointers that Slack uses.

    `total` is the text of all blocks in characters, `markdown` that of the markdown blocks;
    `more` are the blocks that Slack makes of these besides.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.markdown = 0
        self.total = 0
        self.more = 0

    def refuse(self, what: str, at: str) -> None:
        """Note a problem `at` a JSON pointer."""
        self.problems.append(f"[ERROR] {what} [json-pointer:{at}]")

    def unique(self, values: Iterable[object], name: str, at: str) -> None:
        """Those of `values` that are given must differ."""
        given = [str(value) for value in values if value is not None]
        if len(given) != len(set(given)):
            self.refuse(f"`{name}` must be unique", at)


def anything(_check: Check, _value: object, _at: str) -> None:
    """Nothing is checked here."""


def flag(check: Check, value: object, at: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        check.refuse("must be a boolean", at)


def string(most: int, *, least: int = 0) -> Rule:
    """A string of so many characters."""

    def rule(check: Check, value: object, at: str) -> None:
        if not isinstance(value, str):
            check.refuse("must provide a string", at)
        elif len(value) < least:
            check.refuse(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            check.refuse(f"must be less than {most + 1} characters", at)

    return rule


def number(least: int, most: int) -> Rule:
    """A whole number within these bounds."""

    def rule(check: Check, value: object, at: str) -> None:
        if not isinstance(value, int) or not least <= value <= most:
            check.refuse(f"must be an integer from {least} to {most}", at)

    return rule


def choice(*values: str) -> Rule:
    """One of these strings."""

    def rule(check: Check, value: object, at: str) -> None:
        if value not in values:
            check.refuse("must be a valid enum value", at)

    return rule


def items(rule: Rule, most: int, *, least: int = 1) -> Rule:
    """An array whose items keep to `rule`."""

    def array(check: Check, value: object, at: str) -> None:
        if not isinstance(value, list):
            check.refuse("must provide an array", at)
            return
        if len(value) < least:
            check.refuse(f"no less than {least} items allowed", at)
        if len(value) > most:
            check.refuse(f"no more than {most} items allowed", at)
        for index, item in enumerate(value):
            rule(check, item, f"{at}/{index}")

    return array


def fields(needed: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with these fields and no other; whoever looks at its `type` checks that."""
    known = {"type": anything, **(optional or {}), **needed}

    def rule(check: Check, value: object, at: str) -> None:
        if not isinstance(value, dict):
            check.refuse("must provide an object", at)
            return
        for name in needed:
            if name not in value:
                check.refuse(f"missing required field: {name}", at)
        for name, content in value.items():
            if name in known:
                known[name](check, content, f"{at}/{name}")
            else:
                check.refuse(f"invalid additional property: {name}", at)

    return rule


def one_of(kinds: Mapping[str, Rule]) -> Rule:
    """An object that keeps to the rule of its `type`."""

    def rule(check: Check, value: object, at: str) -> None:
        if not isinstance(value, dict):
            check.refuse("must provide an object", at)
        elif value.get("type") not in kinds:
            check.refuse(f"unsupported type: {value.get('type')}", f"{at}/type")
        else:
            kinds[value["type"]](check, value, at)

    return rule


def plain(most: int) -> Rule:
    """A text object that is plain text."""
    return _counted(one_of({"plain_text": fields({"text": string(most, least=1)}, _EMOJI)}))


def text(most: int) -> Rule:
    """A text object of either kind."""
    written = {"text": string(most, least=1)}
    return _counted(
        one_of({"plain_text": fields(written, _EMOJI), "mrkdwn": fields(written, _VERBATIM)})
    )


def _counted(rule: Rule) -> Rule:
    def counting(check: Check, value: object, at: str) -> None:
        rule(check, value, at)
        if isinstance(value, dict):
            check.total += len(str(value.get("text", "")))

    return counting


_EMOJI: dict[str, Rule] = {"emoji": flag}
_VERBATIM: dict[str, Rule] = {"verbatim": flag}
