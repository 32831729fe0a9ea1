"""Simulated Telegram, Slack and Coze, as strict as the real ones, on real sockets."""
