"""Logs: JSON lines or text, and never a secret in either."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.ops.logs import set_up

SECRETS = ["100:bot-token", "xoxb-secret", "redis://:pa@host", "xoxb-secret-longer"]
STYLES = ["json", "text"]


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """Leave the loggers as they were."""
    names = ("", "httpx", "httpcore", "telegram", "slack_bolt", "slack_sdk", "aiohttp", "uvicorn")
    root = logging.getLogger()
    handlers = [*root.handlers]
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The JSON lines that were logged."""
    out, err = capsys.readouterr()
    assert out == ""
    return [json.loads(line) for line in err.splitlines()]


def fault(log: logging.Logger, what: str, **extra: object) -> None:
    """Log an exception with its traceback."""

    def fail() -> None:
        raise ValueError(what)

    try:
        fail()
    except ValueError:
        log.exception("a fault", extra=extra)


def test_each_line_of_json_is_one_event(capsys: pytest.CaptureFixture[str]):
    set_up("info", "json", [])
    logging.getLogger("bridge.test").info("an %s", "event", extra={"turn": "t1", "n": 2})
    [line] = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "an event",
        "level": "info",
        "logger": "bridge.test",
        "turn": "t1",
        "n": 2,
    }


def test_a_traceback_is_part_of_its_line(capsys: pytest.CaptureFixture[str]):
    set_up("info", "json", [])
    fault(logging.getLogger("bridge"), "first\nsecond")
    [line] = lines(capsys)
    assert line["event"] == "a fault"
    assert "ValueError: first\nsecond" in line["exception"]


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]):
    set_up("info", "text", [])
    logging.getLogger("bridge").warning("你好", extra={"turn": "t1"})
    err = capsys.readouterr().err
    assert "你好" in err
    assert "turn=t1" in err
    assert "{" not in err


def test_what_is_no_terminal_gets_json(capsys: pytest.CaptureFixture[str]):
    set_up("info", "auto", [])
    logging.getLogger("bridge").info("hello")
    assert [line["event"] for line in lines(capsys)] == ["hello"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_logged_wherever_it_stands(
    capsys: pytest.CaptureFixture[str], style: str, secret: str
):
    set_up("info", style, SECRETS)
    log = logging.getLogger("bridge")
    log.info("with %s in the text", secret, extra={"url": f"https://x/bot{secret}/getMe"})
    fault(log, f"cannot reach https://x/bot{secret}/getMe", more={"deep": [secret]})
    err = capsys.readouterr().err
    assert "***" in err
    assert not any(each in err for each in SECRETS)


@pytest.mark.parametrize("style", STYLES)
def test_no_part_of_a_secret_that_begins_like_another_is_left(
    capsys: pytest.CaptureFixture[str], style: str
):
    set_up("info", style, SECRETS)
    logging.getLogger("bridge").info("xoxb-secret-longer")
    assert "longer" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "token", ["xoxb-T0ONE-c0ffee123456", "xoxe.xoxb-1-c0ffee123456", "xoxe-1-c0ffee123456"]
)
def test_no_token_of_slack_is_logged_though_the_configuration_does_not_know_it(
    capsys: pytest.CaptureFixture[str], token: str
):
    set_up("info", "json", [])
    logging.getLogger("bridge").info("with %s in it", token)
    assert [line["event"] for line in lines(capsys)] == ["with *** in it"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("secret", ['redis://:pa"ss@host', "redis://:pa\\ss@host", "密码密码"])
def test_no_secret_that_json_writes_in_another_way_is_logged(
    capsys: pytest.CaptureFixture[str], style: str, secret: str
):
    set_up("info", style, [secret])
    logging.getLogger("bridge").info("with %s in it", secret, extra={"url": secret})
    err = capsys.readouterr().err
    shown = err if style == "text" else str(json.loads(err))
    assert "***" in shown
    for written in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
        assert written not in err


def test_an_empty_secret_hides_nothing(capsys: pytest.CaptureFixture[str]):
    set_up("info", "json", [""])
    logging.getLogger("bridge").info("hello")
    assert [line["event"] for line in lines(capsys)] == ["hello"]


@pytest.mark.parametrize("level", ["debug", "info"])
@pytest.mark.parametrize(
    "name", ["httpx", "telegram.ext.Updater", "slack_bolt.AsyncApp", "slack_sdk", "uvicorn.error"]
)
def test_libraries_that_tell_every_request_are_quiet(
    capsys: pytest.CaptureFixture[str], name: str, level: str
):
    set_up(level, "json", [])
    logging.getLogger(name).info("HTTP Request: POST https://x/bot100:token/getMe")
    logging.getLogger(name).warning("something is wrong")
    assert [line["event"] for line in lines(capsys)] == ["something is wrong"]


def test_at_a_higher_level_nobody_speaks_below_it(capsys: pytest.CaptureFixture[str]):
    set_up("error", "json", [])
    for name in ("bridge", "telegram.ext.Updater"):
        logging.getLogger(name).warning("careful")
        logging.getLogger(name).error("broken")
    assert [line["event"] for line in lines(capsys)] == ["broken", "broken"]


def test_below_the_level_nothing_is_logged(capsys: pytest.CaptureFixture[str]):
    set_up("info", "json", [])
    logging.getLogger("bridge").debug("detail")
    set_up("debug", "json", [])
    logging.getLogger("bridge").debug("more detail")
    assert [line["event"] for line in lines(capsys)] == ["more detail"]
