"""The JSON that Slack sends: messages, events, button presses, slash commands."""

import itertools
import re
import time
import uuid

from bridge.sandbox.slack.model import Channel, Identity, Json, Shown, User

_serial = itertools.count(1)
_USER_TOKEN = re.compile(r"<@(\w+)>")


def message(shown: Shown, channel: Channel, app: Identity) -> Json:
    """A message as the Web API lists it and as other payloads carry it."""
    body: Json = {"type": "message", "user": shown.user, "ts": shown.ts, "text": shown.text}
    body["team"] = app.team
    if shown.deleted:
        return body | {"subtype": "tombstone", "text": "This message was deleted."}
    if shown.subtype:
        body["subtype"] = shown.subtype
    if shown.client_msg_id:
        body["client_msg_id"] = shown.client_msg_id
    if shown.bot_id:
        profile = {"id": shown.bot_id, "app_id": app.app_id, "name": "coze", "team_id": app.team}
        body |= {"bot_id": shown.bot_id, "app_id": app.app_id, "bot_profile": profile}
        body |= {"blocks": [*shown.blocks]} if shown.blocks else {}
    else:
        body["blocks"] = [_rich_text(shown.text)]
    if shown.edited_ts:
        body["edited"] = {"user": shown.user, "ts": shown.edited_ts}
    if shown.reactions:
        body["reactions"] = [
            {"name": name, "users": [app.bot_user], "count": 1} for name in shown.reactions
        ]
    return body | _thread(shown, channel)


def _thread(shown: Shown, channel: Channel) -> Json:
    if shown.thread_ts:
        parent = channel.messages[shown.thread_ts]
        return {"thread_ts": shown.thread_ts, "parent_user_id": parent.user}
    replies = channel.lasting(shown.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": shown.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def _rich_text(text: str) -> Json:
    parts = _USER_TOKEN.split(text)
    elements: list[Json] = [
        {"type": "user", "user_id": part} if index % 2 else {"type": "text", "text": part}
        for index, part in enumerate(parts)
        if part
    ]
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": f"r{next(_serial)}", "elements": [section]}


def posted(shown: Shown, channel: Channel, app: Identity) -> list[Json]:
    """The events of a new message: `message`, and `app_mention` when a person names the bot."""
    body = message(shown, channel, app) | {"channel": channel.id, "event_ts": shown.ts}
    events = [body | {"channel_type": channel.kind}]
    if channel.kind != "im" and not shown.bot_id and f"<@{app.bot_user}>" in shown.text:
        events.insert(0, body | {"type": "app_mention"})
    return events


def changed(new: Shown, old: Shown, channel: Channel, app: Identity, *, ts: str) -> Json:
    """The event of an edit."""
    return _hidden("message_changed", channel, ts) | {
        "message": message(new, channel, app),
        "previous_message": message(old, channel, app),
    }


def deleted(old: Shown, channel: Channel, app: Identity, *, ts: str) -> Json:
    """The event of a deletion."""
    return _hidden("message_deleted", channel, ts) | {
        "deleted_ts": old.ts,
        "previous_message": message(old, channel, app),
    }


def _hidden(subtype: str, channel: Channel, ts: str) -> Json:
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": ts,
        "event_ts": ts,
    }


def event_callback(event: Json, channel: Channel, app: Identity) -> Json:
    """The Events API body around `event`, with an `event_id` of its own."""
    bot = {"user_id": app.bot_user, "is_bot": True, "is_enterprise_install": False}
    return {
        "token": app.verification_token,
        "team_id": app.team,
        "context_team_id": app.team,
        "context_enterprise_id": None,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{next(_serial):010d}",
        "event_time": int(time.time()),
        "authorizations": [{"enterprise_id": None, "team_id": app.team, **bot}],
        "is_ext_shared_channel": channel.shared,
        "event_context": f"4-{uuid.uuid4().hex}",
    }


def block_actions(
    shown: Shown, channel: Channel, user: User, app: Identity, *, action: Json, response_url: str
) -> Json:
    """The body of a pressed button; an ephemeral message itself is not in it, as in Slack."""
    container = {"message_ts": shown.ts, "channel_id": channel.id, "is_ephemeral": shown.ephemeral}
    body: Json = {
        "type": "block_actions",
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": app.team},
        "api_app_id": app.app_id,
        "token": app.verification_token,
        "container": {"type": "message", **container},
        "trigger_id": trigger_id(),
        "team": {"id": app.team, "domain": "sandbox"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": _public_name(channel)},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }
    if shown.thread_ts:
        body["container"]["thread_ts"] = shown.thread_ts
    if not shown.ephemeral:
        body["message"] = message(shown, channel, app)
    return body


def slash_command(
    command: str, text: str, channel: Channel, user: User, app: Identity, *, response_url: str
) -> Json:
    """The body of a slash command."""
    return {
        "token": app.verification_token,
        "team_id": app.team,
        "team_domain": "sandbox",
        "channel_id": channel.id,
        "channel_name": _public_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id(),
    }


def trigger_id() -> str:
    """A fresh id in the form of Slack's."""
    return f"{next(_serial)}.{next(_serial)}.{uuid.uuid4().hex}"


def _public_name(channel: Channel) -> str:
    return "directmessage" if channel.kind == "im" else channel.name
