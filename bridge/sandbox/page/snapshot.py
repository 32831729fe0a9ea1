"""What both simulators show now, as JSON for the page."""

from typing import Any, get_args

from bridge.sandbox.page.cast import SLACK_NAMES, SlackChannel, TelegramChat
from bridge.sandbox.slack import Shown as SlackShown
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import Shown as TelegramShown
from bridge.sandbox.telegram import TelegramSimulator

Json = dict[str, Any]

MOST = 200  # messages of a chat; older ones have scrolled away


def snapshot(telegram: TelegramSimulator, slack: SlackSimulator) -> Json:
    """Every chat of the page by its id, oldest message first."""
    return {
        "telegram": {
            str(chat): {
                "typing": telegram.typing(chat),
                "messages": [_bubble(shown) for shown in telegram.messages(chat)[-MOST:]],
            }
            for chat in get_args(TelegramChat)
        },
        "slack": {channel: _threads(slack, channel) for channel in get_args(SlackChannel)},
    }


def _bubble(shown: TelegramShown) -> Json:
    return {
        "id": shown.id,
        "name": shown.name,
        "from_bot": shown.from_bot,
        "text": shown.text,
        "entities": shown.entities,
        "buttons": [
            [{"label": text, "works": bool(data)} for text, data in row] for row in shown.buttons
        ],
        "reply_to": shown.reply_to,
        "reaction": shown.reaction,
        "edits": shown.edits,
    }


def _threads(slack: SlackSimulator, channel: str) -> list[Json]:
    """A thread for each top-level message, answered or not; its root is None once deleted."""
    threads: dict[str, Json] = {}
    for shown in slack.messages(channel)[-MOST:]:
        thread = threads.setdefault(
            shown.root,
            {
                "ts": shown.root,
                "root": None,
                "replies": [],
                "status": slack.status(channel, shown.root),
            },
        )
        if shown.thread_ts is None:
            thread["root"] = _message(shown)
        else:
            thread["replies"].append(_message(shown))
    return list(threads.values())


def _message(shown: SlackShown) -> Json:
    """A message; `mentions` says what each live token in its text looks like."""
    return {
        "ts": shown.ts,
        "name": _name(shown.user),
        "from_bot": shown.bot_id is not None,
        "text": shown.plain(),
        "markdown": shown.markdown or any(block["type"] == "markdown" for block in shown.blocks),
        "mentions": {token: _mention(token) for token in shown.pings},
        "buttons": [button.label for button in shown.buttons],
        "only_for": shown.visible_to
        and {"user": shown.visible_to, "name": _name(shown.visible_to)},
        "reactions": shown.reactions,
        "edits": shown.edits,
    }


def _name(id_: str) -> str:
    return SLACK_NAMES.get(id_, id_)


def _mention(token: str) -> str:
    """`<@U0BOT>` is @Coze, `<#C0GENERAL>` is #general, `<!here>` is @here."""
    kind, id_ = token[1], token[2:-1].partition("|")[0]
    return ("#" if kind == "#" else "@") + _name(id_)
