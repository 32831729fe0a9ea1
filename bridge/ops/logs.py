"""Logs: text on a terminal, JSON lines elsewhere, and never a secret in either."""

import json
import logging
import re
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# They log each request at INFO, and Telegram's token is part of each address.
_CHATTY = ("httpx", "httpcore", "telegram", "slack_bolt", "slack_sdk", "aiohttp", "uvicorn")
# Slack's tokens, of which the configuration need not know: workspaces bring their own.
_TOKEN = re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[\w-]{10,}")


def set_up(level: str, style: str, secrets: Sequence[str]) -> None:
    """Send the logs to standard error. `style`: text, json, or auto by what that is."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if text else "iso", utc=not text),
    ]
    render: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=30)]
        if text
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *render,
            _Redact(secrets),
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class _Redact:
    """The last step: a finished line without the secrets."""

    def __init__(self, secrets: Sequence[str]) -> None:
        # the longest first, in case one contains another
        told = {*secrets, *(json.dumps(secret)[1:-1] for secret in secrets)}
        self._secrets = sorted(filter(None, told), key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
        """Structlog types a renderer's result as what it was made from."""
        text = str(line)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _TOKEN.sub("***", text)  # type: ignore[return-value]
