"""Judges of what is said to Telegram, none of which was written here."""
