"""The app's home, as each user sees it: what was published, and what is pressed there."""

import itertools
import secrets
from collections.abc import Callable

from bridge.sandbox.slack import blocks
from bridge.sandbox.slack.model import Identity, Json, SlackError
from bridge.sandbox.slack.pressables import pressables


class Homes:
    """The pages that were published, by user: Slack's view objects."""

    def __init__(self, app: Identity, changed: Callable[[], None]) -> None:
        self.enabled = True  # the app has a Home tab
        self._app, self._changed = app, changed
        self._serial = itertools.count(1)
        self._views: dict[str, Json] = {}

    def publish(self, user: str, given: object, hash_: str) -> Json:
        """Show a page to `user` in the place of the one before; returns it.

        Raises:
            SlackError: not_enabled, hash_conflict, or what is wrong with the view.
        """
        if not self.enabled:
            raise SlackError("not_enabled")
        checked, old = blocks.checked_home(given), self._views.get(user)
        if hash_ and (old is None or hash_ != old["hash"]):
            raise SlackError("hash_conflict")
        self._views[user] = {
            "id": old["id"] if old else f"VH{next(self._serial):08d}",
            "team_id": self._app.team,
            "app_id": self._app.app_id,
            "bot_id": self._app.bot_id,
            "private_metadata": "",
            "callback_id": "",
            **checked,
            "state": {"values": {}},
            "hash": f"{next(self._serial)}.{secrets.token_hex(4)}",
        }
        self._changed()
        return self._views[user]

    def of(self, user: str) -> Json | None:
        """The page that `user` sees, if there is one."""
        return self._views.get(user)

    def words(self, user: str) -> str:
        """What `user` reads there, a line for each text."""
        page = self._views.get(user) or {"blocks": []}
        return "\n".join(block["text"]["text"] for block in page["blocks"] if "text" in block)

    def pressed(self, user: str, label: str) -> tuple[Json, Json]:
        """The page, and the action of its button that says `label`.

        Raises:
            LookupError: there is none.
        """
        page = self._views.get(user) or {"blocks": []}
        for each in pressables(tuple(page["blocks"])):
            if label in each.button.label:
                return page, each.action
        raise LookupError(f"no button {label!r} in the home of {user}")
