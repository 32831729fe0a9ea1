"""Reply markup: what a bot may hang under a message."""

from dataclasses import dataclass

from bridge.sandbox.telegram.errors import bad_request
from bridge.sandbox.telegram.links import check_link
from bridge.sandbox.telegram.params import Json
from bridge.sandbox.telegram.vocabulary import BUTTON_ACTIONS

_STYLES = frozenset({"", "default", "primary", "danger", "success"})
_UNPARSED = "can't parse inline keyboard button: "
_MOST_BUTTONS = 100
_OTHER_MARKUP = ("keyboard", "remove_keyboard", "force_reply")


@dataclass(frozen=True)
class Keyboard:
    """The rows of an inline keyboard; or no rows, for markup that makes a message uneditable."""

    rows: list[list[Json]]
    forces_reply: bool = False

    def wire(self) -> Json:
        """The keyboard as the API shows it."""
        return {"inline_keyboard": self.rows}

    def check_data(self) -> None:
        """Check what only the last server in the chain looks at.

        Raises:
            ApiError: there are too many buttons, or a button's data is too long.
        """
        if sum(map(len, self.rows)) > _MOST_BUTTONS:
            raise bad_request("reply markup is too long")
        for row in self.rows:
            for button in row:
                if len(str(button.get("callback_data", "")).encode()) > 64:
                    raise bad_request("BUTTON_DATA_INVALID")


def parse_keyboard(markup: object) -> Keyboard | None:
    """The keyboard in a `reply_markup` parameter.

    Raises:
        ApiError: it is not well-formed.
    """
    if markup in (None, ""):
        return None
    if isinstance(markup, str):
        raise bad_request("can't parse reply keyboard markup JSON object")
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        )
    parsed = [[_button(button) for button in row] for row in rows]
    filled = [row for row in parsed if row]
    if filled:
        return Keyboard(filled)
    if not any(markup.get(kind) for kind in _OTHER_MARKUP):
        return None
    hides = markup.get("keyboard") or markup.get("remove_keyboard")
    return Keyboard([], forces_reply=not hides)


def _button(button: object) -> Json:
    if not isinstance(button, dict):
        raise bad_request(_UNPARSED + "InlineKeyboardButton must be an Object")
    text = button.get("text")
    if text is None:
        raise bad_request(_UNPARSED + 'Can\'t find field "text"')
    if not isinstance(text, str):
        raise bad_request(_UNPARSED + 'Field "text" must be of type String')
    if str(button.get("style", "")) not in _STYLES:
        raise bad_request(_UNPARSED + "invalid button style specified")
    action = _action(button)
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if action == "url":
        check_link(button["url"], of="inline keyboard button")
    return {name: button[name] for name in ("text", "style", action) if name in button}


def _action(button: Json) -> str:
    empty = {name for name in ("url", "callback_data") if button.get(name) == ""}
    actions = sorted(BUTTON_ACTIONS & button.keys() - empty)
    if not actions:
        raise bad_request(_UNPARSED + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        # The server silently takes the first; nobody should rely on that.
        raise bad_request(_UNPARSED + f"only one of {', '.join(actions)} can be used")
    return actions[0]
