"""Of which workspace somebody is, by what a delivery tells. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

Body = Mapping[str, Any]


def home(body: Body) -> str:
    """The workspace through which a delivery came to us.

    A press tells the workspace of who pressed; its message tells that of the app.
    """
    pressed, team = body.get("message") or {}, body.get("team") or {}
    where = (body.get("context_team_id"), pressed.get("team"), body.get("team_id"))
    found = (*where, team.get("id"), (body.get("enterprise") or {}).get("id"))
    return next((str(each) for each in found if each), "")


def member_of(body: Body, *told: str | None) -> str:
    """The workspace of somebody of whom these are `told`: another one counts for more."""
    ours, ids = {home(body), *_organisation(body)}, [each for each in told if each]
    return next((each for each in ids if each not in ours), home(body) if ids else "")


def by_event(body: Body) -> str:
    """The workspace of who did what an event tells; empty if it tells none."""
    event = body["event"]
    return member_of(body, *(event.get(key) for key in ("user_team", "source_team", "team")))


def _organisation(body: Body) -> Iterator[str]:
    """The ids of the organisation that our workspace is a part of."""
    team, whole = body.get("team") or {}, body.get("enterprise") or {}
    yield from filter(None, (body.get("context_enterprise_id"), whole.get("id")))
    for each in (team, *(body.get("authorizations") or ())):
        if each.get("enterprise_id") and home(body) in (each.get("id"), each.get("team_id")):
            yield each["enterprise_id"]
