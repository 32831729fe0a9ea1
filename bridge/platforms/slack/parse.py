"""From what Slack sends to what it means to the bridge. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.core.commands import ALONE, Menu, pressed
from bridge.core.model import Address, Message, User
from bridge.platforms.slack import about, reasons
from bridge.platforms.slack.files import found
from bridge.platforms.slack.mrkdwn import Named, language, mentioned, readable
from bridge.platforms.slack.teams import by_event, home, member_of

Body = Mapping[str, Any]

_SAID = frozenset({None, "file_share", "thread_broadcast"})  # subtypes in which a person speaks
_ROBOT = ("bot_id", "app_id", "bot_profile")  # one of them is in all that an app has said
_ASIDE = frozenset({"up", "down", "why"})  # answered to whom pressed alone


def parse(body: Body, channel: str, me: str, menu: Menu, named: Named) -> Message | None:
    """The message of a delivery; None when it is not for the bot. `me`: the bot's user id."""
    match body:
        case {"type": "event_callback", "event": event}:
            said = _placed(_event(event, body.get("team_id", ""), channel, me, named), body)
            alone = mentioned(event.get("text") or "") == {me}
            return _told(said, menu) if said and alone else said
        case {"type": "block_actions"}:
            return _press(body, channel)
        case {"type": "view_submission", "view": {"callback_id": reasons.CALLBACK}}:
            return reasons.filled_in(body, channel)
        case {"type": "view_submission", "view": {"callback_id": about.CALLBACK}}:
            return about.filled_in(body, channel)
        case {"command": _}:
            return replace(_command(body, channel, me, menu, named), team=home(body))
    return None


def _placed(message: Message | None, body: Body) -> Message | None:
    """The message of an event, with the workspaces that it tells of."""
    if message is None:
        return None
    user = replace(message.user, team=by_event(body))
    external = bool(body.get("is_ext_shared_channel"))
    return replace(message, user=user, team=home(body), external=external)


def _event(event: Body, team: str, channel: str, me: str, named: Named) -> Message | None:
    match event.get("type"):
        case "app_mention" | "message":
            return _said(event, team, channel, me, named)
        case "assistant_thread_started":
            pane = event["assistant_thread"]
            return _start(pane["channel_id"], pane["thread_ts"], pane["user_id"], team, channel)
        case "agent_session_stopped":
            return _halt(event, team, channel)
        case "app_home_opened" if event.get("tab") == "messages":
            return _start(event["channel"], None, event["user"], team, channel)
        case "app_home_opened" if event.get("tab") == "home":
            return _home(event, team, channel)
    return None


def asks_about(body: Body) -> bool:
    """Whether somebody chose the shortcut of a message, which asks for a form."""
    return body.get("type") == "message_action" and body.get("callback_id") == about.CALLBACK


def opens_pane(message: Message) -> bool:
    """Whether somebody opened the whole of the pane, as they do again and again."""
    to = message.address
    return message.command == "start" and not (to.thread or to.only_for)


def _said(event: Body, team: str, channel: str, me: str, named: Named) -> Message | None:
    """A mention arrives as two events; both have the id of the one message."""
    user, text = event.get("user"), event.get("text") or ""
    if not user or not event.get("ts") or any(event.get(key) for key in _ROBOT):
        return None
    if user in (me, "USLACKBOT") or event.get("subtype") not in _SAID:
        return None
    private = event.get("channel_type") == "im" or event["channel"].startswith("D")
    names = mentioned(text)
    addressed = private or me in names or event["type"] == "app_mention"
    if not addressed and (names or "thread_ts" not in event):
        return None  # said to somebody else, or to nobody
    message = Message(
        id=f"sl:{team}:{event['channel']}:{event['ts']}",
        address=Address(channel, event["channel"], event.get("thread_ts") or event["ts"]),
        user=User(user, language=language(text)),
        text=readable(text, me, named),
        private=private,
        addressed=addressed,
        files=found(event.get("files") or ()),
    )
    if message.text or message.files:
        return message
    return replace(message, command="unsupported" if event.get("files") else "help")


