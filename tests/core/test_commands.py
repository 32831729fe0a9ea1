import pytest

from bridge.core.commands import COMMANDS, OPTIONAL, Entry, Menu, pressed, reserved
from bridge.core.texts import CHINESE, ENGLISH


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        ("stop:42", ("stop", "42")),
        ("retry:", ("retry", "")),
        ("ask:bcdf:0", ("ask", "bcdf:0")),
        ("help", ("help", "")),
        ("", ("", "")),
    ],
)
def test_a_button_stands_for_a_command_with_an_argument(
    command: str, parts: tuple[str, str]
) -> None:
    assert pressed(command) == parts


def test_a_menu_has_what_every_bridge_offers() -> None:
    menu = Menu()
    assert all(name in menu for name in COMMANDS)
    assert not any(name in menu for name in ("", "weather", "/new", "NEW", *OPTIONAL))


def test_a_menu_has_commands_of_its_channel() -> None:
    menu = Menu((*COMMANDS, "bot"), (Entry("weather", "The weather"),))
    assert "bot" in menu
    assert "weather" in menu
    assert "vars" not in menu


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_a_menu_says_what_each_command_does(language: str, texts: dict[str, str]) -> None:
    extra = (Entry("weather", "The weather"), Entry("plain", ""))
    entries = Menu((*COMMANDS, *OPTIONAL), extra).entries(language)
    ours = [(name, texts[f"command.{name}"]) for name in (*COMMANDS, *OPTIONAL)]
    assert entries == [*ours, ("weather", "The weather"), ("plain", "plain")]
    assert all(name and told for name, told in entries)


@pytest.mark.parametrize("name", [*COMMANDS, *OPTIONAL])
def test_a_command_of_ours_is_nobody_elses(name: str) -> None:
    assert reserved(name)


@pytest.mark.parametrize("name", ["ask", "answer", "up", "down", "why", "full", "unsupported"])
def test_what_buttons_stand_for_is_nobody_elses_either(name: str) -> None:
    assert reserved(name)


@pytest.mark.parametrize("name", ["", "weather", "new_", "news", "Help", "stopped"])
def test_all_other_names_are_free(name: str) -> None:
    assert not reserved(name)
