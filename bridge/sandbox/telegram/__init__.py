"""A simulated Telegram Bot API, as strict as the real one."""

from bridge.sandbox.telegram.chats import Shown
from bridge.sandbox.telegram.limits import Bucket, TelegramLimits, Window
from bridge.sandbox.telegram.server import Call
from bridge.sandbox.telegram.simulator import TelegramSimulator

__all__ = ["Bucket", "Call", "Shown", "TelegramLimits", "TelegramSimulator", "Window"]
