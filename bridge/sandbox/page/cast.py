"""Who is on the page, and where they can write."""

from typing import Literal, TypeAlias

TelegramChat: TypeAlias = Literal[501, 502, -1001]
TelegramUser: TypeAlias = Literal[501, 502]
SlackChannel: TypeAlias = Literal["C0GENERAL", "D0ANN"]
SlackUser: TypeAlias = Literal["U0ANN", "U0BEN"]

GROUP_TITLE = "Team"
SLACK_BOT = "U0BOT"
TELEGRAM_NAMES = {501: "Ann", 502: "Bo"}
SLACK_NAMES = {
    "U0ANN": "Ann",
    "U0BEN": "Ben",
    SLACK_BOT: "Coze",
    "USLACKBOT": "Slackbot",
    "C0GENERAL": "general",
}
