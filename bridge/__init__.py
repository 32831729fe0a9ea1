"""A bridge that lets people talk to Coze bots in Telegram and mention them in Slack."""

__version__ = "0.1.0"
