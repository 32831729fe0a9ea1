"""Telegram: the Bot API by way of python-telegram-bot."""
