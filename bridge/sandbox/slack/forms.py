"""What a person fills into a modal, as the app gets it."""

from collections.abc import Mapping

from bridge.sandbox.slack.modals import View
from bridge.sandbox.slack.model import Json
from bridge.sandbox.slack.pressables import options

Values = Mapping[str, Mapping[str, object]]


def filled_in(view: View, values: Values) -> Json:
    """`view.state.values` when a person fills in `values` by `block_id` and `action_id`.

    A value is a text, the text or value of an option, or a list of these for checkboxes.

    Raises:
        LookupError: there is no such input or option.
        ValueError: the client would not send it: something is missing, too short or too long.
    """
    inputs = {
        (block["block_id"], block["element"]["action_id"]): block
        for block in view.blocks
        if block["type"] == "input"
    }
    given = {(block, action): v for block, held in values.items() for action, v in held.items()}
    if unknown := given.keys() - inputs.keys():
        raise LookupError(f"no input {sorted(unknown)} in {view.id}")
    state: Json = {}
    for (block_id, action_id), block in inputs.items():
        value = given.get((block_id, action_id))
        state.setdefault(block_id, {})[action_id] = _value(block, value)
    return state


def _value(block: Json, given: object) -> Json:
    element = block["element"]
    if element["type"] == "plain_text_input":
        shape: Json = {"value": _text(element, given) or None}
    elif element["type"] == "checkboxes":
        shape = {"selected_options": _options(element, given)}
    else:
        first = element.get("initial_option")
        shape = {"selected_option": first if given is None else _option(element, given)}
    if not any(shape.values()) and not block.get("optional"):
        raise ValueError(f"{block['block_id']} is to be filled in")
    return {"type": element["type"], **shape}


def _text(element: Json, given: object) -> str:
    filled = str(element.get("initial_value", "") if given is None else given)
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if filled and not least <= len(filled) <= most:
        raise ValueError(f"{len(filled)} characters are not within {least} and {most}")
    return filled


def _options(element: Json, given: object) -> list[Json]:
    if isinstance(given, list | tuple):
        return [_option(element, each) for each in given]
    return list(element.get("initial_options", []))


def _option(element: Json, wanted: object) -> Json:
    for option in options(element):
        if wanted in {option["value"], option["text"]["text"]}:
            return option
    raise LookupError(f"no option {wanted!r}")
