"""What of a list is on a page."""

from collections.abc import Mapping
from typing import TypeAlias

from bridge.sandbox.coze.bodies import ListBody
from bridge.sandbox.coze.memory import Message
from bridge.sandbox.coze.refusals import Refused, Why

Window: TypeAlias = tuple[list[Message], bool]  # and whether there are more that way


def cloud_window(found: list[Message], body: ListBody) -> Window:
    """In the order asked for: those after one, those before one, or the first.

    Raises:
        Refused: the limit is not from 1 to 50.
    """
    limit = 50 if body.limit is None else body.limit
    if not 1 <= limit <= 50:
        raise Refused(Why.PARAMETER, "limit")
    found = found if body.order == "asc" else found[::-1]
    places = {message.id: at for at, message in enumerate(found)}
    if body.before_id in places:
        found = found[: places[body.before_id]]
        return found[-limit:], len(found) > limit
    if body.after_id in places:
        found = found[places[body.after_id] + 1 :]
    return found[:limit], len(found) > limit


def studio_window(found: list[Message], body: ListBody) -> Window:
    """Newest first whatever was asked for; only those before one, which are newer, are not.

    Raises:
        Refused: that one is unknown.
    """
    limit = 50 if body.limit is None else max(0, body.limit)
    cursor = body.after_id if body.before_id is None else body.before_id
    if cursor and cursor != "0":
        places = {message.id: at for at, message in enumerate(found)}
        if cursor not in places:
            raise Refused(Why.NO_RESOURCE)
        at = places[cursor]
        found = found[:at][::-1] if body.before_id is None else found[at + 1 :]
    else:
        found = found[::-1]
    return found[:limit], len(found) > limit


def cloud_page(query: Mapping[str, str]) -> tuple[int, int]:
    """Number and size of a page of conversations.

    Raises:
        Refused: it is not from 1 on, or the size not from 1 to 50.
    """
    number, size = studio_page(query)
    if number < 1 or not 1 <= size <= 50:
        raise Refused(Why.PARAMETER)
    return number, size


def studio_page(query: Mapping[str, str]) -> tuple[int, int]:
    """The same, without limits.

    Raises:
        Refused: one of them is no number.
    """
    try:
        return int(query.get("page_num") or 1), int(query.get("page_size") or 50)
    except ValueError as error:
        raise Refused(Why.PARAMETER, str(error)) from error
