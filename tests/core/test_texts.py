import ast
import inspect
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import bridge
from bridge.core import errors
from bridge.core.errors import BridgeError
from bridge.core.texts import CHINESE, ENGLISH, say, trouble
from bridge.coze.errors import MEANINGS, coze_error

SOURCE = Path(bridge.__file__).parent


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_sentences():
    assert ENGLISH.keys() == CHINESE.keys()


@pytest.mark.parametrize("key", ENGLISH)
def test_a_sentence_has_the_same_gaps_in_both_languages(key: str):
    assert placeholders(ENGLISH[key]) == placeholders(CHINESE[key])
    assert ENGLISH[key].strip() == ENGLISH[key] != ""
    assert CHINESE[key].strip() == CHINESE[key] != ""


@pytest.mark.parametrize("language", ["zh", "zh-CN", "zh-hans", "ZH-TW"])
def test_chinese_is_spoken_to_those_who_speak_it(language: str):
    assert say("stopped", language) == CHINESE["stopped"]


@pytest.mark.parametrize("language", ["en", "de-DE", "", "xzh"])
def test_english_is_spoken_to_all_others(language: str):
    assert say("stopped", language) == ENGLISH["stopped"]


def test_gaps_are_filled():
    assert "7" in say("slow_down", "en", seconds=7)
    assert "7" in say("slow_down", "zh", seconds=7)


def spoken() -> Iterator[tuple[str, int, str]]:
    """Every sentence that the code names: in a call of `say`, or as the `say` of an error."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                first = node.args[0]
                branches = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                names: list[ast.AST] = list(branches)
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "say":
                names = [node.value]
            else:
                continue
            for name in names:
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield str(file.relative_to(SOURCE)), node.lineno, name.value


def test_every_sentence_that_the_code_speaks_exists():
    found = list(spoken())
    assert len(found) >= 20
    assert [where for where in found if where[2] not in ENGLISH] == []


def test_every_error_key_that_the_code_names_exists():
    named = {
        node.value
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("error.")
        and node.value.count(" ") == 0
    }
    assert named - ENGLISH.keys() == set()
    assert {key for key in ENGLISH if key.startswith("error.")} - named == set(), "never said"


def test_every_error_has_a_sentence():
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.BridgeError):
            assert kind.say in ENGLISH, kind


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("key", ["late", "rate.thanks"])
def test_what_is_said_beside_a_button_is_short_enough_for_telegram(key: str, language: str):
    assert len(say(key, language)) <= 200


def every(kind: type[BridgeError]) -> Iterator[type[BridgeError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from every(each)


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "de", ""])
def test_each_error_is_told_in_a_sentence_without_gaps_or_codes(language: str):
    raised: list[BridgeError] = [kind.__new__(kind) for kind in every(BridgeError)]
    raised += [coze_error(code, "token=s3cret") for code in MEANINGS]
    assert len(raised) > 60
    for error in raised:
        told = trouble(error, language)
        assert told
        assert not set(told) & set("{}0123456789=")
        assert ("。" in told) == language.startswith("zh")


def test_an_unknown_sentence_is_a_fault():
    with pytest.raises(KeyError):
        say("no such sentence", "en")
