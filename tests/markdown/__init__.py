"""Markdown as language models write it, and what must be seen of it."""
