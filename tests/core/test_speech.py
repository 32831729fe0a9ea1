import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.speech import portions, spoken

marks = st.sampled_from(
    [
        ". ",
        ".",
        "...",
        "!",
        "?! ",
        "。",
        "！",
        "\n",
        "\n\n",
        " ",
        "word",
        "3.14",
        "扣子",
        "𝄞",
        "a" * 30,
    ]
)
texts = st.lists(marks | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)).map(
    "".join
)


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(4, 60))
def test_portions_fit_and_lose_nothing_but_white_space(text: str, most: int) -> None:
    made = portions(text, most)
    assert all(0 < len(portion.encode()) <= most for portion in made)
    assert "".join("".join(made).split()) == "".join(text.split())


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(4, 60))
def test_portions_are_as_few_as_their_sentences_allow(text: str, most: int) -> None:
    made = portions(text, most)
    if len(text.encode()) <= most:
        assert len(made) <= 1
    for portion in made:
        assert portion == portion.strip()


@pytest.mark.parametrize(
    ("text", "most", "made"),
    [
        ("", 10, []),
        (" \n ", 10, []),
        ("One. Two. Three.", 10, ["One. Two.", "Three."]),
        ("One! Two? Three", 9, ["One! Two?", "Three"]),
        ("一。二！三？", 12, ["一。二！", "三？"]),
        ("one\ntwo\nthree", 8, ["one\ntwo", "three"]),
        ("Pi is 3.14159. Yes.", 15, ["Pi is 3.14159.", "Yes."]),
        ("Pi: 3.14159 ok.", 8, ["Pi:", "3.14159", "ok."]),
        ("Wait... what?! No.", 12, ["Wait...", "what?! No."]),
        ("a long sentence without end", 12, ["a long", "sentence", "without end"]),
        ("aaaaaaaaaa", 4, ["aaaa", "aaaa", "aa"]),
        ("扣子扣子", 7, ["扣子", "扣子"]),
        ("𝄞𝄞", 4, ["𝄞", "𝄞"]),
    ],
)
def test_a_portion_ends_where_a_speaker_would_pause(text: str, most: int, made: list[str]) -> None:
    assert portions(text, most) == made


@pytest.mark.parametrize(
    "part", [".", "!", "。", "[", "![", "`", "*", "_ ", "\n", " ", "http://", "("]
)
def test_a_text_of_nothing_but_marks_is_read_at_once(part: str) -> None:
    text = part * 10_000 + "a"
    portions(text, 1000)
    spoken(text)


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("", ""),
        ("Hello.", "Hello."),
        ("# Title\n\nText", "Title\nText"),
        ("**bold** and *it* and __b__ and _i_ and ~~no~~", "bold and it and b and i and no"),
        ("这是**重点**内容", "这是重点内容"),
        ("- one\n* two\n  + three", "one\ntwo\nthree"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("> quoted\n> twice", "quoted\ntwice"),
        ("Run `make` now", "Run make now"),
        ("See [the page](https://x/y) now", "See the page now"),
        ("See [it](https://x/a_(1)) now", "See it now"),
        ("![A cat](https://x/cat.png) end", "end"),
        ("![A cat](https://x/cat_(1).png) end", "end"),
        ("See https://x/y?z=1 now", "See  now"),
        ("See <https://x/y> now", "See  now"),
        ("It is https://x/y. Really.", "It is . Really."),
        ("请看https://x/y，然后继续。", "请看，然后继续。"),
        ("before\n```py\ncode\n```\nafter", "before\nafter"),
        ("before\n~~~\ncode\n~~~\nafter", "before\nafter"),
        ("before\n```py\ncode", "before"),
        ("1. Do:\n   ```sh\n   code\n   ```\n2. Done", "1. Do:\n2. Done"),
        ("```code``` and words\nmore", "code and words\nmore"),
        ("| a | b |", "a  b"),
        ("5*6 and 5 * 6 and snake_case", "5*6 and 5 * 6 and snake_case"),
        ("10~20元", "10~20元"),
        ("a\n\n\n\nb", "a\nb"),
    ],
)
def test_what_is_spoken_are_the_words(markdown: str, words: str) -> None:
    assert spoken(markdown) == words
