"""The page of the sandbox: both simulated chats, to look at and to write in."""

from bridge.sandbox.page.app import page_app

__all__ = ["page_app"]
