"""The rules of the elements that stand in blocks, after docs.slack.dev/reference/block-kit."""

from bridge.sandbox.slack.check import (
    Check,
    Rule,
    anything,
    choice,
    fields,
    flag,
    items,
    number,
    one_of,
    plain,
    string,
    text,
)

ID = string(255, least=1)
LABEL = string(75)  # accessibility_label
VALUE = string(2000)
STYLE = choice("primary", "danger")

CONFIRM = fields(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)
_OPTION = fields(
    {"text": plain(75), "value": string(150)}, {"description": plain(75), "url": string(3000)}
)
_RICH_OPTION = fields({"text": text(75), "value": string(150)}, {"description": text(75)})
_GROUP = fields({"label": plain(75), "options": items(_OPTION, 100)})
_ACTION: dict[str, Rule] = {"action_id": ID, "confirm": CONFIRM}
_FOCUS: dict[str, Rule] = {"focus_on_load": flag}

BUTTON = fields(
    {"text": plain(75)},
    {
        **_ACTION,
        "value": VALUE,
        "url": string(3000),
        "style": STYLE,
        "accessibility_label": LABEL,
    },
)
OVERFLOW = fields({"options": items(_OPTION, 5)}, _ACTION)
CHECKBOXES = fields(
    {"options": items(_RICH_OPTION, 10)}, {**_ACTION, **_FOCUS, "initial_options": anything}
)
RADIO_BUTTONS = fields(
    {"options": items(_RICH_OPTION, 10)}, {**_ACTION, **_FOCUS, "initial_option": anything}
)
_SELECT: dict[str, Rule] = {
    **_ACTION,
    **_FOCUS,
    "placeholder": plain(150),
    "initial_option": anything,
}
_FROM_OPTIONS = fields({"options": items(_OPTION, 100)}, _SELECT)
_FROM_GROUPS = fields({"option_groups": items(_GROUP, 100)}, _SELECT)
_FEEDBACK = fields({"text": plain(75), "value": VALUE}, {"accessibility_label": LABEL})


def static_select(check: Check, value: object, at: str) -> None:
    """A menu of options, or of groups of them."""
    grouped = isinstance(value, dict) and "option_groups" in value
    (_FROM_GROUPS if grouped else _FROM_OPTIONS)(check, value, at)


FEEDBACK_BUTTONS = fields(
    {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": ID}
)
ICON_BUTTON = fields(
    {"icon": choice("trash"), "text": plain(75)},
    {
        **_ACTION,
        "value": VALUE,
        "accessibility_label": LABEL,
        "visible_to_user_ids": items(string(255), 10),
    },
)
PLAIN_TEXT_INPUT = fields(
    {},
    {
        **_FOCUS,
        "action_id": ID,
        "placeholder": plain(150),
        "initial_value": string(3000),
        "multiline": flag,
        "min_length": number(0, 3000),
        "max_length": number(1, 3000),
        "dispatch_action_config": anything,
    },
)
_ONE_IMAGE: dict[str, Rule] = {"alt_text": string(2000, least=1)}
_SLACK_FILE = fields({}, {"id": string(255), "url": string(3000)})


def image(more: dict[str, Rule]) -> Rule:
    """An image, at a public URL or in Slack, with `more` fields."""
    public = fields({**_ONE_IMAGE, "image_url": string(3000, least=1)}, more)
    hosted = fields({**_ONE_IMAGE, "slack_file": _SLACK_FILE}, more)

    def rule(check: Check, value: object, at: str) -> None:
        inside = isinstance(value, dict) and "slack_file" in value
        (hosted if inside else public)(check, value, at)

    return rule


IMAGE = image({})
MENUS = {
    "checkboxes": CHECKBOXES,
    "overflow": OVERFLOW,
    "radio_buttons": RADIO_BUTTONS,
    "static_select": static_select,
}
IN_ACTIONS = one_of({"button": BUTTON, **MENUS})
IN_SECTION = one_of({"button": BUTTON, "image": IMAGE, **MENUS})
IN_CONTEXT_ACTIONS = one_of({"feedback_buttons": FEEDBACK_BUTTONS, "icon_button": ICON_BUTTON})
IN_INPUT = one_of(
    {
        "checkboxes": CHECKBOXES,
        "plain_text_input": PLAIN_TEXT_INPUT,
        "radio_buttons": RADIO_BUTTONS,
        "static_select": static_select,
    }
)
