"""The configuration: YAML and environment in, frozen and validated settings out."""

from bridge.config.load import ConfigError, environment, load
from bridge.config.schema import Bot, Channel, Config, Slack, Telegram

__all__ = ["Bot", "Channel", "Config", "ConfigError", "Slack", "Telegram", "environment", "load"]