def _told(message: Message, menu: Menu) -> Message:
    """A mention with one word of the menu is that command: in threads nothing else can be.

    What concerns its user alone is for their eyes, where an ephemeral message would be seen.
    """
    word, to = message.text.lower(), message.address
    if message.files or message.command or word not in menu:
        return message
    inside = not message.private and not message.id.endswith(f":{to.thread}")
    if word in ALONE and inside:
        to = replace(to, only_for=message.user.id)
    return replace(message, address=to, text="", command=word)


def _start(place: str, thread: str | None, user: str, team: str, channel: str) -> Message:
    """Somebody opened the bot's pane: a thread of it, or the whole of it."""
    return Message(
        id=f"sl:{team}:{place}:{thread or ''}:start",
        address=Address(channel, place, thread),
        user=User(user),
        text="",
        command="start",
    )


def _home(event: Body, team: str, channel: str) -> Message:
    """Somebody looks at the app's home, which is made for each user anew."""
    user = event["user"]
    return Message(
        id=f"sl:{team}:{user}:{event.get('event_ts')}:home",
        address=Address(channel, event["channel"], only_for=user),
        user=User(user),
        text="",
        command="home",
    )


def _halt(event: Body, team: str, channel: str) -> Message:
    """Somebody pressed the Stop button that Slack itself shows in a thread."""
    place = event["channel"]
    return Message(
        id=f"sl:{team}:{place}:{event.get('event_ts') or event['thread_ts']}:halt",
        address=Address(channel, place, event["thread_ts"]),
        user=User(event["user"]),
        text="",
        command="halt",
        private=place.startswith("D"),
    )


def _press(body: Body, channel: str) -> Message | None:
    """A pressed button is the command that it stands for. An ephemeral message is not told."""
    actions, on = body.get("actions") or [], body.get("message") or {}
    view = body.get("view") or {}
    home_of = view.get("private_metadata") if view.get("type") == "home" else None
    place = (body.get("channel") or {}).get("id") or home_of
    thread = on.get("thread_ts") or (body.get("container") or {}).get("thread_ts")
    if not actions or not place or not actions[0].get("value"):
        return None
    command, argument = pressed(actions[0]["value"])
    team, user = (body.get("team") or {}).get("id", ""), body["user"]["id"]
    only_for = user if command in _ASIDE else None
    return Message(
        id=f"sl:{team}:{user}:{actions[0].get('action_ts') or body.get('trigger_id')}",
        address=Address(channel, place, thread or on.get("ts"), only_for=only_for),
        # What the bot said tells nothing of the language of who presses.
        user=User(user, team=member_of(body, body["user"].get("team_id"))),
        text=argument,
        command=command,
        private=place.startswith("D"),
        on=on.get("ts") or "",
        team=home(body),
        trigger=body.get("trigger_id") or "",
    )


def _command(body: Body, channel: str, me: str, menu: Menu, named: Named) -> Message:
    """`/coze new`: what follows the slash command is one of the menu, or a call for help.

    The answer to a command of ours is for its user alone. What a bot answers is for all:
    it grows, and Slack lets nobody change a message that is for one user only.
    """
    text = body.get("text") or ""
    word, _, rest = text.strip().partition(" ")
    command = word.lower() if word.lower() in menu else "help"
    extra = any(entry.name == command for entry in menu.extra)
    user, place = body["user_id"], body["channel_id"]
    return Message(
        id=f"sl:{body.get('team_id', '')}:{user}:{body.get('trigger_id')}",
        address=Address(channel, place, only_for=None if extra else user),
        user=User(user, body.get("user_name", ""), language(text)),
        text=readable(rest, me, named) if command != "stop" else "",
        command=command,
        private=place.startswith("D"),
    )
