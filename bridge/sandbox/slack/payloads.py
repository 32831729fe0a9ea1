"""The JSON that Slack sends: messages, events, button presses, slash commands."""

import itertools
import re
import time
import uuid

from bridge.sandbox.slack import filebodies
from bridge.sandbox.slack.model import Channel, Identity, Json, Shown, User

_serial = itertools.count(1)
_USER_TOKEN = re.compile(r"<@(\w+)>")


def message(shown: Shown, channel: Channel, app: Identity) -> Json:
    """A message as the Web API lists it and as other payloads carry it."""
    body: Json = {"type": "message", "user": shown.user, "ts": shown.ts, "text": shown.text}
    body |= _team(shown, app)
    if shown.deleted:
        return body | {"subtype": "tombstone", "text": "This message was deleted."}
    if shown.subtype:
        body["subtype"] = shown.subtype
    if shown.subtype == "assistant_app_thread":
        body[shown.subtype] = {"title": shown.text, "title_blocks": [], "artifacts": []}
    if shown.client_msg_id:
        body["client_msg_id"] = shown.client_msg_id
    if shown.bot_id:
        app_id = shown.app_id or app.app_id
        profile = {"id": shown.bot_id, "app_id": app_id, "team_id": app.team}
        profile["name"] = shown.app_name or "coze"
        body |= {"bot_id": shown.bot_id, "app_id": app_id, "bot_profile": profile}
        body |= {"blocks": [*shown.blocks]} if shown.blocks else {}
    else:
        body["blocks"] = [_rich_text(shown.text)]
    if shown.files:
        files = [filebodies.tidy(file, app) for file in shown.files]
        body |= {"files": files, "upload": True, "display_as_bot": False}
    if shown.edited_ts:
        body["edited"] = {"user": shown.user, "ts": shown.edited_ts}
    if shown.reactions or shown.people_reacted:
        body["reactions"] = _reactions(shown, app)
    return body | _thread(shown, channel)


def _team(shown: Shown, app: Identity) -> Json:
    """The workspace of who wrote it; Slack leaves it out of messages with files."""
    other = {"user_team": shown.team, "source_team": shown.team} if shown.team else {}
    return other | ({} if shown.files else {"team": shown.team or app.team})


def _reactions(shown: Shown, app: Identity) -> list[Json]:
    users: dict[str, list[str]] = {name: [app.bot_user] for name in shown.reactions}
    for name, user in shown.people_reacted:
        users.setdefault(name, []).append(user)
    return [{"name": name, "users": each, "count": len(each)} for name, each in users.items()]


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
    body = _told(shown, channel, app) | {"channel": channel.id, "event_ts": shown.ts}
    kind = {"subtype": "file_share"} if shown.files else {}  # only in the event itself
    events = [body | kind | {"channel_type": channel.kind}]
    own = shown.user == app.bot_user
    if channel.kind != "im" and not own and f"<@{app.bot_user}>" in shown.text:
        events.insert(0, body | {"type": "app_mention"})
    return events


def _told(shown: Shown, channel: Channel, app: Identity) -> Json:
    """A message as an event tells it: without what it says of files from Slack Connect."""
    body = message(shown, channel, app)
    if shown.files and not shown.deleted:
        pairs = zip(shown.files, body["files"], strict=True)
        body["files"] = [
            filebodies.stub(file) if channel.shared or file.upload.connect else told
            for file, told in pairs
        ]
    return body


def changed(new: Shown, old: Shown, channel: Channel, app: Identity, *, ts: str) -> Json:
    """The event of an edit."""
    return _hidden("message_changed", channel, ts) | {
        "message": _told(new, channel, app),
        "previous_message": _told(old, channel, app),
    }


