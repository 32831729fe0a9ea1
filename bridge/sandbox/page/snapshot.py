"""What both simulators show now, as JSON for the page."""

from dataclasses import replace
from typing import Any, get_args

from bridge.sandbox.page import media
from bridge.sandbox.page.cast import SLACK_BOT, SLACK_NAMES, SlackChannel, TelegramChat
from bridge.sandbox.slack import Shown as SlackShown
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.slack.pressables import pressables
from bridge.sandbox.telegram import Shown as TelegramShown
from bridge.sandbox.telegram import TelegramSimulator

Json = dict[str, Any]

MOST = 200  # messages of a chat; older ones have scrolled away
_STYLES = frozenset({"markdown", "context", "header"})  # of blocks; all else is plain text


def snapshot(telegram: TelegramSimulator, slack: SlackSimulator) -> Json:
    """Every chat of the page by its id, oldest message first.

    `toast` is what the bot last told somebody who pressed a button in Telegram.
    """
    toast = telegram.toasts[-1] if telegram.toasts else None
    return {
        "telegram": {str(chat): _chat(telegram, chat) for chat in get_args(TelegramChat)},
        "slack": {channel: _channel(slack, channel) for channel in get_args(SlackChannel)},
        "toast": toast and {"query": toast.query, "text": toast.text},
    }


# --- Telegram --------------------------------------------------------------------------------


def _chat(telegram: TelegramSimulator, chat: int) -> Json:
    bubbles: list[Json] = []
    for shown in telegram.messages(chat)[-MOST:]:
        bubble = _bubble(shown)
        if shown.album and bubbles and bubbles[-1]["album"] == shown.album:
            bubbles[-1]["media"] += bubble["media"]
        else:
            bubbles.append(bubble)
    menu = telegram.menu(chat=chat)
    return {
        "typing": telegram.typing(chat),
        "menu": [{"command": name, "description": menu[name]} for name in menu],
        "messages": bubbles,
    }


def _bubble(shown: TelegramShown) -> Json:
    """A message; of an album it is the first, and has the files of all."""
    return {
        "id": shown.id,
        "album": shown.album,
        "name": shown.name,
        "from_bot": shown.from_bot,
        "text": shown.text,
        "entities": shown.entities,
        "media": _media(shown),
        "buttons": [
            [{"label": text, "works": bool(data)} for text, data in row] for row in shown.buttons
        ],
        "reply_to": shown.reply_to,
        "reaction": shown.reaction,
        "reactions": {str(user): emoji for user, emoji in shown.reactions.items()},
        "edits": shown.edits,
    }


def _media(shown: TelegramShown) -> list[Json]:
    if not shown.media:
        return []
    form: media.Form | None = "file" if shown.media.kind == "document" else None
    return [media.of_telegram(shown.media).told("/telegram/media", form=form)]


# --- Slack -----------------------------------------------------------------------------------


def _channel(slack: SlackSimulator, channel: str) -> Json:
    """A thread for each top-level message, answered or not; its root is None once deleted."""
    threads: dict[str, Json] = {}
    for shown in slack.messages(channel)[-MOST:]:
        if shown.root not in threads:
            threads[shown.root] = _thread(slack, channel, shown.root)
        thread = threads[shown.root]
        if shown.thread_ts is None:
            thread["root"] = _message(shown)
        else:
            thread["replies"].append(_message(shown))
    return {"prompts": _prompts(slack, channel, None), "threads": list(threads.values())}


def _thread(slack: SlackSimulator, channel: str, root: str) -> Json:
    return {
        "ts": root,
        "root": None,
        "replies": [],
        "status": slack.status(channel, root),
        "prompts": _prompts(slack, channel, root),
    }


def _prompts(slack: SlackSimulator, channel: str, root: str | None) -> list[str]:
    return [prompt.title for prompt in slack.prompts(channel, root)]


def _message(shown: SlackShown) -> Json:
    """A message; `mentions` says what each live token in its text looks like."""
    return {
        "ts": shown.ts,
        "name": _name(shown.user),
        "from_bot": shown.user == SLACK_BOT,
        "parts": _parts(shown),
        "mentions": {token: _mention(token) for token in shown.pings},
        "files": [media.of_slack(file).told("/slack/media") for file in shown.files],
        "buttons": _rows(shown),
        "only_for": shown.visible_to
        and {"user": shown.visible_to, "name": _name(shown.visible_to)},
        "reactions": [*shown.reactions, *(emoji for emoji, _ in shown.people_reacted)],
        "edits": shown.edits,
    }


def _parts(shown: SlackShown) -> list[Json]:
    """The words of each block that has some; without such, those of the message."""
    alone = ((block["type"], replace(shown, text="", blocks=(block,))) for block in shown.blocks)
    parts = [
        {"style": kind if kind in _STYLES else "plain", "text": words}
        for kind, block in alone
        if (words := block.plain())
    ]
    style = "markdown" if shown.markdown else "plain"
    return parts or ([{"style": style, "text": shown.plain()}] if shown.text else [])


def _rows(shown: SlackShown) -> list[list[Json]]:
    """The buttons of each block that has some."""
    rows = [[*pressables((block,))] for block in shown.blocks]
    return [[{"label": p.button.label, "works": True} for p in row] for row in rows if row]


def _name(id_: str) -> str:
    return SLACK_NAMES.get(id_, id_)


def _mention(token: str) -> str:
    """`<@U0BOT>` is @Coze, `<#C0GENERAL>` is #general, `<!here>` is @here."""
    kind, id_ = token[1], token[2:-1].partition("|")[0]
    return ("#" if kind == "#" else "@") + _name(id_)
