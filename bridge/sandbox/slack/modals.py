"""Modals: what the app has opened for whom, and how it answers what people fill in."""

import contextlib
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.sandbox.slack import blocks
from bridge.sandbox.slack.model import Identity, Json, SlackError
from bridge.sandbox.slack.triggers import Triggers

MAX_STACK = 3
TROUBLE = "We had some trouble connecting. Try again?"

_EMPTY: Json = {
    "private_metadata": "",
    "callback_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "close": None,
    "submit": None,
    "external_id": "",
}


@dataclass(eq=False)
class View:
    """A modal as `user` sees it: `body` is Slack's view object.

    `errors` are shown below the blocks with these ids, `trouble` above all of them.
    """

    user: str
    body: Json
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def id(self) -> str:
        """The `view_id`."""
        return str(self.body["id"])

    @property
    def title(self) -> str:
        """The words at its top."""
        return str(self.body["title"]["text"])

    @property
    def blocks(self) -> tuple[Json, ...]:
        """What it consists of."""
        return tuple(self.body["blocks"])


class Modals:
    """Each user's modal, which is a stack of views: only the last is seen."""

    def __init__(self, app: Identity, triggers: Triggers, changed: Callable[[], None]) -> None:
        self.triggers = triggers
        self._app = app
        self._changed = changed
        self._serial = itertools.count(1)
        self._stacks: dict[str, list[View]] = {}

    @property
    def seen(self) -> list[View]:
        """The views that are seen now, of one user each."""
        return [stack[-1] for stack in self._stacks.values() if stack]

    def open(self, user: str, given: object) -> View:
        """Show a modal to `user`, instead of one that is open.

        Raises:
            SlackError: what is wrong with the view.
        """
        return self._add(user, given, [])

    def push(self, below: View, given: object) -> View:
        """Show a view on top of `below` and of all that is under it.

        Raises:
            SlackError: push_limit_reached, or what is wrong with the view.
        """
        stack = self._stacks[below.user]
        if len(stack) >= MAX_STACK:
            raise SlackError("push_limit_reached")
        return self._add(below.user, given, stack)

    def update(self, view: View, given: object) -> None:
        """Show something else in the place of `view`.

        Raises:
            SlackError: what is wrong with the new one.
        """
        new = self._checked(given, besides=view)
        kept = {key: view.body[key] for key in ("id", "root_view_id", "previous_view_id")}
        view.body = self._body(new) | kept
        view.errors, view.trouble = {}, ""
        self._changed()

    def find(self, view_id: str, external_id: str = "") -> View:
        """The open view with one of these ids.

        Raises:
            SlackError: not_found.
        """
        for view in itertools.chain.from_iterable(self._stacks.values()):
            if view_id == view.id or (external_id and external_id == view.body["external_id"]):
                return view
        raise SlackError("not_found")

    def close(self, view: View, *, everything: bool = False) -> None:
        """Take a view away, and the one below is seen again; or `everything`."""
        stack = self._stacks[view.user]
        del stack[0 if everything else stack.index(view) :]
        self._changed()

    def acknowledged(self, view_id: str, payload: Json | None) -> None:
        """Do what came with the acknowledgement of a submission: close it when nothing did."""
        with contextlib.suppress(SlackError):  # it may be gone by now
            view = self.find(view_id)
            try:
                self._answer(view, payload or {})
            except SlackError:
                self.unanswered(view_id)

    def unanswered(self, view_id: str) -> None:
        """Tell the user that the app does not answer, or not properly."""
        with contextlib.suppress(SlackError):
            self.find(view_id).trouble = TROUBLE
            self._changed()

    def _answer(self, view: View, payload: Json) -> None:
        match payload.get("response_action"):
            case None if not payload:
                self.close(view)
            case "clear":
                self.close(view, everything=True)
            case "update":
                self.update(view, payload.get("view"))
            case "push":
                self.push(view, payload.get("view"))
            case "errors" if _fits(payload.get("errors"), view):
                view.errors, view.trouble = dict(payload["errors"]), ""
                self._changed()
            case _:
                raise SlackError("invalid_arguments")

    def _add(self, user: str, given: object, below: list[View]) -> View:
        new = self._checked(given)
        body = self._body(new)
        body["root_view_id"] = below[0].id if below else body["id"]
        body["previous_view_id"] = below[-1].id if below else None
        view = View(user, body)
        self._stacks[user] = [*below, view]
        self._changed()
        return view

    def _checked(self, given: object, *, besides: View | None = None) -> Json:
        new = blocks.checked_view(given)
        external = new.get("external_id")
        every = itertools.chain.from_iterable(self._stacks.values())
        if external and any(v.body["external_id"] == external for v in every if v is not besides):
            raise SlackError("duplicate_external_id")
        return new

    def _body(self, view: Json) -> Json:
        return {
            "id": f"V{next(self._serial):09d}",
            "team_id": self._app.team,
            "app_id": self._app.app_id,
            "app_installed_team_id": (
                self._app.enterprise if self._app.org_wide else self._app.team
            ),
            "bot_id": self._app.bot_id,
            **_EMPTY,
            **view,
            "state": {"values": {}},
            "hash": f"{next(self._serial)}.{secrets.token_hex(4)}",
        }


def _fits(errors: object, view: View) -> bool:
    """Whether there are errors, and each belongs to an input."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    return isinstance(errors, dict) and bool(errors) and errors.keys() <= inputs