def deleted(old: Shown, channel: Channel, app: Identity, *, ts: str) -> Json:
    """The event of a deletion."""
    return _hidden("message_deleted", channel, ts) | {
        "deleted_ts": old.ts,
        "previous_message": _told(old, channel, app),
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


def reaction(kind: str, shown: Shown, name: str, user: str, ts: str) -> Json:
    """The event of an emoji that came or went."""
    item = {"type": "message", "channel": shown.channel, "ts": shown.ts}
    body = {"type": kind, "user": user, "reaction": name, "item": item, "event_ts": ts}
    return body | {"item_user": shown.user}


def file_deleted(file_id: str, ts: str) -> Json:
    """The event of a deleted file."""
    return {"type": "file_deleted", "file_id": file_id, "event_ts": ts}


def pane_opened(root: Shown, user: str, viewing: str | None, app: Identity) -> Json:
    """The event of a new thread in the assistant's pane."""
    place = {"channel_id": viewing, "team_id": app.team, "enterprise_id": None}
    thread = {"user_id": user, "channel_id": root.channel, "thread_ts": root.ts}
    return {
        "type": "assistant_thread_started",
        "assistant_thread": {**thread, "context": place if viewing else {}},
        "event_ts": root.ts,
    }


def session_stopped(channel: Channel, root: str, user: str, streaming: list[str], ts: str) -> Json:
    """The event of a person who stops an agent, with the messages that it was streaming."""
    where = {"channel": channel.id, "user": user, "thread_ts": root}
    stopped = {"streaming_message_ts": streaming, "event_ts": ts}
    return {"type": "agent_session_stopped", **where, **stopped}


def home_opened(channel: Channel, user: str, tab: str, ts: str) -> Json:
    """The event of a person who looks at the app's home or messages."""
    where = {"user": user, "channel": channel.id, "tab": tab}
    return {"type": "app_home_opened", **where, "event_ts": ts}


def event_callback(event: Json, channel: Channel, app: Identity) -> Json:
    """The Events API body around `event`, with an `event_id` of its own."""
    bot = {"user_id": app.bot_user, "is_bot": True, "is_enterprise_install": app.org_wide}
    within = app.enterprise or None
    return {
        "token": app.verification_token,
        "team_id": app.team,
        **({"enterprise_id": within} if within else {}),
        "context_team_id": app.team,
        "context_enterprise_id": within,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{next(_serial):010d}",
        "event_time": int(time.time()),
        "authorizations": [{"enterprise_id": within, "team_id": app.team, **bot}],
        "is_ext_shared_channel": channel.shared,
        "event_context": f"4-{uuid.uuid4().hex}",
    }


def block_actions(
    shown: Shown,
    channel: Channel,
    user: User,
    app: Identity,
    *,
    action: Json,
    response_url: str,
    trigger_id: str,
) -> Json:
    """The body of a pressed button; an ephemeral message itself is not in it, as in Slack."""
    container = {"message_ts": shown.ts, "channel_id": channel.id, "is_ephemeral": shown.ephemeral}
    body: Json = {
        "type": "block_actions",
        **done_by(user, app),
        "container": {"type": "message", **container},
        "trigger_id": trigger_id,
        **_organisation(app),
        "channel": {"id": channel.id, "name": public_name(channel)},
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
    command: str,
    text: str,
    channel: Channel,
    user: User,
    app: Identity,
    *,
    response_url: str,
    trigger_id: str,
) -> Json:
    """The body of a slash command."""
    return {
        "token": app.verification_token,
        "team_id": app.team,
        "team_domain": "sandbox",
        "channel_id": channel.id,
        "channel_name": public_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": app.app_id,
        **({"enterprise_id": app.enterprise} if app.enterprise else {}),
        "is_enterprise_install": str(app.org_wide).lower(),
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def view_interaction(kind: str, view: Json, user: User, app: Identity, **more: object) -> Json:
    """The body of a modal that was submitted or closed."""
    return {
        "type": kind,
        **done_by(user, app),
        "view": view,
        **_organisation(app),
        **more,
    }


def _organisation(app: Identity) -> Json:
    """The organisation of the workspace, and whether the app is installed in all of it."""
    whole = {"id": app.enterprise, "name": app.enterprise} if app.enterprise else None
    return {"enterprise": whole, "is_enterprise_install": app.org_wide}


def done_by(user: User, app: Identity) -> Json:
    """Who did it, in which workspace."""
    return {
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team or app.team,
        },
        # Where the app is installed in the whole organisation, no workspace need be told.
        "team": None if app.org_wide else {"id": app.team, "domain": "sandbox"},
        "api_app_id": app.app_id,
        "token": app.verification_token,
    }


def public_name(channel: Channel) -> str:
    """The name of a channel where it may not be told."""
    return "directmessage" if channel.kind == "im" else channel.name
