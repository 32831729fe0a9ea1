"""While an answer grows nothing is shown that would be taken back."""

import pytest

from bridge.core.growing import closed, settled


@pytest.mark.parametrize(
    ("growing", "shown"),
    [
        ("plain words", "plain words"),
        ("a **bold wo", "a **bold wo**"),
        ("a **bold *", "a **bold**"),
        ("a **", "a "),
        ("a *", "a "),
        ("a *word", "a "),
        ("a *word*", "a *word*"),
        ("a * b", "a * b"),
        ("2*3", "2*3"),
        ("snake_case", "snake_case"),
        ("it`s", "it`s"),
        ("a `co", "a `co`"),
        ("a `", "a "),
        ("~~old", "~~old~~"),
        ("see [the docs", "see "),
        ("see [the docs]", "see "),
        ("see [the docs](https://exa", "see "),
        ("see [the docs](https://example.com)", "see [the docs](https://example.com)"),
        ("see [1] and", "see [1] and"),
        ("look ![pict", "look "),
        ("look!", "look"),
        ("sum $x^2", "sum "),
        ("costs $5 and", "costs $5 and"),
        ("costs $5", "costs"),
        ("turn $90^\\circ", "turn"),
        ("so \\(a + b", "so "),
        ("so $$\na + b", "so "),
        ("a &am", "a "),
        ("a & b", "a & b"),
        ("a \\", "a "),
        ("a <b", "a "),
        ("a < b", "a < b"),
        ("text\n\n#", "text\n\n"),
        ("text\n\n-", "text\n\n"),
        ("text\n---", "text\n"),
        ("- [ ]", ""),
        ("- [x] done", "- [x] done"),
        ("text\n\n```", "text\n\n"),
        ("text\n\n```pyth", "text\n\n"),
        ("```py\nx = 1", "```py\nx = 1\n```"),
        ("```py\nx = 1\n``", "```py\nx = 1\n```"),
        ("```py\nx = 1\n```", "```py\nx = 1\n```"),
        ("```py\nx = 1\n```\nand", "```py\nx = 1\n```\nand"),
        ("| a | b |", ""),
        ("| a | b |\n|--", ""),
        ("| a | b |\n|---|---|\n| 1 ", "| a | b |\n|---|---|\n"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nx", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("| a |\n|---|\n| 1 |\nx\ny", "| a |\n|---|\n| 1 |\nx\ny"),
        ("a | b", "a | b"),
        ("a | b\n--|", "a | b"),
        ("a | b\nc", "a | b\nc"),
        ("- [x] **", ""),
        ("```py\n", ""),
        ("- it:\n\n  | k |\n  ", "- it:"),
    ],
)
def test_half_open_marks_are_closed_or_wait(growing: str, shown: str):
    assert settled(growing).strip() == shown.strip()


def test_a_mark_that_nothing_becomes_of_is_shown_in_the_end():
    assert settled("a [bracket " + "word " * 200).startswith("a [bracket word")
    assert settled("*注：" + "以上为估算。" * 20).startswith("*注：")
    assert settled("so $x " + "word " * 30).startswith("so $x word")


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("**never closed\n\nnext", "**never closed**\n\nnext"),
        ("- **one\n- two", "- **one**\n- two"),
        ("`code\n\nnext", "`code`\n\nnext"),
        ("```py\nx", "```py\nx\n```"),
        ("a * b and 2**10", "a * b and 2**10"),
        ("**a [b** c", "**a [b** c"),
        ("note **", "note **"),
    ],
)
def test_strong_emphasis_and_code_end_where_their_paragraph_does(text: str, mended: str):
    assert closed(text) == mended
