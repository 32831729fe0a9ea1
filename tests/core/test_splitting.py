"""Long texts are cut at their blocks, and what is cut goes on as what it was."""

import pytest

from bridge.core.splitting import Size, split

SIZE = Size(200, len)


def lines(count: int, line: str) -> str:
    return "".join(f"{line} {number}\n" for number in range(count))


def test_code_that_is_cut_is_closed_and_opened_again_with_its_language():
    parts = split(f"Look:\n\n```python\n{lines(30, 'print')}```\n\nDone.", SIZE)
    *codes, last = parts
    assert len(codes) > 1
    assert all(part.count("```") == 2 for part in codes)
    assert all(part.startswith("```python\n") for part in codes[1:])
    assert last == "Done."
    code = [line for part in parts for line in part.split("\n") if line.startswith("print ")]
    assert code == [f"print {number}" for number in range(30)]


def test_code_in_a_quote_stays_in_its_quote():
    parts = split(f"> ```py\n{lines(30, '> x')}> ```\n", SIZE)
    assert all(part.startswith("> ```py\n") for part in parts)
    assert all(part.rstrip().endswith("\n> ```") for part in parts)


def test_a_table_that_is_cut_has_its_header_again():
    header = "| Name | Number |\n|---|---:|\n"
    parts = split(header + lines(30, "| row |"), SIZE)
    assert all(part.startswith(header) for part in parts)
    assert "".join(part.removeprefix(header) for part in parts) == lines(30, "| row |")


def test_a_header_as_long_as_a_message_is_not_repeated():
    header = f"| {'x' * 80} |\n|---|\n"
    parts = split(header + lines(30, "| row |"), SIZE)
    assert [part.count("xxx") > 0 for part in parts] == [True] + [False] * (len(parts) - 1)


@pytest.mark.parametrize("mark", ["**", "~~", "`", "***"])
def test_emphasis_and_code_that_are_cut_end_and_begin_anew(mark: str):
    first, second = split(f"a {mark}{'word ' * 50}{mark} b", SIZE)
    assert first.endswith(f"word{mark}")
    assert second.startswith(f"{mark}word ")
    assert second.endswith(f"{mark} b")


def test_a_sentence_of_a_quote_that_is_cut_is_still_quoted():
    parts = split("> " + "word " * 100, SIZE)
    assert len(parts) > 1
    assert all(part.startswith("> ") for part in parts)


def test_a_link_is_not_cut():
    link = "[a label of some words](https://example.com/a/long/address)"
    for before in range(60, 80):
        parts = split("word " * before + link + " and more" * 10, Size(400, len))
        assert any(link in part for part in parts)


def test_what_goes_on_inside_a_list_does_not_become_code():
    text = "- one\n" + lines(40, "    - nested")
    _, second, *_ = split(text, SIZE)
    assert second.startswith("- nested")


def test_a_fence_or_an_info_of_any_length_comes_to_an_end():
    for text in ("`" * 900 + "\n" + "x\n" * 300, "```" + "y" * 900 + "\n" + "x\n" * 300):
        parts = split(text, SIZE)
        assert all(len(part) <= SIZE.most for part in parts)
        assert sum(part.count("x") for part in parts) == 300
