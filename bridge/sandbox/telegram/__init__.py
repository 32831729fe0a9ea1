"""A simulated Telegram Bot API, as strict as the real one."""

from bridge.sandbox.telegram import attach, origins
from bridge.sandbox.telegram.attach import Attachment
from bridge.sandbox.telegram.chats import Shown, Toast
from bridge.sandbox.telegram.content import Filler
from bridge.sandbox.telegram.downloads import Download
from bridge.sandbox.telegram.drafts import Draft
from bridge.sandbox.telegram.files import Media
from bridge.sandbox.telegram.limits import Bucket, TelegramLimits, Window
from bridge.sandbox.telegram.server import Call
from bridge.sandbox.telegram.simulator import TelegramSimulator

__all__ = [
    "Attachment",
    "Bucket",
    "Call",
    "Download",
    "Draft",
    "Filler",
    "Media",
    "Shown",
    "TelegramLimits",
    "TelegramSimulator",
    "Toast",
    "Window",
    "attach",
    "origins",
]
